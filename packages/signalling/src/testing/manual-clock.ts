import type { Clock } from '../tserver/ports.ts'

interface Waiting {
  due: number
  order: number
  run: () => void
}

/** A clock that stands still until a test turns it. */
export class ManualClock implements Clock {
  #now: number
  #order = 0
  readonly #waiting = new Set<Waiting>()

  /** Starts at so many milliseconds since 1970. */
  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  after(ms: number, run: () => void): () => void {
    const waiting = { due: this.#now + Math.max(0, ms), order: this.#order++, run }
    this.#waiting.add(waiting)
    return () => this.#waiting.delete(waiting)
  }

  /** Lets so many milliseconds pass: runs what falls due, earliest first, each at its own time; also what those runs add. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#waiting.delete(next)
      this.#now = next.due
      next.run()
    }
    this.#now = end
  }

  /** How many callbacks wait; a test that ends with some has forgotten to stop something. */
  get pending(): number {
    return this.#waiting.size
  }

  #next(end: number): Waiting | undefined {
    let next: Waiting | undefined
    for (const waiting of this.#waiting) {
      if (waiting.due > end) continue
      if (!next || waiting.due < next.due || (waiting.due === next.due && waiting.order < next.order)) next = waiting
    }
    return next
  }
}
