import type { CallUUID, DNumber, FeedEntry, MessageID, PersonID } from '@ringdown/signalling'
import type { CwaEvent } from './event.ts'

/**
 * How far one session has come in its person's feed, and what it has to know to go on. The events of a session are a pure function of
 * where it began and of the feed's entries behind, so any node counts them alike. Plain data; small, since a person is in one IM
 * session at most (G6).
 */
export interface Projection {
  /** The last number given to an event. */
  eid: number
  /** The offset of the last feed entry that was looked at. */
  offset: number
  /** The highest number of a conversation so far. */
  highest: number
  /** The conversation that goes on. */
  talk: Talk | null
  /** The one before, for requests that are repeated. */
  ended: Ended | null
  /** The rid of the last text, or of what came before any; `reused`: this client gives one rid to several requests. */
  rids?: { last: string; reused?: true }
}

/** A conversation that is over; without a call where nobody could be invited. */
export interface Ended extends Pick<Talk, 'confId' | 'asked' | 'digest' | 'held'> {
  callUUID?: CallUUID
  /** The rid that ended it. */
  endedBy?: string
  /** When it ended, milliseconds since 1970. */
  at: number
}

/** A conversation of one session. */
export interface Talk {
  confId: number
  callUUID: CallUUID
  state: 'connecting' | 'incoming' | 'connected'
  /** The session's person is the party at this DN; the other one is at `other`, shown to the client under `peer`. */
  dn: DNumber
  other: DNumber
  peer: { uri: string; name: string }
  /** This session began or accepted it: it ends with the session. */
  held: boolean
  /** This session began it, so its first text is the opening. */
  began?: true
  /** Accepted or begun by another session of the same person: nothing of it is shown here any more. `confId` is 0 if nothing ever was. */
  elsewhere?: true
  /** The rid of the initiateImSession or acceptImSession that is behind it; `succeeded`: its outcome has been told. */
  asked?: string
  succeeded?: true
  /** Tells the initiateImSession from another one under its rid. */
  digest?: string
  /** The first text, which imSessionReceived has shown or the initiator has written. */
  opening?: MessageID
  /** The position in the log up to which texts have been shown. */
  log: number
}

/** What the projection asks about the contact centre; its answers may change what an event says, never how many there are. */
export interface Viewer {
  /** This session's number. */
  sid: number
  /** How a party at a DN is shown; `person` works there, where it is known. */
  participant(dn: DNumber, person?: PersonID): { uri: string; name: string }
}

/** Shows one more entry: the events it makes, in order, without numbers, and the projection behind it. Pure. */
export type Project = (
  before: Projection,
  entry: FeedEntry,
  viewer: Viewer,
) => { after: Projection; events: readonly CwaEvent[] }
