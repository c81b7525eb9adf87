import type { CallUUID, ConnID, DNumber, MessageID, PersonID } from './ids.ts'
import type { PartyState } from './im-party.ts'
import type { SipLeg } from './sip-leg.ts'
import type { UserData } from './user-data.ts'

/** DN's role in a call, T-Library enumeration TDNRole. */
export type DNRole = 'Origination' | 'Destination'
/** T-Library enumeration TCallType. There is no "chat" call type. */
export type CallType = 'Unknown' | 'Internal' | 'Inbound' | 'Outbound' | 'Consult'
/** How the call stands or why it ended; the part of T-Library's TCallState that an IM call can reach. */
export type CallState =
  | 'Ok'
  | 'GeneralError'
  | 'Busy'
  | 'NoAnswer'
  | 'SitInvalidnum'
  | 'SitVacant'
  | 'Abandoned'
  | 'Dropped'
/** How a party is reached: over its T-Library connection only, or by a SIP dialog. */
export type Leg = 'tlibrary' | 'sip'

/** One DN's part in a call. */
export interface Party {
  dn: DNumber
  role: DNRole
  state: PartyState
  leg: Leg
  /** Who works at the DN; null for an endpoint without an agent. */
  agent: PersonID | null
  /** Where `leg` is `sip`: how it is reached, and which node does it. */
  sip?: SipLeg
}

/** Who ended a call and why, in words a client may show. */
export interface CallEnd {
  /** The DN that ended it; null when the engine did. */
  by: DNumber | null
  why:
    | 'completed'
    | 'rejected'
    | 'noAnswer'
    | 'abandoned'
    | 'invalidNumber'
    | 'unreachable'
    | 'loggedOut'
    | 'busy'
    /** No text for as long as the DN allows. */
    | 'idle'
    /** An endpoint, or the way to it, could not go on. */
    | 'failed'
  /** Milliseconds since 1970. */
  at: number
  /** What SIP said about it: the status of a refusal (absent for a BYE), and its reason. */
  sip?: { status?: number; reason?: string }
}

/** An IM session as the store keeps it. Plain data: any node can carry it on. */
export interface Call {
  callUUID: CallUUID
  connID: ConnID
  callType: CallType
  /** Milliseconds since 1970. */
  created: number
  parties: readonly Party[]
  userData: UserData
  /** The text it began with, which may wait for a SIP leg that has not answered. */
  opening?: MessageID
  end?: CallEnd
}

/** A text as it stands in the session's log. */
export interface Text {
  messageID: MessageID
  /** The DN it came from. */
  from: DNumber
  /** When it was accepted, milliseconds since 1970. */
  sent: number
  contentType: string
  body: string
  /** What it said was erased; `body` says so in its place. */
  erased?: true
  /** What a sender over SIP or MSRP wants to hear of it. */
  wants?: TextWants
}

/** Reports a sender asked for: by IMDN (RFC 5438), or by MSRP's report headers. */
export interface TextWants {
  delivered?: boolean
  displayed?: boolean
  failed?: boolean
  /** The message's id in the sender's CPIM, which an IMDN has to name. */
  imdnID?: string
}
