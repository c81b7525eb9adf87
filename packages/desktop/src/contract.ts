/** The part of the HTTP contract the desktop reads. Servers may add keys; none of ours is read from elsewhere. */

/** The other party of a session. */
export interface Participant {
  digits: string
  phoneNumber: string
  formattedPhoneNumber: string
  e164Number: string
}

export type SessionState = 'Initiating' | 'Alerting' | 'Talking' | 'Completed'

/** An IM session as its owner sees it. */
export interface ImSession {
  id: string
  state: SessionState
  participants: readonly Participant[]
  capabilities: readonly string[]
  /** Absent when there is none. */
  userData?: Readonly<Record<string, unknown>>
  path: string
  uri: string
  /** Digits of who ended it, null for the engine. */
  endedBy?: string | null
  endReason?: string
}

/** One text, as a notification or as a line of the transcript brings it. */
export interface TextMessage {
  message: string
  messageId: string
  /** Digits of the sender. */
  from: string
  /** ISO 8601. */
  timestamp: string
  /** Counted from 1 in its session. */
  position?: number
}

export interface SessionStateChange {
  messageType: 'IMSessionStateChangeMessage'
  notificationType: 'StatusChange' | 'AttachedDataChanged'
  imSession: ImSession
}
export interface LogUpdate extends TextMessage {
  messageType: 'IMLogUpdateMessage'
  notificationType: 'NewMessage'
  imSessionPath: string
}
/** Something is missing before whatever comes next: read the state and the transcript again. */
export interface GapNotice {
  messageType: 'IMSessionGapMessage'
  notificationType: 'Gap'
  /** Feed positions: what lies between them is not to be had any more. */
  from: string
  to: string
}

/** Something about texts that is no text. */
export type Notice = {
  messageType: 'IMNoticeMessage'
  imSessionPath: string
  /** Digits of who tells. */
  from: string
  timestamp: string
} & (
  | { notificationType: 'Composing'; composing: boolean; refreshSeconds?: number }
  | { notificationType: 'Delivered' | 'Displayed'; messageId: string }
  | { notificationType: 'Failed'; messageId: string; status?: number; reason?: string }
)

/** What arrives on `/v2/me/im-sessions`. */
export type Notification = SessionStateChange | LogUpdate | GapNotice | Notice

/** What arrives on `/v2/me/devices`. */
export interface DeviceStateChange {
  messageType: 'DeviceStateChangeMessage'
  devices: readonly Device[]
}

export type StateName = 'Ready' | 'NotReady' | 'AfterCallWork' | 'Offline'

/** How a device takes part in IM: by this API, by a SIP endpoint, or not at all. */
export type ImAccess = 'api' | 'sip' | 'none'

export interface UserState {
  state: 'Ready' | 'NotReady' | 'LoggedOut'
  workMode?: string
}

export interface Device {
  id: string
  phoneNumber: string
  type: string
  userState: UserState
  imAccess: ImAccess
  path: string
}

/** The user who is signed in. */
export interface User {
  id: string
  userName: string
  firstName: string
  lastName: string
  roles: readonly string[]
  contactCenterId: string
}

/** `/me` with what it holds. */
export interface Whole extends User {
  devices: readonly Device[]
  channels: readonly { userState: UserState }[]
}

/** A place somebody may work at. */
export interface Place {
  name: string
  devices: readonly {
    phoneNumber: string
    type: string
    imAccess: ImAccess
    path: string
    /** User name of who is there; null: nobody. */
    heldBy: string | null
  }[]
}

/** Somebody of the contact centre who can be called. */
export interface Contact {
  userName: string
  firstName: string
  lastName: string
  /** Where they are, or would be; null: nowhere. */
  phoneNumber: string | null
  userState: UserState
  /** They are in an IM session now. */
  inSession: boolean
}

/** A session that has ended. */
export interface EndedSession extends ImSession {
  /** ISO 8601. */
  began: string
  ended: string
}

/** Every answer of the REST API. */
export interface Answer {
  statusCode: number
  statusMessage?: string
}

/** What an accepted text is answered with, where the server tells. */
export type Sent = Answer & Partial<TextMessage>
