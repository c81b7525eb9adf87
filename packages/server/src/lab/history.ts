import type { MetricsHistory, Sample } from '@ringdown/facade'
import type { Clock, LiveState } from '@ringdown/signalling'
import type { Bucket } from '../delivery-meter.ts'
import type { Totals } from '../metrics.ts'

/** One sample every ten seconds, an hour of them. */
export const historyLimits = { stepMs: 10_000, samples: 360 } as const

export interface HistoryDeps {
  clock: Clock
  totals: () => Promise<Totals>
  /** Living sessions, by centre. */
  sessions: ReadonlyMap<string, () => Promise<Record<LiveState, number>>>
  /** What this process has used: microseconds of processors since its start, and bytes it holds. */
  usage: () => { cpuMicros: number; memory: number }
  onError: (error: unknown) => void
}

interface Taken {
  sample: Omit<Sample, 'sessions' | 'texts'>
  sessions: ReadonlyMap<string, Sample['sessions']>
  texts: ReadonlyMap<string, number>
}

/** What charts are made of, in memory: the last hour of this node. SPEC SV-64. */
export class History implements MetricsHistory {
  readonly #deps: HistoryDeps
  #samples: Taken[] = []
  #texts = new Map<string, number>()
  #before: { at: number; totals: Totals; cpuMicros: number } | undefined
  #closed = false
  #cancel: (() => void) | undefined

  constructor(deps: HistoryDeps) {
    this.#deps = deps
  }

  /** A text of the centre was accepted here. */
  text(centre: string): void {
    this.#texts.set(centre, (this.#texts.get(centre) ?? 0) + 1)
  }

  read({ id }: { id: string }, after: number): readonly Sample[] {
    const newer = this.#samples.filter(({ sample }) => sample.at > after)
    return newer.map(({ sample, sessions, texts }) => ({
      ...sample,
      sessions: sessions.get(id) ?? null,
      texts: texts.get(id) ?? 0,
    }))
  }

  /** Begins to count, and takes a sample at the end of each step until `close`. */
  async start(): Promise<void> {
    try {
      await this.#take()
    } catch (error) {
      this.#deps.onError(error)
    }
    if (!this.#closed) this.#cancel = this.#deps.clock.after(historyLimits.stepMs, () => void this.start())
  }

  close(): void {
    this.#closed = true
    this.#cancel?.()
  }

  async #take(): Promise<void> {
    const { clock, usage } = this.#deps
    const [totals, sessions] = await Promise.all([this.#deps.totals(), this.#countSessions()])
    const at = clock.now()
    const { cpuMicros, memory } = usage()
    const before = this.#before
    this.#before = { at, totals, cpuMicros }
    const texts = this.#texts
    this.#texts = new Map()
    if (!before || at <= before.at) return
    const sample = {
      at,
      delivery: percentiles(before.totals.deliveries, totals.deliveries),
      refusals: grown(before.totals.refusals, totals.refusals),
      queues: totals.queues,
      cpu: (cpuMicros - before.cpuMicros) / 1_000 / (at - before.at),
      memory,
    }
    this.#samples = [...this.#samples.slice(1 - historyLimits.samples), { sample, sessions, texts }]
  }

  async #countSessions(): Promise<Map<string, Sample['sessions']>> {
    const counts = [...this.#deps.sessions].map(
      async ([id, count]) => [id, await count().catch(() => null)] as const, // a hole in the chart
    )
    return new Map(await Promise.all(counts))
  }
}

function grown(before: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>): Record<string, number> {
  const growth = [...now].map(([name, count]) => [name, count - (before.get(name) ?? 0)] as const)
  return Object.fromEntries(growth.filter(([, count]) => count > 0))
}

/** The middle and the slowest hundredth of what came between two looks, ms; within a bucket times are taken for evenly spread. */
export function percentiles(before: readonly Bucket[], now: readonly Bucket[]): Sample['delivery'] {
  const known = new Map(before.map(({ within, count }) => [within, count]))
  const latest = now.map(({ within, count }) => ({ within, count: count - (known.get(within) ?? 0) }))
  const all = latest.at(-1)?.count ?? 0
  if (all === 0) return { p50: null, p99: null }
  return { p50: reached(latest, all * 0.5), p99: reached(latest, all * 0.99) }
}

function reached(buckets: readonly Bucket[], wanted: number): number {
  let low = { within: 0, count: 0 }
  for (const bucket of buckets) {
    if (bucket.count >= wanted) {
      const part = (wanted - low.count) / (bucket.count - low.count)
      return Math.round((low.within + part * (bucket.within - low.within)) * 1e6) / 1e3
    }
    low = bucket
  }
  return low.within * 1e3
}
