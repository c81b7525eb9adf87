/** What the driver asks of the generator of endpoints. Plain data: it travels over Node's IPC. */
import type { Window } from '../protocol.ts'

/** Who talks to whom. */
export const pairings = ['MESSAGE → agent', 'MESSAGE → MESSAGE', 'MSRP → MSRP'] as const
export type Pairing = (typeof pairings)[number]

/** The engine, for the generator. */
export interface EngineTarget {
  http: number
  sip: number
  serverPid: number
  storePid?: number
}

export interface EndpointCalls {
  /** Opens the endpoints; the port of their SIP. */
  listen(nothing: null): { sip: number }
  /** Logs the agents in, and has each pair exchange a first text. */
  join(with_: { pairing: Pairing; pairs: number; target: EngineTarget }): void
  /** Each lane sends a text as soon as its last one was accepted and seen. */
  closedLoop(load: { warmUp: number; seconds: number }): Window
  /** Sends at random moments, on average `rate` a second, whatever the engine does. */
  openLoop(load: { rate: number; warmUp: number; seconds: number }): Window
  /** So many texts over the lanes, so many at once over each; how many were lost or refused. */
  send(load: { texts: number; atOnce: number }): { seconds: number; lost: number; refused: number; refusal: string }
}

/** The n-th SIP endpoint's number. */
export const endpointOf = (n: number): string => String(400_000 + n)
/** Of all SIP addresses here. */
export const domain = 'legs.test'
