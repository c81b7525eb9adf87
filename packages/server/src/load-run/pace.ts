import type { LoadWanted } from '@ringdown/facade'

/** Texts at even distances, whether or not earlier ones have been answered. */
export class Pace {
  readonly total: number
  readonly #rate: number
  readonly #began: number

  /** `began`: milliseconds of the clock `due` is asked by. */
  constructor({ textsPerSecond, seconds }: LoadWanted, began: number) {
    this.total = textsPerSecond * seconds
    this.#rate = textsPerSecond
    this.#began = began
  }

  /** When the text of that number, counted from 0, is due. */
  dueAt(number: number): number {
    return this.#began + (number * 1000) / this.#rate
  }

  /** How many texts are due by now. */
  dueBy(now: number): number {
    if (now < this.#began) return 0
    return Math.min(this.total, Math.floor(((now - this.#began) * this.#rate) / 1000) + 1)
  }
}
