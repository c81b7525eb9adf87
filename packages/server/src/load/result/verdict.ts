import type { Limits, Plan } from '../plan/plan.ts'
import { counted, time } from '../sentences.ts'
import type { LoadResult, WayResult } from './result.ts'

type Measured = Pick<LoadResult, 'totals' | 'ways' | 'ended' | 'problem'>

/** Texts leave the driver within this after they were due, or it was the limit, milliseconds. */
const lateMs = 20
const busyMost = 0.9

/** What a run is failed for, a sentence each; none where it passed. SPEC LD-15. */
export function verdictOf(
  { totals, ways, problem }: Measured,
  { maxFailures, limits }: Pick<Plan, 'maxFailures' | 'limits'>,
): string[] {
  const { counts, sessions } = totals
  const failures = counts.failed + counts.unsent + counts.undelivered + sessions.failed + sessions.unsent
  return [
    ...(problem === undefined ? [] : [problem]),
    ...(counts.lost > 0 ? [`${counted(counts.lost, 'text')} lost: accepted, and not delivered in time.`] : []),
    ...(counts.duplicated > 0 ? [`${counted(counts.duplicated, 'delivery').replace(/ys$/, 'ies')} too many.`] : []),
    ...(counts.outOfOrder > 0 ? [`${counted(counts.outOfOrder, 'text')} out of order.`] : []),
    ...(failures > maxFailures
      ? [`${counted(failures, 'failure')}, and ${maxFailures === 0 ? 'none' : maxFailures} may be.`]
      : []),
    ...ways.flatMap((way) => beyond(way, limits)),
    ...(counts.delivered === 0 && problem === undefined ? ['Nothing was delivered.'] : []),
  ]
}

function beyond({ way, delivery }: WayResult, limits: Limits): string[] {
  return (['p50', 'p90', 'p99', 'max'] as const).flatMap((name) => {
    const [limit, is] = [limits[name], delivery[name]]
    return limit !== undefined && is !== null && is > limit
      ? [`${way}: ${name} is ${time(is)}, above ${time(limit)}.`]
      : []
  })
}

/** What to know before believing the numbers, a sentence each. SPEC LD-16. */
export function warningsOf(
  { totals, ways, series }: Pick<LoadResult, 'totals' | 'ways' | 'series'>,
  { address, processes }: Pick<Plan, 'address' | 'processes'>,
): string[] {
  const { send } = totals
  const busy = series.filter(({ wanted }) => wanted > 0)
  const tooBusy = busy.filter((point) => point.busy > busyMost).length
  const more = 'give it more processes, a machine of its own, or more machines'
  const polls = ways.some(({ way }) => /→ (uc-ajax|cometd \(polling\))/.test(way) && way.includes('uc-ajax'))
  return [
    ...(send.p99 !== null && send.p99 > lateMs
      ? [`The driver was the limit: 1 % of the texts left it more than ${time(send.p99)} after they were due; ${more}.`]
      : []),
    ...(tooBusy > busy.length / 10
      ? [
          `The driver was the limit: a process of agents had no pause in ${counted(tooBusy, 'second')} of ${busy.length} (${processes} in all); ${more}.`,
        ]
      : []),
    ...(isHere(address)
      ? [
          'The engine runs on this machine, and the driver takes a part of it: latencies are higher than from another one.',
        ]
      : []),
    ...(polls
      ? [
          'UC AJAX clients poll as often as the engine tells them (ucAjax.busyPollWaitMs): how long they wait for that is part of their latencies.',
        ]
      : []),
  ]
}

function isHere(address: string): boolean {
  const { hostname } = new URL(address)
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
}
