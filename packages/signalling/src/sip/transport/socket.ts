import type { Socket } from 'node:net'
import type { ConnectionParts } from './connection-flow.ts'
import type { Address, TransportName } from './flow.ts'
import { hostPort } from './host-port.ts'

/**
 * Silence after which the kernel asks the peer's kernel; ten questions, one a second (libuv), then the connection fails: 22 s in all. That is
 * before our own ping: the kernel asks only while nothing is on its way, and repeats what is for a quarter of an hour.
 */
const keepAliveMs = 12_000

/** What is known of a socket besides its addresses. */
export interface SocketParts {
  readonly transport: TransportName
  readonly inbound: boolean
  readonly peerNames: readonly string[]
  readonly sentBy: ((local: string) => string) | undefined
}

/** Makes a socket ready for messages, and says whom it joins; undefined where it is gone already. */
export function describe(socket: Socket, parts: SocketParts, mustPong: boolean): ConnectionParts | undefined {
  const { localAddress, localPort } = socket
  const remote = peerOf(socket)
  if (socket.destroyed || !remote || localAddress === undefined || localPort === undefined) return undefined
  socket.setNoDelay(true)
  // Finds the machine that vanished, also under peers that answer no ping of ours.
  socket.setKeepAlive(true, keepAliveMs)
  const sentBy = parts.sentBy?.(localAddress) ?? hostPort(localAddress, localPort)
  return { ...parts, local: { address: localAddress, port: localPort }, remote, sentBy, mustPong }
}

/** What one turn of the event loop writes after calling this goes out in one piece. */
export function corker(socket: Socket): () => void {
  let corked = false
  const uncork = (): void => {
    corked = false
    socket.uncork()
  }
  return () => {
    if (corked) return
    corked = true
    socket.cork()
    process.nextTick(uncork)
  }
}

/** Who is at the other end, while there is one. */
export function peerOf(socket: {
  readonly remoteAddress?: string | undefined
  readonly remotePort?: number | undefined
}): Address | undefined {
  const { remoteAddress: address, remotePort: port } = socket
  return address !== undefined && port !== undefined ? { address, port } : undefined
}
