import type { Annex } from './annex.ts'
import type { Leg } from './call.ts'
import type { DNumber } from './ids.ts'

/** DN types this engine knows, with their numbers in the configuration layer. */
export const dnTypes = {
  Extension: 1,
  'ACD Position': 2,
  'Routing Point': 4,
  Trunk: 14,
  'Voice over IP Service': 29,
} as const
export type DNType = keyof typeof dnTypes

/** What the `[TServer]` section of a DN's Annex says, with the defaults filled in. */
export interface TServerOptions {
  /** `multimedia`: the DN can carry IM. Default false. */
  multimedia: boolean
  /** `sip-signaling-chat` (also read as `sip-signalling-chat`): `none` takes the SIP leg away; null where it is absent. */
  sipSignalingChat: string | null
  /** `auto-answer`: the engine answers for this DN. Default true with `sip-signaling-chat=none`, false otherwise. */
  autoAnswer: boolean
  /** `auto-answer-delay`, milliseconds after EventRinging. Default 0. */
  autoAnswerDelay: number
  /** `no-answer-timeout`, seconds until a ringing IM call is given up. Default 30. */
  noAnswerTimeout: number
  /** `password`: the DN's secret for digest authentication. Never logged. */
  password: string | null
  /** `contact`: the SIP URI at which the DN is reached; null: it must register. */
  contact: string | null
  /** `authenticate-requests`: SIP methods that are challenged, in upper case. */
  authenticateRequests: readonly string[]
  /** `oos-check` and `oos-force`, seconds; 0 is off. */
  oosCheck: number
  oosForce: number
}

export interface DN {
  number: DNumber
  type: DNType
  switch: string
  annex: Annex
  options: TServerOptions
  /** Names of `[TServer]` options this engine does not know; kept in the Annex, and listed. */
  unknownOptions: readonly string[]
}

/** How an IM call reaches the DN; null where the DN cannot carry IM. */
export function imLeg(dn: DN): Leg | null {
  if (!dn.options.multimedia) return null
  return dn.options.sipSignalingChat === 'none' ? 'tlibrary' : 'sip'
}
