import type { Clock } from '../agent/clock.ts'

/** A clock that stands still until a test turns it. */
export class TestClock implements Clock {
  #now = 0
  readonly #waiting = new Map<object, { due: number; run: () => void }>()

  now(): number {
    return this.#now
  }

  after(ms: number, run: () => void): () => void {
    const key = {}
    if (ms !== Number.POSITIVE_INFINITY) this.#waiting.set(key, { due: this.#now + ms, run })
    return () => this.#waiting.delete(key)
  }

  /** How many callbacks wait. */
  get pending(): number {
    return this.#waiting.size
  }

  /** Runs what falls due, each at its own time, and lets what follows from it go on. */
  async advance(ms: number, goOn: () => Promise<void>): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      const [next] = [...this.#waiting].filter(([, { due }]) => due <= end).sort(([, a], [, b]) => a.due - b.due)
      if (!next) break
      const [key, { due, run }] = next
      this.#waiting.delete(key)
      this.#now = due
      run()
      await goOn()
    }
    this.#now = end
  }
}
