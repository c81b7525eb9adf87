import type { Call } from '../tserver/call.ts'
import { type ErrorName, TServerError } from '../tserver/errors.ts'
import type { CallUUID, PersonID } from '../tserver/ids.ts'
import type {
  Change,
  CommitOutcome,
  FeedEntry,
  FeedListener,
  FeedPage,
  KeptKind,
  LiveState,
  LogEntry,
  Named,
  ReadReply,
  ReadRequest,
  SessionRange,
  SessionStore,
  StoredObject,
} from '../tserver/ports.ts'
import type { FeedEvent } from '../tserver/t-event.ts'
import type { TTimer } from '../tserver/t-request.ts'
import { Memory, type MemoryOptions } from './memory.ts'

interface Watch {
  listener: FeedListener
  onDoubt: () => void
}

/** What the nodes of one memory share: the data, and who is connected. */
interface Shared {
  memory: Memory
  nodes: Set<MemoryStore>
  outage: ErrorName | undefined
  hints: boolean
}

/** A SessionStore without a disk, for unit tests and the simulator; its nodes live in one process. */
export function memoryStore(options: MemoryOptions): MemoryStore {
  return new MemoryStore('n1', { memory: new Memory(options), nodes: new Set(), outage: undefined, hints: true })
}

/**
 * One node's connection to the memory. A call takes effect before it returns; its promise settles a microtask later.
 * Listeners of every node have run by then.
 */
export class MemoryStore implements SessionStore {
  readonly node: string
  readonly #shared: Shared
  readonly #watches = new Map<PersonID, Set<Watch>>()
  readonly #signals = new Set<(message: string) => void>()
  readonly #objects = new Set<() => void>()

  /** Made by `memoryStore` and `connect`. */
  constructor(node: string, shared: Shared) {
    this.node = node
    this.#shared = shared
    shared.nodes.add(this)
  }

  /** Another node on the same memory. */
  connect(node: string): MemoryStore {
    return new MemoryStore(node, this.#shared)
  }

  /** From now on all nodes' methods reject with this error; undefined ends it, and everybody is in doubt about their feeds. */
  outage(error: ErrorName | undefined): void {
    this.#shared.outage = error
    if (error === undefined) for (const node of this.#shared.nodes) node.doubt()
  }

  /** Loses hints (feed news, signals, notices of changed objects) from now on, or delivers them again. */
  loseHints(lose: boolean): void {
    this.#shared.hints = !lose
  }

  /** All that is held but what is kept of these kinds, as text: for tests that nothing has changed. */
  image(without: readonly string[] = []): string {
    return this.#shared.memory.image(without)
  }

  /** Tells this node's watchers that hints may have been lost. */
  doubt(): void {
    for (const watches of this.#watches.values()) for (const { onDoubt } of watches) onDoubt()
  }

  async commit(change: Change): Promise<CommitOutcome> {
    return this.#reach().commit(change, (person, entries) => this.#tellNodes((node) => node.#wake(person, entries)))
  }

  async read({ records, claims }: ReadRequest): Promise<ReadReply> {
    const memory = this.#reach()
    return {
      records: records.map((ref) => {
        const record = memory.record(ref)
        return record && { version: record.version, value: JSON.parse(record.json) }
      }),
      claims: claims.map((person) => memory.claim(person)),
    }
  }

  async readFeed(person: PersonID, after: number, limit: number): Promise<FeedPage> {
    return this.#reach().feed(person, after, limit)
  }

  async feedEnd(person: PersonID): Promise<{ epoch: string; offset: number }> {
    const { epoch, last } = this.#reach().feed(person, 0, 0)
    return { epoch, offset: last }
  }

  watchFeed(person: PersonID, listener: FeedListener, onDoubt: () => void): () => void {
    const watches = this.#watches.get(person) ?? new Set<Watch>()
    this.#watches.set(person, watches)
    const watch = { listener, onDoubt }
    watches.add(watch)
    return () => {
      watches.delete(watch)
      if (watches.size === 0 && this.#watches.get(person) === watches) this.#watches.delete(person)
    }
  }

  async trimFeed(person: PersonID, upTo?: number): Promise<void> {
    this.#reach().trim(person, upTo)
  }

  async readLog(callUUID: CallUUID, after: number, limit: number): Promise<readonly LogEntry[]> {
    return this.#reach().log(callUUID, after, limit)
  }

  async claimTimers(now: number, limit: number, leaseMs: number): Promise<readonly { id: string; timer: TTimer }[]> {
    return this.#reach().claimTimers(now, limit, leaseMs)
  }

  async listCalls(after: string | undefined, limit: number): Promise<{ calls: readonly Call[]; next?: string }> {
    const memory = this.#reach()
    const cursor = (call: { created: number; callUUID: CallUUID }) =>
      `${String(call.created).padStart(16, '0')}:${call.callUUID}`
    const left = memory.liveCalls().filter((call) => after === undefined || cursor(call) > after)
    const page = left.slice(0, limit)
    const last = page.at(-1)
    const calls = page.flatMap(({ callUUID }) => {
      const record = memory.record({ kind: 'call', id: callUUID })
      return record ? [JSON.parse(record.json) as Call] : []
    })
    return { calls, ...(last && left.length > limit && { next: cursor(last) }) }
  }

  async countCalls(): Promise<Record<LiveState, number>> {
    const counts = { dialing: 0, talking: 0 }
    for (const { state } of this.#reach().liveCalls()) counts[state]++
    return counts
  }

  async listSessions({ from = 0, until = Number.POSITIVE_INFINITY, after = '', limit }: SessionRange) {
    const cursor = ({ created, callUUID }: Call) => `${String(created).padStart(16, '0')}:${callUUID}`
    const calls = this.#reach()
      .calls()
      .filter((call) => call.created >= from && call.created < until && cursor(call) > after)
      .sort((a, b) => (cursor(a) < cursor(b) ? -1 : 1))
    const sessions = calls.slice(0, limit)
    const last = sessions.at(-1)
    return { sessions, ...(last && calls.length > limit && { next: cursor(last) }) }
  }

  async listNames(of: Named, after = '', limit = 0) {
    const all = this.#reach().names(of).sort()
    const left = all.filter((name) => name > after)
    const names = left.slice(0, limit)
    const last = names.at(-1)
    return { names, ...(last !== undefined && left.length > limit && { next: last }) }
  }

  async rewriteFeed(person: PersonID, entries: readonly { offset: number; event: FeedEvent }[]): Promise<number> {
    return this.#reach().rewriteFeed(person, entries)
  }

  async rewriteLog(callUUID: CallUUID, entries: readonly LogEntry[]): Promise<number> {
    return this.#reach().rewriteLog(callUUID, entries)
  }

  async readObjects(): Promise<{ revision: number; objects: readonly StoredObject[] }> {
    return this.#reach().objects()
  }

  async putObject(object: { kind: string; id: string; value: unknown | null }, revision: number): Promise<boolean> {
    const done = this.#reach().putObject(object, revision)
    if (done) this.#tellNodes((node) => node.#objectsChanged())
    return done
  }

  onObjects(listener: () => void): () => void {
    this.#objects.add(listener)
    return () => this.#objects.delete(listener)
  }

  async keep(kind: KeptKind, id: string, value: string, ttlMs: number): Promise<void> {
    this.#reach().keep(`${kind}:${id}`, value, ttlMs)
  }

  async kept(kind: KeptKind, id: string): Promise<string | undefined> {
    return this.#reach().kept(`${kind}:${id}`)
  }

  async forget(kind: KeptKind, id: string): Promise<void> {
    this.#reach().forget(`${kind}:${id}`)
  }

  async count(kind: KeptKind, id: string, ttlMs: number): Promise<number> {
    return this.#reach().count(`${kind}:${id}`, ttlMs)
  }

  async signal(node: string, message: string): Promise<void> {
    this.#reach()
    this.#tellNodes((other) => {
      if (node === '*' || node === other.node) for (const listener of other.#signals) listener(message)
    })
  }

  onSignal(listener: (message: string) => void): () => void {
    this.#signals.add(listener)
    return () => this.#signals.delete(listener)
  }

  healthy(): boolean {
    return this.#shared.outage === undefined && this.#shared.nodes.has(this)
  }

  async close(): Promise<void> {
    this.#shared.nodes.delete(this)
  }

  #reach(): Memory {
    if (this.#shared.outage) throw new TServerError(this.#shared.outage)
    if (!this.#shared.nodes.has(this)) throw new TServerError('TERR_NO_SWITCH', 'the store is closed')
    return this.#shared.memory
  }

  #tellNodes(tell: (node: MemoryStore) => void): void {
    if (this.#shared.hints) for (const node of this.#shared.nodes) tell(node)
  }

  #wake(person: PersonID, entries: readonly FeedEntry[]): void {
    for (const { listener } of this.#watches.get(person) ?? []) listener(entries)
  }

  #objectsChanged(): void {
    for (const listener of this.#objects) listener()
  }
}
