import { type Clock, TServerError } from '@ringdown/signalling'

/** One answer that somebody waits for. */
export interface Waiter {
  due: number
  settled: boolean
  /** Told once, when the time is over. */
  expire(error: TServerError): void
}

/** How often we look whether somebody has waited too long, as a part of the deadline. */
const looks = 10

/**
 * Everybody who waits for the store: so many at most, each so long at most. All wait equally long, so the first to come is
 * the first due, and one timer does for all.
 */
export class Waiting {
  readonly #clock: Clock
  readonly #deadlineMs: number
  readonly #limit: number
  readonly #late: () => void
  #queue: Waiter[] = []
  #head = 0
  #count = 0
  #stop: (() => void) | undefined
  #whenEmpty: (() => void) | undefined

  /** `late` is told whenever somebody's time is over. */
  constructor(options: { clock: Clock; deadlineMs: number; limit: number; late: () => void }) {
    this.#clock = options.clock
    this.#deadlineMs = options.deadlineMs
    this.#limit = options.limit
    this.#late = options.late
  }

  /** Throws TERR_RES_UNAVAIL when too many wait already. */
  add(expire: (error: TServerError) => void): Waiter {
    if (this.#count >= this.#limit) throw new TServerError('TERR_RES_UNAVAIL')
    const waiter = { due: this.#clock.now() + this.#deadlineMs, settled: false, expire }
    this.#queue.push(waiter)
    this.#count++
    this.#stop ??= this.#clock.after(this.#deadlineMs / looks, () => this.#look())
    return waiter
  }

  /** Whether the waiter was still waiting. It is not, from now on. */
  settle(waiter: Waiter): boolean {
    if (waiter.settled) return false
    waiter.settled = true
    this.#count--
    this.#forgetSettled()
    if (this.#count === 0) this.#whenEmpty?.()
    return true
  }

  /** Resolves when nobody waits any longer: at the deadline at the latest. */
  async empty(): Promise<void> {
    if (this.#count === 0) return
    await new Promise<void>((resolve) => {
      this.#whenEmpty = resolve
    })
  }

  #look(): void {
    this.#stop = undefined
    const now = this.#clock.now()
    for (let first = this.#queue[this.#head]; first && first.due <= now; first = this.#queue[this.#head]) {
      this.settle(first)
      first.expire(new TServerError('TERR_TIMEOUT'))
      this.#late()
    }
    if (this.#count > 0) this.#stop = this.#clock.after(this.#deadlineMs / looks, () => this.#look())
  }

  #forgetSettled(): void {
    while (this.#queue[this.#head]?.settled) this.#head++
    if (this.#head < 1024 && this.#head < this.#queue.length) return
    this.#queue = this.#queue.slice(this.#head)
    this.#head = 0
  }
}
