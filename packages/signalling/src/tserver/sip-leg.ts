import type { DialogState } from '../sip/ports.ts'
import type { CallUUID, DNumber, PersonID } from './ids.ts'

/** How a party is reached over SIP; part of the call's record. */
export interface SipLeg {
  /** The node that holds the dialog and the MSRP session, or sends the MESSAGEs. */
  owner: string
  /** `session`: INVITE with MSRP. `pager`: MESSAGE. `auto`: not known yet: INVITE, and MESSAGE where the peer cannot do MSRP. */
  mode: 'session' | 'pager' | 'auto'
  /** The Trunk DN that leads to the party; null for an endpoint of our own. */
  trunk: DNumber | null
  /** The party's SIP URI: its address of record here, or what the trunk is asked for. */
  uri: string
}

/**
 * What a leg's owner keeps beside the call: written by the owner alone, so a write that meets another version means that another
 * node has taken over. Key: `legID(callUUID, dn)`.
 */
export interface LegRecord {
  callUUID: CallUUID
  dn: DNumber
  owner: string
  /** Position in the call's log up to which texts for this leg were delivered or have failed. It may lag: repetitions carry the same message ids. */
  delivered: number
  /** The INVITE dialog; null in pager mode and before the answer. */
  dialog: DialogState | null
}

/** The key of a leg's record. */
export function legID(callUUID: CallUUID, dn: DNumber): string {
  return `${callUUID}/${dn}`
}

/** The timer an ended call leaves for each of its legs: its owner cancels it when every text is dealt with. SPEC BR-18. */
export function unfinishedTimerID(callUUID: CallUUID, dn: DNumber): string {
  return `leg:${legID(callUUID, dn)}`
}

/** The feed of a node: events of the legs it owns, in the order of their commits. Never a person's: those are hex digits. */
export function nodeFeed(node: string): PersonID {
  return `node:${node}` as PersonID
}

/**
 * Under this key two endpoints without agents claim the session they have with each other, so that a MESSAGE of either finds it.
 * Never a person's id, and no number holds a blank.
 */
export function pairClaim(a: DNumber, b: DNumber): PersonID {
  return `pair:${a < b ? `${a} ${b}` : `${b} ${a}`}` as PersonID
}
