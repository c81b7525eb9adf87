import { isIP } from 'node:net'
import { parseMsrpUri } from '../message/msrp-uri.ts'
import { type Bound, Connection } from '../session/connection.ts'
import type { MsrpLimits } from '../session/limits.ts'
import type { MsrpTransport, RemoteEnd } from '../session/ports.ts'
import type { Clock, Drop, MsrpTap, Wire } from '../session/wire.ts'
import { type DialParts, dialTcp } from './tcp.ts'
import { dialTls, type TlsTrust } from './tls.ts'
import { dialWs } from './ws.ts'

export interface PoolDeps {
  readonly clock: Clock
  readonly limits: MsrpLimits
  readonly trust: TlsTrust
  readonly find: (sessionID: string) => Bound | undefined
  /** Whether we connect there; a peer's SDP may name any address. */
  readonly mayConnect?: ((host: string, port: number) => boolean) | undefined
  readonly onDrop?: ((drop: Drop) => void) | undefined
  readonly tap?: MsrpTap | undefined
}

/** RFC 4975 §15.4: registered, and used where a URI has no port. */
const registeredPort = 2855

/** All connections of this process, those of peers and ours. Ours are used again for the same host, port and scheme (RFC 4975 §8.2). */
export class Pool {
  readonly #deps: PoolDeps
  readonly #connections = new Set<Connection>()
  readonly #byAddress = new Map<string, number>()
  readonly #ours = new Map<string, Promise<Connection>>()
  #closed = false

  constructor(deps: PoolDeps) {
    this.#deps = deps
  }

  get size(): number {
    return this.#connections.size
  }

  /** Whether one more connection of a peer at this address is taken. */
  admits(address: string): boolean {
    const { connections, connectionsPerAddress } = this.#deps.limits
    const admitted =
      !this.#closed &&
      this.#connections.size < connections &&
      (this.#byAddress.get(address) ?? 0) < connectionsPerAddress
    if (!admitted) this.#deps.onDrop?.({ why: 'too many connections', remote: address })
    return admitted
  }

  /** A peer has connected. */
  accept(wire: Wire): Connection {
    const address = wire.remote.slice(0, wire.remote.lastIndexOf(':'))
    this.#byAddress.set(address, (this.#byAddress.get(address) ?? 0) + 1)
    return this.#add(wire, () => {
      const left = (this.#byAddress.get(address) ?? 1) - 1
      if (left > 0) this.#byAddress.set(address, left)
      else this.#byAddress.delete(address)
    })
  }

  /** A connection to the first hop of a path. Rejects where there is no way. */
  async connect(to: Pick<RemoteEnd, 'path' | 'connectTo' | 'fingerprints'>, ofItsOwn = false): Promise<Connection> {
    const { path, connectTo, fingerprints = [] } = to
    const uri = parseMsrpUri(path[0] ?? '')
    if (!uri) throw new Error('the first hop is no MSRP URI')
    const transport = transportOf(uri.secure, uri.transport)
    if (!transport) throw new Error(`MSRP over ${uri.transport} is not spoken`)
    const { host, port } = connectTo ?? { host: uri.host, port: uri.port ?? registeredPort } // RFC 6714 §4
    if (this.#deps.mayConnect?.(host, port) === false) throw new Error('no connection is wanted there')
    const key = [transport, isIP(host) ? host : host.toLowerCase(), port, ...fingerprints].join(' ')
    if (ofItsOwn) return this.#dial(transport, host, port, fingerprints, () => {})
    for (let known = this.#ours.get(key); known; known = this.#ours.get(key)) {
      const there = await known.catch(() => undefined)
      if (there?.open && there.sessions < this.#deps.limits.sessionsPerConnection) return there
      if (this.#ours.get(key) === known) this.#ours.delete(key)
    }
    const forget = () => {
      if (this.#ours.get(key) === made) this.#ours.delete(key)
    }
    const made = this.#dial(transport, host, port, fingerprints, forget)
    this.#ours.set(key, made)
    made.catch(forget)
    return made
  }

  close(): void {
    this.#closed = true
    for (const connection of [...this.#connections]) connection.close()
  }

  #dial(
    transport: MsrpTransport,
    host: string,
    port: number,
    fingerprints: readonly string[],
    onGone: () => void,
  ): Promise<Connection> {
    const { clock, limits, trust } = this.#deps
    if (this.#closed || this.#connections.size >= limits.connections)
      return Promise.reject(new Error('no further connection'))
    return new Promise((resolve, reject) => {
      const attach = (wire: Wire) => {
        const connection = this.#add(wire, onGone)
        resolve(connection)
        return connection
      }
      const parts = { host, port, clock, timeoutMs: limits.connectMs, attach }
      dialers[transport]({ ...parts, ...trust, fingerprints }).catch(reject)
    })
  }

  #add(wire: Wire, onGone: () => void): Connection {
    const { clock, limits, find, onDrop, tap } = this.#deps
    const connection = new Connection({
      wire,
      clock,
      limits,
      find,
      onDrop,
      tap,
      onClosed: () => {
        this.#connections.delete(connection)
        onGone()
      },
    })
    this.#connections.add(connection)
    return connection
  }
}

type Dial = (parts: DialParts & TlsTrust & { readonly fingerprints: readonly string[] }) => Promise<void>

const dialers: Record<MsrpTransport, Dial> = {
  tcp: dialTcp,
  tls: dialTls,
  ws: (parts) => dialWs({ ...parts, secure: false }),
  wss: (parts) => dialWs({ ...parts, secure: true }),
}

/** The transport behind a URI: its scheme says whether TLS is used. */
function transportOf(secure: boolean, name: string): MsrpTransport | undefined {
  const lower = name.toLowerCase()
  if (lower === 'tcp') return secure ? 'tls' : 'tcp'
  if (lower === 'ws') return secure ? 'wss' : 'ws'
  return undefined
}
