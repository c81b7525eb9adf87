import type { Call, Text } from '../tserver/call.ts'
import { checkChange } from '../tserver/check-change.ts'
import type { CallUUID, PersonID } from '../tserver/ids.ts'
import type {
  Change,
  Clock,
  CommitOutcome,
  FeedEntry,
  FeedPage,
  LiveState,
  LogEntry,
  Named,
  RecordRef,
  StoredObject,
} from '../tserver/ports.ts'
import type { FeedEvent } from '../tserver/t-event.ts'
import type { TTimer } from '../tserver/t-request.ts'

export interface MemoryOptions {
  /** Names this memory; offsets of another one say nothing here. */
  epoch: string
  /** How many entries of a feed are held. */
  feedLimit: number
  clock: Clock
}

interface Kept {
  value: string
  until: number
}
interface Record {
  version: number
  json: string
  until: number
}
interface Feed {
  last: number
  entries: FeedEntry[]
}

/** What all nodes of a memory store share. Values are kept as JSON, as in a real store: nobody can alter what is stored. */
export class Memory {
  readonly epoch: string
  readonly clock: Clock
  readonly #feedLimit: number
  readonly #records = new Map<string, Record>()
  readonly #claims = new Map<PersonID, CallUUID>()
  readonly #feeds = new Map<PersonID, Feed>()
  readonly #logs = new Map<CallUUID, Text[]>()
  readonly #messageIDs = new Map<CallUUID, Map<string, number>>()
  readonly #timers = new Map<string, { due: number; timer: TTimer }>()
  readonly #live = new Map<CallUUID, { state: LiveState; created: number }>()
  readonly #objects = new Map<string, StoredObject>()
  #revision = 0
  readonly #kept = new Map<string, Kept>()
  /** Until when what a feed holds up to an offset is kept: it came before the end of a call. */
  #feedsUntil: { person: PersonID; upTo: number; until: number }[] = []
  /** Nothing expires before. */
  #nextExpiry = Number.POSITIVE_INFINITY

  constructor({ epoch, feedLimit, clock }: MemoryOptions) {
    this.epoch = epoch
    this.clock = clock
    this.#feedLimit = feedLimit
  }

  /** Makes all of a change true or none, and hands what was appended to `appended`, per feed. */
  commit(change: Change, appended: (person: PersonID, entries: readonly FeedEntry[]) => void): CommitOutcome {
    checkChange(change)
    this.#purge()
    const { log } = change
    const before = log?.once ? this.#messageIDs.get(log.callUUID)?.get(log.text.messageID) : undefined
    if (log && before !== undefined) {
      return { outcome: 'duplicate', log: before, sent: this.#logs.get(log.callUUID)?.[before - 1]?.sent ?? 0 }
    }
    for (const record of change.expect) {
      if ((this.#records.get(key(record))?.version ?? 0) !== record.version) return { outcome: 'conflict' }
    }
    for (const { person, from } of change.claims) {
      if (this.#claims.get(person) !== from) return { outcome: 'conflict' }
    }
    return this.#apply(change, appended)
  }

  record(ref: RecordRef): { version: number; json: string } | undefined {
    this.#purge()
    return this.#records.get(key(ref))
  }

  claim(person: PersonID): CallUUID | undefined {
    return this.#claims.get(person)
  }

  feed(person: PersonID, after: number, limit: number): FeedPage {
    this.#purge()
    const { last, entries } = this.#feeds.get(person) ?? { last: 0, entries: [] }
    const first = entries[0]?.offset ?? last + 1
    const from = Math.max(0, after + 1 - first)
    return { epoch: this.epoch, first, last, entries: copy(entries.slice(from, from + limit)) }
  }

  trim(person: PersonID, upTo?: number): void {
    const feed = this.#feeds.get(person)
    if (feed) feed.entries = upTo === undefined ? feed.entries.slice(-1) : feed.entries.filter((e) => e.offset > upTo)
  }

  /** All calls there are. */
  calls(): Call[] {
    this.#purge()
    return [...this.#records].flatMap(([name, { json }]) =>
      name.startsWith('call:') ? [JSON.parse(json) as Call] : [],
    )
  }

  names(of: Named): string[] {
    this.#purge()
    if ('feeds' in of) return [...this.#feeds.keys()]
    const [prefix, all] = 'records' in of ? [`${of.records}:`, this.#records] : [`${of.kept}:`, this.#kept]
    return [...all.keys()].flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []))
  }

  rewriteFeed(person: PersonID, changed: readonly { offset: number; event: FeedEvent }[]): number {
    let done = 0
    for (const { offset, event } of changed) {
      const entry = this.#feeds.get(person)?.entries.find((held) => held.offset === offset)
      if (!entry) continue
      entry.event = copy(event)
      done++
    }
    return done
  }

  rewriteLog(callUUID: CallUUID, changed: readonly LogEntry[]): number {
    this.#purge()
    const texts = this.#logs.get(callUUID) ?? []
    let done = 0
    for (const { position, text } of changed) {
      if (texts[position - 1] === undefined) continue
      texts[position - 1] = copy(text)
      done++
    }
    return done
  }

  log(callUUID: CallUUID, after: number, limit: number): LogEntry[] {
    this.#purge()
    const texts = this.#logs.get(callUUID) ?? []
    return copy(texts.slice(after, after + limit).map((text, i) => ({ position: after + i + 1, text })))
  }

  claimTimers(now: number, limit: number, leaseMs: number): { id: string; timer: TTimer }[] {
    const due = [...this.#timers].filter(([, timer]) => timer.due <= now)
    due.sort(([a, { due: dueA }], [b, { due: dueB }]) => dueA - dueB || (a < b ? -1 : 1))
    return due.slice(0, limit).map(([id, entry]) => {
      entry.due = now + leaseMs
      return { id, timer: copy(entry.timer) }
    })
  }

  /** All that is held but what is kept of these kinds, as text: two that are equal hold the same. */
  image(without: readonly string[]): string {
    const kept = [...this.#kept].filter(([name]) => !without.includes(name.slice(0, name.indexOf(':'))))
    const maps = [this.#records, this.#claims, this.#feeds, this.#logs, this.#timers, this.#live, this.#objects]
    return JSON.stringify([...maps.map((map) => [...map]), kept, this.#revision])
  }

  liveCalls(): { callUUID: CallUUID; state: LiveState; created: number }[] {
    const calls = [...this.#live].map(([callUUID, live]) => ({ callUUID, ...live }))
    return calls.sort((a, b) => a.created - b.created || (a.callUUID < b.callUUID ? -1 : 1))
  }

  objects(): { revision: number; objects: StoredObject[] } {
    const objects = [...this.#objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => copy(object))
    return { revision: this.#revision, objects }
  }

  putObject(object: StoredObject, revision: number): boolean {
    if (revision !== this.#revision) return false
    this.#revision++
    const name = `${object.kind}\0${object.id}`
    if (object.value === null) this.#objects.delete(name)
    else this.#objects.set(name, copy(object))
    return true
  }

  keep(name: string, value: string, ttlMs: number): void {
    this.#kept.set(name, { value, until: this.#expiry(ttlMs) })
  }

  kept(name: string): string | undefined {
    this.#purge()
    return this.#kept.get(name)?.value
  }

  forget(name: string): void {
    this.#kept.delete(name)
  }

  count(name: string, ttlMs: number): number {
    this.#purge()
    const entry = this.#kept.get(name) ?? { value: '0', until: this.#expiry(ttlMs) }
    entry.value = String(Number(entry.value) + 1)
    this.#kept.set(name, entry)
    return Number(entry.value)
  }

  #apply(change: Change, appended: (person: PersonID, entries: readonly FeedEntry[]) => void): CommitOutcome {
    const versions = new Map(change.expect.map((record) => [key(record), record.version]))
    for (const record of change.put) {
      const version = (versions.get(key(record)) ?? 0) + 1
      const { expireMs } = record
      const before = this.#records.get(key(record))?.until ?? Number.POSITIVE_INFINITY
      const until = expireMs === 'asBefore' ? before : this.#expiry(expireMs)
      this.#records.set(key(record), { version, json: JSON.stringify(record.value), until })
    }
    for (const { person, to } of change.claims) {
      if (to === undefined) this.#claims.delete(person)
      else this.#claims.set(person, to)
    }
    const position = change.log && this.#appendLog(change.log)
    const feeds = this.#appendFeeds(change.feeds, position, appended)
    const ended = change.put.find(({ kind, expireMs }) => kind === 'call' && typeof expireMs === 'number')
    if (typeof ended?.expireMs === 'number') {
      const until = this.#expiry(ended.expireMs)
      for (const [i, { person }] of change.feeds.entries())
        this.#feedsUntil.push({ person, upTo: feeds[i] as number, until })
    }
    for (const id of change.timers.cancel) this.#timers.delete(id)
    for (const { id, due, timer } of change.timers.set) this.#timers.set(id, { due, timer: copy(timer) })
    if (change.live) {
      const { callUUID, to, created } = change.live
      if (to === null) this.#live.delete(callUUID)
      else this.#live.set(callUUID, { state: to, created })
    }
    return { outcome: 'committed', feeds, ...(position !== undefined && { log: position }) }
  }

  #appendLog({ callUUID, text, once }: NonNullable<Change['log']>): number {
    const texts = this.#logs.get(callUUID) ?? []
    this.#logs.set(callUUID, texts)
    texts.push(copy(text))
    if (once) {
      const ids = this.#messageIDs.get(callUUID) ?? new Map<string, number>()
      this.#messageIDs.set(callUUID, ids.set(text.messageID, texts.length))
    }
    return texts.length
  }

  #appendFeeds(
    added: Change['feeds'],
    log: number | undefined,
    appended: (person: PersonID, entries: readonly FeedEntry[]) => void,
  ): number[] {
    const news = new Map<PersonID, FeedEntry[]>()
    const offsets = added.map(({ person, event, hold = this.#feedLimit }) => {
      const feed = this.#feeds.get(person) ?? { last: 0, entries: [] }
      this.#feeds.set(person, feed)
      const entry = { offset: ++feed.last, event: copy(event), ...(log !== undefined && { log }) }
      feed.entries.push(entry)
      if (feed.entries.length > hold) feed.entries.shift()
      const entries = news.get(person) ?? []
      entries.push(copy(entry))
      news.set(person, entries)
      return entry.offset
    })
    for (const [person, entries] of news) appended(person, entries)
    return offsets
  }

  #expiry(ms = Number.POSITIVE_INFINITY): number {
    const until = this.clock.now() + ms
    this.#nextExpiry = Math.min(this.#nextExpiry, until)
    return until
  }

  #purge(): void {
    const now = this.clock.now()
    if (now < this.#nextExpiry) return
    this.#nextExpiry = Number.POSITIVE_INFINITY
    for (const [name, { until }] of this.#kept) {
      if (until <= now) this.#kept.delete(name)
      else this.#nextExpiry = Math.min(this.#nextExpiry, until)
    }
    for (const { person, upTo, until } of this.#feedsUntil) {
      if (until <= now) this.trim(person, upTo)
      else this.#nextExpiry = Math.min(this.#nextExpiry, until)
    }
    this.#feedsUntil = this.#feedsUntil.filter(({ until }) => until > now)
    for (const [name, { until }] of this.#records) {
      if (until <= now) this.#removeRecord(name)
      else this.#nextExpiry = Math.min(this.#nextExpiry, until)
    }
  }

  #removeRecord(name: string): void {
    this.#records.delete(name)
    if (!name.startsWith('call:')) return
    const callUUID = name.slice('call:'.length) as CallUUID
    this.#logs.delete(callUUID)
    this.#messageIDs.delete(callUUID)
  }
}

function key({ kind, id }: RecordRef): string {
  return `${kind}:${id}`
}

function copy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value))
}
