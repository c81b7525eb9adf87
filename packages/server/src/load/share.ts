import { httpTarget } from './http-pool.ts'
import type { Plan, PlanGroup } from './plan/plan.ts'
import { waysOf } from './plan/plan.ts'
import type { AgentOrder, LoadOrder, TalkOrder } from './protocol.ts'

/** Whoever belongs to a group, in its order. */
export type Agents = ReadonlyMap<PlanGroup, readonly AgentOrder[]>

/**
 * What each process is told: pairs are dealt in turn, and every process says its share of each talk at its share of the rate. Agents left
 * over are logged in by the first one, and say nothing.
 */
export function shares(plan: Plan, run: string, agents: Agents): LoadOrder[] {
  const left = new Map([...agents].map(([group, all]) => [group, [...all]]))
  const take = (group: PlanGroup): AgentOrder => {
    const next = left.get(group)?.shift()
    if (!next) throw new Error(`group ${group.name} has too few agents`)
    return next
  }
  const talks = plan.talks.map((talk) => ({
    talk,
    pairs: Array.from({ length: talk.pairs }, () => [take(talk.from), take(talk.to)] as const),
  }))
  const processes = Math.max(1, Math.min(plan.processes, Math.max(...talks.map(({ pairs }) => pairs.length))))
  const ca = plan.ca
  return Array.from(
    { length: processes },
    (_, process): LoadOrder => ({
      run,
      target: httpTarget(plan.address, ca),
      sip: plan.sip,
      lostAfterMs: plan.lostAfterMs,
      underWay: Math.ceil(plan.underWay / processes),
      idle: process === 0 ? [...left.values()].flat() : [],
      talks: talks.flatMap(({ talk, pairs }, i): TalkOrder[] => {
        const own = pairs.filter((_, pair) => pair % processes === process)
        if (own.length === 0) return []
        const part = own.length / pairs.length
        const { per, steps, arrivals, textsPerSession, think, textLength } = talk
        return [
          {
            ways: waysOf(talk),
            pairs: own,
            per,
            steps: steps.map(({ from, to, ms }) => ({ from: from * part, to: to * part, ms })),
            arrivals,
            textsPerSession,
            think,
            textLength,
            seed: (plan.seed + i * 1_000 + process) | 0,
          },
        ]
      }),
    }),
  )
}
