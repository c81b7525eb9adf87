import type { Clock, LogEntry } from '@ringdown/signalling'
import { Naps } from './naps.ts'

/** What became of one text on its way to a leg. */
export type Delivery =
  /** Nothing more is to be done; whether the sender is told is the driver's matter. */
  | 'done'
  /** The way is not open: keep it, `resume` will be called. */
  | 'later'

export interface OutboxDeps {
  /** Position of the log up to which everything was dealt with before. */
  delivered: number
  /** How many may be under way at once. */
  window: number
  clock: Clock
  /** Texts of the log after a position. */
  read: (after: number, limit: number) => Promise<readonly LogEntry[]>
  /** Whether a text of the log is for this leg at all. */
  wanted: (entry: LogEntry) => boolean
  /** Delivers one text. Must not reject. */
  send: (entry: LogEntry) => Promise<Delivery>
  /** The position has moved. */
  onMoved: (delivered: number) => void
  onError: (error: unknown) => void
}

/** Texts held in memory; what comes beyond is read from the log again when there is room. */
const maxHeld = 64
/** Until a log that could not be read is read again, ms. */
const retryReadMs = 500

/**
 * The texts of a session that wait for one leg, in the order of the log. Its position moves over what is dealt with, never over
 * a text that is not; so a position that was kept and a log are all that is needed to go on elsewhere.
 */
export class Outbox {
  readonly #deps: OutboxDeps
  /** Everything up to here is dealt with. */
  #delivered: number
  /** Everything up to here was taken from the feed or the log. */
  #taken: number
  #waiting: LogEntry[] = []
  /** Positions of those under way, and of those dealt with while an earlier one is not. */
  readonly #sent = new Set<number>()
  readonly #done = new Set<number>()
  /** There is more in the log than was taken. */
  #behind = false
  #reading = false
  #paused = false
  /** How often the way was said to be open; what began before and comes back with `later` need not wait for the next time. */
  #resumed = 0
  /** Nothing is begun any more. */
  #finished = false
  #closed = false
  readonly #naps: Naps
  #onIdle: (() => void) | undefined

  constructor(deps: OutboxDeps) {
    this.#deps = deps
    this.#delivered = deps.delivered
    this.#taken = deps.delivered
    this.#naps = new Naps(deps.clock)
  }

  get delivered(): number {
    return this.#delivered
  }

  /** Texts wait, or are under way, or are in the log behind them. */
  get busy(): boolean {
    return this.#behind || this.#reading || this.#waiting.length > 0 || this.#sent.size > 0
  }

  /** A text of the feed. Those of the log come in its order, so an older one was seen before. */
  push(entry: LogEntry): void {
    if (this.#closed || entry.position <= this.#taken) return
    if (this.#behind || this.#reading || this.#waiting.length >= maxHeld) {
      this.#behind = true
      return
    }
    this.#taken = entry.position
    this.#waiting.push(entry)
    this.#next()
  }

  /** There may be texts in the log that were not pushed. */
  catchUp(): void {
    this.#behind = true
    this.#next()
  }

  /** The way is open again. */
  resume(): void {
    this.#resumed++
    this.#paused = false
    this.#next()
  }

  /**
   * No more texts will come: resolves when all are dealt with, or after `ms`, or `hurry`; with those that are not. Nothing is begun
   * any more then; what is under way may arrive all the same.
   */
  async finish(ms: number): Promise<readonly LogEntry[]> {
    if (this.busy && !this.#closed && ms > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve
        void this.#naps.take(ms).then(resolve)
      })
    }
    const left = this.busy && !this.#closed ? await this.#rest() : []
    this.close()
    return left
  }

  /** There is no time left to finish in. */
  hurry(): void {
    this.#onIdle?.()
  }

  close(): void {
    this.#closed = true
    this.#waiting = []
    this.#naps.end()
    this.#onIdle?.()
  }

  /** What the log has beyond the position. */
  async #rest(): Promise<readonly LogEntry[]> {
    this.#finished = true
    const left: LogEntry[] = []
    for (let after = this.#delivered; !this.#closed; ) {
      try {
        const page = await this.#deps.read(after, maxHeld)
        left.push(...page.filter((entry) => this.#deps.wanted(entry)))
        const last = page.at(-1)
        if (!last || page.length < maxHeld) break
        after = last.position
      } catch (error) {
        this.#deps.onError(error)
        await this.#naps.take(retryReadMs)
      }
    }
    return left.filter(({ position }) => position > this.#delivered && !this.#done.has(position))
  }

  #next(): void {
    while (!this.#closed && !this.#finished && !this.#paused && this.#sent.size < this.#deps.window) {
      const entry = this.#waiting.shift()
      if (!entry) break
      this.#sent.add(entry.position)
      void this.#deliver(entry)
    }
    if (this.#behind && !this.#paused && this.#waiting.length < maxHeld / 2) void this.#read()
  }

  async #deliver(entry: LogEntry): Promise<void> {
    const resumed = this.#resumed
    const outcome = await this.#deps.send(entry)
    if (this.#closed) return
    this.#sent.delete(entry.position)
    if (outcome === 'later') {
      // Before those that were not begun, and among those that come back with it in its place.
      const at = this.#waiting.findIndex((other) => other.position > entry.position)
      this.#waiting.splice(at < 0 ? this.#waiting.length : at, 0, entry)
      if (this.#resumed === resumed) this.#paused = true
      else this.#next()
      return
    }
    this.#done.add(entry.position)
    this.#move()
    this.#next()
    if (!this.busy) this.#onIdle?.()
  }

  #move(): void {
    const pending = Math.min(this.#waiting[0]?.position ?? Number.POSITIVE_INFINITY, ...this.#sent)
    let delivered = this.#delivered
    for (const position of this.#done) {
      if (position > pending) continue
      this.#done.delete(position)
      if (position > delivered) delivered = position
    }
    if (delivered === this.#delivered) return
    this.#delivered = delivered
    this.#deps.onMoved(delivered)
  }

  async #read(): Promise<void> {
    if (this.#reading || this.#closed) return
    this.#reading = true
    this.#behind = false
    try {
      const entries = await this.#deps.read(this.#taken, maxHeld)
      if (entries.length === maxHeld) this.#behind = true
      for (const entry of entries) {
        if (entry.position <= this.#taken) continue
        this.#taken = entry.position
        if (this.#deps.wanted(entry)) this.#waiting.push(entry)
      }
      this.#reading = false
      this.#next()
      if (!this.busy) this.#onIdle?.()
    } catch (error) {
      this.#behind = true
      this.#deps.onError(error)
      await this.#naps.take(retryReadMs)
      this.#reading = false
      this.#next()
    }
  }
}
