import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { Clock, Wire, WireEnds, WireUser } from '../session/wire.ts'

/** Makes the user of a wire that stands. */
export type Attach = (wire: Wire) => WireUser

/** How long a connection that is being closed may take to write what is left, ms. */
const flushMs = 5_000

/** A TCP or TLS socket that stands, as a wire. */
export function socketWire(socket: Socket, clock: Clock, hasFingerprint: Wire['hasFingerprint'], attach: Attach): void {
  let why = 'closed by the peer'
  socket.setNoDelay(true)
  socket.setKeepAlive(true, 60_000)
  const wire: Wire = {
    write: (frames) => {
      if (socket.destroyed || socket.writableEnded) return true // `close` is on its way
      const [first] = frames
      socket.write(frames.length === 1 && first ? first : Buffer.concat(frames))
      return !socket.writableNeedDrain
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close: (how) => {
      if (how === 'now') return void socket.destroy()
      const stop = clock.after(flushMs, () => socket.destroy())
      socket.once('close', stop)
      socket.resume() // what still comes is thrown away, or its end would never be seen
      socket.destroySoon()
    },
    remote: `${socket.remoteAddress ?? '?'}:${socket.remotePort ?? '?'}`,
    ends: endsOf(socket, socket instanceof TLSSocket ? 'tls' : 'tcp'),
    hasFingerprint,
  }
  const user = attach(wire)
  socket.on('data', (bytes: Buffer) => user.onBytes(bytes, false))
  socket.on('drain', () => user.onDrain())
  socket.on('error', (error: NodeJS.ErrnoException) => {
    why = error.code ?? 'an error of the socket'
  })
  socket.on('close', () => user.onClosed(why))
  if (socket.destroyed) queueMicrotask(() => user.onClosed('closed before it was used'))
}

/** The addresses of a socket that stands. */
export function endsOf(socket: Socket, transport: WireEnds['transport']): WireEnds {
  const { localAddress = '', localPort = 0, remoteAddress = '', remotePort = 0 } = socket
  return {
    transport,
    local: { address: localAddress, port: localPort },
    remote: { address: remoteAddress, port: remotePort },
  }
}
