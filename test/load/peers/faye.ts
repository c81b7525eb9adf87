/** faye 1.4.3: POST /publish, delivered over /bayeux by long-polling or WebSocket. */
import http from 'node:http'
import faye from 'faye'
import { announce, onPublish } from './publish.ts'

const bayeux = new faye.NodeAdapter({ mount: '/bayeux', timeout: 30 })
const client = bayeux.getClient()
const server = http.createServer(onPublish((channel, data) => void client.publish(channel, data)))
bayeux.attach(server)
announce(server)
