import { readErasure } from '@ringdown/facade'
import type { Gap, WebhookRecord } from '@ringdown/signalling'
import { Naps } from '../legs/naps.ts'
import { attempt, idOf } from './attempt.ts'
import type { CourierDeps, CourierState } from './courier-port.ts'
import { DeliveryQueue, gapItem, type Item } from './delivery-queue.ts'
import { Lease } from './lease.ts'
import { Reader } from './reader.ts'
import { restore } from './restore.ts'
import { Settler } from './settle.ts'

/** How often the lease is looked after, and how soon after a delivery the position is written, ms. */
const tendMs = 2_000
const saveMs = 150
/** What deliveries under way get to end when the node stops, ms. */
const farewellMs = 2_000
/** No timer of ours runs longer, ms: what is far away is looked at again. */
const longestTimerMs = 3_600_000

/** Delivers for one webhook while this node is its owner. At least once: the position is written after the answer. SPEC WH-10 to WH-28. */
export class Courier {
  readonly #deps: CourierDeps
  readonly #queue = new DeliveryQueue()
  readonly #lease: Lease
  readonly #reader: Reader
  readonly #settler: Settler
  readonly #naps: Naps
  /** Requests under way, of which term of the lease. */
  #sending = { term: 0, count: 0 }
  #tending: Promise<void> | undefined
  #beginning: Promise<void> | undefined
  #erasures = 0
  #stopSignals: (() => void) | undefined
  #cancelTend: (() => void) | undefined
  #cancelPump: (() => void) | undefined
  #closing = false
  /** A node that starts, or reads its configuration again, tries a target that was gone. */
  #fresh = true

  constructor(deps: CourierDeps) {
    this.#deps = deps
    this.#naps = new Naps(deps.clock)
    const queue = this.#queue
    this.#lease = new Lease({ ...deps, onRangeSent: () => this.#reader.endReplay() })
    this.#settler = new Settler({ ...deps, queue, lease: this.#lease })
    this.#reader = new Reader({
      ...{ ...deps, queue, lease: this.#lease },
      onGap: (gap, to) => this.#gap(gap, to),
      onRead: () => this.#dispatch(),
      onChange: () => this.#pump(),
      onError: (error) => this.#complain(error),
    })
  }

  /**
   * Resolves when the webhook has a position: nothing that is committed from now on can be missed. Rejects as the store does; it is tried
   * again then until `close`.
   */
  async start(): Promise<void> {
    this.#stopSignals = this.#deps.store.onSignal((message) => {
      if (readErasure(message)) this.#readAnew()
    })
    const claimed = this.#claim()
    this.#tending = claimed.catch(() => undefined)
    try {
      await claimed
    } finally {
      this.#tending = undefined
      this.#tendSoon()
    }
  }

  /** A target that was gone is tried again. */
  tryAgain(): void {
    this.#fresh = this.#lease.record === undefined
    this.#lease.forgetGone()
    this.#changed()
  }

  /** Lets go, so that another node need not wait. */
  async close(): Promise<void> {
    this.#closing = true
    this.#stopSignals?.()
    this.#cancelTend?.()
    this.#cancelPump?.()
    const { clock, sender } = this.#deps
    for (const end = clock.now() + farewellMs; this.#sending.count > 0 && clock.now() < end; ) await this.#naps.take(50)
    this.#naps.end()
    sender.close()
    await this.#tending
    await this.#beginning?.catch(() => undefined)
    await this.#reader.idle()
    await this.#save({ owner: '', until: 0 }).catch(() => undefined)
    this.#lose()
  }

  /** Undefined while another node delivers. */
  state(): CourierState | undefined {
    const { record } = this.#lease
    if (!record) return undefined
    const oldest = this.#queue.oldest(true)
    return {
      backlog: this.#reader.unread + this.#queue.size,
      oldestMs: oldest === undefined ? 0 : Math.max(0, this.#deps.clock.now() - oldest),
      gone: record.gone !== undefined,
    }
  }

  #tendSoon(ms = this.#lease.dirty ? saveMs : tendMs): void {
    this.#cancelTend?.()
    if (!this.#closing) this.#cancelTend = this.#deps.clock.after(ms, () => this.#tend())
  }

  #tend(): void {
    this.#tending ??= this.#tendNow()
      .catch((error: unknown) => this.#complain(error))
      .finally(() => {
        this.#tending = undefined
        this.#tendSoon()
      })
  }

  async #tendNow(): Promise<void> {
    // Nothing is held before what waits was read again.
    if (this.#beginning !== undefined) return
    if (!this.#lease.record) return this.#claim()
    await this.#save()
    this.#settler.bound(this.#deps.clock.now())
    this.#reader.lookAgain()
    this.#pump()
  }

  async #claim(): Promise<void> {
    const { webhook, log, centre } = this.#deps
    const mine = this.#closing ? undefined : await this.#lease.claim(this.#fresh)
    if (!mine) return
    this.#fresh = false
    log.info({ centre, webhook: webhook.name, position: mine.position }, 'this node delivers for the webhook')
    await this.#begin(mine)
  }

  /** Holds a record that this node owns, when what waits by itself was read. Rejects as the store does; it is claimed again then. */
  #begin(record: WebhookRecord): Promise<void> {
    const begin = async () => {
      for (let erasures = -1; erasures !== this.#erasures; ) {
        erasures = this.#erasures
        const restored = await restore(record, this.#deps)
        // What was erased meanwhile may have been read before.
        if (erasures !== this.#erasures) continue
        this.#lease.hold(record)
        this.#reader.begin(record, restored)
      }
    }
    const begun = begin().finally(() => {
      this.#beginning = undefined
    })
    this.#beginning = begun
    return begun
  }

  /** What is in memory may have been erased in the store. */
  #readAnew(): void {
    this.#erasures++
    const { record } = this.#lease
    if (!record) return
    const now = { ...record, ...this.#reader.progress(record) }
    this.#lose()
    this.#begin(now)
      .catch((error: unknown) => this.#complain(error))
      .finally(() => this.#changed())
  }

  #lose(): void {
    this.#lease.lose()
    this.#reader.stop()
    this.#cancelPump?.()
  }

  async #save(change: Partial<WebhookRecord> = {}): Promise<void> {
    if (!this.#lease.record) return
    await this.#lease.save((record) => this.#reader.progress(record), change)
    if (!this.#lease.record && this.#beginning === undefined) this.#lose()
  }

  #gap(gap: Gap, to: number): void {
    const { log, centre, webhook, onOutcome } = this.#deps
    const { from, reason } = gap
    log.warn({ centre, webhook: webhook.name, from, to, reason }, 'deliveries of a webhook are missing')
    this.#lease.count('missed', to - from + 1)
    onOutcome('missed', to - from + 1)
    this.#queue.add(gapItem(gap, to))
    if (!this.#tending) this.#tendSoon()
  }

  /** Sends what may be sent, and reads on where there is room. */
  #pump(): void {
    this.#dispatch()
    if (!this.#closing) this.#reader.refill()
  }

  #dispatch(): void {
    const { clock, webhook } = this.#deps
    this.#cancelPump?.()
    this.#cancelPump = undefined
    const { record, term } = this.#lease
    const now = clock.now()
    // Once the lease is over somebody else may be the owner.
    if (!record || this.#closing || record.gone !== undefined || !this.#lease.isSure(now)) return
    if (this.#sending.term !== term) this.#sending = { term, count: 0 }
    const { pausedUntil } = this.#settler
    while (now >= pausedUntil && this.#sending.count < webhook.parallel) {
      const item = this.#queue.next(now)
      if (!item) break
      void this.#send(item, record.epoch, now)
    }
    const due = Math.max(pausedUntil, this.#queue.nextDue() ?? Number.POSITIVE_INFINITY)
    if (this.#sending.count < webhook.parallel && due > now && due < Number.POSITIVE_INFINITY)
      this.#cancelPump = clock.after(Math.min(due - now, longestTimerMs), () => this.#pump())
  }

  async #send(item: Item, epoch: string, started: number): Promise<void> {
    const sending = this.#sending
    item.sending = true
    sending.count++
    const id = idOf(item, epoch, this.#deps)
    const answer = await attempt(item, id, { ...this.#deps, onError: (error) => this.#complain(error) })
    sending.count--
    if (sending.term !== this.#lease.term) return
    item.sending = false
    this.#settler.settle(item, id, answer, started)
    this.#changed()
  }

  #changed(): void {
    if (!this.#tending) this.#tendSoon(saveMs)
    this.#pump()
  }

  #complain(err: unknown): void {
    const { log, centre, webhook } = this.#deps
    log.warn({ centre, webhook: webhook.name, err }, 'a webhook could not be looked after')
  }
}
