import type { Clock } from '@ringdown/signalling'
import { BoundedMap } from './bounded-map.ts'

const windowMs = 60_000

/**
 * Counts what one person asks within a minute, on this node. What is refused is counted as well: who goes on is refused until they have paused.
 * SPEC SE-21.
 */
export class PersonRate {
  readonly #limit: number
  readonly #clock: Pick<Clock, 'now'>
  readonly #counts = new BoundedMap<string, { count: number; until: number }>(50_000)

  /** `perMinute` 0: any number. */
  constructor(perMinute: number, clock: Pick<Clock, 'now'>) {
    this.#limit = perMinute
    this.#clock = clock
  }

  /** Counts one request. Milliseconds until the next one is taken; 0: this one is. */
  wait(person: string): number {
    if (this.#limit === 0) return 0
    const now = this.#clock.now()
    const known = this.#counts.get(person)
    const counted = known && known.until > now ? known : { count: 0, until: now + windowMs }
    counted.count++
    this.#counts.set(person, counted)
    return counted.count > this.#limit ? counted.until - now : 0
  }
}
