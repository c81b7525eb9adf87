import { Histogram, type HistogramData } from './histogram.ts'

/** What is counted of texts; LOAD.md says what each means. */
export const counts = [
  'due',
  'unsent',
  'sent',
  'accepted',
  'delivered',
  'failed',
  'undelivered',
  'lost',
  'duplicated',
  'outOfOrder',
  'late',
  'repeated',
] as const
export type Count = (typeof counts)[number]
export type Counts = Record<Count, number>

export const noCounts = (): Counts => Object.fromEntries(counts.map((name) => [name, 0])) as Counts

/** What is timed, in microseconds from when it was due. */
export const timings = ['delivery', 'answer', 'send', 'setup'] as const
export type Timing = (typeof timings)[number]

/** What happened on one way since it was last asked, as it travels between processes. */
export interface TallyData {
  counts: Counts
  sessions: { due: number; unsent: number; begun: number; failed: number }
  timings: Record<Timing, HistogramData>
}

/** The counts of one way: texts from one kind of agent to another. */
export class Tally {
  counts = noCounts()
  sessions = { due: 0, unsent: 0, begun: 0, failed: 0 }
  readonly timings: Record<Timing, Histogram>

  constructor() {
    this.timings = { delivery: new Histogram(), answer: new Histogram(), send: new Histogram(), setup: new Histogram() }
  }

  add(data: TallyData): void {
    for (const name of counts) this.counts[name] += data.counts[name]
    this.sessions.due += data.sessions.due
    this.sessions.unsent += data.sessions.unsent
    this.sessions.begun += data.sessions.begun
    this.sessions.failed += data.sessions.failed
    for (const name of timings) this.timings[name].merge(data.timings[name])
  }

  /** What was counted, and begins anew. */
  take(): TallyData {
    const data = this.toJSON()
    this.counts = noCounts()
    this.sessions = { due: 0, unsent: 0, begun: 0, failed: 0 }
    for (const name of timings) this.timings[name].clear()
    return data
  }

  toJSON(): TallyData {
    const { delivery, answer, send, setup } = this.timings
    return {
      counts: { ...this.counts },
      sessions: { ...this.sessions },
      timings: {
        delivery: delivery.toJSON(),
        answer: answer.toJSON(),
        send: send.toJSON(),
        setup: setup.toJSON(),
      },
    }
  }
}

/** Reasons and how often each was met; beyond so many the rest is one. */
export class Reasons {
  readonly #counts = new Map<string, number>()
  static readonly most = 20
  static readonly rest = 'other reasons'

  add(reason: string, times = 1): void {
    const short = reason.slice(0, 200)
    const name = this.#counts.has(short) || this.#counts.size < Reasons.most ? short : Reasons.rest
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + times)
  }

  merge(data: Readonly<Record<string, number>>): void {
    for (const [reason, times] of Object.entries(data)) this.add(reason, times)
  }

  /** What was counted, and begins anew. */
  take(): Record<string, number> {
    const data = this.toJSON()
    this.#counts.clear()
    return data
  }

  /** The most frequent first. */
  toJSON(): Record<string, number> {
    return Object.fromEntries([...this.#counts].sort(([, a], [, b]) => b - a))
  }
}
