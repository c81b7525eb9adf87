import { connect, createServer } from 'node:net'
import type { Open } from './connect.ts'
import type { Hub } from './hub.ts'
import type { Listen } from './options.ts'
import { bindServer, type StreamListener } from './server.ts'
import { attachStream } from './stream.ts'

/** SIP over TCP, RFC 3261 §18. */
export async function listenTcp(hub: Hub, listen: Listen): Promise<StreamListener> {
  const server = createServer()
  const listener = await bindServer(hub, server, listen)
  server.on('connection', (socket) => {
    attachStream(hub, socket, { transport: 'tcp', inbound: true, peerNames: [], sentBy: listener.sentBy })
  })
  return listener
}

export const openTcp: Open = (hub, target, { from, sentBy }, done) => {
  const socket = connect({ host: target.address, port: target.port, ...(from && { localAddress: from }) })
  socket.once('close', () => hub.connections.release(undefined))
  socket.once('error', done)
  socket.once('connect', () => {
    socket.off('error', done)
    const parts = { transport: 'tcp', inbound: false, peerNames: [], sentBy } as const
    done(attachStream(hub, socket, parts) ?? new Error('closed at once'))
  })
  return () => socket.destroy()
}
