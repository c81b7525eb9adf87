import type { TextWants } from './call.ts'
import type { CallUUID, DNumber, MessageID } from './ids.ts'
import type { UserData } from './user-data.ts'

/** A text as it came over SIP or MSRP: unwrapped, decoded. */
export interface SipText {
  /** Known again when the peer repeats it: from MSRP's Message-ID, or Call-ID and CSeq of a MESSAGE, with the session's part. */
  messageID: MessageID
  contentType: string
  body: string
  wants?: TextWants
}

/** Names a party with a SIP leg of a call, and the node that speaks for it: refused when the leg is no longer this node's. */
interface OnLeg {
  callUUID: CallUUID
  dn: DNumber
  node: string
}

/** What SIP and MSRP bring in, already authenticated. */
export type SipInput =
  /** An INVITE (mode session), or a MESSAGE outside any session (mode pager, with its text). */
  | {
      input: 'offered'
      node: string
      mode: 'session' | 'pager'
      /** The calling party's number: a DN of ours, or what the trunk says. */
      dn: DNumber
      uri: string
      trunk: DNumber | null
      otherDN: DNumber
      userData?: UserData
      text?: SipText
    }
  /** The called endpoint has answered 2xx; in mode pager it cannot do MSRP and gets MESSAGEs. */
  | ({ input: 'answered'; mode: 'session' | 'pager' } & OnLeg)
  /** The called endpoint refuses, does not answer or cannot be reached. */
  | ({ input: 'refused'; status: number; reason: string } & OnLeg)
  /** BYE or CANCEL of the peer, or its end is lost. */
  | ({ input: 'released'; why: 'completed' | 'abandoned' | 'lost'; reason?: string } & OnLeg)
  | ({ input: 'text'; text: SipText } & OnLeg)
  | ({ input: 'composing'; state: 'active' | 'idle'; refreshSeconds?: number } & OnLeg)
  /** What became of a text that was sent to this leg. */
  | ({
      input: 'report'
      messageID: MessageID
      outcome: 'delivered' | 'displayed' | 'failed'
      status?: number
      reason?: string
    } & OnLeg)
  /** The owner is gone; this node goes on. */
  | ({ input: 'takenOver'; from: string } & OnLeg)
