import type { Clock, SessionStore } from './ports.ts'
import type { TTimer } from './t-request.ts'

/** How often the store is asked for due timers of other nodes, and for how long one is ours, in ms. */
const timerPollMs = 500
const timerLeaseMs = 5_000

export interface TimersDeps {
  store: SessionStore
  clock: Clock
  /** Does what a timer means; its commit cancels the timer, or it comes back. */
  fire: (due: { id: string; timer: TTimer }) => Promise<void>
  onError: (error: unknown) => void
}

/** Looks for due timers. Each is ours for the length of its lease; a node that dies leaves it to the next one. */
export class Timers {
  readonly #deps: TimersDeps
  #stopPolling: (() => void) | undefined
  #running: Promise<void> | undefined
  #stopped = true

  constructor(deps: TimersDeps) {
    this.#deps = deps
  }

  start(): void {
    if (!this.#stopped) return
    this.#stopped = false
    this.#poll()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#stopPolling?.()
    await this.#running
  }

  /** Our own timers, the first of them due at `due`, need not wait for the next poll. */
  wakeAt(due: number): void {
    if (this.#stopped) return
    const { clock } = this.#deps
    const wait = due - clock.now()
    if (wait < timerPollMs) clock.after(Math.max(0, wait), () => this.#look())
  }

  #poll(): void {
    this.#stopPolling = this.#deps.clock.after(timerPollMs, () => {
      this.#look()
      if (!this.#stopped) this.#poll()
    })
  }

  #look(): void {
    if (this.#stopped || this.#running !== undefined) return
    this.#running = this.#run()
      .catch(this.#deps.onError)
      .finally(() => {
        this.#running = undefined
      })
  }

  async #run(): Promise<void> {
    const { store, clock, fire } = this.#deps
    for (;;) {
      const due = await store.claimTimers(clock.now(), 100, timerLeaseMs)
      await Promise.all(due.map(fire))
      if (due.length < 100 || this.#stopped) return
    }
  }
}
