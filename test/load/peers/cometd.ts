/** cometd-nodejs-server 1.2.1: POST /publish, delivered over /cometd by long-polling, all it has. */
import http from 'node:http'
import cometdServer from 'cometd-nodejs-server'
import ackExtension from 'cometd-nodejs-server/ack-extension.js'
import { announce, onPublish } from './publish.ts'

const cometd = cometdServer.createCometDServer({ timeout: 30_000 })
cometd.addExtension(new ackExtension.AcknowledgedMessagesExtension())
const publish = onPublish((channel, data) => cometd.createServerChannel(channel).publish(null, data))
announce(
  http.createServer((request, response) => {
    if (request.url === '/publish') publish(request, response)
    else cometd.handle(request, response)
  }),
)
