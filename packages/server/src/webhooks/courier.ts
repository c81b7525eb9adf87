import { readErasure } from '@ringdown/facade'
import {
  type Clock,
  type Directory,
  type FeedEntry,
  type Gap,
  type SessionStore,
  type WaitingDelivery,
  type WebhookRecord,
  webhookFeed,
} from '@ringdown/signalling'
import { Naps } from '../legs/naps.ts'
import type { Log } from '../log.ts'
import { longestRetryAfterMs, nextAttempt } from './backoff.ts'
import { deliveryID } from './delivery-id.ts'
import { DeliveryQueue, type Item } from './delivery-queue.ts'
import { offsetAt } from './feed-search.ts'
import { leaseMs, newRecord, readRecord, writeRecord } from './ownership.ts'
import { gapPayload, type Payload, payloadOf } from './payload.ts'
import { givenUpLimit, grant } from './ranges.ts'
import type { Answer, Sender } from './sender.ts'
import { signed } from './signature.ts'
import { laneOf, wantedType } from './wants.ts'
import type { Webhook } from './webhook.ts'

export interface CourierDeps {
  centre: string
  webhook: Webhook
  sender: Pick<Sender, 'send' | 'close'>
  /** As it is, without what the T-Server's commits go through. */
  store: SessionStore
  directory: () => Directory
  clock: Clock
  /** From [0, 1). */
  random: () => number
  /** This node's run, unlike that of any other, and of itself before. */
  node: string
  log: Log
  onOutcome: (outcome: Outcome, count?: number) => void
}

/** How an attempt ended, for metrics; `missed` counts entries of the feed that were trimmed before they could be delivered. */
export type Outcome = 'delivered' | 'failed' | 'givenUp' | 'missed'

/** How one webhook stands on the node that delivers for it. */
export interface CourierState {
  /** Events that are not delivered, those among them that are nothing to this webhook, as far as they were not looked at yet. */
  backlog: number
  /** How long the oldest of them waits, ms. */
  oldestMs: number
  gone: boolean
}

/** Deliveries held in memory; and of those that are sent again. */
const held = { all: 256, replays: 64 } as const
const pageSize = 100
/** How often the lease is looked after, and how soon after a delivery the position is written, ms. */
const tendMs = 2_000
const saveMs = 150
/** So many failures one after the other mean that the target is away; the next success that it is back. */
const awayAfter = 3
/** A store that counts anew may have lost its last second; events this much older than what was reached are sent once more, ms. */
const resetMarginMs = 5_000
/** What deliveries under way get to end when the node stops, ms. */
const farewellMs = 2_000

/**
 * Delivers for one webhook while this node is its owner. At least once: the position is written after the answer, and every write of it
 * holds only if nobody else has written since. SPEC WH-10 to WH-24.
 */
export class Courier {
  readonly #deps: CourierDeps
  readonly #queue = new DeliveryQueue()
  readonly #naps: Naps
  /** Undefined while another node delivers. */
  #record: WebhookRecord | undefined
  #version = 0
  /** Until when no other node delivers, by our own clock. */
  #until = 0
  /** Raised when we cease to be the owner: answers to what was sent before are nobody's any more. */
  #term = 0
  #read = 0
  #lastTime = 0
  #feedEnd = 0
  /** The range that is being sent again, and up to where it was read. */
  #replay: { read: number; to: number } | undefined
  #sending = 0
  #failures = 0
  #pausedUntil = 0
  #dirty = false
  #tending: Promise<void> | undefined
  #reading: Promise<void> | undefined
  #readAgain = false
  /** Reading failed; it is tried again when the lease is looked after. */
  #readFailed = false
  #stopWatching: (() => void) | undefined
  #stopSignals: (() => void) | undefined
  #cancelTend: (() => void) | undefined
  #cancelPump: (() => void) | undefined
  #closing = false
  /** A node that starts, or reads its configuration again, tries a target that was gone. */
  #fresh = true

  constructor(deps: CourierDeps) {
    this.#deps = deps
    this.#naps = new Naps(deps.clock)
  }

  /** Resolves when the webhook has a position: nothing that is committed from now on can be missed. Rejects as the store does. */
  async start(): Promise<void> {
    this.#stopSignals = this.#deps.store.onSignal((message) => {
      if (readErasure(message)) this.#readAnew()
    })
    await this.#claim()
    this.#tendIn(this.#dirty ? saveMs : tendMs)
  }

  /** A target that was gone is tried again. */
  tryAgain(): void {
    this.#fresh = true
    if (!this.#record) return
    this.#fresh = false
    delete this.#record.gone
    this.#changed()
  }

  /** Lets go, so that another node need not wait. */
  async close(): Promise<void> {
    this.#closing = true
    this.#stopSignals?.()
    this.#cancelTend?.()
    this.#cancelPump?.()
    const { clock, sender } = this.#deps
    for (const end = clock.now() + farewellMs; this.#sending > 0 && clock.now() < end; ) await this.#naps.take(50)
    this.#naps.end()
    sender.close()
    await this.#tending
    await this.#reading
    if (this.#record) await this.#save({ owner: '', until: 0 }).catch(() => undefined)
    this.#lose()
  }

  /** Undefined while another node delivers. */
  state(): CourierState | undefined {
    const record = this.#record
    if (!record) return undefined
    const oldest = this.#queue.oldest(true)
    return {
      backlog: Math.max(0, this.#feedEnd - this.#read) + this.#queue.size,
      oldestMs: oldest === undefined ? 0 : Math.max(0, this.#deps.clock.now() - oldest),
      gone: record.gone !== undefined,
    }
  }

  #tendIn(ms: number): void {
    this.#cancelTend?.()
    if (!this.#closing) this.#cancelTend = this.#deps.clock.after(ms, () => this.#tend())
  }

  #tend(): void {
    this.#tending ??= this.#tendNow()
      .catch((err: unknown) => this.#complain(err))
      .finally(() => {
        this.#tending = undefined
        this.#tendIn(this.#dirty ? saveMs : tendMs)
      })
  }

  async #tendNow(): Promise<void> {
    if (!this.#record) return this.#claim()
    await this.#save({})
    if (!this.#record) return
    this.#readFailed = false
    // Hints get lost.
    this.#look()
    this.#pump()
  }

  async #claim(): Promise<void> {
    const { store, webhook, clock, node, log, centre } = this.#deps
    if (this.#closing) return
    const found = await readRecord(store, webhook.name)
    const now = clock.now()
    if (found && found.value.owner !== '' && found.value.until > now) return
    const { gone, ...record } = found?.value ?? (await newRecord(store))
    const keepsGone = gone !== undefined && !this.#fresh
    const mine: WebhookRecord = {
      ...record,
      ...grant(record, record.requests, record.position),
      ...(keepsGone && { gone }),
      requests: [],
      owner: node,
      until: now + leaseMs,
    }
    const version = await writeRecord(store, webhook.name, found?.version ?? 0, mine)
    if (version === undefined || this.#closing) return
    this.#fresh = false
    this.#version = version
    this.#until = mine.until
    log.info({ centre, webhook: webhook.name, position: mine.position }, 'this node delivers for the webhook')
    await this.#begin(mine)
  }

  async #begin(record: WebhookRecord): Promise<void> {
    this.#term++
    this.#sending = 0
    this.#record = record
    this.#dirty = true
    this.#read = record.position
    this.#lastTime = record.reached
    this.#replay = undefined
    this.#queue.clear()
    // Before anything newer of their lanes is heard of.
    for (const waiting of record.waiting) {
      if (!(await this.#restore(waiting, record.epoch))) this.#gap('trimmed', waiting.offset, waiting.offset)
    }
    this.#stopWatching = this.#deps.store.watchFeed(
      webhookFeed,
      (entries) => this.#hear(entries),
      () => this.#look(),
    )
    this.#look()
  }

  /** Whether it is there again, or nothing to the webhook any more. */
  async #restore({ offset, attempts, since, next, gap }: WaitingDelivery, epoch: string): Promise<boolean> {
    if (gap) {
      this.#queue.add({ ...gapItem(gap, offset), attempts, since, next })
      return true
    }
    const page = await this.#deps.store.readFeed(webhookFeed, offset - 1, 1)
    // What a store that counts anew has in its place is another one; that is found out when we read on.
    if (page.epoch !== epoch) return true
    const [entry] = page.entries
    if (entry?.offset !== offset) return false
    const item = this.#itemOf(entry, false)
    if (item) this.#queue.add({ ...item, attempts, since, next })
    return true
  }

  /** What is in memory may have been erased in the store. */
  #readAnew(): void {
    const record = this.#record
    if (!record) return
    const now = { ...record, ...this.#progress(record) }
    this.#lose()
    this.#begin(now).catch((err: unknown) => this.#complain(err))
  }

  #lose(): void {
    this.#record = undefined
    this.#term++
    this.#stopWatching?.()
    this.#stopWatching = undefined
    this.#cancelPump?.()
    this.#queue.clear()
  }

  /** Writes down how far we are, and that we go on. Where somebody has asked for something meanwhile, that is granted. */
  async #save(change: Partial<WebhookRecord>): Promise<void> {
    const { store, webhook, clock, node, log, centre } = this.#deps
    for (;;) {
      const record = this.#record
      if (!record) return
      this.#dirty = false
      const now = clock.now()
      const next: WebhookRecord = { ...record, ...this.#progress(record), until: now + leaseMs, ...change }
      const version = await writeRecord(store, webhook.name, this.#version, next).catch((error: unknown) => {
        this.#dirty = true
        throw error
      })
      if (version !== undefined) {
        this.#version = version
        this.#until = next.until
        // What happened meanwhile is in the record we hold, not in the one we wrote.
        const { position, reached, waiting, replays, owner, until } = next
        if (replays.length < record.replays.length) this.#replay = undefined
        this.#record = { ...(this.#record ?? next), position, reached, waiting, replays, owner, until }
        return
      }
      const found = await readRecord(store, webhook.name)
      if (found?.value.owner !== node) {
        log.warn({ centre, webhook: webhook.name }, 'another node delivers for the webhook')
        this.#lose()
        return
      }
      this.#version = found.version
      const requests = found.value.requests
      if (this.#record) Object.assign(this.#record, grant(this.#record, requests, this.#record.position))
    }
  }

  #progress(record: WebhookRecord): Pick<WebhookRecord, 'position' | 'reached' | 'waiting' | 'replays'> {
    const position = this.#queue.position(this.#read, record.position)
    const oldest = this.#queue.oldest(false) ?? this.#lastTime
    const waiting = this.#queue.waiting(position)
    return { position, reached: Math.min(oldest, this.#lastTime), waiting, replays: this.#replaysLeft(record) }
  }

  /** The first range shrinks as it is sent; it goes when all of it was. */
  #replaysLeft({ replays }: WebhookRecord): WebhookRecord['replays'] {
    const [first, ...rest] = replays
    if (!first || !this.#replay) return replays
    const from = Math.min(this.#queue.lowestReplay() ?? Number.POSITIVE_INFINITY, this.#replay.read + 1)
    return from <= first.to ? [{ from, to: first.to }, ...rest] : rest
  }

  #hear(entries: readonly FeedEntry[]): void {
    for (const entry of entries) {
      this.#feedEnd = Math.max(this.#feedEnd, entry.offset)
      if (entry.offset <= this.#read) continue
      if (this.#reading || entry.offset !== this.#read + 1 || this.#queue.size >= held.all) {
        this.#look()
        return
      }
      this.#take(entry)
    }
    this.#pump()
  }

  #look(): void {
    this.#readAgain = true
    if (this.#reading || !this.#record || this.#closing) return
    this.#reading = this.#readOn()
      .catch((err: unknown) => {
        this.#readFailed = true
        this.#complain(err)
      })
      .finally(() => {
        this.#reading = undefined
        this.#pump()
      })
  }

  async #readOn(): Promise<void> {
    const term = this.#term
    while (this.#readAgain && this.#queue.size < held.all) {
      this.#readAgain = false
      const limit = Math.min(pageSize, held.all - this.#queue.size)
      const page = await this.#deps.store.readFeed(webhookFeed, this.#read, limit)
      if (term !== this.#term || !this.#record) return
      if (page.epoch !== this.#record.epoch) {
        await this.#startOver(page.epoch, this.#record)
        continue
      }
      this.#feedEnd = page.last
      if (page.first > this.#read + 1) {
        this.#gap('trimmed', this.#read + 1, page.first - 1)
        this.#read = page.first - 1
      }
      for (const entry of page.entries) if (entry.offset === this.#read + 1) this.#take(entry)
      this.#dispatch()
      if (this.#read < page.last) this.#readAgain = true
    }
    if (term === this.#term) await this.#readReplays(term)
  }

  /** The store has lost some of its memory, and offsets say nothing any more: what may have been lost is told, the rest sent once more. */
  async #startOver(epoch: string, record: WebhookRecord): Promise<void> {
    const from = Math.min(this.#queue.lowest() ?? Number.POSITIVE_INFINITY, record.position + 1)
    const start = await offsetAt(this.#deps.store, record.reached - resetMarginMs)
    const end = Math.max(from, this.#read)
    this.#queue.clear()
    this.#term++
    this.#sending = 0
    this.#read = start - 1
    this.#replay = undefined
    this.#record = { ...record, epoch, position: this.#read, replays: [], givenUp: [] }
    this.#gap('storeReset', from, end, record.epoch)
    this.#readAgain = true
  }

  #gap(reason: Gap['reason'], from: number, to: number, epoch = this.#record?.epoch ?? ''): void {
    const { log, centre, webhook, onOutcome } = this.#deps
    log.warn({ centre, webhook: webhook.name, from, to, reason }, 'deliveries of a webhook are missing')
    this.#count('missed', to - from + 1)
    onOutcome('missed', to - from + 1)
    this.#queue.add(gapItem({ epoch, from, reason }, to))
    this.#dirty = true
    this.#tendIn(saveMs)
  }

  #take(entry: FeedEntry): void {
    this.#read = entry.offset
    this.#lastTime = entry.event.time
    const item = this.#itemOf(entry, false)
    if (item) this.#queue.add(item)
  }

  #replayDue({ replays: [range] }: WebhookRecord): boolean {
    return range !== undefined && (!this.#replay || this.#replay.read < this.#replay.to)
  }

  async #readReplays(term: number): Promise<void> {
    const [range] = this.#record?.replays ?? []
    const room = Math.min(held.replays, held.all - this.#queue.size)
    if (!range || room <= 0) return
    this.#replay ??= { read: range.from - 1, to: range.to }
    const replay = this.#replay
    if (replay.read >= replay.to) return
    const limit = Math.min(room, replay.to - replay.read)
    const { entries } = await this.#deps.store.readFeed(webhookFeed, replay.read, limit)
    if (term !== this.#term || !this.#record) return
    for (const entry of entries) {
      if (entry.offset > replay.to) break
      replay.read = entry.offset
      const item = this.#queue.has(entry.offset) ? undefined : this.#itemOf(entry, true)
      if (item) this.#queue.add(item)
    }
    // What was trimmed since it was asked for is not there to be read.
    if ((entries.at(-1)?.offset ?? replay.to) >= replay.to) replay.read = replay.to
    this.#changed()
  }

  #itemOf(entry: FeedEntry, replay: boolean): Item | undefined {
    const type = wantedType(this.#deps.webhook, entry.event, this.#deps.directory())
    if (type === undefined) return undefined
    const fresh = { attempts: 0, since: 0, next: 0, sending: false, early: 'no', replay } as const
    return { offset: entry.offset, lane: laneOf(entry.event), what: { type, entry }, ...fresh }
  }

  /** Sends what may be sent, and reads on where there is room. */
  #pump(): void {
    this.#dispatch()
    const record = this.#record
    if (!record || this.#readFailed || this.#queue.size >= held.all / 2) return
    if (this.#read < this.#feedEnd || this.#replayDue(record)) this.#look()
  }

  #dispatch(): void {
    const { clock, webhook } = this.#deps
    this.#cancelPump?.()
    this.#cancelPump = undefined
    const record = this.#record
    const now = clock.now()
    // Once the lease is over somebody else may be the owner.
    if (!record || this.#closing || record.gone !== undefined || now >= this.#until) return
    while (now >= this.#pausedUntil && this.#sending < webhook.parallel) {
      const item = this.#queue.next(now)
      if (!item) break
      void this.#send(item, record, now)
    }
    const due = Math.max(this.#pausedUntil, this.#queue.nextDue() ?? Number.POSITIVE_INFINITY)
    if (this.#sending < webhook.parallel && due > now && due < Number.POSITIVE_INFINITY)
      this.#cancelPump = clock.after(due - now, () => this.#pump())
  }

  async #send(item: Item, { epoch }: WebhookRecord, started: number): Promise<void> {
    const { sender, webhook, clock } = this.#deps
    const term = this.#term
    item.sending = true
    this.#sending++
    const payload = this.#payloadOf(item, epoch)
    const body = JSON.stringify(payload)
    const answer = await sender.send(signed(payload.id, body, webhook.keys, clock.now()), body)
    if (term !== this.#term) return
    this.#sending--
    item.sending = false
    this.#settle(item, payload.id, answer, started)
    this.#changed()
  }

  #payloadOf({ what, offset }: Item, epoch: string): Payload {
    const { centre, webhook, directory, clock } = this.#deps
    if ('gap' in what) {
      const id = deliveryID(centre, webhook.name, { epoch: what.gap.epoch, offset }, what.gap.from)
      return gapPayload({ ...what.gap, to: offset }, { id, centre, at: clock.now() })
    }
    const id = deliveryID(centre, webhook.name, { epoch, offset })
    return payloadOf(what.type, what.entry, { id, centre, texts: webhook.texts, directory: directory() })
  }

  #settle(item: Item, id: string, answer: Answer, started: number): void {
    const { clock, onOutcome } = this.#deps
    const record = this.#record
    if (!record || ('failure' in answer && answer.failure === 'closed')) return
    const now = clock.now()
    record.last = { at: now, answer: 'status' in answer ? String(answer.status) : answer.failure }
    if ('status' in answer && answer.status >= 200 && answer.status < 300) {
      this.#queue.remove(item)
      this.#count('delivered')
      onOutcome('delivered')
      if (this.#failures >= awayAfter) this.#queue.wake(now)
      this.#failures = 0
      return
    }
    this.#failures++
    this.#count('failedAttempts')
    onOutcome('failed')
    if ('status' in answer && answer.status === 410) this.#goneAt(record, now)
    else this.#again(item, id, answer, started)
  }

  #goneAt(record: WebhookRecord, now: number): void {
    const { log, centre, webhook } = this.#deps
    record.gone = now
    log.warn(
      { centre, webhook: webhook.name },
      'the target of a webhook is gone (410): nothing is sent until a restart or reload',
    )
  }

  #again(item: Item, id: string, answer: Answer, started: number): void {
    const { clock, random, webhook, log, centre, onOutcome } = this.#deps
    const now = clock.now()
    item.attempts++
    item.early = item.early === 'now' ? 'done' : 'no'
    if (item.since === 0) item.since = started
    const { attempts, since } = item
    const retryAfterMs = 'status' in answer ? answer.retryAfterMs : undefined
    const asked = { attempts, since, now, random: random(), ...(retryAfterMs !== undefined && { retryAfterMs }) }
    const next = nextAttempt(webhook.retry, asked)
    if (retryAfterMs !== undefined && 'status' in answer && (answer.status === 429 || answer.status === 503))
      this.#pausedUntil = Math.max(this.#pausedUntil, now + Math.min(retryAfterMs, longestRetryAfterMs))
    if (next !== undefined) {
      item.next = next
      return
    }
    const why = 'status' in answer ? answer.status : answer.failure
    log.warn(
      { centre, webhook: webhook.name, delivery: id, attempts, answer: why },
      'a delivery of a webhook was given up',
    )
    this.#queue.remove(item)
    this.#count('givenUp')
    onOutcome('givenUp')
    if (this.#record && 'entry' in item.what) {
      const givenUp = [...this.#record.givenUp, item.offset].slice(-givenUpLimit)
      this.#record = { ...this.#record, givenUp }
    }
  }

  #count(what: keyof WebhookRecord['counts'], by = 1): void {
    const record = this.#record
    if (record) record.counts = { ...record.counts, [what]: record.counts[what] + by }
  }

  #changed(): void {
    if (!this.#dirty && !this.#tending) this.#tendIn(saveMs)
    this.#dirty = true
    this.#pump()
  }

  #complain(err: unknown): void {
    const { log, centre, webhook } = this.#deps
    log.warn({ centre, webhook: webhook.name, err }, 'the state of a webhook could not be read or written')
  }
}

function gapItem(gap: Gap, offset: number): Item {
  const fresh = { attempts: 0, since: 0, next: 0, sending: false, early: 'no', replay: false } as const
  return { offset, lane: `gap ${gap.epoch} ${gap.from}`, what: { gap }, ...fresh }
}
