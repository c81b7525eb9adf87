import type { LadderEntry } from '@ringdown/facade'
import type { CallUUID, PersonID } from '@ringdown/signalling'
import type { End } from './recorded.ts'

/** One line of a session's ladder as a node tells it to another: plain data, masked already. */
export interface Piece {
  /** Number of the recording, and which of several things in it. */
  readonly number: number
  readonly part: number
  readonly at: number
  readonly kind: LadderEntry['kind']
  /** Ids of lanes. */
  readonly from: string
  readonly to: string
  readonly title: string
  /** What passed over SIP or MSRP is in `wire` instead. */
  readonly content?: string
  readonly wire?: WirePiece
}

/** A SIP message or an MSRP frame with where it went. */
export interface WirePiece {
  readonly protocol: 'sip' | 'msrp'
  readonly transport: string
  /** Unlike that of any other flow or connection of the node. */
  readonly flow: string
  readonly source: End
  readonly target: End
  /** One character per byte. */
  readonly data: string
}

/** What a node holds of a session. */
export interface NodePart {
  readonly node: string
  readonly pieces: readonly Piece[]
  readonly discarded: Readonly<Record<string, number>>
}

/** What is asked for, and what one has to know of the session to find it. Times are milliseconds since 1970. */
export interface Question {
  readonly centre: string
  readonly callUUID: CallUUID
  readonly created: number
  /** When it ended; absent while it lives. */
  readonly ended?: number
  readonly persons: readonly PersonID[]
  /** Unmasked. */
  readonly texts: boolean
  /** Bytes of the session that are shown at most, the newest. */
  readonly most: number
}

/** Lane of the engine itself. */
export const engineLane = 'engine'
export const personLane = (person: PersonID): string => `client:${person}`
export const dnLane = (dn: string): string => `dn:${dn}`
