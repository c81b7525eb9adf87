import type { AgentState, WorkMode } from './agent.ts'
import type { CallEnd, CallState, CallType, DNRole, Text } from './call.ts'
import type { CallUUID, ConnID, DNumber, MessageID, PersonID } from './ids.ts'
import type { UserData } from './user-data.ts'

/** T-Library message numbers of the events this core emits. */
export const eventNumber = {
  EventError: 52,
  EventRegistered: 53,
  EventUnregistered: 54,
  EventAbandoned: 59,
  EventRinging: 60,
  EventDialing: 61,
  EventDestinationBusy: 63,
  EventEstablished: 64,
  EventReleased: 65,
  EventAgentLogin: 73,
  EventAgentLogout: 74,
  EventAgentReady: 75,
  EventAgentNotReady: 76,
  EventAttachedDataChanged: 85,
  EventUserEvent: 96,
  EventACK: 138,
  EventPrivateInfo: 150,
  EventReturnReceipt: 170,
} as const satisfies Record<TEvent['event'], number>

/** TMediaType of an IM call, attribute 97. */
export const mediaTypeChat = 5
/** The private service that carries a text. The number is ours: no source names the original one. */
export const textService = 5
/**
 * The private services that tell something about texts, ours as well. `composing`: the agent is composing one, or has stopped;
 * `body` is `active` or `idle`. `displayed`: one was displayed to the agent; `messageID` names it, `body` is empty.
 */
export const noticeServices = { composing: 6, displayed: 7 } as const

interface Common {
  /** Milliseconds since 1970; T-Library's TimeinSecs and TimeinuSecs in one. */
  time: number
  /** What the asker chose; only in the answer to a request. */
  referenceID?: number
  reasons?: UserData
  /** The agents it is about; only in the webhooks' feed. */
  persons?: readonly PersonID[]
}

/** What every event about a call carries. */
export interface CallAttributes extends Common {
  thisDN: DNumber
  thisDNRole: DNRole
  otherDN: DNumber
  otherDNRole: DNRole
  connID: ConnID
  callUUID: CallUUID
  callType: CallType
  mediaType: typeof mediaTypeChat
  callState: CallState
  ani: DNumber
  dnis: DNumber
  userData: UserData
  /** Who works at the other DN, where the call begins and an agent is there. */
  otherPerson?: PersonID
}

export interface AgentAttributes extends Common {
  thisDN: DNumber
  /** The agent login's code. */
  agentID: string
  state: AgentState
  workMode?: WorkMode
}

export type CallEvent =
  | ({ event: 'EventDialing' | 'EventEstablished' } & CallAttributes)
  /**
   * `autoAnswer`: the agent has nothing to press: the engine answers, or the SIP endpoint does. `text`: what the session begins
   * with; its own EventPrivateInfo follows.
   */
  | ({ event: 'EventRinging'; extensions: { autoAnswer: boolean; text?: Text } } & CallAttributes)
  | ({
      event: 'EventDestinationBusy' | 'EventReleased' | 'EventAbandoned'
      extensions: { end: CallEnd }
    } & CallAttributes)
  /** `thirdPartyDN` is who changed it. */
  | ({
      event: 'EventAttachedDataChanged'
      thirdPartyDN: DNumber
      partyState: 'dialing' | 'alerting' | 'connected'
    } & CallAttributes)

/** A text on its way: to the other party as EventPrivateInfo, to the sender as EventACK. */
export interface TextAttributes extends Common {
  thisDN: DNumber
  otherDN: DNumber
  connID: ConnID
  callUUID: CallUUID
  privateEvent: typeof textService
  extensions: { text: Text }
}
export type TextEvent = { event: 'EventPrivateInfo' | 'EventACK' } & TextAttributes

/** What events about a party's texts carry beside the text itself. */
interface NoticeAttributes extends Common {
  thisDN: DNumber
  otherDN: DNumber
  connID: ConnID
  callUUID: CallUUID
}
/** The other party is composing a text, or has stopped. */
export type ComposingEvent = {
  event: 'EventUserEvent'
  extensions: { composing: { from: DNumber; state: 'active' | 'idle'; refreshSeconds?: number } }
} & NoticeAttributes
/**
 * News for one of the person's clients, which reads them from the feed: the answer to a request that no other event answers. Nothing
 * to all other clients.
 */
export type UserEvent = { event: 'EventUserEvent'; extensions: { client: ClientNews } } & Common
export interface ClientNews {
  /** The client's name among those of the person. */
  id: string
  /** What it is told, in its facade's own words; at most 64 KiB. */
  content: string
}
/** What became of a text: to the party that sent it. It may come after the call's end. */
export type ReceiptEvent = { event: 'EventReturnReceipt'; extensions: { receipt: Receipt } } & NoticeAttributes

export interface Receipt {
  messageID: MessageID
  /** The party that tells. */
  from: DNumber
  outcome: 'delivered' | 'displayed' | 'failed'
  /** The SIP or MSRP status behind it, and its reason. */
  status?: number
  reason?: string
}

export type AgentEvent =
  | ({ event: 'EventAgentLogin' | 'EventAgentLogout' | 'EventAgentReady' | 'EventAgentNotReady' } & AgentAttributes)
  | ({ event: 'EventRegistered' | 'EventUnregistered'; thisDN: DNumber } & Common)

/** The negative answer to a request: to the asker alone, never in a feed. */
export interface EventError extends Common {
  event: 'EventError'
  errorCode: number
  errorMessage: string
}

/** What a feed holds: all that an agent's client, or the owner of SIP legs, has to learn. */
export type FeedEvent = CallEvent | TextEvent | ComposingEvent | UserEvent | ReceiptEvent | AgentEvent
export type TEvent = FeedEvent | EventError
