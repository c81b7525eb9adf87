import type { Clock } from '../../tserver/ports.ts'
import type { ConnectionFlow } from './connection-flow.ts'
import type { Target } from './flow.ts'
import type { DropReason, TransportLimits } from './options.ts'

/** How often due connections are looked at, ms. Every limit of time is kept to within this. */
const tickMs = 1_000

/** All connections of the process: how many, by id, by target, and when to look at which. */
export class ConnectionTable {
  readonly #clock: Clock
  readonly #limits: TransportLimits
  readonly #byID = new Map<string, ConnectionFlow>()
  readonly #byTarget = new Map<string, ConnectionFlow>()
  readonly #perAddress = new Map<string, number>()
  /** By the second they are due in. A connection's last entry counts; older ones are passed over. */
  readonly #due = new Map<number, Set<ConnectionFlow>>()
  readonly #onEmpty: (() => void)[] = []
  #sockets = 0
  #held = 0
  #closing = false
  #stopTick: (() => void) | undefined

  constructor(clock: Clock, limits: TransportLimits) {
    this.#clock = clock
    this.#limits = limits
  }

  /** Sockets, those that are still in a handshake included. */
  get size(): number {
    return this.#sockets
  }

  /** Takes a place for a socket, or says why there is none. An outgoing one counts for no address. Given back with `release`. */
  admit(address: string | undefined): DropReason | undefined {
    if (this.#sockets >= this.#limits.connections) return 'too-many-connections'
    if (address !== undefined) {
      const here = this.#perAddress.get(address) ?? 0
      if (here >= this.#limits.connectionsPerAddress) return 'too-many-from-address'
      this.#perAddress.set(address, here + 1)
    }
    this.#sockets++
    return undefined
  }

  release(address: string | undefined): void {
    this.#sockets--
    if (address === undefined) return
    const left = (this.#perAddress.get(address) ?? 1) - 1
    if (left > 0) this.#perAddress.set(address, left)
    else this.#perAddress.delete(address)
  }

  /** Counts what waits for the flow's peer among all that waits; false where that is too much. */
  hold(flow: ConnectionFlow, bytes: number): boolean {
    this.#held += bytes - flow.held
    flow.held = bytes
    return this.#held <= this.#limits.queues
  }

  add(flow: ConnectionFlow): void {
    this.#byID.set(flow.id, flow)
    this.watch(flow)
    if (this.#closing) queueMicrotask(() => flow.close()) // Its handshake was under way.
  }

  remove(flow: ConnectionFlow): void {
    this.#byID.delete(flow.id)
    this.hold(flow, 0)
    for (const key of flow.targets) if (this.#byTarget.get(key) === flow) this.#byTarget.delete(key)
    this.#due.get(flow.due)?.delete(flow)
    if (this.#byID.size > 0) return
    this.stop()
    for (const tell of this.#onEmpty.splice(0)) tell()
  }

  /** Closes all flows, also those that are still to come; resolves when there are none. */
  close(): Promise<void> {
    this.#closing = true
    for (const flow of [...this.#byID.values()]) flow.close()
    if (this.#byID.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#onEmpty.push(resolve))
  }

  [Symbol.iterator](): Iterator<ConnectionFlow> {
    return this.#byID.values()
  }

  byID(id: string): ConnectionFlow | undefined {
    return this.#byID.get(id)
  }

  byTarget(target: Target): ConnectionFlow | undefined {
    return this.#byTarget.get(targetKey(target))
  }

  /** Lets requests to the target go over this flow. The first flow keeps it while it is open. */
  alias(flow: ConnectionFlow, target: Target): void {
    const key = targetKey(target)
    if (this.#byTarget.get(key)?.open) return
    this.#byTarget.set(key, flow)
    flow.targets.push(key)
  }

  /** Looks at the flow when it says it is due, or at `ms` from now if that is sooner. */
  watch(flow: ConnectionFlow, ms = 0): void {
    if (!this.#byID.has(flow.id)) return
    const due = Math.ceil((this.#clock.now() + Math.max(ms, 1)) / tickMs)
    if (flow.due === due) return
    this.#due.get(flow.due)?.delete(flow)
    flow.due = due
    const set = this.#due.get(due)
    if (set) set.add(flow)
    else this.#due.set(due, new Set([flow]))
    if (this.#stopTick) return
    const expected = this.#clock.now() + tickMs
    this.#stopTick = this.#clock.after(tickMs, () => this.#tick(expected))
  }

  /** Watches no longer. */
  stop(): void {
    this.#stopTick?.()
    this.#stopTick = undefined
    this.#due.clear()
  }

  #tick(expected: number, again = false): void {
    const now = this.#clock.now()
    // After a standstill of ours nothing that came meanwhile has been read yet: nobody is judged before that.
    const late = !again && now > expected + tickMs
    this.#stopTick = this.#clock.after(tickMs, () => this.#tick(now + tickMs, late))
    if (late) return
    for (const [second, set] of this.#due) {
      if (second * tickMs > now) continue
      this.#due.delete(second)
      for (const flow of set) {
        flow.due = 0
        this.watch(flow, flow.check(now))
      }
    }
  }
}

/** What makes two targets one: a name that has to be shown is part of it. RFC 5923 §9. */
export function targetKey({ transport, address, port, serverName }: Target): string {
  return `${transport} ${address} ${port} ${serverName?.toLowerCase() ?? ''}`
}
