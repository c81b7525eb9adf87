import type { CwaFailure } from './error.ts'

/** Somebody's presence, uc-ajax-api §2.5. */
export interface Presence {
  uri: string
  /** 3500 … 18500, uc-ajax-api §2.2. */
  availability: number
  /** When it became so, milliseconds since 1970. */
  since: number
}

/** What a `conference` event holds, exactly one of them: uc-ajax-api §4.2 … §4.16. */
export type ConferenceEvent =
  | { event: 'initiateImSessionAccepted'; rid: string }
  | {
      event: 'imSessionReceived'
      inviter: Participant
      escalationMode: 'invitingPeer' | 'peer'
      subject: string
      message: EventMessage
    }
  | { event: 'imSessionState'; state: 'connecting' | 'incoming' | 'connected' | 'terminated' }
  | { event: 'messageReceived'; sender: string; message: EventMessage }
  | { event: 'messageIdReceived'; rid: string; messageID: string }
  | { event: 'messageSendFailed'; messageID: string }
  | { event: 'composingState'; composing: boolean; sender: string }
  | { event: 'inviteFailed'; uri: string }
  | { event: 'escalationMode'; mode: 'invitingPeer' | 'peer' | 'none' }
  | { event: 'participant'; participant: Participant }
  | { event: 'participantRemoved'; uri: string }

export interface Participant {
  uri: string
  name: string
}
export interface EventMessage {
  format: string
  content: string
}

/** One child of `cwaEvents`, without its `eid`. */
export type CwaEvent =
  | ({ confId: number } & ConferenceEvent)
  | { event: 'requestSucceeded'; rid: string }
  | { event: 'requestFailed'; rid: string; failure: CwaFailure }
  | { event: 'configuration' }
  | { event: 'contactGroup'; contacts: readonly Participant[] }
  | { event: 'selfPresence'; presence: Presence }
  | { event: 'userPresence'; presences: readonly Presence[] }

/** An event and its number in the session's queue. */
export interface NumberedEvent {
  eid: number
  event: CwaEvent
  /** Of a text that came in: when it was accepted, milliseconds since 1970. */
  sent?: number
}
