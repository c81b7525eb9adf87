import { Histogram, type HistogramData } from '@ringdown/server/testing'
import type { Window } from '../protocol.ts'

/** Measured numbers by name; the names are listed in `columns` of the section they appear in. */
export type Figures = Record<string, number>

/** One thing measured: a server in one setting. */
export interface Row {
  name: string
  labels: Record<string, string | number>
  /** The median of `runs`, figure by figure. */
  figures: Figures
  runs: Figures[]
  /** From POST to the peer's client over all runs, microseconds. */
  latency?: HistogramData
  /** What the reader must know before comparing. */
  notes: string[]
}

export interface Column {
  figure: string
  title: string
  /** Decimals to print. */
  digits: number
}

/** A picture of a section: one bar per row, one line per row over percentiles, or one line per series over a label that is a number. */
export type Chart =
  | { kind: 'bars'; title: string; figure: string }
  | { kind: 'latency'; title: string }
  | { kind: 'line'; title: string; figure: string; x: string; series: string }

/** What one scenario found. */
export interface Section {
  scenario: string
  title: string
  columns: Column[]
  charts: Chart[]
  rows: Row[]
  /** How it was measured, in full sentences. */
  method: string
}

export interface Report {
  format: 'ringdown-load/1'
  started: string
  seconds: number
  command: string
  /** The machine and the versions, in the order to be printed. */
  environment: Record<string, string>
  sections: Section[]
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2
}

/** The median of each figure; a figure missing from a run is left out there. */
export function medians(runs: readonly Figures[]): Figures {
  const names = new Set(runs.flatMap((run) => Object.keys(run)))
  return Object.fromEntries(
    [...names].map((name) => [name, median(runs.map((run) => run[name]).filter((value) => value !== undefined))]),
  )
}

/** The figures of one window of texts. Times in milliseconds, CPU in microseconds. */
export function figuresOf(window: Window): Figures {
  const { seconds, texts, deliveries, cpu } = window
  const [peer, echo, post, late] = [window.peer, window.echo, window.post, window.late].map(Histogram.from)
  const ms = (histogram: Histogram | undefined, percent: number) => (histogram?.percentile(percent) ?? 0) / 1000
  const per = (total: number, count: number) => (count === 0 ? 0 : total / count)
  return {
    textsPerSecond: texts / seconds,
    deliveriesPerSecond: deliveries / seconds,
    serverUs: per(cpu.server, deliveries),
    storeUs: per(cpu.store, deliveries),
    perCoreSecond: per(deliveries * 1e6, cpu.server),
    serverUsPerText: per(cpu.server, texts),
    p50: ms(peer, 50),
    p90: ms(peer, 90),
    p99: ms(peer, 99),
    p999: ms(peer, 99.9),
    max: ms(peer, 100),
    echoP50: ms(echo, 50),
    echoP99: ms(echo, 99),
    answerP50: ms(post, 50),
    answerP99: ms(post, 99),
    lateP99: ms(late, 99),
    serverBusy: (cpu.server / seconds / 1e6) * 100,
    storeBusy: (cpu.store / seconds / 1e6) * 100,
    generatorBusy: (cpu.generator / seconds / 1e6) * 100,
    othersBusy: (window.othersUs / seconds / 1e6) * 100,
    eventBytes: window.eventBytes,
    lost: window.lost,
    duplicates: window.duplicates,
    refused: window.refused,
  }
}

/** One row from the windows of a server. */
export function rowOf(name: string, labels: Row['labels'], windows: readonly Window[], extra: Figures = {}): Row {
  const runs = windows.map(figuresOf)
  const latency = new Histogram()
  for (const window of windows) latency.merge(window.peer)
  return {
    name,
    labels,
    figures: { ...medians(runs), ...extra },
    runs,
    latency: latency.toJSON(),
    notes: notesOf(windows),
  }
}

/** What went wrong in these windows, in words. */
export function notesOf(windows: readonly Window[]): string[] {
  const sum = (figure: 'lost' | 'duplicates' | 'refused') => windows.reduce((total, w) => total + w[figure], 0)
  const refusal = windows.find((w) => w.refusal !== '')?.refusal
  const faulty = windows.findLast((w) => w.faults > 0)
  const busiest = Math.max(0, ...windows.map((w) => w.cpu.generator / w.seconds / 1e4))
  const disturbed = median(windows.map((w) => w.othersUs / w.seconds / 1e4))
  return [
    sum('lost') > 0 ? `${sum('lost')} texts not seen by all in 5 s` : '',
    sum('duplicates') > 0 ? `${sum('duplicates')} deliveries too many` : '',
    sum('refused') > 0 ? `${sum('refused')} refused, first: ${refusal}` : '',
    faulty ? `${faulty.faults} clients broke, first: ${faulty.fault}` : '',
    disturbed > 15 ? `other processes used ${disturbed.toFixed(0)} % of a core meanwhile` : '',
    busiest > 92 ? `the generator used ${busiest.toFixed(0)} % of its core: compare µs, not deliveries/s` : '',
  ].filter((note) => note !== '')
}

/** Deliveries per core-second of ours against a peer's, by the peer and the subscribers each of its POSTs reaches. */
const ratios = [
  ['xFaye1', 'faye', 1],
  ['xFaye2', 'faye', 2],
  ['xCometd1', 'cometd-nodejs-server', 1],
  ['xCometd2', 'cometd-nodejs-server', 2],
] as const

/** Adds `xFaye1` … `xCometd2` to our rows, each against the peer whose labels are `like` ours. */
export function addRatios(rows: Row[], like: readonly string[]): void {
  for (const row of rows) {
    if (row.labels.subject !== 'ringdown') continue
    for (const [figure, subject, fanOut] of ratios) {
      const peer = rows.find(
        ({ labels }) =>
          labels.subject === subject && labels.fanOut === fanOut && like.every((l) => labels[l] === row.labels[l]),
      )
      const [ours, theirs] = [row.figures.perCoreSecond, peer?.figures.perCoreSecond]
      if (ours && theirs) row.figures[figure] = ours / theirs
    }
  }
}

/** Reads a report written earlier; fails where it is not one. */
export function parseReport(text: string): Report {
  const report = JSON.parse(text) as Partial<Report> | null
  if (report?.format !== 'ringdown-load/1' || !Array.isArray(report.sections))
    throw new Error('not a report of this load test (format "ringdown-load/1")')
  for (const section of report.sections)
    for (const row of section.rows)
      if (typeof row.name !== 'string' || typeof row.figures !== 'object')
        throw new Error('a row without name or figures')
  return report as Report
}

/** Several reports as one: a section found in more than one is taken from the last. */
export function combine(reports: readonly Report[]): Report {
  const last = reports.at(-1)
  if (!last) throw new Error('no report')
  const sections = new Map(reports.flatMap((report) => report.sections).map((section) => [section.scenario, section]))
  return {
    ...last,
    seconds: reports.reduce((sum, report) => sum + report.seconds, 0),
    command: reports.map((report) => report.command).join(' ; '),
    sections: [...sections.values()],
  }
}
