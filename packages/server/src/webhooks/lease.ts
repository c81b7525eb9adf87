import type { Clock, SessionStore, Versioned, WebhookRecord } from '@ringdown/signalling'
import { nodeOf } from '../legs/run.ts'
import type { Log } from '../log.ts'
import { leaseMs, newRecord, readRecord, writeRecord } from './ownership.ts'
import { grant } from './ranges.ts'

export interface LeaseDeps {
  centre: string
  webhook: { name: string }
  store: SessionStore
  clock: Clock
  /** This node's run, unlike that of any other, and of itself before. */
  node: string
  log: Log
  /** The first range that was to be sent again is not in the record any more. */
  onRangeSent: () => void
}

/** How far deliveries are. */
export type Progress = Pick<WebhookRecord, 'position' | 'reached' | 'waiting' | 'replays'>

/**
 * A webhook's record, and this node's right to deliver by it. Every write of it holds only if nobody else has written since. SPEC WH-10.
 */
export class Lease {
  readonly #deps: LeaseDeps
  #record: WebhookRecord | undefined
  #version = 0
  /** Until when no other node delivers, by our own clock. */
  #until = 0
  #term = 0
  #dirty = false
  #isStarting = true
  /** The record as it was last seen, whoever wrote it, and since when it has been at this version. */
  #seen: (Versioned<WebhookRecord> & { since: number }) | undefined

  constructor(deps: LeaseDeps) {
    this.#deps = deps
  }

  /** Undefined while another node delivers. */
  get record(): WebhookRecord | undefined {
    return this.#record
  }

  /** Raised whenever what is held begins anew: answers to what was sent before are nobody's any more. */
  get term(): number {
    return this.#term
  }

  /** Whether the record has changed since it was written last. */
  get dirty(): boolean {
    return this.#dirty
  }

  /** Whether no other node can be the owner now. */
  isSure(now: number): boolean {
    return this.#record !== undefined && now < this.#until
  }

  /**
   * Makes this node the owner, in the store; resolves with the record, or undefined where another node is. `fresh`: a target that was gone
   * is tried again. Nothing is held before `hold`.
   */
  async claim(fresh: boolean): Promise<WebhookRecord | undefined> {
    const { store, webhook, clock, node } = this.#deps
    const found = await readRecord(store, webhook.name)
    const now = clock.now()
    // A store that has lost the record has lost more: what was seen of it tells that.
    const before = found?.value ?? this.#seen?.value
    const isFree = !found || this.#isFree(found, now)
    this.#isStarting = false
    if (!isFree) return undefined
    const { gone, ...record } = before ?? (await newRecord(store, now))
    const mine: WebhookRecord = {
      ...record,
      ...grant(record, record.requests, record.position),
      ...(gone !== undefined && !fresh && { gone }),
      ...{ requests: [], owner: node, until: now + leaseMs },
    }
    const version = await writeRecord(store, webhook.name, found?.version ?? 0, mine)
    if (version === undefined) return undefined
    this.#written(version, mine)
    return mine
  }

  /** Begins a term with a record that this node owns. */
  hold(record: WebhookRecord): void {
    this.#term++
    this.#record = record
    this.#dirty = true
  }

  /** Changes the record that is held; it is written with the next `save`. */
  change(change: Partial<WebhookRecord>): void {
    if (!this.#record) return
    this.#record = { ...this.#record, ...change }
    this.#dirty = true
  }

  /** A target that was gone is tried again. */
  forgetGone(): void {
    if (!this.#record) return
    const { gone: _, ...rest } = this.#record
    this.#record = rest
    this.#dirty = true
  }

  count(what: keyof WebhookRecord['counts'], by = 1): void {
    const record = this.#record
    if (record) this.change({ counts: { ...record.counts, [what]: record.counts[what] + by } })
  }

  /** What is held now is nobody's any more. */
  lose(): void {
    this.#record = undefined
    this.#term++
  }

  /**
   * Writes down how far we are, and that we go on. Where somebody has asked for something meanwhile, that is granted. Where another node
   * is the owner, nothing is held afterwards.
   */
  async save(progress: (record: WebhookRecord) => Progress, change: Partial<WebhookRecord> = {}): Promise<void> {
    const { store, webhook, clock, node, log, centre } = this.#deps
    for (;;) {
      const [record, term] = [this.#record, this.#term]
      if (!record) return
      this.#dirty = false
      const next: WebhookRecord = { ...record, ...progress(record), until: clock.now() + leaseMs, ...change }
      const version = await writeRecord(store, webhook.name, this.#version, next).catch((error: unknown) => {
        this.#dirty = true
        throw error
      })
      if (version !== undefined) {
        this.#written(version, next)
        // What happened meanwhile is in the record we hold, not in the one we wrote; what is of another term is nothing to this one.
        const { position, reached, waiting, replays, owner, until } = next
        if (!this.#record || term !== this.#term) return
        if (replays.length < record.replays.length) this.#deps.onRangeSent()
        this.#record = { ...this.#record, position, reached, waiting, replays, owner, until }
        return
      }
      const found = await readRecord(store, webhook.name)
      if (found && found.value.owner !== node) {
        log.warn({ centre, webhook: webhook.name }, 'another node delivers for the webhook')
        this.lose()
        return
      }
      if (!found) log.warn({ centre, webhook: webhook.name }, 'the store has lost the record of a webhook')
      this.#version = found?.version ?? 0
      const held = this.#record
      if (held && found) this.#record = { ...held, ...grant(held, found.value.requests, held.position) }
    }
  }

  #written(version: number, value: WebhookRecord): void {
    this.#version = version
    this.#until = value.until
    this.#seen = { version, value, since: this.#deps.clock.now() }
  }

  /** A lease may be of a clock that was far ahead: whoever has not written for so long by our clock is not there. */
  #isFree(found: Versioned<WebhookRecord>, now: number): boolean {
    const { version, value } = found
    const since = this.#seen?.version === version ? Math.min(this.#seen.since, now) : now
    this.#seen = { version, value, since }
    return this.#isNobodys(value.owner) || value.until <= now || now - since >= leaseMs
  }

  /** A node that starts was not running before: what an earlier run of it held is free. Later on, who has its name may be its successor. */
  #isNobodys(owner: string): boolean {
    const { node } = this.#deps
    if (owner === '' || owner === node) return true
    return this.#isStarting && nodeOf(owner) === nodeOf(node)
  }
}
