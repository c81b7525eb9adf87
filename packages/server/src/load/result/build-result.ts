import { cpus, loadavg, release, totalmem, type } from 'node:os'
import { version } from '../../cli/version.ts'
import type { Ran } from '../load-runner.ts'
import { labelOf, type Plan } from '../plan/plan.ts'
import type { LoadResult } from './result.ts'
import type { Tracker } from './tracker.ts'
import { verdictOf, warningsOf } from './verdict.ts'

/** What a machine is, and what it did before. */
export function thisMachine(): LoadResult['machine'] {
  const all = cpus()
  return {
    system: `${type()} ${release()}`,
    processor: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memory: totalmem(),
    loadBefore: loadavg()[0] ?? 0,
  }
}

export interface Finished {
  plan: Plan
  run: string
  ran: Ran
  tracker: Tracker
  server: string | null
  machine: LoadResult['machine']
  /** When the command began, milliseconds since 1970: for runs in which no text became due. */
  now: number
}

/** Everything a run has shown. */
export function resultOf({ plan, run, ran, tracker, server, machine, now }: Finished): LoadResult {
  const { totals, ways } = tracker.results()
  const { began = now, ms, ended, problem, left } = ran
  const measured = { totals, ways, ended, ...(problem !== undefined && { problem }) }
  const verdict = [
    ...verdictOf(measured, plan),
    ...(left === undefined ? [] : [`What it had made is still there: ${left}.`]),
  ]
  const series = [...tracker.series]
  return {
    format: 'ringdown-load/2',
    run,
    started: new Date(began).toISOString(),
    seconds: Math.round(ms) / 1000,
    ended,
    ...(problem !== undefined && { problem }),
    passed: verdict.length === 0,
    verdict,
    warnings: warningsOf({ totals, ways, series }, plan),
    plan: shownPlan(plan),
    versions: { load: version(), server, node: process.version },
    machine,
    totals,
    ways,
    reasons: tracker.reasons.toJSON(),
    step: tracker.stepSeconds,
    series,
  }
}

/** The plan as it was run, without whoever's names and passwords. */
function shownPlan({ ca: _, groups, talks, ...rest }: Plan): object {
  return {
    ...rest,
    groups: groups.map(({ name, kind, transport, made, people }) => ({
      name,
      kind,
      ...(kind === 'cometd' && { transport }),
      made,
      existing: people.length,
    })),
    talks: talks.map(({ from, to, ...talk }) => ({
      from: from.name,
      to: to.name,
      ways: [labelOf(from), labelOf(to)],
      ...talk,
    })),
  }
}
