import type { CwaFailure } from './error.ts'

/** A message of `initiateImSession` or `sendMessage`: formats in their order, trimmed; the text as it was written. */
export interface CwaMessage {
  formats: readonly string[]
  content: string
}

/** One request of a `cwaRequests`, uc-ajax-api §2 and §3, whatever its spelling was. */
export type CwaRequest =
  | { request: 'logon'; user?: string; password?: string }
  | {
      request: 'initiateSession'
      rid: string
      securityMode?: 'public' | 'private'
      /** 3500 online … 18500 offline. */
      availability?: number
      debug: boolean
    }
  | { request: 'terminateSession'; rid: string }
  | ConferenceRequest
  | { request: 'queryPresence' | 'subscribePresence'; rid: string; uris: readonly string[] }
  | { request: 'publishSelfPresence'; rid: string; availability?: number }
  /** Contacts, groups, containers, search: accepted, with nothing to do. */
  | { request: 'ignored'; rid: string; name: string }
  /** What could not be read: the answer is `requestInvalid`, with this rid where there was one. */
  | { request: 'invalid'; rid?: string; failure: CwaFailure }

/** A request within `conference`; `confId` 0 where the client gave none. */
export type ConferenceRequest = { rid: string; confId: number } & (
  | { request: 'initiateImSession'; uris: readonly string[]; message: CwaMessage; subject?: string; confUri?: string }
  | { request: 'acceptImSession' | 'terminateImSession' }
  | { request: 'sendMessage'; message: CwaMessage }
  | { request: 'notifyComposing'; composing: boolean }
  | { request: 'sendInfo'; contentType: string; content: string }
  | { request: 'inviteParticipants'; uris: readonly string[] }
  | { request: 'ejectParticipant' | 'promoteParticipant'; uri: string }
  | { request: 'lock'; lock: boolean }
  | { request: 'voIPRedirect' | 'voIPTerminate' | 'voIPReplyWithIM' }
)

/** The body of a POST. */
export interface CwaRequests {
  /** 0 where the client gave none. */
  sid: number
  requests: readonly CwaRequest[]
  /** How many elements and attributes nobody knows. */
  unexpected: number
}

/** What one request is answered with at once, uc-ajax-api §1.7. */
export type CwaAnswer =
  | { answer: 'requestAccepted'; rid: string }
  | { answer: 'initiateImSessionAccepted'; rid: string; confId: number }
  | { answer: 'initiateSessionAccepted'; rid: string; sid: number; uri: string; pollWaitMs: number }
  | { answer: 'loggedOn'; uri: string; signInData: string }
  | { answer: 'requestInvalid' | 'requestFailed'; rid?: string; failure: CwaFailure }
  /** About the whole body: it holds no request that could be answered. */
  | { answer: 'error'; failure: CwaFailure }

/** The body of the answer to a POST. */
export interface CwaResponses {
  /** Requests that were accepted or refused for what they ask; those that could not be read do not count. */
  processed: number
  unexpected: number
  answers: readonly CwaAnswer[]
}
