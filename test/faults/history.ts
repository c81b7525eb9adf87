import type { Notification } from '@ringdown/desktop'

/** How a request ended, as the client saw it. `unknown`: no answer, or one that does not say whether it was carried out. */
export type Outcome = 'accepted' | 'refused' | 'unknown'

interface Asked {
  /** Milliseconds, all journals of a history on one clock. */
  asked: number
  answered: number
  outcome: Outcome
  /** The credentials were not those of the agent the journal belongs to. */
  intruder?: true
}

/** What a client asked for. Every text of a history is different, so that a repeated one shows. */
export type Request = Asked &
  (
    | { request: 'initiate'; peer: string }
    | { request: 'send'; session: string; text: string }
    | { request: 'complete'; session: string }
  )

/** What arrived at a client, in the order of arrival and with every repetition. */
export interface Arrival {
  at: number
  notification: Notification
  /** `<epoch>:<offset>` in the agent's feed. */
  position?: string
}

/** What one client did and saw. */
export interface Journal {
  client: string
  /** Digits of the DN the agent is logged in on. */
  dn: string
  requests: Request[]
  arrivals: Arrival[]
  /** Subscribed before the first session, and connected when the history ended: nothing may be missing here. */
  whole: boolean
  /** Message ids of texts that were shown as failed. */
  failed?: Set<string>
}

/** A text as it came to a SIP endpoint, repetitions included. */
export interface EndArrival {
  at: number
  /** What a repetition is known by: Call-ID and CSeq of a MESSAGE, the Message-ID of MSRP. */
  id: string
  text: string
}

/** What a SIP endpoint did and saw. */
export interface EndJournal {
  client: string
  /** Digits of its DN. */
  dn: string
  /** Of each text the last answer; `session` is empty: endpoints know no ids of sessions. */
  requests: Request[]
  arrivals: EndArrival[]
  /** Texts of its own that it was told had failed. */
  failed: Set<string>
  /** How often it read that a text had failed, without being told which. */
  notices?: number
  /** How its sessions went, for people. */
  told: { at: number; what: string }[]
}

/** A text as the server's transcript has it. */
export interface LoggedText {
  position: number
  messageId: string
  from: string
  text: string
}

/** All that is known of one run. */
export interface History {
  journals: readonly Journal[]
  /** SIP endpoints, where there were any. */
  ends?: readonly EndJournal[]
  /** Numbers in each session, as the store has them; what agents are told of is known without. */
  parties?: ReadonlyMap<string, readonly string[]>
  /** By session id, read when everything had come to rest. */
  transcripts: ReadonlyMap<string, readonly LoggedText[]>
  /** Sessions that were living then, by the DN of the agent. */
  living: ReadonlyMap<string, readonly string[]>
}

/** The promise that was broken (G1 to G7 of the design), and by what. */
export interface Violation {
  rule: 'G1' | 'G2' | 'G3' | 'G4' | 'G5' | 'G6' | 'G7'
  what: string
}

/** The journal without repetitions: each position of the feed, each text once, in the order of first arrival. */
export function firstArrivals(journal: Journal): Arrival[] {
  const seen = new Set<string>()
  return journal.arrivals.filter((arrival) => {
    const { notification, position } = arrival
    const id = notification.messageType === 'IMLogUpdateMessage' ? `text ${notification.messageId}` : position
    if (id === undefined) return true
    if (seen.has(id)) return false
    seen.add(id)
    return true
  })
}

/** A feed position taken apart; undefined where it has not the form `<epoch>:<offset>`. */
export function readPosition(position: string | undefined): { epoch: string; offset: number } | undefined {
  const [, epoch, offset] = /^(.+):(\d+)$/.exec(position ?? '') ?? []
  return epoch === undefined ? undefined : { epoch, offset: Number(offset) }
}

/** The id of the session a text belongs to. */
export function sessionOfPath(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
