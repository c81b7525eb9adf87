import { createSocket, type Socket } from 'node:dgram'
import type { Clock } from '@ringdown/signalling'
import type { HepDropReason, Sink, SinkUser } from './sink.ts'

export type Lookup = (host: string) => Promise<{ address: string; family: number }>

interface UdpSinkDeps {
  readonly host: string
  readonly port: number
  readonly clock: Clock
  readonly lookup: Lookup
  readonly user: SinkUser
}

/** How soon a name that does not resolve is asked for again, and one that does. Milliseconds. */
const againMs = 5_000
const anewMs = 60_000
/** Datagrams the system has not taken yet. */
const mostUnderWay = 1_000

/** Datagrams to where the name leads now. The socket is connected, so a port where nobody listens is heard of. SPEC HP-5. */
export function udpSink({ host, port, clock, lookup, user }: UdpSinkDeps): Sink {
  let socket: Socket | undefined
  let address: string | undefined
  let underWay = 0
  let waited = false
  let trouble: HepDropReason = 'unresolved'
  let closed = false
  let cancel = () => {}

  const ready = () => {
    if (!waited) return
    waited = false
    user.onReady()
  }
  const use = (next: { address: string; family: number }) => {
    if (next.address === address) return
    const opened = createSocket(next.family === 6 ? 'udp6' : 'udp4')
    opened.unref()
    // What sending meets is told to each datagram; what comes between them is nobody's.
    opened.on('error', () => undefined)
    opened.connect(port, next.address, (error?: Error) => {
      if (closed || error) {
        opened.close()
        trouble = 'unreachable'
        return
      }
      socket?.close()
      socket = opened
      address = next.address
      ready()
    })
  }
  // One question at a time: a name server that is silent holds one thread of the pool, not all.
  const resolve = async () => {
    let next = againMs
    try {
      const found = await lookup(host)
      if (closed) return
      use(found)
      next = anewMs
    } catch {
      if (!socket) trouble = 'unresolved'
    }
    if (!closed) cancel = clock.after(next, () => void resolve())
  }
  void resolve()

  return {
    send(packet) {
      if (!socket || underWay >= mostUnderWay) {
        waited = true
        return 'later'
      }
      underWay++
      socket.send(packet, (error) => {
        underWay--
        if (error) user.onLost(error.message.includes('EMSGSIZE') ? 'tooLarge' : 'refused')
        else user.onWritten()
        ready()
      })
      return 'taken'
    },
    get trouble() {
      return socket ? 'full' : trouble
    },
    close() {
      closed = true
      cancel()
      socket?.close()
      socket = undefined
    },
  }
}
