import { imSessionPath, imSessionState, isoTime, participant, userStateOf } from '@ringdown/facade'
import type {
  AgentEvent,
  CallEvent,
  Directory,
  DNumber,
  FeedEntry,
  FeedEvent,
  ReceiptEvent,
  TextEvent,
} from '@ringdown/signalling'
import { type EventType, gapType } from './event-types.ts'

/** What a delivery says, before it is written as JSON. Keys in `data` are those of the Web Services resources. */
export interface Payload {
  type: EventType | typeof gapType
  /** When it happened, ISO 8601 in UTC. */
  timestamp: string
  /** The delivery's id, as in the header. */
  id: string
  contactCentre: string
  sessionId?: string
  data: object
}

export interface PayloadContext {
  id: string
  centre: string
  /** Whether texts and user data are told. */
  texts: boolean
  directory: Directory
}

/** What a webhook is told of an entry of the webhooks' feed: a pure function of the entry and the webhook. SPEC WH-5, WH-6. */
export function payloadOf(
  type: EventType,
  { event, log }: Pick<FeedEntry, 'event' | 'log'>,
  { id, centre, texts, directory }: PayloadContext,
): Payload {
  return {
    type,
    timestamp: isoTime(event.time),
    id,
    contactCentre: centre,
    ...('callUUID' in event && { sessionId: event.callUUID }),
    data: dataOf(event, log, texts, directory),
  }
}

/** The notice that deliveries are missing for good. SPEC WH-24. */
export function gapPayload(
  { epoch, from, to, reason }: { epoch: string; from: number; to: number; reason: string },
  { id, centre, at }: { id: string; centre: string; at: number },
): Payload {
  const data = { epoch, from, to, reason }
  return { type: gapType, timestamp: isoTime(at), id, contactCentre: centre, data }
}

function dataOf(event: FeedEvent, log: number | undefined, texts: boolean, directory: Directory): object {
  switch (event.event) {
    case 'EventDialing':
    case 'EventRinging':
    case 'EventEstablished':
    case 'EventReleased':
    case 'EventAbandoned':
    case 'EventDestinationBusy':
      return { imSession: session(event, texts) }
    case 'EventAttachedDataChanged':
      return { imSession: session(event, texts), changedBy: event.thirdPartyDN }
    case 'EventACK':
    case 'EventPrivateInfo':
      return acceptedText(event, log, texts)
    case 'EventReturnReceipt':
      return receipt(event)
    case 'EventAgentLogin':
    case 'EventAgentLogout':
    case 'EventAgentReady':
    case 'EventAgentNotReady':
      return agentState(event, directory)
    case 'EventUserEvent':
    case 'EventRegistered':
    case 'EventUnregistered':
      return {}
  }
}

/** The session as nobody's: with both its participants, the caller first. */
function session(event: CallEvent, texts: boolean) {
  const { callUUID, userData, ani, dnis } = event
  return {
    id: callUUID,
    state: stateOf(event),
    participants: [participantAs('caller', ani), participantAs('called', dnis)],
    ...(texts && Object.keys(userData).length > 0 && { userData }),
    path: imSessionPath(callUUID),
    ...('extensions' in event && 'end' in event.extensions && ending(event.extensions.end)),
  }
}

function stateOf(event: CallEvent) {
  switch (event.event) {
    case 'EventDialing':
      return 'Initiating'
    case 'EventRinging':
      return 'Alerting'
    case 'EventEstablished':
      return 'Talking'
    case 'EventAttachedDataChanged':
      return imSessionState[event.partyState]
    case 'EventReleased':
    case 'EventAbandoned':
    case 'EventDestinationBusy':
      return 'Completed'
  }
}

function participantAs(role: 'caller' | 'called', dn: DNumber) {
  return { ...participant(dn), role }
}

function ending({ by, why, sip }: Extract<CallEvent, { extensions: { end: object } }>['extensions']['end']) {
  return {
    endedBy: by,
    endReason: why,
    ...(sip?.status !== undefined && { endSipStatus: sip.status }),
    ...(sip?.reason !== undefined && { endSipReason: sip.reason }),
  }
}

function acceptedText(event: TextEvent, log: number | undefined, texts: boolean) {
  const { text } = event.extensions
  return {
    imSessionPath: imSessionPath(event.callUUID),
    // There is no empty text: it was accepted while no webhook got texts.
    ...(texts && text.body !== '' && { message: text.body }),
    messageId: text.messageID,
    from: text.from,
    to: text.from === event.thisDN ? event.otherDN : event.thisDN,
    timestamp: isoTime(text.sent),
    timestampSeconds: Math.floor(text.sent / 1000),
    ...(log !== undefined && { position: log }),
    contentType: text.contentType,
  }
}

function receipt({ callUUID, extensions: { receipt: told } }: ReceiptEvent) {
  const { messageID, from, status, reason } = told
  return {
    imSessionPath: imSessionPath(callUUID),
    messageId: messageID,
    from,
    ...(status !== undefined && { status }),
    ...(reason !== undefined && { reason }),
  }
}

function agentState(event: Extract<AgentEvent, { agentID: string }>, directory: Directory) {
  const { thisDN, agentID, persons, state, workMode } = event
  const [person] = persons ?? []
  const userName = person && directory.persons.get(person)?.userName
  return {
    ...(userName !== undefined && { userName }),
    agentId: agentID,
    phoneNumber: thisDN,
    userState: userStateOf({ state, ...(workMode && { workMode }) }),
  }
}
