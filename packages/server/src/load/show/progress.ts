import type { Stage } from '../load-runner.ts'
import { lengthOf, type Plan } from '../plan/plan.ts'
import { failuresOf, percentile, type Tracker } from '../result/tracker.ts'
import { clock, grouped, rate, time } from '../sentences.ts'
import { columns } from './columns.ts'

const stages = { making: 'making agents', opening: 'logging in', removing: 'removing what was made' } as const
const barWidth = 32
const mostReasons = 3
/** Ways that are shown each by itself; more would not fit a terminal. */
const mostWays = 16

/** What is seen of a run while it goes on. SPEC LD-14. */
export interface Seen {
  stage: Stage
  plan: Pick<Plan, 'talks' | 'address'>
  run: string
  tracker: Tracker
}

/** For a terminal: a bar and what was measured in the last second, drawn over again and again. */
export function screenOf({ stage, plan, run, tracker }: Seen, width: number): string[] {
  const title = `load ${run} at ${plan.address}`
  if (!('elapsedMs' in stage)) {
    const { done, of } = stage
    return cut(
      [title, `${bar(of === 0 ? 0 : done / of)}  ${stages[stage.stage]}${of > 1 ? ` ${done} of ${of}` : ''}`],
      width,
    )
  }
  const length = lengthOf(plan)
  const elapsed = Math.min(stage.elapsedMs, length)
  const left = stage.stage === 'finishing' ? 'waiting for the last texts' : `${clock(length - elapsed)} left`
  const { total, ways } = tracker.live
  const head = ['', 'texts/s', 'p50', 'p90', 'p99', 'max']
  const rows = [...ways]
    .slice(0, mostWays)
    .map(([way, histogram]) => [
      way,
      rate(histogram.count / tracker.stepSeconds),
      ...[50, 90, 99, 100].map((percent) => time(percentile(histogram, percent))),
    ])
  return cut(
    [
      title,
      `${bar(elapsed / length)} ${String(Math.floor((100 * elapsed) / length)).padStart(3)} %  ${clock(elapsed)} of ${clock(length)}, ${left}`,
      `wanted ${rate(tracker.wantedAt(elapsed))}/s  achieved ${rate(total.counts.delivered / tracker.stepSeconds)}/s  delivered ${grouped(tracker.total.counts.delivered)}  failures ${grouped(failuresOf(tracker.total))}`,
      ...columns([head, ...rows]),
      ...reasonLines(tracker, mostReasons).map((line) => `  ${line}`),
    ],
    width,
  )
}

/** For a log: one line. */
export function lineOf({ stage, plan, tracker }: Seen): string {
  if (!('elapsedMs' in stage)) return stages[stage.stage]
  const length = lengthOf(plan)
  const { total } = tracker.live
  const { delivery } = total.timings
  return [
    `${clock(Math.min(stage.elapsedMs, length))} of ${clock(length)}`,
    `wanted ${rate(tracker.wantedAt(Math.min(stage.elapsedMs, length)))}/s`,
    `achieved ${rate(total.counts.delivered / tracker.stepSeconds)}/s`,
    ...(
      [
        ['p50', 50],
        ['p90', 90],
        ['p99', 99],
        ['max', 100],
      ] as const
    ).map(([name, percent]) => `${name} ${time(percentile(delivery, percent))}`),
    `failures ${grouped(failuresOf(tracker.total))}`,
  ].join('  ')
}

/** Why something went wrong, the most frequent first, with how often. */
export function reasonLines(tracker: Pick<Tracker, 'reasons'>, most: number): string[] {
  const all = Object.entries(tracker.reasons.toJSON())
  const shown = all.slice(0, most).map(([reason, times]) => `${grouped(times)} × ${reason}`)
  return all.length > most ? [...shown, `and ${all.length - most} other reasons`] : shown
}

function bar(part: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, part)) * barWidth)
  return `[${'█'.repeat(filled)}${'·'.repeat(barWidth - filled)}]`
}

// A line that wraps would be drawn over in part only.
const cut = (lines: readonly string[], width: number): string[] =>
  lines.map((line) => (line.length < width ? line : `${line.slice(0, Math.max(1, width - 2))}…`))
