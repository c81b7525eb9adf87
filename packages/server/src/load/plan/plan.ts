import type { Secret } from '../../config/secret.ts'
import type { Kind } from '../agents/load-agent.ts'
import type { SipTarget } from '../agents/sip-phones.ts'
import type { RampStep } from '../schedule.ts'
import type { ThinkTime } from '../think-time.ts'

/** Agents of one kind, as many as a run needs. */
export interface PlanGroup {
  name: string
  kind: Kind
  transport: 'websocket' | 'long-polling'
  /** How many are made for the run. */
  made: number
  /** Those that exist. */
  people: readonly { userName: string; password: Secret; number: string }[]
}

export interface PlanTalk {
  from: PlanGroup
  to: PlanGroup
  pairs: number
  per: 'texts' | 'sessions'
  steps: readonly RampStep[]
  textsPerSession: number
  think: ThinkTime
  textLength: number
  arrivals: 'even' | 'random'
}

/** A plan without a mistake, times in milliseconds. */
export interface Plan {
  address: string
  /** PEM. */
  ca?: string
  as?: string
  sip: SipTarget
  seed: number
  groups: readonly PlanGroup[]
  talks: readonly PlanTalk[]
  lostAfterMs: number
  underWay: number
  processes: number
  maxFailures: number
  limits: Limits
}

/** Milliseconds by percentile. */
export type Limits = Partial<Record<'p50' | 'p90' | 'p99' | 'max', number>>

/** Whether agents of the kind are endpoints of SIP. */
export const isSip = (kind: Kind): boolean => kind === 'sip-message' || kind === 'msrp'

/** How a kind is called in results. */
export const labelOf = ({ kind, transport }: Pick<PlanGroup, 'kind' | 'transport'>): string =>
  kind === 'cometd' && transport === 'long-polling' ? 'cometd (polling)' : kind

/** The ways of a talk, there and back. */
export function waysOf({ from, to }: Pick<PlanTalk, 'from' | 'to'>): readonly [string, string] {
  const [one, other] = [labelOf(from), labelOf(to)]
  return [`${one} → ${other}`, `${other} → ${one}`]
}

/** How long the load lasts, milliseconds. */
export const lengthOf = ({ talks }: Pick<Plan, 'talks'>): number =>
  Math.max(...talks.map(({ steps }) => steps.reduce((sum, { ms }) => sum + ms, 0)))
