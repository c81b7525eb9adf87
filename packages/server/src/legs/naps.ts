import type { Clock } from '@ringdown/signalling'

/** Waits of somebody who may be closed: then they end at once, and nothing of them is left in the clock. */
export class Naps {
  readonly #clock: Clock
  readonly #wakes = new Set<() => void>()
  #over = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Resolves after so many milliseconds, or when it is `end`ed. */
  take(ms: number): Promise<void> {
    if (this.#over) return Promise.resolve()
    return new Promise((resolve) => {
      const wake = () => {
        cancel()
        this.#wakes.delete(wake)
        resolve()
      }
      const cancel = this.#clock.after(ms, wake)
      this.#wakes.add(wake)
    })
  }

  /** Wakes everybody; from now on nobody sleeps. */
  end(): void {
    this.#over = true
    for (const wake of [...this.#wakes]) wake()
  }
}
