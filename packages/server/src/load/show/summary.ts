import type { LoadResult, WayResult } from '../result/result.ts'
import { clock, counted, grouped, rate, time } from '../sentences.ts'
import { columns } from './columns.ts'

/** The result for a terminal or a log. */
export function summaryOf(result: LoadResult): string[] {
  const { run, seconds, totals, ways, reasons, warnings, verdict, passed, ended } = result
  const { counts, sessions } = totals
  const said = [
    `${counted(counts.delivered, 'text')} delivered of ${grouped(counts.due)} due in ${clock(seconds * 1000)}`,
    ...(seconds > 0 ? [`${rate(counts.delivered / seconds)} a second`] : []),
    ...(sessions.begun > 0 ? [`${counted(sessions.begun, 'session')} begun`] : []),
  ]
  const head = [
    '',
    'sent',
    'delivered',
    'failed',
    'unsent',
    'lost',
    'twice',
    'order',
    'p50',
    'p90',
    'p99',
    'p99.9',
    'max',
  ]
  const shown = ways.length > 1 ? [...ways, totals] : ways
  return [
    `Run ${run}${ended === 'done' ? '' : `, ${ended}`}: ${said.join(', ')}.`,
    ...(shown.length > 0 ? ['', ...columns([head, ...shown.map(rowOf)])] : []),
    ...section('Sessions', sessions.begun + sessions.failed + sessions.unsent > 0 ? sessionLines(result) : []),
    ...section(
      'What went wrong',
      Object.entries(reasons).map(([reason, times]) => `${grouped(times)} × ${reason}`),
    ),
    ...section('To know', warnings),
    '',
    passed ? 'Passed.' : `Failed: ${verdict.join(' ')}`,
  ]
}

function rowOf({ way, counts, delivery }: WayResult): string[] {
  const { sent, delivered, failed, undelivered, unsent, lost, duplicated, outOfOrder } = counts
  return [
    way,
    ...[sent, delivered, failed + undelivered, unsent, lost, duplicated, outOfOrder].map(grouped),
    ...[delivery.p50, delivery.p90, delivery.p99, delivery.p999, delivery.max].map(time),
  ]
}

const sessionLines = ({ totals: { sessions, setup } }: LoadResult): string[] => [
  `${grouped(sessions.begun)} begun, ${grouped(sessions.failed)} failed, ${grouped(sessions.unsent)} not begun; in ${time(setup.p50)} (p50), ${time(setup.p99)} (p99)`,
]

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)]
