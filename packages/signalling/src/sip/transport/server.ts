import { once } from 'node:events'
import type { Server, Socket } from 'node:net'
import type { Address, TransportName } from './flow.ts'
import { familyOf, hostPort, isWildcard, subscriberOf } from './host-port.ts'
import type { Hub } from './hub.ts'
import { cannotListen } from './listen-error.ts'
import type { Listen, ListenTLS } from './options.ts'
import { peerOf } from './socket.ts'

/** A listening TCP port, whatever is spoken over it. */
export interface StreamListener extends Address {
  readonly transport: TransportName
  /** What a peer that sees `local` as our address may write to reach us. */
  sentBy(local: string): string
  /** Shows another certificate from now on. TLS and WSS. */
  readonly setTLS: ((tls: ListenTLS) => void) | undefined
  /** Accepts no more. */
  stop(): void
  /** Ends what is left, handshakes included; resolves when it is gone. */
  close(): Promise<void>
}

/** Binds a server and keeps what connects within the limits. */
export async function bindServer(
  hub: Hub,
  server: Server,
  listen: Listen,
  setTLS?: (tls: ListenTLS) => void,
): Promise<StreamListener> {
  const sockets = new Set<Socket>()
  const { transport, advertise } = listen
  // After the listener of TLS or HTTP, so that they see a refused socket as any other that closes early.
  server.on('connection', (socket) => {
    const from = subscriberOf(socket.remoteAddress ?? '')
    const refused = hub.connections.admit(from)
    if (refused) {
      hub.drop(refused, transport, peerOf(socket))
      socket.destroy()
      return
    }
    sockets.add(socket)
    socket.once('close', () => {
      sockets.delete(socket)
      hub.connections.release(from)
    })
  })
  server.listen({
    host: listen.address,
    port: listen.port,
    ipv6Only: familyOf(listen.address) === 6,
    reusePort: listen.reusePort ?? false,
  })
  try {
    await once(server, 'listening')
  } catch (error) {
    throw cannotListen(listen, error)
  }
  // EMFILE and the like: this connection is lost, the listener goes on.
  server.on('error', (error) => hub.fail(cannotListen(listen, error), undefined))

  const { address, port } = server.address() as Address
  const closed = new Promise<void>((resolve) => {
    server.once('close', resolve)
  })
  return {
    transport,
    address,
    port,
    setTLS,
    sentBy: (local) => hostPort(advertise?.host ?? (isWildcard(address) ? local : address), advertise?.port ?? port),
    stop: () => {
      server.close()
    },
    async close() {
      const left = [...sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve).destroy()))
      await Promise.all([closed, ...left])
    },
  }
}
