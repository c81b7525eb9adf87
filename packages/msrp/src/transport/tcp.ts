import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Clock } from '../session/wire.ts'
import { type Attach, socketWire } from './socket-wire.ts'

/** Something that takes connections. */
export interface Listener {
  readonly address: string
  readonly port: number
  /** Shows another certificate to who connects from now on; throws where the pair makes no sense. Absent without TLS. */
  readonly reload?: (identity: Identity) => void
  /** Takes no more; the connections there are stay. */
  close(): Promise<void>
}

/** A certificate with its key, PEM. */
export interface Identity {
  readonly key: string
  readonly cert: string
}

/** What every listener needs. */
export interface ListenParts {
  readonly address: string
  readonly port: number
  readonly clock: Clock
  /** Of any kind, those that do not shake hands included. */
  readonly maxConnections: number
  /** Whether one more connection of this address is wanted. */
  readonly admits: (address: string) => boolean
  readonly attach: Attach
}

/** What every connection of ours needs. */
export interface DialParts {
  readonly host: string
  readonly port: number
  readonly clock: Clock
  readonly timeoutMs: number
  readonly attach: Attach
}

const noFingerprint = () => false

/** Takes MSRP over TCP. Rejects where the port cannot be had. */
export async function listenTcp(parts: ListenParts): Promise<Listener> {
  const { clock, admits, attach } = parts
  const server = createServer({ noDelay: true }, (socket) => {
    if (!admits(socket.remoteAddress ?? '')) return void socket.destroy()
    socketWire(socket, clock, noFingerprint, attach)
  })
  return listening(server, parts)
}

/** Connects over TCP; of a name's addresses each is tried. Rejects after the time. */
export async function dialTcp({ host, port, clock, timeoutMs, attach }: DialParts): Promise<void> {
  const socket = connect({ host, port, autoSelectFamily: true })
  await connected(socket, 'connect', clock, timeoutMs)
  socketWire(socket, clock, noFingerprint, attach)
}

/** Resolves when the socket stands, and otherwise destroys it. */
export function connected(socket: Socket, event: 'connect' | 'secureConnect', clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = clock.after(ms, () => socket.destroy(new Error('no connection in time')))
    const fail = (error: Error) => {
      stop()
      reject(error)
    }
    const closed = () => fail(new Error('closed before it stood'))
    socket.on('error', () => {}) // also of the moment before the wire listens
    socket.once('error', fail)
    socket.once('close', closed)
    socket.once(event, () => {
      stop()
      socket.off('error', fail)
      socket.off('close', closed)
      resolve()
    })
  })
}

/** A server that listens. */
export function listening(
  server: Server,
  { address, port, maxConnections }: Pick<ListenParts, 'address' | 'port' | 'maxConnections'>,
): Promise<Listener> {
  server.maxConnections = maxConnections
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: address, port }, () => {
      server.off('error', reject)
      server.on('error', () => {}) // of one accept; the next one may go well
      const bound = server.address()
      if (bound === null || typeof bound === 'string') return reject(new Error('no address to listen on'))
      const close = () => new Promise<void>((done) => void server.close(() => done()))
      resolve({ address: bound.address, port: bound.port, close })
    })
  })
}
