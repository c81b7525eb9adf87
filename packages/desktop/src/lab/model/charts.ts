import type { Sample } from '../contract.ts'

export type ChartName = 'sessions' | 'texts' | 'delivery' | 'refusals' | 'queues' | 'cpu' | 'memory'

/** A line of a chart; null where nothing was measured. */
export interface Series {
  /** A word of ours, or a reason or queue by the server's name. */
  name: string
  values: readonly (number | null)[]
}

/** A chart of the last hour. */
export interface ChartData {
  chart: ChartName
  /** Seconds since 1970. */
  times: readonly number[]
  series: readonly Series[]
}

const hourMs = 3_600_000
const stepSeconds = 10
const mebibyte = 2 ** 20
/** Lines a chart can have before they cannot be told apart; the rest is added up. */
const mostLines = 6

/** What is known after new samples: those of the last hour, each once. SPEC DT-47. */
export function withSamples(known: readonly Sample[], more: readonly Sample[]): readonly Sample[] {
  const last = known.at(-1)?.at ?? 0
  const fresh = more.filter(({ at }) => at > last)
  if (fresh.length === 0) return known
  const all = [...known, ...fresh]
  const end = all.at(-1)?.at ?? 0
  return all.filter(({ at }) => at > end - hourMs)
}

export function chartsOf(samples: readonly Sample[]): readonly ChartData[] {
  const times = samples.map(({ at }) => at / 1000)
  const line = (name: string, measured: (sample: Sample) => number | null): Series => ({
    name,
    values: samples.map(measured),
  })
  const chart = (chart: ChartName, series: readonly Series[]): ChartData => ({ chart, times, series })
  return [
    chart('sessions', [
      line('talking', ({ sessions }) => sessions?.talking ?? null),
      line('dialing', ({ sessions }) => sessions?.dialing ?? null),
    ]),
    chart('texts', [line('texts', ({ texts }) => texts / stepSeconds)]),
    chart('delivery', [line('p50', ({ delivery }) => delivery.p50), line('p99', ({ delivery }) => delivery.p99)]),
    chart(
      'refusals',
      named(samples, ({ refusals }) => refusals),
    ),
    chart(
      'queues',
      named(samples, ({ queues }) => queues),
    ),
    chart('cpu', [line('cpu', ({ cpu }) => cpu * 100)]),
    chart('memory', [line('memory', ({ memory }) => memory / mebibyte)]),
  ]
}

/** One line for each name that ever occurs, the greatest first; small ones are one line together. */
function named(
  samples: readonly Sample[],
  of: (sample: Sample) => Readonly<Record<string, number>>,
): readonly Series[] {
  const sums = new Map<string, number>()
  for (const sample of samples)
    for (const [name, value] of Object.entries(of(sample))) sums.set(name, (sums.get(name) ?? 0) + value)
  const names = [...sums].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([name]) => name)
  const single = names.length > mostLines ? names.slice(0, mostLines - 1) : names
  const rest = names.slice(single.length)
  const line = (name: string, parts: readonly string[]): Series => ({
    name,
    values: samples.map((sample) => parts.reduce((sum, part) => sum + (of(sample)[part] ?? 0), 0)),
  })
  return [...single.map((name) => line(name, [name])), ...(rest.length > 0 ? [line('rest', rest)] : [])]
}

/** The latest value of a line, and its greatest; null where none was measured. */
export function summaryOf({ values }: Series): { latest: number | null; greatest: number | null } {
  const measured = values.filter((value) => value !== null)
  return {
    latest: values.at(-1) ?? null,
    greatest: measured.length > 0 ? measured.reduce((most, value) => Math.max(most, value)) : null,
  }
}
