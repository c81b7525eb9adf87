import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { Address, Flow } from './flow.ts'
import { familyOf, hostPort, isWildcard } from './host-port.ts'
import { deliver, type Hub, read, tellClosed } from './hub.ts'
import { cannotListen } from './listen-error.ts'
import type { Listen, OpenFlow } from './options.ts'
import { answerStun, isStun } from './stun.ts'

/** What the kernel keeps for us while the event loop is busy, bytes; it gives less where the system allows less. */
const socketBuffer = 4 << 20
/** The longest datagram: 65 535 less the headers of IP and UDP. */
const longest = { 4: 65_507, 6: 65_527 }

/** One bound UDP socket and the flows of its peers. */
export interface UdpListener extends Address {
  readonly transport: 'udp'
  /** The flow to that address; the same object as long as it is remembered. */
  flowTo(remote: Address): Flow
  /** The flow this listener gave that id, remembered or not. */
  flowByID(id: string): Flow | undefined
  readonly peers: number
  /** All that are remembered, in no order. */
  [Symbol.iterator](): Iterator<OpenFlow>
  close(): Promise<void>
}

/** Binds a socket. `index` is unlike that of any other UDP listener of the process. */
export async function listenUdp(hub: Hub, listen: Listen, index: number): Promise<UdpListener> {
  const family = familyOf(listen.address) === 6 ? 6 : 4
  const socket = createSocket({
    type: family === 6 ? 'udp6' : 'udp4',
    ipv6Only: family === 6,
    reusePort: listen.reusePort ?? false,
    recvBufferSize: socketBuffer,
    sendBufferSize: socketBuffer,
    // Addresses are numeric always: no name is ever asked for on the way out.
    lookup: (address, _options, callback) => callback(null, address, family),
  })
  try {
    const listening = once(socket, 'listening') // Before bind: with a lookup that answers at once it happens within.
    socket.bind({ address: listen.address, port: listen.port })
    await listening
  } catch (error) {
    socket.close()
    throw cannotListen(listen, error)
  }
  return new BoundUdp(hub, socket, listen, family, index)
}

class BoundUdp implements UdpListener {
  readonly transport = 'udp'
  readonly address: string
  readonly port: number
  readonly hub: Hub
  readonly socket: Socket
  readonly longest: number
  readonly prefix: string
  readonly #advertise: Listen['advertise']
  /**
   * The flows by peer in two generations: what is looked up moves to the young one, and when that is full the old one is forgotten.
   * As good as a list in order of use, without writing to it for each datagram.
   */
  #young = new Map<string, UdpFlow>()
  #old = new Map<string, UdpFlow>()
  #open = true

  constructor(hub: Hub, socket: Socket, listen: Listen, family: 4 | 6, index: number) {
    const bound = socket.address()
    this.hub = hub
    this.socket = socket
    this.address = bound.address
    this.port = bound.port
    this.longest = longest[family]
    this.prefix = `${hub.newID()}.u${index}`
    this.#advertise = listen.advertise
    socket.on('message', (bytes, from) => this.#receive(bytes, from))
    socket.on('error', (error) => hub.fail(error, undefined))
  }

  get open(): boolean {
    return this.#open
  }

  get peers(): number {
    return this.#young.size + this.#old.size
  }

  *[Symbol.iterator](): Iterator<UdpFlow> {
    yield* this.#young.values()
    yield* this.#old.values()
  }

  flowTo({ address, port }: Address): UdpFlow {
    const key = `${address} ${port}`
    const young = this.#young.get(key)
    if (young) return young
    const flow = this.#old.get(key) ?? new UdpFlow(this, { address, port })
    this.#old.delete(key)
    if (this.#young.size >= this.hub.limits.udpPeers / 2) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, flow)
    return flow
  }

  flowByID(id: string): Flow | undefined {
    const [prefix, address, port] = id.split('/')
    if (prefix !== this.prefix || address === undefined || port === undefined) return undefined
    return this.flowTo({ address, port: Number(port) })
  }

  /** Forgets the flow: the next datagram of its peer begins a new one. */
  forget(flow: UdpFlow): void {
    const key = `${flow.remote.address} ${flow.remote.port}`
    for (const map of [this.#young, this.#old]) if (map.get(key) === flow) map.delete(key)
  }

  localTowards(peer: string): string {
    return isWildcard(this.address) ? this.hub.local.towards(peer) : this.address
  }

  sentByTowards(peer: string): string {
    return hostPort(this.#advertise?.host ?? this.localTowards(peer), this.#advertise?.port ?? this.port)
  }

  async close(): Promise<void> {
    if (!this.#open) return
    this.#open = false
    this.#young.clear()
    this.#old.clear()
    await new Promise<void>((resolve) => this.socket.close(() => resolve()))
  }

  #receive(bytes: Buffer, from: RemoteInfo): void {
    if (isStun(bytes)) {
      const answer = answerStun(bytes, from)
      if (answer) this.socket.send(answer, from.port, from.address, ignoreError)
      return
    }
    if (from.port === 0 || isKeepAlive(bytes)) return
    const flow = this.flowTo(from)
    const message = read(this.hub, flow, bytes)
    if (message) deliver(this.hub, flow, message)
  }
}

/** The pair of our address and a peer's. */
class UdpFlow implements Flow, OpenFlow {
  readonly transport = 'udp'
  readonly reliable = false
  readonly remote: Address
  readonly peerNames: readonly string[] = []
  readonly openedAt: number
  readonly #listener: BoundUdp
  #closed = false
  #sentBy: string | undefined

  constructor(listener: BoundUdp, remote: Address) {
    this.#listener = listener
    this.remote = remote
    this.openedAt = listener.hub.clock.now()
  }

  /** The same for the same pair of addresses, however often it was forgotten in between. */
  get id(): string {
    return `${this.#listener.prefix}/${this.remote.address}/${this.remote.port}`
  }

  get local(): Address {
    return { address: this.#listener.localTowards(this.remote.address), port: this.#listener.port }
  }

  get open(): boolean {
    return !this.#closed && this.#listener.open
  }

  get sentBy(): string {
    this.#sentBy ??= this.#listener.sentByTowards(this.remote.address)
    return this.#sentBy
  }

  send(bytes: Uint8Array): boolean {
    const { socket, longest } = this.#listener
    if (!this.open || bytes.length > longest) return false
    socket.send(bytes, this.remote.port, this.remote.address, this.#sent)
    this.#listener.hub.tap?.(true, this, bytes)
    return true
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#listener.forget(this)
    tellClosed(this.#listener.hub, this)
  }

  readonly #sent = (error: Error | null): void => {
    if (!error || !this.open) return
    // RFC 3261 §18.4: no route, or too long for the way: the transaction that sent it fails now, not after 32 s.
    this.#listener.hub.drop('send-failed', 'udp', this.remote)
    this.close()
  }
}

/** Blank lines and zero bytes that keep a NAT's binding open. */
function isKeepAlive(bytes: Uint8Array): boolean {
  return bytes.length <= 4 && bytes.every((byte) => byte === 0 || byte === 10 || byte === 13)
}

function ignoreError(): void {}
