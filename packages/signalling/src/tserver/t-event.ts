import type { AgentState, WorkMode } from './agent.ts'
import type { CallEnd, CallState, CallType, DNRole, Text } from './call.ts'
import type { CallUUID, ConnID, DNumber } from './ids.ts'
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
  EventACK: 138,
  EventPrivateInfo: 150,
} as const satisfies Record<TEvent['event'], number>

/** TMediaType of an IM call, attribute 97. */
export const mediaTypeChat = 5
/** The private service that carries a text. The number is ours: no source names the original one. */
export const textService = 5

interface Common {
  /** Milliseconds since 1970; T-Library's TimeinSecs and TimeinuSecs in one. */
  time: number
  /** What the asker chose; only in the answer to a request. */
  referenceID?: number
  reasons?: UserData
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
  /** `autoAnswer`: nobody has to press anything, the engine answers by itself. */
  | ({ event: 'EventRinging'; extensions: { autoAnswer: boolean } } & CallAttributes)
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

export type AgentEvent =
  | ({ event: 'EventAgentLogin' | 'EventAgentLogout' | 'EventAgentReady' | 'EventAgentNotReady' } & AgentAttributes)
  | ({ event: 'EventRegistered' | 'EventUnregistered'; thisDN: DNumber } & Common)

/** The negative answer to a request: to the asker alone, never in a feed. */
export interface EventError extends Common {
  event: 'EventError'
  errorCode: number
  errorMessage: string
}

/** What a feed holds: all that an agent's client has to learn. */
export type FeedEvent = CallEvent | TextEvent | AgentEvent
export type TEvent = FeedEvent | EventError
