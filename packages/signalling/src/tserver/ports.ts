/** What the core needs from outside. Nothing here names a database, a socket or a timer of the runtime. */
import type { AgentRecord, DNRecord } from './agent.ts'
import type { Call, Text } from './call.ts'
import type { DN } from './dn.ts'
import type { CallUUID, DNumber, PersonID } from './ids.ts'
import type { MailboxRecord } from './mailbox.ts'
import type { Registration, SharedSecret } from './registration.ts'
import type { LegRecord } from './sip-leg.ts'
import type { FeedEvent } from './t-event.ts'
import type { TTimer } from './t-request.ts'
import type { WebhookRecord } from './webhook-record.ts'

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Runs once after so many milliseconds; the answer cancels it. */
  after(ms: number, run: () => void): () => void
}

/** The records the store keeps by version, by kind. */
export interface StoredRecords {
  call: Call
  dn: DNRecord
  agent: AgentRecord
  /** What a DN has registered over SIP. */
  registration: Registration
  /** A secret the nodes share, by its use. */
  secret: SharedSecret
  /** What the owner of a party's SIP leg keeps, by `legID`. */
  leg: LegRecord
  /** Texts that wait until a DN's agent can be reached. */
  mailbox: MailboxRecord
  /** How far a webhook's deliveries have come, by the webhook's name. */
  webhook: WebhookRecord
}
export type RecordKind = keyof StoredRecords
export interface RecordIDs {
  call: CallUUID
  dn: DNumber
  agent: PersonID
  registration: DNumber
  secret: 'sipNonce'
  leg: string
  mailbox: DNumber
  webhook: string
}

/** A record and its version. Versions count from 1; 0 stands for a record that does not exist. */
export interface Versioned<T> {
  version: number
  value: T
}

/** Names one record; the discriminated form of (kind, id). */
export type RecordRef = { [K in RecordKind]: { kind: K; id: RecordIDs[K] } }[RecordKind]

/** All that one decision has to look at, read in one round trip. */
export interface ReadRequest {
  records: readonly RecordRef[]
  /** Whose claim to read. */
  claims: readonly PersonID[]
}
/** In the order asked for. A missing record is undefined, a free agent's claim too. */
export interface ReadReply {
  records: readonly (Versioned<StoredRecords[RecordKind]> | undefined)[]
  claims: readonly (CallUUID | undefined)[]
}

/** One record to write: its version becomes the expected one plus 1. */
export type Put = {
  [K in RecordKind]: {
    kind: K
    id: RecordIDs[K]
    value: StoredRecords[K]
    /**
     * Forget it (and, for a call, its log, its message ids and, in the feeds this change appends to, what was there until then) after so
     * many milliseconds. Absent: keep. `asBefore`: when it would have been forgotten without this.
     */
    expireMs?: number | 'asBefore'
  }
}[RecordKind]

/** The outcome of one decision. A commit makes all of it true, or none. */
export interface Change {
  /** Each record must still be at this version (0: must not exist). Each record put must be among them. */
  expect: readonly (RecordRef & { version: number })[]
  put: readonly Put[]
  /** Compare-and-set of the agents' claims (G6), and of pairs of endpoints: `from` must hold, then `to` does. `undefined` is free. */
  claims: readonly { person: PersonID; from: CallUUID | undefined; to: CallUUID | undefined }[]
  /**
   * Events to append, in this order, each to one person's feed, a node's (`nodeFeed`), or the webhooks' (`webhookFeed`). `hold`: how many
   * entries of that feed are held, where it is not as many as of others.
   */
  feeds: readonly { person: PersonID; event: FeedEvent; hold?: number }[]
  /** A text to append to its call's log. The feed entries of the same change carry its log position. */
  log?: {
    callUUID: CallUUID
    text: Text /** The client chose the id: look whether it was accepted before. */
    once: boolean
  }
  timers: {
    /** `id` is unique; setting it again moves it. `due` in milliseconds since 1970. */
    set: readonly { id: string; due: number; timer: TTimer }[]
    cancel: readonly string[]
  }
  /** Marks a call as living or ended, for `listCalls` and the count of living calls by state. */
  live?: { callUUID: CallUUID; from: LiveState | null; to: LiveState | null; created: number }
}
/** How a living call is counted. */
export type LiveState = 'dialing' | 'talking'

export type CommitOutcome =
  /** Accepted, durably. `feeds`: the offset each feed entry got, in order. `log`: the text's position in the log, counted from 1. */
  | { outcome: 'committed'; feeds: readonly number[]; log?: number }
  /** A version or a claim was not what was expected: nothing happened; read again, decide again. */
  | { outcome: 'conflict' }
  /** The text with this id was accepted before: nothing happened; answer as then. `log` is its position, `sent` its time. */
  | { outcome: 'duplicate'; log: number; sent: number }

/** One event of a feed. Offsets of a feed are consecutive integers from 1: T-Library's EventSequenceNumber, by which gaps show. */
export interface FeedEntry {
  offset: number
  event: FeedEvent
  /** For a text: its position in its session's log. */
  log?: number
}

export interface FeedPage {
  /** Identifies the store's memory. Another epoch means that offsets of the old one say nothing. */
  epoch: string
  /** The lowest offset that is still held (last + 1 when nothing is), and the highest ever given (0: none). */
  first: number
  last: number
  /** Entries after the asked offset, in order, without holes. Where `after + 1 < first` the page starts at `first`: a gap. */
  entries: readonly FeedEntry[]
}

export interface LogEntry {
  /** Counted from 1, the order of acceptance. */
  position: number
  text: Text
}

/** Which sessions: those that began at `from` or later, and before `until`; milliseconds since 1970. */
export interface SessionRange {
  from?: number
  until?: number
  /** The cursor a page before has ended with. */
  after?: string | undefined
  limit: number
}

/** What the store holds by a name: feeds by person or node, records and short-lived values of one kind by their ids. */
export type Named = { feeds: true } | { records: RecordKind } | { kept: KeptKind }

/** Called with what was just appended, in order. A hint: an offset that is not the next one means, read the feed. */
export type FeedListener = (entries: readonly FeedEntry[]) => void

/** Kinds of short-lived values that facades share between nodes. */
export type KeptKind =
  | 'httpSession'
  | 'cometdSession'
  | 'cometdLogin'
  | 'ticket'
  | 'cwaSession'
  | 'cwaPerson'
  | 'attempts'
  | 'node'
  /** Which load run goes on. */
  | 'loadRun'
  | 'sipNonce'
  /** What a node holds of a session's trace, for the node that asked. */
  | 'trace'

/**
 * The store of one contact centre. Every method rejects with TServerError TERR_NO_SWITCH or TERR_TIMEOUT, within 2 s, when the
 * store cannot be reached, is read-only or is full; and works again without a restart when it is back.
 */
export interface SessionStore {
  /** Resolves only when the change is durable (as durable as the store is configured to be). */
  commit(change: Change): Promise<CommitOutcome>
  read(request: ReadRequest): Promise<ReadReply>

  readFeed(person: PersonID, after: number, limit: number): Promise<FeedPage>
  /** Where the feed ends now: what a new client starts from. */
  feedEnd(person: PersonID): Promise<{ epoch: string; offset: number }>
  /**
   * Tells of appended entries as soon as they are committed, by this node or another. Returns the way to stop.
   * `onDoubt` is called when hints may have been lost (a reconnect): read the feed.
   */
  watchFeed(person: PersonID, listener: FeedListener, onDoubt: () => void): () => void

  /**
   * Forgets the entries of a feed nobody reads any more, but for the newest, of which at most 200 stay; with `upTo` those up to and
   * with this offset, every one. Offsets go on, so whoever comes back sees the gap.
   */
  trimFeed(person: PersonID, upTo?: number): Promise<void>

  readLog(callUUID: CallUUID, after: number, limit: number): Promise<readonly LogEntry[]>

  /** Timers due at `now`, each leased to the asker for `leaseMs`: handling it cancels it in its commit, else it comes back. */
  claimTimers(now: number, limit: number, leaseMs: number): Promise<readonly { id: string; timer: TTimer }[]>

  /** Living calls, oldest first, after a cursor; for the operator's list, never on a hot path. */
  listCalls(after: string | undefined, limit: number): Promise<{ calls: readonly Call[]; next?: string }>
  countCalls(): Promise<Record<LiveState, number>>

  /** Sessions that are kept, living and ended, in the order they began, after a cursor; for lists, never on a hot path. */
  listSessions(range: SessionRange): Promise<{ sessions: readonly Call[]; next?: string }>
  /** Names of all there is of a sort, in no order, each at least once; it looks at everything the store holds. */
  listNames(of: Named, after: string | undefined, limit: number): Promise<{ names: readonly string[]; next?: string }>
  /**
   * Writes other events in the place of some that are held, all at once; watchers are not told. What is not held is left out: resolves
   * with how many were written.
   */
  rewriteFeed(person: PersonID, entries: readonly { offset: number; event: FeedEvent }[]): Promise<number>
  /** The same for texts of a call's log. The ids of texts that were accepted stay known. */
  rewriteLog(callUUID: CallUUID, entries: readonly LogEntry[]): Promise<number>

  /** Configuration objects that were changed through the API. `revision` grows with every change. */
  readObjects(): Promise<{ revision: number; objects: readonly StoredObject[] }>
  /** Writes (or, with null, removes) one object, if the revision is still the one read. Resolves false if it is not. */
  putObject(object: { kind: string; id: string; value: unknown | null }, revision: number): Promise<boolean>
  onObjects(listener: () => void): () => void

  /** Short-lived values shared by all nodes. `ttlMs` runs from the last save. */
  keep(kind: KeptKind, id: string, value: string, ttlMs: number): Promise<void>
  kept(kind: KeptKind, id: string): Promise<string | undefined>
  forget(kind: KeptKind, id: string): Promise<void>
  /** Adds one to a counter that starts at 0 and is forgotten `ttlMs` after its first step; answers the new count. */
  count(kind: KeptKind, id: string, ttlMs: number): Promise<number>

  /** A hint from node to node (a taken-over CometD session, a logged-out HTTP session). May be lost. */
  signal(node: string, message: string): Promise<void>
  /** Hints for this node, and those sent to node `*`, which means all. */
  onSignal(listener: (message: string) => void): () => void

  /** Whether the store takes writes now; for the readiness probe. */
  healthy(): boolean
  close(): Promise<void>
}

export interface StoredObject {
  kind: string
  id: string
  value: unknown
}

/** How a called number stands with SIP now. */
export interface Reached {
  /** Somebody is registered there, or the address it has is in service. */
  reachable: boolean
  /** The trunk the number goes out by; null for an endpoint of our own. */
  trunk: DNumber | null
  /** The node that has to send: it alone holds the endpoint's connection. Null: any node. */
  node: string | null
  /** The party's URI for the call: its address of record here, or what the trunk is asked for. */
  uri: string
}

/**
 * Tells how a called number is reached over SIP. `dn` is the endpoint's own DN; absent, the number is none of ours and a trunk is
 * looked for: undefined where there is none. It may look at registrations; it is asked when a call is made, never for a text.
 */
export type Reachability = (number: DNumber, dn: DN | undefined) => Promise<Reached | undefined>

/** What the engine has done, for metrics; called synchronously, must not throw. */
export interface Meter {
  /** A commit begins; the answer is called when it has ended, with its outcome, or without where there was none. */
  commit(): (outcome?: CommitOutcome['outcome']) => void
  text(): void
  refused(reason: string): void
}
