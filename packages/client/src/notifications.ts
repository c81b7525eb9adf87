import type { Device, ImSession, TextMessage } from './contract.ts'

/** What comes over CometD, of which OpenAPI knows nothing: written down by hand, after `packages/facade/SPEC.md`. */

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
  /** ISO 8601. */
  timestamp: string
} & (
  | { notificationType: 'Composing'; composing: boolean; refreshSeconds?: number }
  | { notificationType: 'Delivered' | 'Displayed'; messageId: string }
  /** `status` and `reason` are those of SIP or MSRP. */
  | { notificationType: 'Failed'; messageId: string; status?: number; reason?: string }
)

/** What arrives on `/v2/me/im-sessions`. */
export type Notification = SessionStateChange | LogUpdate | GapNotice | Notice

/** What arrives on `/v2/me/devices`. */
export interface DeviceStateChange {
  messageType: 'DeviceStateChangeMessage'
  devices: readonly Device[]
}

/** The session a notification is about, from its path. */
export function sessionOfPath(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
