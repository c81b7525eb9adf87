import type { Clock } from '@ringdown/signalling'

/** Something that falls due. Both fields belong to the wheel's user and the wheel alone. */
export interface Timed {
  /** Milliseconds since 1970; Infinity: never. May be moved later at any time; to move it earlier, `set` again. */
  due: number
  /** The tick it is filed under; 0: none. */
  slot: number
}

/**
 * One timer for all held connects and all expiries. Runs what is due at most one tick late.
 * What was moved later is filed again when its old tick comes, so the usual case, a client that comes back in time, costs nothing.
 */
export class Wheel<T extends Timed> {
  readonly #clock: Clock
  readonly #tickMs: number
  readonly #run: (item: T) => void
  readonly #onTick: () => void
  readonly #slots = new Map<number, T[]>()
  #last: number
  #cancel: () => void

  constructor(clock: Clock, tickMs: number, run: (item: T) => void, onTick: () => void) {
    this.#clock = clock
    this.#tickMs = tickMs
    this.#run = run
    this.#onTick = onTick
    this.#last = Math.floor(clock.now() / tickMs)
    this.#cancel = clock.after(tickMs, this.#tick)
  }

  set(item: T, due: number): void {
    item.due = due
    const slot = this.#slotOf(due)
    if (item.slot !== 0 && item.slot <= slot) return
    this.#file(item, slot)
  }

  stop(): void {
    this.#cancel()
    this.#slots.clear()
  }

  #slotOf(due: number): number {
    return Math.max(Math.ceil(due / this.#tickMs), this.#last + 1)
  }

  #file(item: T, slot: number): void {
    item.slot = slot
    const filed = this.#slots.get(slot)
    if (filed) filed.push(item)
    else this.#slots.set(slot, [item])
  }

  readonly #tick = (): void => {
    const now = Math.floor(this.#clock.now() / this.#tickMs)
    this.#cancel = this.#clock.after(this.#tickMs, this.#tick)
    // A process that was suspended has many ticks to catch up with; slots that are empty cost one look each.
    for (; this.#last < now; ) {
      const slot = ++this.#last
      const items = this.#slots.get(slot)
      if (!items) continue
      this.#slots.delete(slot)
      for (const item of items) this.#fire(item, slot)
    }
    this.#onTick()
  }

  #fire(item: T, slot: number): void {
    if (item.slot !== slot) return // filed under an earlier tick since
    item.slot = 0
    if (item.due === Number.POSITIVE_INFINITY) return
    if (item.due > this.#last * this.#tickMs) this.#file(item, this.#slotOf(item.due))
    else this.#run(item)
  }
}
