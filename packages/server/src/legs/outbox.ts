import type { Clock, LogEntry } from '@ringdown/signalling'

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
  #closed = false
  #onIdle: (() => void) | undefined

  constructor(deps: OutboxDeps) {
    this.#deps = deps
    this.#delivered = deps.delivered
    this.#taken = deps.delivered
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
    this.#paused = false
    this.#next()
  }

  /**
   * No more texts will come: resolves when all are dealt with, or after `ms`; with those that are not, which are then forgotten.
   */
  async finish(ms: number): Promise<readonly LogEntry[]> {
    if (this.busy && !this.#closed) {
      await new Promise<void>((resolve) => {
        const cancel = this.#deps.clock.after(ms, resolve)
        this.#onIdle = () => {
          cancel()
          resolve()
        }
      })
    }
    const left = this.busy ? await this.#rest() : []
    this.close()
    return left
  }

  close(): void {
    this.#closed = true
    this.#waiting = []
  }

  /** What the log has beyond the position; those under way may arrive all the same. */
  async #rest(): Promise<readonly LogEntry[]> {
    const left: LogEntry[] = []
    for (let after = this.#delivered; ; ) {
      const page = await this.#deps.read(after, maxHeld)
      left.push(...page.filter((entry) => this.#deps.wanted(entry) && !this.#done.has(entry.position)))
      const last = page.at(-1)
      if (!last || page.length < maxHeld) return left
      after = last.position
    }
  }

  #next(): void {
    while (!this.#closed && !this.#paused && this.#sent.size < this.#deps.window) {
      const entry = this.#waiting.shift()
      if (!entry) break
      this.#sent.add(entry.position)
      void this.#deliver(entry)
    }
    if (this.#behind && !this.#paused && this.#waiting.length < maxHeld / 2) void this.#read()
  }

  async #deliver(entry: LogEntry): Promise<void> {
    const outcome = await this.#deps.send(entry)
    if (this.#closed) return
    this.#sent.delete(entry.position)
    if (outcome === 'later') {
      this.#paused = true
      // Before those that were not begun, and among those that come back with it in its place.
      const at = this.#waiting.findIndex((other) => other.position > entry.position)
      this.#waiting.splice(at < 0 ? this.#waiting.length : at, 0, entry)
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
      this.#deps.clock.after(retryReadMs, () => {
        this.#reading = false
        this.#next()
      })
    }
  }
}
