import type { WorkMode } from './agent.ts'
import type { CallUUID, DNumber, MessageID, PersonID } from './ids.ts'
import type { UndeliveredText } from './mailbox.ts'
import type { ClientNews } from './t-event.ts'
import type { UserData } from './user-data.ts'

/** T-Library message numbers of the requests this core takes. */
export const requestNumber = {
  TRegisterAddress: 3,
  TUnregisterAddress: 4,
  TAgentLogin: 8,
  TAgentLogout: 9,
  TAgentSetReady: 10,
  TAgentSetNotReady: 11,
  TMakeCall: 14,
  TAnswerCall: 16,
  TReleaseCall: 17,
  TAttachUserData: 30,
  TUpdateUserData: 31,
  TDeleteUserData: 32,
  TDeletePair: 33,
  TSendUserEvent: 48,
  TPrivateService: 149,
} as const satisfies Record<TRequest['request'], number>

interface Common {
  /** Who asks: an authenticated person. The core checks that the DN is theirs. */
  person: PersonID
  /** Chosen by the client, repeated in the answer. */
  referenceID?: number
  reasons?: UserData
}

interface OnDN extends Common {
  thisDN: DNumber
}

interface OnCall extends Common {
  callUUID: CallUUID
  /** The person's party; absent where the person is enough to tell. */
  thisDN?: DNumber
}

export type TRequest =
  | ({ request: 'TRegisterAddress' | 'TUnregisterAddress' } & OnDN)
  /** Logs the person in on one DN of a place; `agentID` is the login code, by default the person's first on the DN's switch. */
  | ({ request: 'TAgentLogin'; place: string; agentID?: string; workMode?: WorkMode } & OnDN)
  /** Logs the person out on the DN; a session they are in is released with it. */
  | ({ request: 'TAgentLogout' } & OnDN)
  | ({ request: 'TAgentSetReady' | 'TAgentSetNotReady'; workMode?: WorkMode } & OnDN)
  /** `text`: the first text; it is accepted with the call, and lost with one that nobody can be found for. */
  | ({ request: 'TMakeCall'; otherDN: DNumber; userData?: UserData; text?: FirstText } & OnDN)
  /** Puts news for one of the person's clients into the person's feed, in order with everything else. */
  | ({ request: 'TSendUserEvent'; client: ClientNews } & Common)
  | ({ request: 'TAnswerCall' } & OnCall)
  /** Ends the party's part: gives up while it dials, refuses while it rings, hangs up while it talks. */
  | ({ request: 'TReleaseCall' } & OnCall)
  | ({ request: 'TAttachUserData' | 'TUpdateUserData'; userData: UserData } & OnCall)
  /** Removes everything. */
  | ({ request: 'TDeleteUserData' } & OnCall)
  | ({ request: 'TDeletePair'; key: string } & OnCall)
  /**
   * `textService`: a text; `messageID` where the client gave one: the same id twice is accepted once and answered alike.
   * What `noticeServices` take is said in t-event.ts.
   */
  | ({
      request: 'TPrivateService'
      serviceID: number
      contentType: string
      body: string
      messageID?: MessageID
    } & OnCall)

/** A text that a session begins with; `messageID` where the client gave one. */
export interface FirstText {
  contentType: string
  body: string
  messageID?: MessageID
}

export type CallRequest = Extract<TRequest, OnCall>
export type DNRequest = Extract<TRequest, OnDN & { callUUID?: never }>

/** What happens without anybody asking. */
export type TTimer =
  /** The engine answers for the called DN. */
  | { timer: 'autoAnswer'; callUUID: CallUUID }
  /** Nobody answered in time. */
  | { timer: 'noAnswer'; callUUID: CallUUID }
  /** A session with a pager leg may be idle. `seen`: position and time (ms since 1970) of the last text known when it was set. */
  | { timer: 'idle'; callUUID: CallUUID; seen: { position: number; at: number } }
  /** The texts kept for a DN may be delivered. */
  | { timer: 'mailbox'; dn: DNumber }
  /** A text has left a mailbox undelivered, and its sender has not been told. */
  | { timer: 'undelivered'; text: UndeliveredText }
  /** The owner of a leg has not said that it has dealt with every text of a call that has ended. */
  | { timer: 'unfinished'; callUUID: CallUUID; dn: DNumber }
  /** A client that keeps no connection has not been heard of. */
  | { timer: 'client'; client: string; person: PersonID }
  /** A node has not renewed its lease: its legs need a new owner. */
  | { timer: 'lostNode'; node: string }
