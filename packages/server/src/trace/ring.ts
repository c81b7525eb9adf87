/** Bytes that had to give way, by reason, and when they were recorded: a session asks for those since it began. */
export class Discards {
  readonly #totals = new Map<string, number>()
  /** By reason, the sum up to and with a second; seconds grow. */
  readonly #steps = new Map<string, { second: number; sum: number }[]>()

  get totals(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#totals)
  }

  /** `at`: when it was recorded, milliseconds since 1970; grows from call to call, of one reason. */
  add(reason: string, at: number, bytes: number): void {
    const sum = (this.#totals.get(reason) ?? 0) + bytes
    this.#totals.set(reason, sum)
    const second = Math.floor(at / 1000)
    const steps = this.#steps.get(reason) ?? []
    if (steps.length === 0) this.#steps.set(reason, steps)
    const last = steps.at(-1)
    if (last && last.second >= second) last.sum = sum
    else steps.push({ second, sum })
    if (steps.length > mostSteps) steps.splice(0, mostSteps / 2)
  }

  /** What was recorded since then and is gone. To the second; of what lies too far back, rather too much than too little. */
  since(at: number): Readonly<Record<string, number>> {
    const second = Math.floor(at / 1000)
    const found: Record<string, number> = {}
    for (const [reason, total] of this.#totals) {
      const before = this.#steps.get(reason)?.findLast((step) => step.second < second)?.sum ?? 0
      if (total > before) found[reason] = total - before
    }
    return found
  }
}

/** More than an hour of seconds. */
const mostSteps = 8_192

export interface RingLimits {
  /** Of all that is held, with `overhead` for each. */
  readonly bytes: number
  readonly entries: number
}

/** What an entry costs beside its bytes: the object, its place, its time. */
const overhead = 200
/** One entry may take so much of all: a single one must not empty the ring. */
const largestPart = 8

/** The newest entries, as many as fit; what is older gives way and is counted. Appending looks at nothing and copies nothing. */
export class Ring<T> {
  readonly discards = new Discards()
  readonly limits: RingLimits
  readonly #items: (T | undefined)[]
  readonly #sizes: Float64Array
  readonly #times: Float64Array
  /** Numbers of the oldest that is held, and of the next. */
  #first = 0
  #next = 0
  #bytes = 0

  constructor(limits: RingLimits) {
    this.limits = limits
    this.#items = []
    this.#sizes = new Float64Array(limits.entries)
    this.#times = new Float64Array(limits.entries)
  }

  get size(): number {
    return this.#next - this.#first
  }

  get bytes(): number {
    return this.#bytes
  }

  /** `at`: now, milliseconds since 1970. */
  add(item: T, bytes: number, at: number): void {
    const size = bytes + overhead
    if (size * largestPart > this.limits.bytes) {
      this.discards.add('tooLarge', at, bytes)
      return
    }
    while (this.#bytes + size > this.limits.bytes || this.size >= this.limits.entries) this.#giveWay()
    const place = this.#next % this.limits.entries
    this.#items[place] = item
    this.#sizes[place] = size
    this.#times[place] = at
    this.#bytes += size
    this.#next++
  }

  /** Entries recorded since then, with their numbers and bytes, oldest first. What gives way meanwhile is left out. */
  *since(at: number): Generator<{ number: number; item: T; bytes: number }> {
    for (let number = this.#first; number < this.#next; number++) {
      const place = number % this.limits.entries
      const item = number >= this.#first ? this.#items[place] : undefined
      if (item !== undefined && (this.#times[place] as number) >= at)
        yield { number, item, bytes: (this.#sizes[place] as number) - overhead }
    }
  }

  /** Gives up everything. `reason`: what it is counted as. */
  clear(reason: string): void {
    while (this.size > 0) this.#giveWay(reason)
  }

  #giveWay(reason = 'overwritten'): void {
    const place = this.#first % this.limits.entries
    const size = this.#sizes[place] as number
    this.#items[place] = undefined
    this.#bytes -= size
    this.#first++
    this.discards.add(reason, this.#times[place] as number, size - overhead)
  }
}
