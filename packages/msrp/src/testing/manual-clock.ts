import type { Clock } from '../session/wire.ts'

/** A clock that stands still until a test turns it. */
export class ManualClock implements Clock {
  #now = Date.UTC(2026, 0, 1)
  readonly #waiting = new Set<{ due: number; run: () => void }>()

  now(): number {
    return this.#now
  }

  after(ms: number, run: () => void): () => void {
    const waiting = { due: this.#now + ms, run }
    this.#waiting.add(waiting)
    return () => this.#waiting.delete(waiting)
  }

  /** Lets so many milliseconds pass; what falls due runs at its own time, and so does what that adds. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      const due = [...this.#waiting].filter((one) => one.due <= end).sort((a, b) => a.due - b.due)[0]
      if (!due) break
      this.#waiting.delete(due)
      this.#now = due.due
      due.run()
      await settled()
    }
    this.#now = end
  }

  /** Callbacks that wait. */
  get pending(): number {
    return this.#waiting.size
  }
}

/** Lets everything that has been resolved run. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}
