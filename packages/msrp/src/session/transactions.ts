import type { ResponseHead } from '../message/frame.ts'
import type { Clock } from './wire.ts'

/** A status and what is said of it. */
export interface Answer {
  readonly status: number
  readonly comment: string
}

interface Waiting {
  readonly due: number
  readonly onAnswer: (answer: ResponseHead | undefined) => void
}

/** Requests of ours that wait for their response, in the order they were sent; one timer for all, as all have the same time. */
export class Transactions {
  readonly #clock: Clock
  readonly #ms: number
  readonly #waiting = new Map<string, Waiting>()
  #stop: (() => void) | undefined

  constructor(clock: Clock, ms: number) {
    this.#clock = clock
    this.#ms = ms
  }

  /** Calls back once: with the response, or with nothing when there was none in time. */
  expect(tid: string, onAnswer: Waiting['onAnswer']): void {
    this.#waiting.set(tid, { due: this.#clock.now() + this.#ms, onAnswer })
    this.#stop ??= this.#clock.after(this.#ms, () => this.#expire())
  }

  /** False where nobody waits for it. */
  answered(tid: string, answer: ResponseHead): boolean {
    const waiting = this.#waiting.get(tid)
    if (!waiting) return false
    this.#waiting.delete(tid)
    waiting.onAnswer(answer)
    return true
  }

  close(): void {
    this.#stop?.()
    this.#stop = undefined
    this.#waiting.clear()
  }

  #expire(): void {
    this.#stop = undefined
    const now = this.#clock.now()
    for (const [tid, { due, onAnswer }] of this.#waiting) {
      if (due > now) {
        this.#stop = this.#clock.after(due - now, () => this.#expire())
        return
      }
      this.#waiting.delete(tid)
      onAnswer(undefined)
    }
  }
}
