import type {
  CallEvent,
  ComposingEvent,
  Directory,
  FeedEntry,
  FeedEvent,
  ReceiptEvent,
  TextEvent,
} from '@ringdown/signalling'
import { isoTime } from './iso-time.ts'
import {
  answersItself,
  type Device,
  device,
  type ImSession,
  type ImSessionState,
  imSession,
  imSessionPath,
  imSessionState,
} from './resource.ts'

/** Who a notification is made for. */
export interface Viewer {
  /** The configuration of the viewer's contact centre. */
  directory: Directory
  /** The absolute address of the API, ending in `/api/v2`; links begin with it. */
  apiRoot: string
}

export type Topic = '/v2/me/im-sessions' | '/v2/me/devices'

/** Payloads of web-services-api §2.4 and §4.4. Every one has a `messageType`; a real client throws without it. */
export type NotificationData =
  | {
      messageType: 'IMSessionStateChangeMessage'
      notificationType: 'StatusChange' | 'AttachedDataChanged'
      imSession: ImSession
    }
  | NewMessage
  | Notice
  | { messageType: 'DeviceStateChangeMessage'; devices: readonly Device[] }

/** A text. From `messageId` on the keys are ours; the documentation knows none of them. */
export interface NewMessage {
  messageType: 'IMLogUpdateMessage'
  notificationType: 'NewMessage'
  imSessionPath: string
  message: string
  messageId: string
  /** Digits of the sender's DN. */
  from: string
  /** When it was accepted, ISO 8601 in UTC. */
  timestamp: string
  timestampSeconds: number
  /** The text's position in the session's transcript, counted from 1. */
  position?: number
  /** Where it is not text/plain. */
  contentType?: string
}

/**
 * Something about texts that is no text. All of it is ours; it has a `messageType` of its own, so that a client that knows texts
 * only passes over it. SPEC WS-37.
 */
export type Notice = {
  messageType: 'IMNoticeMessage'
  imSessionPath: string
  /** Digits of the DN that tells. */
  from: string
  timestamp: string
  timestampSeconds: number
} & (
  | {
      notificationType: 'Composing'
      composing: boolean
      /** After so many seconds without another one it counts no more. */
      refreshSeconds?: number
    }
  | { notificationType: 'Delivered' | 'Displayed'; messageId: string }
  /** `status` and `reason` are those of SIP or MSRP. */
  | { notificationType: 'Failed'; messageId: string; status?: number; reason?: string }
)

export interface Notification {
  channel: Topic
  data: NotificationData
}
export interface SerialisedNotification {
  channel: Topic
  /** The JSON text of `data`. */
  data: string
}

/**
 * What a T-event is to a CometD client: a pure function of the feed's entry and the viewer.
 * Undefined where Web Services has no word for it: registrations, and EventDestinationBusy, whose release follows.
 */
export function notificationOf(entry: FeedEntry, viewer: Viewer): Notification | undefined {
  const { event } = entry
  switch (event.event) {
    case 'EventDialing':
      return statusChange(event, 'Initiating', viewer)
    case 'EventRinging':
      return statusChange(event, 'Alerting', viewer)
    case 'EventEstablished':
      return statusChange(event, 'Talking', viewer)
    case 'EventReleased':
    case 'EventAbandoned':
      return statusChange(event, 'Completed', viewer)
    case 'EventAttachedDataChanged':
      return sessionChange('AttachedDataChanged', event, imSessionState[event.partyState], viewer)
    case 'EventPrivateInfo':
    case 'EventACK':
      return { channel: '/v2/me/im-sessions', data: newMessage(event, entry.log) }
    case 'EventAgentLogin':
    case 'EventAgentReady':
    case 'EventAgentNotReady':
    case 'EventAgentLogout':
      return deviceStateChange(event, viewer)
    case 'EventUserEvent':
      // News for a client of another facade are nothing to ours.
      return 'callUUID' in event ? { channel: '/v2/me/im-sessions', data: composing(event) } : undefined
    case 'EventReturnReceipt':
      return { channel: '/v2/me/im-sessions', data: receipt(event) }
    case 'EventDestinationBusy':
    case 'EventRegistered':
    case 'EventUnregistered':
      return undefined
  }
}

/**
 * The same with `data` as JSON text. Both parties of a session get the same text, so it is serialised once per node:
 * keep one serialiser for the whole node.
 */
export function notificationSerialiser(): (entry: FeedEntry, viewer: Viewer) => SerialisedNotification | undefined {
  // Two generations bound it without any bookkeeping per hit.
  let young = new Map<string, string>()
  let old = young
  return (entry, viewer) => {
    const { event, log } = entry
    if ((event.event !== 'EventPrivateInfo' && event.event !== 'EventACK') || log === undefined) {
      const made = notificationOf(entry, viewer)
      return made && { channel: made.channel, data: JSON.stringify(made.data) }
    }
    // The store may hand out copies, but a position in a session's log is one text for ever, unless it is erased. SPEC RC-14.
    const key = `${event.callUUID} ${log}${event.extensions.text.erased ? ' erased' : ''}`
    let data = young.get(key) ?? old.get(key)
    if (data === undefined) {
      if (young.size >= generation) {
        old = young
        young = new Map()
      }
      data = JSON.stringify(newMessage(event, log))
      young.set(key, data)
    }
    return { channel: '/v2/me/im-sessions', data }
  }
}
const generation = 128

function statusChange(event: CallEvent, state: ImSessionState, viewer: Viewer): Notification {
  return sessionChange('StatusChange', event, state, viewer)
}

function sessionChange(
  notificationType: 'StatusChange' | 'AttachedDataChanged',
  event: CallEvent,
  state: ImSessionState,
  { directory, apiRoot }: Viewer,
): Notification {
  const { callUUID, userData, otherDN } = event
  const session = imSession(
    {
      callUUID,
      state,
      userData,
      other: otherDN,
      answersItself:
        event.event === 'EventRinging' ? event.extensions.autoAnswer : answersItself(directory, event.thisDN),
      end: event.event === 'EventReleased' || event.event === 'EventAbandoned' ? event.extensions.end : undefined,
    },
    apiRoot,
  )
  return {
    channel: '/v2/me/im-sessions',
    data: { messageType: 'IMSessionStateChangeMessage', notificationType, imSession: session },
  }
}

function newMessage(event: TextEvent, position: number | undefined): NewMessage {
  const { text } = event.extensions
  return {
    messageType: 'IMLogUpdateMessage',
    notificationType: 'NewMessage',
    imSessionPath: imSessionPath(event.callUUID),
    message: text.body,
    messageId: text.messageID,
    from: text.from,
    timestamp: isoTime(text.sent),
    timestampSeconds: Math.floor(text.sent / 1000),
    ...(position !== undefined && { position }),
    ...(text.contentType !== 'text/plain' && { contentType: text.contentType }),
  }
}

function composing(event: ComposingEvent): Notice {
  const { from, state, refreshSeconds } = event.extensions.composing
  return {
    messageType: 'IMNoticeMessage',
    notificationType: 'Composing',
    ...noticed(event, from),
    composing: state === 'active',
    ...(refreshSeconds !== undefined && { refreshSeconds }),
  }
}

const receiptTypes = { delivered: 'Delivered', displayed: 'Displayed', failed: 'Failed' } as const

function receipt(event: ReceiptEvent): Notice {
  const { messageID, from, outcome, status, reason } = event.extensions.receipt
  return {
    messageType: 'IMNoticeMessage',
    notificationType: receiptTypes[outcome],
    ...noticed(event, from),
    messageId: messageID,
    ...(status !== undefined && { status }),
    ...(reason !== undefined && { reason }),
  }
}

function noticed({ callUUID, time }: ComposingEvent | ReceiptEvent, from: string) {
  return {
    imSessionPath: imSessionPath(callUUID),
    from,
    timestamp: isoTime(time),
    timestampSeconds: Math.floor(time / 1000),
  }
}

type AgentStateEvent = Extract<
  FeedEvent,
  { event: 'EventAgentLogin' | 'EventAgentReady' | 'EventAgentNotReady' | 'EventAgentLogout' }
>

function deviceStateChange(event: AgentStateEvent, { directory, apiRoot }: Viewer): Notification | undefined {
  const dn = directory.dns.get(event.thisDN)
  if (!dn) return undefined // it left the configuration since
  const login = event.event === 'EventAgentLogout' ? null : event
  return {
    channel: '/v2/me/devices',
    data: {
      messageType: 'DeviceStateChangeMessage',
      devices: [device(dn, login, directory.id, apiRoot)],
    },
  }
}
