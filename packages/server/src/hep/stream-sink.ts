import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTLS } from 'node:tls'
import type { Clock } from '@ringdown/signalling'
import type { HepDropReason, Sink, SinkUser } from './sink.ts'

interface StreamSinkDeps {
  readonly host: string
  readonly port: number
  /** Over TLS, with these roots or those Node ships. */
  readonly tls?: { readonly ca?: string } | undefined
  readonly clock: Clock
  readonly user: SinkUser
}

/** Bytes written that the collector has not taken, at most. */
const mostWaiting = 262_144
/** How long connecting may take, and a collector that takes nothing is waited for. */
const connectMs = 5_000
const stallMs = 10_000
const firstBackoffMs = 500
const lastBackoffMs = 30_000

/** Packets one after the other over a connection, which is made anew, and its name resolved anew, whenever it breaks. SPEC HP-5. */
export function streamSink({ host, port, tls, clock, user }: StreamSinkDeps): Sink {
  let socket: Socket | undefined
  let open = false
  let waited = false
  let backoff = firstBackoffMs
  let trouble: HepDropReason = 'unreachable'
  let closed = false
  let written = 0
  let done = 0
  let cancelStall: (() => void) | undefined
  let cancelAgain = () => {}

  const ready = () => {
    if (!waited) return
    waited = false
    user.onReady()
  }
  // A collector that is connected and reads nothing is as good as gone.
  const watch = (of: Socket) => {
    if (cancelStall) return
    const before = done
    cancelStall = clock.after(stallMs, () => {
      cancelStall = undefined
      if (of !== socket || done === written) return
      if (done === before) of.destroy()
      else watch(of)
    })
  }
  const dial = () => {
    // RFC 6066 §3: an address is no name; the certificate is checked against it all the same.
    const name = isIP(host) ? {} : { servername: host }
    const made = tls ? connectTLS({ host, port, ...name, ...tls }) : connect({ host, port })
    socket = made
    made.unref()
    made.setNoDelay(true)
    const cancelConnect = clock.after(connectMs, () => made.destroy())
    made.once(tls ? 'secureConnect' : 'connect', () => {
      cancelConnect()
      open = true
      backoff = firstBackoffMs
      ready()
    })
    // Nothing is said to us; what comes all the same is thrown away.
    made.resume()
    made.on('drain', ready)
    made.on('error', (error) => {
      trouble = 'code' in error && error.code === 'ENOTFOUND' ? 'unresolved' : 'unreachable'
    })
    made.once('close', () => {
      cancelConnect()
      cancelStall?.()
      cancelStall = undefined
      open = false
      if (closed) return
      cancelAgain = clock.after(backoff, dial)
      backoff = Math.min(backoff * 2, lastBackoffMs)
    })
  }
  dial()

  return {
    send(packet) {
      if (!socket || !open || socket.writableLength > mostWaiting) {
        waited = true
        return 'later'
      }
      written++
      socket.write(packet, (error) => {
        done++
        if (error) user.onLost('connectionLost')
        else user.onWritten()
      })
      watch(socket)
      return 'taken'
    },
    get trouble() {
      return open ? 'full' : trouble
    },
    close() {
      closed = true
      cancelAgain()
      cancelStall?.()
      socket?.destroy()
    },
  }
}
