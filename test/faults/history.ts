import type { Notification } from '@ringdown/client'

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
  /** `text`: what the session begins with, where the protocol lets it. */
  (
    | { request: 'initiate'; peer: string; text?: string }
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
  /** What a client of UC AJAX was told, from which the arrivals are made; such a client knows no positions of a feed. */
  queue?: Queue
}

/** The queues of one UC AJAX client: one for each session it had, told apart by their `sid`. */
export interface Queue {
  /** As they came, repetitions included. */
  events: QueueEvent[]
  /** What was asked, by session and `rid`: `<sid> <rid>`. */
  asked: Map<string, QueueRequest>
  /** Answers that no client could have worked with. */
  broken?: readonly string[]
}

/** An event and where it stands, with all that was written about it. */
export interface QueueEvent {
  at: number
  sid: number
  eid: number
  event: Told
}

/** An event of UC AJAX as far as promises are about it. */
export type Told =
  | { told: 'outcome'; rid: string; succeeded: boolean; detail?: string }
  | { told: 'invited'; confId: number; by: string; text: string }
  | { told: 'text'; confId: number; sender: string; text: string }
  | { told: 'state'; confId: number; state: 'connecting' | 'incoming' | 'connected' | 'terminated' }
  | { told: 'participant'; confId: number; uri: string }
  /** Anything else, as it was written. */
  | { told: 'other'; what: string }

export interface QueueRequest {
  outcome: Outcome
  /** What it says, where it carries a text. */
  text?: string
  /** In which conversation of its client. */
  confId?: number
  /** It leaves nothing behind; what is asked again is done again, and told again. */
  notice?: true
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
