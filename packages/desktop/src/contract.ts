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

/** What arrives on `/v2/me/im-sessions`. */
export type Notification = SessionStateChange | LogUpdate | GapNotice

/** Every answer of the REST API. */
export interface Answer {
  statusCode: number
  statusMessage?: string
}
