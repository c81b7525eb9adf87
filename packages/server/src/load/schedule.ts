import { exponential, seeded } from './random.ts'

/** A part of a ramp: from one rate to another, evenly, over a time. */
export interface RampStep {
  /** In a second. */
  from: number
  to: number
  ms: number
}

/** A step, and how much is due before it. */
interface Segment extends RampStep {
  start: number
  before: number
}

/** Due in a step after so many milliseconds of it: the area under the rate. */
const dueIn = ({ from, to, ms }: RampStep, t: number): number => (from * t + ((to - from) * t * t) / (2 * ms)) / 1000

/**
 * When what is due, whatever became of what was due before: an open loop. The rate follows the steps; the things are at even distances
 * under it, or at random ones (a Poisson process) from the seed. All times are milliseconds from the beginning. SPEC LD-4.
 */
export class Schedule {
  readonly ms: number
  readonly #segments: readonly Segment[]
  readonly #area: number
  readonly #chance: (() => number) | undefined
  #next: number
  #nextAt: number | undefined

  constructor(steps: readonly RampStep[], arrivals: 'even' | 'random' = 'even', seed = 1) {
    let start = 0
    let before = 0
    this.#segments = steps.map((step) => {
      const segment = { ...step, start, before }
      start += step.ms
      before += dueIn(step, step.ms)
      return segment
    })
    this.ms = start
    this.#area = before
    this.#chance = arrivals === 'random' ? seeded(seed) : undefined
    this.#next = this.#chance ? exponential(this.#chance) : 0
    this.#nextAt = this.#timeOf(this.#next)
  }

  /** How much is due in all: exactly at even distances, on average at random ones. */
  get total(): number {
    return Math.ceil(this.#area - 1e-9)
  }

  /** When the next thing is due; undefined after the last one. */
  get nextAt(): number | undefined {
    return this.#nextAt
  }

  /** Takes the next thing off if it is due by then; its time, or undefined. */
  take(now: number): number | undefined {
    const due = this.#nextAt
    if (due === undefined || due > now) return undefined
    this.#next += this.#chance ? exponential(this.#chance) : 1
    this.#nextAt = this.#timeOf(this.#next)
    return due
  }

  /** The rate that is wanted at a moment, in a second. */
  rateAt(ms: number): number {
    const segment = this.#segments.find(({ start, ms: length }) => ms >= start && ms < start + length)
    return segment ? segment.from + ((segment.to - segment.from) * (ms - segment.start)) / segment.ms : 0
  }

  /** How much is due between two moments, with fractions. */
  dueBetween(from: number, to: number): number {
    return this.#dueBy(to) - this.#dueBy(from)
  }

  #dueBy(ms: number): number {
    const segment = this.#segments.findLast(({ start }) => start <= ms)
    return segment ? segment.before + dueIn(segment, Math.min(ms - segment.start, segment.ms)) : 0
  }

  /** The inverse of the area: when so much has become due. */
  #timeOf(due: number): number | undefined {
    if (due > this.#area - 1e-9) return undefined
    const segment = this.#segments.findLast(({ before, from, to }) => before <= due && (from > 0 || to > 0))
    if (!segment) return undefined
    const { start, from, to, ms, before } = segment
    const wanted = (due - before) * 1000
    const slope = (to - from) / ms
    // slope/2·t² + from·t = wanted, in the form that does not lose digits where the slope is small.
    const root = Math.sqrt(Math.max(0, from * from + 2 * slope * wanted))
    return start + (from + root === 0 ? 0 : Math.min(ms, (2 * wanted) / (from + root)))
  }
}
