import { randomBytes } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { connectTo, type Open } from './connect.ts'
import { ConnectionTable, targetKey } from './connection-table.ts'
import { DnsCache } from './dns-cache.ts'
import { firstByID } from './first-flows.ts'
import type { Address, Flow, Target, TransportName } from './flow.ts'
import { bestSource, familyOf, hostPort, isLoopback, isWildcard } from './host-port.ts'
import type { Hub } from './hub.ts'
import { localAddress } from './local-address.ts'
import {
  defaultLimits,
  type ListenTLS,
  type SocketTransports,
  type TLSIdentity,
  type TransportsOptions,
} from './options.ts'
import { resolveUri } from './resolve.ts'
import { systemResolver } from './resolver.ts'
import type { StreamListener } from './server.ts'
import { listenTcp, openTcp } from './tcp.ts'
import { listenTls, openTls, secureContext } from './tls.ts'
import { listenUdp, type UdpListener } from './udp.ts'
import { listenWs, openWs } from './ws.ts'

/** Opens all listeners, or none: rejects with the first that cannot be opened, and why. */
export async function createTransports(options: TransportsOptions): Promise<SocketTransports> {
  const { clock, user } = options
  const limits = { ...defaultLimits, ...options.limits }
  const prefix = randomBytes(8).toString('hex')
  let ids = 0
  const hub: Hub = {
    limits,
    clock,
    user,
    connections: new ConnectionTable(clock, limits),
    local: await localAddress(clock),
    newID: () => `${prefix}-${(ids++).toString(36)}`,
    drop: options.onDrop ?? (() => {}),
    fail: options.onError ?? (() => {}),
    tap: options.tap,
  }
  const transports = new Sockets(hub, options)
  try {
    // One after the other: a port 0 in the list is the same in every run, and the first fault is the one told.
    for (const [index, listen] of options.listen.entries()) await transports.listen(listen, index)
  } catch (error) {
    await transports.close()
    throw error
  }
  return transports
}

class Sockets implements SocketTransports {
  readonly #hub: Hub
  readonly #options: TransportsOptions
  readonly #udp: UdpListener[] = []
  readonly #streams: StreamListener[] = []
  readonly #connecting = new Map<string, Promise<Flow>>()
  readonly #closing = new AbortController()
  readonly #dns: DnsCache
  #client: Partial<TLSIdentity>
  #closed: Promise<void> | undefined

  constructor(hub: Hub, options: TransportsOptions) {
    this.#hub = hub
    this.#options = options
    this.#client = options.client ?? {}
    this.#dns = new DnsCache(options.resolver ?? systemResolver(hub.clock), hub.clock)
  }

  async listen(listen: TransportsOptions['listen'][number], index: number): Promise<void> {
    switch (listen.transport) {
      case 'udp':
        this.#udp.push(await listenUdp(this.#hub, listen, index))
        return
      case 'tcp':
        this.#streams.push(await listenTcp(this.#hub, listen))
        return
      case 'tls':
        this.#streams.push(await listenTls(this.#hub, listen))
        return
      case 'ws':
      case 'wss':
        this.#streams.push(await listenWs(this.#hub, listen))
        return
    }
  }

  get listening(): readonly (Address & { transport: TransportName })[] {
    return [...this.#udp, ...this.#streams].map(({ transport, address, port }) => ({ transport, address, port }))
  }

  get counts(): SocketTransports['counts'] {
    return {
      connections: this.#hub.connections.size,
      udpPeers: this.#udp.reduce((sum, listener) => sum + listener.peers, 0),
    }
  }

  flows(after: string | undefined, limit: number): ReturnType<SocketTransports['flows']> {
    const flows = firstByID([this.#hub.connections, ...this.#udp], after ?? '', limit + 1)
    return { flows: flows.slice(0, limit), more: flows.length > limit }
  }

  flow(id: string): Flow | undefined {
    const connection = this.#hub.connections.byID(id)
    if (connection) return connection.open ? connection : undefined
    for (const listener of this.#udp) {
      const flow = listener.flowByID(id)
      if (flow) return flow
    }
    return undefined
  }

  async flowTo(target: Target): Promise<Flow> {
    if (this.#closing.signal.aborted) throw new Error('the transports are closed')
    if (familyOf(target.address) === 0 || !(target.port > 0 && target.port < 65_536))
      throw new Error('a target is a numeric address and a port')
    if (target.transport === 'udp') {
      const listener = bestSource(this.#udp, target.address)
      if (!listener) throw new Error(`nothing to send from to udp ${hostPort(target.address, target.port)}`)
      return listener.flowTo(target)
    }
    const secure = target.transport === 'tls' || target.transport === 'wss'
    const named = secure ? { ...target, serverName: target.serverName ?? target.address } : plain(target)
    const there = this.#hub.connections.byTarget(named)
    if (there?.open) return there
    const key = targetKey(named)
    const known = this.#connecting.get(key)
    if (known !== undefined) return known
    const connecting = this.#connect(named, target.transport).finally(() => this.#connecting.delete(key))
    this.#connecting.set(key, connecting)
    return connecting
  }

  resolve(uri: string): ReturnType<SocketTransports['resolve']> {
    const v6 = this.listening.some((listener) => familyOf(listener.address) === 6)
    return resolveUri(uri, {
      resolver: this.#dns,
      transports: new Set<TransportName>(this.#udp.length > 0 ? ['udp', 'tcp', 'tls'] : ['tcp', 'tls']),
      // A connection needs no listener; over IPv6 one shows that this machine is meant to use it.
      reaches: ({ transport, address }) =>
        transport === 'udp' ? bestSource(this.#udp, address) !== undefined : v6 || familyOf(address) === 4,
      random: this.#options.random ?? Math.random,
    })
  }

  reload(tls: ListenTLS, at?: Address): void {
    createSecureContext(secureContext(tls)) // Throws before anything is changed.
    for (const { setTLS, address, port } of this.#streams)
      if (!at || (at.address === address && at.port === port)) setTLS?.(tls)
  }

  reloadClient(client: Partial<TLSIdentity>): void {
    createSecureContext(client)
    this.#client = client
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #connect(target: Target, transport: Exclude<TransportName, 'udp'>): Promise<Flow> {
    const source = bestSource(
      this.#streams.filter((listener) => listener.transport === transport),
      target.address,
    )
    const bound = source && !isWildcard(source.address) && isLoopback(source.address) === isLoopback(target.address)
    const out = { from: bound ? source.address : undefined, sentBy: source?.sentBy, client: this.#client }
    const flow = await connectTo(this.#hub, target, out, openers[transport], this.#closing.signal)
    this.#hub.connections.alias(flow, target)
    return flow
  }

  async #close(): Promise<void> {
    this.#closing.abort()
    for (const listener of this.#streams) listener.stop()
    await this.#hub.connections.close()
    await Promise.all([...this.#streams, ...this.#udp].map((listener) => listener.close()))
    this.#hub.connections.stop()
  }
}

const openers = { tcp: openTcp, tls: openTls, ws: openWs, wss: openWs } satisfies Record<string, Open>

/** Names matter where certificates do. */
function plain({ transport, address, port }: Target): Target {
  return { transport, address, port }
}
