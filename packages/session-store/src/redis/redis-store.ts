import type { CallUUID, StoredObject } from '@ringdown/signalling'
import {
  type Change,
  type Clock,
  type CommitOutcome,
  type FeedEvent,
  type FeedListener,
  type FeedPage,
  type KeptKind,
  type LogEntry,
  type Named,
  type PersonID,
  type ReadReply,
  type ReadRequest,
  type SessionRange,
  type SessionStore,
  TServerError,
} from '@ringdown/signalling'
import { Care } from './care.ts'
import { claimTimers } from './claim-timers.ts'
import { CommitQueue } from './commit-queue.ts'
import { connect, type RedisConnection } from './connection.ts'
import { count } from './count.ts'
import { bare } from './errors.ts'
import { Feeds } from './feeds.ts'
import { type StoreKeys, storeKeys } from './keys.ts'
import { Link, type OnNotice } from './link.ts'
import { countCalls, listCalls } from './live-calls.ts'
import { namesOf } from './names.ts'
import { putObject, readObjects } from './objects.ts'
import { offsetOf, readFeed, streamPosition } from './read-feed.ts'
import { readRecords } from './read-records.ts'
import { rewrite } from './rewrite.ts'
import { wholeMs } from './script.ts'
import { listSessions } from './sessions.ts'
import { Subscriber } from './subscriber.ts'

export interface RedisStoreOptions {
  connection: RedisConnection
  /** The contact centre's name; its own keys and its own cluster slot. */
  centre: string
  /** This node's name, which signals are sent to. */
  node: string
  /** How many entries of a feed are held at least (a little more is kept where that is cheaper). Default 1000. */
  feedLimit?: number
  /** After so many milliseconds a request is refused; at most 1700. Default 1500. */
  deadlineMs?: number
  /** How many requests may wait for Redis; beyond, they are refused with TERR_RES_UNAVAIL. Default 4096. */
  maxPending?: number
  /** How many replicas must have a commit on disk before it is accepted (WAITAOF, Redis 7.2). Default 0. */
  waitReplicas?: number
  /** What the operator should know: interruptions, recoveries, lost memory. Never texts or user data. */
  onNotice?: OnNotice
  clock?: Clock
}

const systemClock: Clock = {
  // Only ever compared with itself; unlike Date it does not jump.
  now: () => performance.timeOrigin + performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}

/**
 * Opens a contact centre's store in Redis (or Valkey). Where Redis cannot be reached yet the store opens all the same, refuses
 * everything with TERR_NO_SWITCH and works as soon as Redis does; a server it must not use (older than 7.0, one that evicts, a
 * refused login) is an error.
 */
export async function openRedisStore(options: RedisStoreOptions): Promise<SessionStore> {
  const { deadlineMs = 1500, feedLimit = 1000, waitReplicas = 0 } = options
  if (!(deadlineMs >= 50 && deadlineMs <= 1700)) throw new RangeError('deadlineMs must be between 50 and 1700')
  if (!(Number.isInteger(feedLimit) && feedLimit > 0)) throw new RangeError('feedLimit must be a whole number above 0')
  if (!(Number.isInteger(waitReplicas) && waitReplicas >= 0)) throw new RangeError('waitReplicas must be 0 or more')
  const store = new RedisStore({ ...options, deadlineMs, feedLimit, waitReplicas })
  try {
    await store.opened()
  } catch (error) {
    await store.close()
    throw error
  }
  return store
}

class RedisStore implements SessionStore {
  readonly #keys: StoreKeys
  readonly #link: Link
  readonly #subscriber: Subscriber
  readonly #feeds: Feeds
  readonly #commits: CommitQueue
  readonly #care: Care
  readonly #onNotice: OnNotice
  readonly #feedPrefix: string
  readonly #signals = new Set<(message: string) => void>()
  readonly #objectListeners = new Set<() => void>()

  constructor(options: RedisStoreOptions & { deadlineMs: number; feedLimit: number; waitReplicas: number }) {
    const { connection, centre, node, clock = systemClock, feedLimit, maxPending = 4096 } = options
    const { onNotice = () => {}, deadlineMs, waitReplicas } = options
    const keys = storeKeys(centre)
    this.#keys = keys
    this.#onNotice = onNotice
    this.#feedPrefix = keys.feed('' as PersonID)
    this.#feeds = new Feeds({
      clock,
      subscribe: (person) => this.#subscriber.subscribe(keys.feed(person)),
      unsubscribe: (person) => this.#subscriber.unsubscribe(keys.feed(person)),
      onError: (error) => this.#listenerFailed(error),
    })
    this.#subscriber = new Subscriber({
      redis: connect(connection, keys.epoch, `ringdown-${node}-hints`),
      clock,
      onNotice,
      onMessage: (channel, message) => this.#hear(channel, message),
      onSubscribed: (channels) => this.#subscribed(channels),
    })
    for (const channel of [keys.signals(node), keys.signals('*'), keys.objectsChanged]) {
      this.#subscriber.subscribe(channel)
    }
    this.#link = new Link({
      redis: connect(connection, keys.epoch, `ringdown-${node}`),
      keys,
      clock,
      deadlineMs,
      maxPending,
      waitReplicas,
      onNotice,
      onEpoch: () => this.#feeds.renew(),
      onDoubt: () => this.#feeds.doubt(this.#feeds.persons()),
      onElsewhere: () => this.#subscriber.reconnect(),
    })
    this.#care = new Care({ ask: this.#ask, keys, clock })
    this.#commits = new CommitQueue({ link: this.#link, keys, feeds: this.#feeds, feedLimit })
  }

  opened(): Promise<void> {
    return this.#link.opened()
  }

  commit(change: Change): Promise<CommitOutcome> {
    return this.#commits.commit(change)
  }

  read(request: ReadRequest): Promise<ReadReply> {
    return readRecords(this.#link.run, this.#keys, request)
  }

  async readFeed(person: PersonID, after: number, limit: number): Promise<FeedPage> {
    let page = await readFeed(this.#link.run, this.#keys, person, after, limit)
    if (!page) {
      await this.#link.renew()
      page = await readFeed(this.#link.run, this.#keys, person, after, limit)
    }
    if (!page) throw new TServerError('TERR_NO_SWITCH', 'the store is being emptied')
    this.#link.heard(page.epoch)
    this.#feeds.read(person, page.last)
    return page
  }

  async feedEnd(person: PersonID): Promise<{ epoch: string; offset: number }> {
    const { epoch, last } = await this.readFeed(person, 0, 0)
    return { epoch, offset: last }
  }

  watchFeed(person: PersonID, listener: FeedListener, onDoubt: () => void): () => void {
    return this.#feeds.watch(person, listener, onDoubt)
  }

  async trimFeed(person: PersonID, upTo?: number): Promise<void> {
    const least = upTo === undefined ? ['MAXLEN', '1'] : ['MINID', '=', `0-${streamPosition(upTo + 1)}`]
    await this.#link.ask('xtrim', [this.#keys.feed(person), ...least])
  }

  async readLog(callUUID: CallUUID, after: number, limit: number): Promise<readonly LogEntry[]> {
    if (limit < 1) return []
    const range = [this.#keys.log(callUUID), `(0-${streamPosition(after)}`, '+', 'COUNT', String(limit)]
    const entries = (await this.#link.ask('xrange', range)) as [id: string, fields: string[]][]
    return entries.map(([id, fields]) => ({ position: offsetOf(id), text: JSON.parse(fields[1] ?? '') }))
  }

  claimTimers(now: number, limit: number, leaseMs: number) {
    return claimTimers(this.#link.run, this.#keys, now, limit, leaseMs)
  }

  listCalls(after: string | undefined, limit: number) {
    return listCalls(this.#link.run, this.#keys, after, limit)
  }

  countCalls() {
    return countCalls(this.#link.run, this.#keys)
  }

  listSessions(range: SessionRange) {
    return listSessions(this.#link.run, this.#ask, this.#keys, range)
  }

  async listNames(of: Named, after: string | undefined, _limit: number) {
    const { prefix } = this.#keys
    const what = 'feeds' in of ? 'feed' : 'records' in of ? of.records : (`kept:${of.kept}` as const)
    return namesOf(this.#ask, prefix(what), after)
  }

  rewriteFeed(person: PersonID, entries: readonly { offset: number; event: FeedEvent }[]): Promise<number> {
    const words = entries.map(({ offset, event }) => ({ position: offset, json: JSON.stringify(event) }))
    return rewrite(this.#link.run, this.#keys.feed(person), words)
  }

  rewriteLog(callUUID: CallUUID, entries: readonly LogEntry[]): Promise<number> {
    const words = entries.map(({ position, text }) => ({ position, json: JSON.stringify(text) }))
    return rewrite(this.#link.run, this.#keys.log(callUUID), words)
  }

  readObjects(): Promise<{ revision: number; objects: readonly StoredObject[] }> {
    return readObjects(this.#link.run, this.#keys)
  }

  async putObject(object: { kind: string; id: string; value: unknown | null }, revision: number): Promise<boolean> {
    const { run, token } = this.#link
    const done = await putObject(run, this.#keys, token, object, revision)
    if (done) this.#objectsChanged()
    return done
  }

  onObjects(listener: () => void): () => void {
    this.#objectListeners.add(listener)
    return () => this.#objectListeners.delete(listener)
  }

  async keep(kind: KeptKind, id: string, value: string, ttlMs: number): Promise<void> {
    await this.#link.ask('set', [this.#keys.kept(kind, id), value, 'PX', wholeMs(ttlMs)])
  }

  async kept(kind: KeptKind, id: string): Promise<string | undefined> {
    const value = await this.#link.ask('get', [this.#keys.kept(kind, id)])
    return typeof value === 'string' ? value : undefined
  }

  async forget(kind: KeptKind, id: string): Promise<void> {
    await this.#link.ask('del', [this.#keys.kept(kind, id)])
  }

  count(kind: KeptKind, id: string, ttlMs: number): Promise<number> {
    return count(this.#link.run, this.#keys.kept(kind, id), ttlMs)
  }

  async signal(node: string, message: string): Promise<void> {
    await this.#link.ask('spublish', [this.#keys.signals(node), message])
  }

  onSignal(listener: (message: string) => void): () => void {
    this.#signals.add(listener)
    return () => this.#signals.delete(listener)
  }

  healthy(): boolean {
    return this.#link.healthy()
  }

  async close(): Promise<void> {
    this.#care.close()
    this.#subscriber.close()
    this.#feeds.close()
    this.#signals.clear()
    this.#objectListeners.clear()
    await this.#link.close()
  }

  readonly #ask = (name: string, args: readonly string[]): Promise<unknown> => this.#link.ask(name, args)

  #hear(channel: string, message: Buffer): void {
    if (channel.startsWith(this.#feedPrefix)) {
      // Our own appends were delivered from the commit's reply; eight bytes are enough to know them again.
      if (startsWith(message, this.#link.token)) return
      const text = message.toString()
      this.#feeds.hint(channel.slice(this.#feedPrefix.length) as PersonID, text.slice(text.indexOf(' ') + 1))
    } else if (channel === this.#keys.objectsChanged) {
      if (!startsWith(message, this.#link.token)) this.#objectsChanged()
    } else {
      const text = message.toString()
      for (const listener of [...this.#signals]) this.#guard(() => listener(text))
    }
  }

  #subscribed(channels: readonly string[]): void {
    const feeds = channels.filter((channel) => channel.startsWith(this.#feedPrefix))
    this.#feeds.doubt(feeds.map((channel) => channel.slice(this.#feedPrefix.length) as PersonID))
    if (channels.includes(this.#keys.objectsChanged)) this.#objectsChanged()
  }

  #objectsChanged(): void {
    for (const listener of [...this.#objectListeners]) this.#guard(listener)
  }

  #guard(run: () => void): void {
    try {
      run()
    } catch (error) {
      this.#listenerFailed(error)
    }
  }

  #listenerFailed(error: unknown): void {
    this.#onNotice('a listener of the store has thrown', { cause: bare(error).message })
  }
}

function startsWith(message: Buffer, token: string): boolean {
  for (let i = 0; i < token.length; i++) if (message[i] !== token.charCodeAt(i)) return false
  return true
}
