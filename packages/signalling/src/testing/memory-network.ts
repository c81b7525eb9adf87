import { parseUri } from '../sip/message/uri.ts'
import type { Address, Flow, FlowUser, Target, TransportName, Transports } from '../sip/transport/flow.ts'
import { FakeFlow } from './fake-flow.ts'

/** Bytes on their way from one host of the network to another; false: they are lost. */
export type Passing = (bytes: Uint8Array, transport: TransportName, from: string, to: string) => boolean

/** Hosts that reach each other in memory. What is sent arrives in the next turn of the event loop, in order; nothing is lost unless a test wants it. */
export class MemoryNetwork {
  readonly #hosts = new Map<string, MemoryTransports>()
  /** What names lead to. */
  readonly names = new Map<string, readonly Target[]>()
  /** Asked for each message; a test loses what it likes. */
  passing: Passing | undefined = undefined

  /** A host with these transports, all on port 5060. */
  open(address: string, transports: readonly TransportName[], user: FlowUser): MemoryTransports {
    const host = new MemoryTransports(this, address, transports, user)
    this.#hosts.set(address, host)
    return host
  }

  host(target: Target): MemoryTransports | undefined {
    const host = this.#hosts.get(target.address)
    return host?.listens(target) ? host : undefined
  }

  remove(address: string): void {
    this.#hosts.delete(address)
  }
}

/** The transports of one host of a `MemoryNetwork`. */
export class MemoryTransports implements Transports {
  readonly listening: readonly (Address & { transport: TransportName })[]
  readonly #network: MemoryNetwork
  readonly #address: string
  readonly #user: FlowUser
  readonly #flows = new Map<string, FakeFlow>()
  /** By transport and remote host: a second request goes over the flow of the first. */
  readonly #byPeer = new Map<string, FakeFlow>()

  constructor(network: MemoryNetwork, address: string, transports: readonly TransportName[], user: FlowUser) {
    this.#network = network
    this.#address = address
    this.#user = user
    this.listening = transports.map((transport) => ({ transport, address, port: 5060 }))
  }

  listens({ transport, port }: Target): boolean {
    return this.listening.some((each) => each.transport === transport && each.port === port)
  }

  async flowTo(target: Target): Promise<Flow> {
    const known = this.#byPeer.get(`${target.transport} ${target.address}`)
    if (known?.open) return known
    const host = this.#network.host(target)
    if (!host && target.transport !== 'udp') throw new Error('connection refused')
    const ours = this.join(target.transport, target.address)
    const theirs = host?.join(target.transport, this.#address)
    ours.onSend = (bytes) => {
      if (!theirs || this.#network.passing?.(bytes, target.transport, this.#address, target.address) === false) return
      setImmediate(() => theirs.receive(bytes))
    }
    if (!theirs) return ours
    theirs.onSend = (bytes) => {
      if (this.#network.passing?.(bytes, target.transport, target.address, this.#address) === false) return
      setImmediate(() => ours.receive(bytes))
    }
    if (target.transport === 'udp') return ours
    ours.peer = theirs
    theirs.peer = ours
    return ours
  }

  flow(id: string): Flow | undefined {
    return this.#flows.get(id)
  }

  async resolve(uri: string): Promise<readonly Target[]> {
    const parsed = parseUri(uri)
    const known = parsed && this.#network.names.get(parsed.host)
    if (known) return known
    if (!parsed || !/^[\d.]+$/.test(parsed.host)) return []
    const transport = (parsed.params.get('transport') ?? 'udp') as TransportName
    return [{ transport, address: parsed.host, port: parsed.port ?? 5060 }]
  }

  async close(): Promise<void> {
    this.#network.remove(this.#address)
    for (const flow of this.#flows.values()) flow.close()
  }

  join(transport: TransportName, remote: string): FakeFlow {
    const flow = new FakeFlow(transport, `${this.#address}:5060`, `${remote}:5060`)
    flow.user = this.#user
    this.#flows.set(flow.id, flow)
    this.#byPeer.set(`${transport} ${remote}`, flow)
    return flow
  }
}
