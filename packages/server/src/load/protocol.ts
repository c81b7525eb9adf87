/** What the command and the processes of its agents tell each other. Plain data: it travels over Node's IPC. */
import type { Kind } from './agents/load-agent.ts'
import type { SipTarget } from './agents/sip-phones.ts'
import type { HttpTarget } from './http-pool.ts'
import type { RampStep } from './schedule.ts'
import type { TallyData } from './tally.ts'
import type { ThinkTime } from './think-time.ts'

/** An agent as its client knows it. */
export interface AgentOrder {
  kind: Kind
  /** Of the kind `cometd`. */
  transport: 'websocket' | 'long-polling'
  /** Of agents with a login; phones have their number. */
  userName: string
  password: string
  number: string
}

/** Who talks to whom, and how much. */
export interface TalkOrder {
  /** What the way from the first of each pair to the second is called, and the way back. */
  ways: readonly [string, string]
  pairs: readonly (readonly [AgentOrder, AgentOrder])[]
  /** What the steps' rates are of. */
  per: 'texts' | 'sessions'
  steps: readonly RampStep[]
  arrivals: 'even' | 'random'
  /** 0: a session lasts as long as the run. */
  textsPerSession: number
  think: ThinkTime
  textLength: number
  seed: number
}

/** What a process of agents gets over IPC, never as an argument: others can read those. SPEC LD-12. */
export interface LoadOrder {
  /** Six hex digits. */
  run: string
  target: HttpTarget
  sip?: SipTarget
  talks: readonly TalkOrder[]
  /** Who is logged in and says nothing. */
  idle: readonly AgentOrder[]
  /** A text that is not seen for so long after it was accepted is lost, milliseconds. */
  lostAfterMs: number
  /** Texts under way at most. */
  underWay: number
}

export type ToAgents = { order: LoadOrder } | { begin: true } | { stop: true }

/** What happened in about a second. */
export interface Second {
  /** Milliseconds from the beginning to its start. */
  fromMs: number
  /** Milliseconds from the beginning to its end. */
  atMs: number
  ways: Readonly<Record<string, TallyData>>
  reasons: Readonly<Record<string, number>>
  /** Part of the time in which the process had work to do, 0 to 1. */
  busy: number
  /** Texts under way now. */
  waiting: number
}

export type FromAgents =
  | { report: 'opening'; done: number; of: number }
  | { report: 'ready' }
  | { report: 'second'; second: Second; phase: 'running' | 'finishing' }
  | { report: 'over' }
  /** A sentence. */
  | { report: 'failed'; problem: string }
