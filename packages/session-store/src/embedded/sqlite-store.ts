import { closeSync, openSync } from 'node:fs'
import {
  type Call,
  type CallUUID,
  type Change,
  type Clock,
  type CommitOutcome,
  checkChange,
  type FeedEvent,
  type FeedListener,
  type FeedPage,
  type KeptKind,
  type LiveState,
  type LogEntry,
  type Named,
  type PersonID,
  type ReadReply,
  type ReadRequest,
  type SessionRange,
  type SessionStore,
  type StoredObject,
  TServerError,
  type TTimer,
} from '@ringdown/signalling'
import { toCommitOp, toOutcome } from './commit-op.ts'
import { toTServerError } from './failure.ts'
import { Reader } from './reader.ts'
import { failureOf } from './sqlite-error.ts'
import { Watchers } from './watchers.ts'
import type { News } from './wire.ts'
import { WriteQueue } from './write-queue.ts'

export interface EmbeddedOptions {
  /** One file for one contact centre; made, readable by its owner only, when it is not there. */
  file: string
  /** The contact centre's id. A file knows whose it is. */
  centre: string
  /** How many entries of a feed are held at least. */
  feedLimit: number
  clock: Clock
  /** What `signal` knows this process by; needed where several open one file. */
  node?: string
  /** The most the file may grow to, in bytes; what does not fit is refused. Default: as much as the disk has. */
  maxBytes?: number
}

/**
 * Opens the store that needs no server (SPEC ST-40 to ST-44). Rejects, saying why, when the file cannot be used:
 * it is no session store, another contact centre's, a newer version's, or not writable.
 */
export async function openEmbeddedStore(options: EmbeddedOptions): Promise<SessionStore> {
  const { file, centre, feedLimit, clock, node = 'local', maxBytes = null } = options
  // SQLite gives its other two files the mode of this one.
  closeSync(openSync(file, 'a', 0o600))
  const watchers = new Watchers()
  const queue = new WriteQueue({ file, centre, node, feedLimit, maxBytes }, clock, {
    batchSettled: () => watchers.flush(),
    news: (news) => tell(watchers, news),
    doubt: () => watchers.doubt(),
  })
  const epoch = await queue.open()
  return new EmbeddedStore(node, clock, queue, new Reader(file, epoch), watchers)
}

class EmbeddedStore implements SessionStore {
  readonly #node: string
  readonly #clock: Clock
  readonly #queue: WriteQueue
  readonly #reader: Reader
  readonly #watchers: Watchers
  #closed: Promise<void> | undefined

  constructor(node: string, clock: Clock, queue: WriteQueue, reader: Reader, watchers: Watchers) {
    this.#node = node
    this.#clock = clock
    this.#queue = queue
    this.#reader = reader
    this.#watchers = watchers
  }

  async commit(change: Change): Promise<CommitOutcome> {
    checkChange(change)
    const { feeds } = change
    return this.#queue.write(toCommitOp(change, this.#clock.now()), (answer) =>
      toOutcome(answer, feeds, (person, index, offset, log) => {
        const event = feeds[index]?.event
        if (!event || !this.#watchers.watched(person)) return
        this.#watchers.appended(person, { offset, event, ...(log !== undefined && { log }) })
      }),
    )
  }

  async read(request: ReadRequest): Promise<ReadReply> {
    return this.#read((reader) => reader.read(request, this.#clock.now()))
  }

  async readFeed(person: PersonID, after: number, limit: number): Promise<FeedPage> {
    return this.#read((reader) => reader.feed(person, after, limit))
  }

  async feedEnd(person: PersonID): Promise<{ epoch: string; offset: number }> {
    return this.#read((reader) => reader.feedEnd(person))
  }

  watchFeed(person: PersonID, listener: FeedListener, onDoubt: () => void): () => void {
    return this.#watchers.watchFeed(person, listener, onDoubt)
  }

  async trimFeed(person: PersonID, upTo?: number): Promise<void> {
    const op = { op: 'trimFeed', person, upTo: upTo ?? null } as const
    let more = true
    while (more) more = await this.#queue.write(op, ([left]) => left === 1)
  }

  async readLog(callUUID: CallUUID, after: number, limit: number): Promise<readonly LogEntry[]> {
    return this.#read((reader) => reader.log(callUUID, after, limit, this.#clock.now()))
  }

  async claimTimers(now: number, limit: number, leaseMs: number): Promise<readonly { id: string; timer: TTimer }[]> {
    return this.#queue.write({ op: 'claimTimers', now, limit, until: now + leaseMs }, (answer) => {
      const timers: { id: string; timer: TTimer }[] = []
      for (let i = 0; i < answer.length; i += 2) {
        timers.push({ id: String(answer[i]), timer: JSON.parse(String(answer[i + 1])) })
      }
      return timers
    })
  }

  async listCalls(after: string | undefined, limit: number): Promise<{ calls: readonly Call[]; next?: string }> {
    return this.#read((reader) => reader.calls(after, limit))
  }

  async countCalls(): Promise<Record<LiveState, number>> {
    return this.#read((reader) => reader.counts())
  }

  async listSessions(range: SessionRange): Promise<{ sessions: readonly Call[]; next?: string }> {
    return this.#read((reader) => reader.sessions(range, this.#clock.now()))
  }

  async listNames(of: Named, after: string | undefined, limit: number) {
    return this.#read((reader) => reader.names(of, after, limit, this.#clock.now()))
  }

  async rewriteFeed(person: PersonID, entries: readonly { offset: number; event: FeedEvent }[]): Promise<number> {
    const cells = entries.flatMap(({ offset, event }) => [offset, JSON.stringify(event)])
    return this.#queue.write({ op: 'rewrite', kind: 'feed', name: person, entries: cells }, ([n]) => Number(n))
  }

  async rewriteLog(callUUID: CallUUID, entries: readonly LogEntry[]): Promise<number> {
    const cells = entries.flatMap(({ position, text }) => [position, JSON.stringify(text)])
    return this.#queue.write({ op: 'rewrite', kind: 'log', name: callUUID, entries: cells }, ([n]) => Number(n))
  }

  async readObjects(): Promise<{ revision: number; objects: readonly StoredObject[] }> {
    return this.#read((reader) => reader.objects())
  }

  async putObject(object: { kind: string; id: string; value: unknown | null }, revision: number): Promise<boolean> {
    const { kind, id, value } = object
    const json = value === null ? null : JSON.stringify(value)
    return this.#queue.write({ op: 'putObject', kind, id, json, revision }, ([written]) => {
      if (written === 1) this.#watchers.objectsChanged()
      return written === 1
    })
  }

  onObjects(listener: () => void): () => void {
    return this.#watchers.onObjects(listener)
  }

  async keep(kind: KeptKind, id: string, value: string, ttlMs: number): Promise<void> {
    const expires = this.#clock.now() + ttlMs
    return this.#queue.write({ op: 'keep', name: `${kind}:${id}`, value, expires }, () => undefined)
  }

  async kept(kind: KeptKind, id: string): Promise<string | undefined> {
    return this.#read((reader) => reader.kept(`${kind}:${id}`, this.#clock.now()))
  }

  async forget(kind: KeptKind, id: string): Promise<void> {
    return this.#queue.write({ op: 'forget', name: `${kind}:${id}` }, () => undefined)
  }

  async count(kind: KeptKind, id: string, ttlMs: number): Promise<number> {
    const expires = this.#clock.now() + ttlMs
    return this.#queue.write({ op: 'count', name: `${kind}:${id}`, expires }, ([count]) => Number(count))
  }

  async signal(node: string, message: string): Promise<void> {
    return this.#queue.write({ op: 'signal', node, message }, () => {
      if (node === '*' || node === this.#node) this.#watchers.signalled(message)
    })
  }

  onSignal(listener: (message: string) => void): () => void {
    return this.#watchers.onSignal(listener)
  }

  healthy(): boolean {
    return this.#queue.healthy()
  }

  async close(): Promise<void> {
    this.#closed ??= this.#queue.close().then(() => {
      this.#watchers.clear()
      this.#reader.close()
    })
    return this.#closed
  }

  #read<T>(read: (reader: Reader) => T): T {
    if (this.#closed !== undefined) throw new TServerError('TERR_NO_SWITCH', 'the store is closed')
    try {
      return read(this.#reader)
    } catch (error) {
      throw toTServerError(failureOf(error))
    }
  }
}

function tell(watchers: Watchers, news: News): void {
  const { feeds } = news
  for (let i = 0; i < feeds.length; i += 4) {
    const person = String(feeds[i]) as PersonID
    if (!watchers.watched(person)) continue
    const log = feeds[i + 2] ?? null
    watchers.appended(person, {
      offset: Number(feeds[i + 1]),
      event: JSON.parse(String(feeds[i + 3])),
      ...(log !== null && { log: Number(log) }),
    })
  }
  watchers.flush()
  if (news.doubt) watchers.doubt()
  for (const message of news.signals) watchers.signalled(message)
  if (news.objects) watchers.objectsChanged()
}
