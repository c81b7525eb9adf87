import {
  type Directory,
  type FeedEntry,
  type Gap,
  type SessionStore,
  type WebhookRecord,
  webhookFeed,
} from '@ringdown/signalling'
import type { DeliveryQueue, Item } from './delivery-queue.ts'
import { offsetAt } from './feed-search.ts'
import type { Lease, Progress } from './lease.ts'
import type { Restored } from './restore.ts'
import { wantedItem } from './wants.ts'
import type { Webhook } from './webhook.ts'

export interface ReaderDeps {
  webhook: Webhook
  /** As it is, without what the T-Server's commits go through. */
  store: SessionStore
  directory: () => Directory
  queue: DeliveryQueue
  lease: Lease
  onGap: (gap: Gap, to: number) => void
  /** Something was read. */
  onRead: () => void
  /** What is held and written down is another now. */
  onChange: () => void
  onError: (error: unknown) => void
}

/** Deliveries held in memory; and of those that are sent again. */
const held = { all: 256, replays: 64 } as const
const pageSize = 100
/** A store that counts anew may have lost its last second; events this much older than what was reached are sent once more, ms. */
const resetMarginMs = 5_000

/** Reads the webhooks' feed into one webhook's queue, as far as there is room: what is new, and what is asked for again. SPEC WH-20, WH-24. */
export class Reader {
  readonly #deps: ReaderDeps
  #read = 0
  #lastTime = 0
  #feedEnd = 0
  /** The range that is being sent again, and up to where it was read. */
  #replay: { read: number; to: number } | undefined
  #reading: Promise<void> | undefined
  #again = false
  /** Reading failed; it is tried again when the lease is looked after. */
  #failed = false
  #stopWatching: (() => void) | undefined

  constructor(deps: ReaderDeps) {
    this.#deps = deps
  }

  /** Entries that were not looked at. */
  get unread(): number {
    return Math.max(0, this.#feedEnd - this.#read)
  }

  /** Begins where a record is that is held from now on, with what was restored for it. */
  begin({ position, reached }: WebhookRecord, { items, missing }: Restored): void {
    const { store, queue } = this.#deps
    this.stop()
    this.#read = position
    this.#lastTime = reached
    this.#replay = undefined
    // Before anything newer of their lanes is heard of.
    for (const item of items) queue.add(item)
    for (const { gap, to } of missing) this.#deps.onGap(gap, to)
    this.#stopWatching = store.watchFeed(
      webhookFeed,
      (entries) => this.#hear(entries),
      () => this.look(),
    )
    this.look()
  }

  /** Nothing more is heard. */
  stop(): void {
    this.#stopWatching?.()
    this.#stopWatching = undefined
    this.#deps.queue.clear()
  }

  /** Resolves when nothing is being read. */
  async idle(): Promise<void> {
    await this.#reading
  }

  progress(record: WebhookRecord): Progress {
    const { queue } = this.#deps
    const position = queue.position(this.#read, record.position)
    const oldest = queue.oldest(false) ?? this.#lastTime
    const waiting = queue.waiting(position)
    return { position, reached: Math.min(oldest, this.#lastTime), waiting, replays: this.#replaysLeft(record) }
  }

  /** The first range shrinks as it is sent; it goes when all of it was. */
  #replaysLeft({ replays }: WebhookRecord): WebhookRecord['replays'] {
    const [first, ...rest] = replays
    if (!first || !this.#replay) return replays
    const from = Math.min(this.#deps.queue.lowestReplay() ?? Number.POSITIVE_INFINITY, this.#replay.read + 1)
    return from <= first.to ? [{ from, to: first.to }, ...rest] : rest
  }

  /** All of the first range was sent, and that is written down. */
  endReplay(): void {
    this.#replay = undefined
  }

  #hear(entries: readonly FeedEntry[]): void {
    for (const entry of entries) {
      this.#feedEnd = Math.max(this.#feedEnd, entry.offset)
      if (entry.offset <= this.#read) continue
      if (this.#reading || entry.offset !== this.#read + 1 || this.#deps.queue.size >= held.all) {
        this.look()
        return
      }
      this.#take(entry)
    }
    this.#deps.onRead()
  }

  /** Looks once more whether there is anything, though reading has failed before: hints get lost. */
  lookAgain(): void {
    this.#failed = false
    this.look()
  }

  /** Reads on where there is room again. */
  refill(): void {
    const { record } = this.#deps.lease
    if (!record || this.#failed || this.#deps.queue.size >= held.all / 2) return
    if (this.#read < this.#feedEnd || this.#replayDue(record)) this.look()
  }

  look(): void {
    this.#again = true
    if (this.#reading || !this.#deps.lease.record) return
    this.#reading = this.#readOn()
      .catch((error: unknown) => {
        this.#failed = true
        this.#deps.onError(error)
      })
      .finally(() => {
        this.#reading = undefined
        this.#deps.onChange()
      })
  }

  async #readOn(): Promise<void> {
    const { store, queue, lease } = this.#deps
    let { term } = lease
    while (this.#again && queue.size < held.all) {
      this.#again = false
      const page = await store.readFeed(webhookFeed, this.#read, Math.min(pageSize, held.all - queue.size))
      if (term !== lease.term || !lease.record) return
      if (page.epoch !== lease.record.epoch) {
        const start = await offsetAt(store, lease.record.reached - resetMarginMs)
        if (term !== lease.term || !lease.record) return
        this.#startOver(page.epoch, start, lease.record)
        term = lease.term
        continue
      }
      this.#feedEnd = page.last
      if (page.first > this.#read + 1) {
        this.#deps.onGap({ epoch: page.epoch, from: this.#read + 1, reason: 'trimmed' }, page.first - 1)
        this.#read = page.first - 1
      }
      for (const entry of page.entries) if (entry.offset === this.#read + 1) this.#take(entry)
      this.#deps.onRead()
      if (this.#read < page.last) this.#again = true
    }
    await this.#readReplays(term)
  }

  /** The store has lost some of its memory, and offsets say nothing any more: what may have been lost is told, the rest sent once more. */
  #startOver(epoch: string, start: number, record: WebhookRecord): void {
    const { queue, lease } = this.#deps
    const waiting = record.waiting.flatMap(({ offset, gap }) => (gap ? [] : [offset]))
    const from = Math.min(queue.lowest() ?? Number.POSITIVE_INFINITY, ...waiting, record.position + 1)
    const to = Math.max(from, this.#read)
    queue.keepGaps()
    this.#read = start - 1
    this.#feedEnd = this.#read
    this.#replay = undefined
    lease.hold({ ...record, epoch, position: this.#read, waiting: [], replays: [], givenUp: [] })
    this.#deps.onGap({ epoch: record.epoch, from, reason: 'storeReset' }, to)
    this.#again = true
  }

  #take(entry: FeedEntry): void {
    this.#read = entry.offset
    this.#lastTime = entry.event.time
    const item = this.#itemOf(entry, false)
    if (item) this.#deps.queue.add(item)
  }

  #replayDue({ replays: [range] }: WebhookRecord): boolean {
    return range !== undefined && (!this.#replay || this.#replay.read < this.#replay.to)
  }

  async #readReplays(term: number): Promise<void> {
    const { store, queue, lease, onChange } = this.#deps
    const [range] = lease.record?.replays ?? []
    const room = Math.min(held.replays, held.all - queue.size)
    if (term !== lease.term || !range || room <= 0) return
    this.#replay ??= { read: range.from - 1, to: range.to }
    const replay = this.#replay
    if (replay.read >= replay.to) return
    const { entries } = await store.readFeed(webhookFeed, replay.read, Math.min(room, replay.to - replay.read))
    if (term !== lease.term || !lease.record) return
    for (const entry of entries) {
      if (entry.offset > replay.to) break
      replay.read = entry.offset
      const item = queue.has(entry.offset) ? undefined : this.#itemOf(entry, true)
      if (item) queue.add(item)
    }
    // What was trimmed since it was asked for is not there to be read.
    if ((entries.at(-1)?.offset ?? replay.to) >= replay.to) replay.read = replay.to
    onChange()
  }

  #itemOf(entry: FeedEntry, replay: boolean): Item | undefined {
    return wantedItem(this.#deps.webhook, entry, this.#deps.directory(), replay)
  }
}
