import { Histogram, rangeOf } from '../histogram.ts'
import { lengthOf, type Plan } from '../plan/plan.ts'
import type { Second } from '../protocol.ts'
import { Schedule } from '../schedule.ts'
import { type Count, Reasons, Tally, type TallyData, timings } from '../tally.ts'
import type { Latency, Point, WayResult } from './result.ts'

/** Points of the series at most: a longer run has longer steps. */
const mostPoints = 3_600

/** What counts as gone wrong with a text. */
export const faults = [
  'failed',
  'unsent',
  'undelivered',
  'lost',
  'duplicated',
  'outOfOrder',
] as const satisfies readonly Count[]

interface Step {
  total: Tally
  ways: Map<string, Histogram>
  waiting: number[]
  busy: number
}

/** Puts together what the processes of agents tell, in a memory that does not grow with the texts. */
export class Tracker {
  readonly stepSeconds: number
  readonly total = new Tally()
  readonly ways = new Map<string, Tally>()
  readonly reasons = new Reasons()
  readonly #length: number
  readonly #schedules: readonly { schedule: Schedule; perText: number }[]
  readonly #points: Point[] = []
  /** Steps that are not over yet, by number: nobody is ahead of the slowest by more than two. */
  readonly #open = new Map<number, Step>()
  /** Processes that have told of the running step, and of how many there are to be. */
  readonly #heard = new Map<number, number>()
  #processes = 1
  #closed = 0
  /** The last whole step, for what is shown live. */
  live: { total: Tally; ways: ReadonlyMap<string, Histogram> } = emptyStep()
  busiest = 0

  constructor(plan: Pick<Plan, 'talks'>) {
    this.#length = lengthOf(plan)
    this.stepSeconds = Math.max(1, Math.ceil(this.#length / 1000 / mostPoints))
    this.#schedules = plan.talks.map(({ steps, per, textsPerSession }) => ({
      schedule: new Schedule(steps),
      perText: per === 'texts' ? 1 : textsPerSession,
    }))
  }

  /** How many processes will tell. */
  expect(processes: number): void {
    this.#processes = processes
  }

  /** Texts a second that are wanted now; in sessions each counts with all its texts. */
  wantedAt(ms: number): number {
    return this.#schedules.reduce((sum, { schedule, perText }) => sum + schedule.rateAt(ms) * perText, 0)
  }

  get series(): readonly Point[] {
    return this.#points
  }

  /** What a process tells of a second. */
  add(process: number, { fromMs, ways, reasons, busy, waiting }: Second): void {
    // A timer may be a moment early.
    const index = Math.floor((fromMs + 50) / 1000 / this.stepSeconds)
    this.#heard.set(process, index)
    // Who has died holds nobody up: a step is over when somebody is two steps ahead.
    const slowest = this.#heard.size < this.#processes ? this.#closed : Math.min(...this.#heard.values())
    const over = Math.max(slowest, index - 2)
    while (this.#closed < over) this.#close()
    const step = this.#stepAt(Math.max(index, this.#closed))
    step.waiting[process] = waiting
    step.busy = Math.max(step.busy, busy)
    this.busiest = Math.max(this.busiest, busy)
    for (const [way, data] of Object.entries(ways)) this.#addWay(step, way, data)
    this.reasons.merge(reasons)
  }

  /** Nothing more will come. */
  finish(): void {
    const last = Math.max(-1, ...[...this.#open].filter(([, { total }]) => !isEmpty(total)).map(([index]) => index))
    while (this.#closed <= last) this.#close()
  }

  results(): { totals: WayResult; ways: WayResult[] } {
    const ways = [...this.ways].map(([way, tally]) => wayResult(way, tally))
    return {
      totals: wayResult('all', this.total),
      ways: ways.filter(({ counts: { due, sent }, sessions }) => due + sent + sessions.due > 0),
    }
  }

  #addWay(step: Step, way: string, data: TallyData): void {
    const tally = this.ways.get(way) ?? new Tally()
    this.ways.set(way, tally)
    tally.add(data)
    this.total.add(data)
    step.total.add(data)
    const histogram = step.ways.get(way) ?? new Histogram()
    step.ways.set(way, histogram)
    histogram.merge(data.timings.delivery)
  }

  #stepAt(index: number): Step {
    const step = this.#open.get(index) ?? emptyStep()
    this.#open.set(index, step)
    return step
  }

  #close(): void {
    const step = this.#open.get(this.#closed) ?? emptyStep()
    this.#open.delete(this.#closed)
    const { total, ways, waiting, busy } = step
    const seconds = this.stepSeconds
    const [from, to] = [this.#closed * seconds * 1000, (this.#closed + 1) * seconds * 1000]
    const wanted = this.#schedules.reduce(
      (sum, { schedule, perText }) =>
        sum + schedule.dueBetween(Math.min(from, schedule.ms), Math.min(to, schedule.ms)) * perText,
      0,
    )
    const { delivery } = total.timings
    this.#points.push({
      at: to / 1000,
      wanted: rounded(wanted / seconds),
      achieved: rounded(total.counts.delivered / seconds),
      failures: failuresOf(total),
      p50: percentile(delivery, 50),
      p90: percentile(delivery, 90),
      p99: percentile(delivery, 99),
      max: percentile(delivery, 100),
      waiting: waiting.reduce((sum, each) => sum + (each ?? 0), 0),
      busy: rounded(busy),
      ways: Object.fromEntries(
        [...ways].map(([way, histogram]) => [
          way,
          { delivered: histogram.count, p50: percentile(histogram, 50), p99: percentile(histogram, 99) },
        ]),
      ),
    })
    this.#closed++
    this.live = step
  }
}

/** Texts and sessions that went wrong. */
export const failuresOf = ({ counts, sessions }: Pick<Tally, 'counts' | 'sessions'>): number =>
  faults.reduce((sum, name) => sum + counts[name], 0) + sessions.failed + sessions.unsent

const isEmpty = ({ counts, sessions }: Tally): boolean =>
  [...Object.values(counts), ...Object.values(sessions)].every((count) => count === 0)

const emptyStep = (): Step => ({ total: new Tally(), ways: new Map(), waiting: [], busy: 0 })

function wayResult(way: string, tally: Tally): WayResult {
  const [delivery, answer, send, setup] = timings.map((name) => latencyOf(tally.timings[name])) as [
    Latency,
    Latency,
    Latency,
    Latency,
  ]
  const { buckets } = tally.timings.delivery.toJSON()
  const histogram = buckets.map(([bucket, count]): [number, number, number] => [...rangeOf(bucket), count])
  return { way, counts: { ...tally.counts }, sessions: { ...tally.sessions }, delivery, answer, send, setup, histogram }
}

function latencyOf(histogram: Histogram): Latency {
  const at = (percent: number) => percentile(histogram, percent)
  const mean = histogram.count === 0 ? null : rounded(histogram.mean / 1000)
  return { count: histogram.count, mean, p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: at(100) }
}

/** Milliseconds; null without any. */
export const percentile = (histogram: Histogram, percent: number): number | null =>
  histogram.count === 0 ? null : rounded(histogram.percentile(percent) / 1000)

const rounded = (value: number): number => Math.round(value * 1000) / 1000
