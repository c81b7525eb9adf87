import type { Centre } from '../login.ts'
import type { Pattern } from './channel.ts'
import type { Cursor } from './cursor.ts'
import type { PersonFeed } from './feed.ts'
import type { Resume, Subscriptions } from './topic-change.ts'
import type { Timed } from './wheel.ts'

/** Where the answer to a held connect goes: one HTTP response or a websocket. */
export interface Sink {
  /** The connection serves many requests, one after the other: a websocket. */
  readonly lasting: boolean
  /** A connect of this session waits here from now on; `Hub.closed` is to be told when the connection goes. */
  hold(sub: Subscriber): void
  /** Writes the messages, a JSON array. `final`: this node is going away, so the connection should not be used again. */
  answer(json: string, final: boolean): void
  /** Answers a connect that a newer one has taken the place of. SPEC CD-17. */
  superseded(json: string): void
}

/** How a CometD session stands: no connect is here, one is held, or it is over on this node. */
export type Life = 'waiting' | 'held' | 'gone'
type Row = readonly [from: Life, on: string, to: Life, action: string]

// SPEC CD-16. A pair that is not listed changes nothing.
// biome-ignore format: read it as a table
export const lifeTable = [
  // from      on             to         action
  ['waiting', 'connect',     'held',    'hold'],
  ['held',    'connect',     'held',    'supersede'],   // the first one's connection is dead, whatever TCP says
  ['held',    'answered',    'waiting', 'expireLater'],
  ['held',    'closed',      'waiting', 'expireLater'], // the client's connection broke
  ['held',    'due',         'waiting', 'answerEmpty'], // the heartbeat
  ['waiting', 'due',         'gone',    'expire'],      // maxInterval is over
  ['waiting', 'disconnect',  'gone',    'forget'],
  ['held',    'disconnect',  'gone',    'farewell'],
  ['waiting', 'moved',       'gone',    'drop'],        // another node serves it now
  ['held',    'moved',       'gone',    'sendOn'],
] as const satisfies readonly Row[]

export type LifeInput = (typeof lifeTable)[number][1]
export type LifeAction = (typeof lifeTable)[number][3]

/** The session's next state and what has to be done; undefined where nothing changes. */
export function lifeStep(from: Life, on: LifeInput): { to: Life; action: LifeAction } | undefined {
  const row = lifeTable.find((r) => r[0] === from && r[1] === on)
  return row && { to: row[2], action: row[3] }
}

/** A held connect: where its answer goes and what that has to carry. */
export interface Held {
  sink: Sink
  id: unknown
  /** The request had an advice, so the reply has one. */
  advised: boolean
  /** The client's clock reading for the timesync extension. */
  timesync: unknown
}

/** One CometD session on this node; small, because ten thousand of them are idle most of the time. */
export class Subscriber implements Timed, Subscriptions {
  readonly clientID: string
  readonly centre: Centre
  readonly feed: PersonFeed
  readonly loginID: string
  readonly ack: boolean
  readonly cursor: Cursor
  /** Absolute address of the API as this client sees it; the links in its events begin with it. */
  readonly apiRoot: string
  patterns: readonly Pattern[]
  resume: Resume | null
  /** Counts how often a node took the session over; a later owner's word counts. */
  tenure: number
  life: Life = 'waiting'
  held: Held | null = null
  /** The websocket its last batch was written to. */
  socket: Sink | null = null
  /** A page of the feed is being read for it. */
  paging = false
  /** Nothing was heard of its last batch here, so its next echo speaks of another node's. */
  adopted = false
  /** Something was confirmed or sent since its record was saved. */
  moved = false
  /** Its connection broke while a connect was held, and it has not come back since. */
  lost = false
  /** How often its record or its progress was written by this node. */
  version = 0
  /** When its last connect came, its progress was last written, and its record: milliseconds since 1970. */
  seen: number
  saved: number
  recorded: number
  /** The message id of its last connect as a number; 0 where it has none. */
  lastConnect = 0
  due = Number.POSITIVE_INFINITY
  slot = 0

  constructor(
    of: Pick<
      Subscriber,
      'clientID' | 'centre' | 'feed' | 'loginID' | 'ack' | 'cursor' | 'apiRoot' | 'patterns' | 'resume' | 'tenure'
    > & { now: number },
  ) {
    this.clientID = of.clientID
    this.centre = of.centre
    this.feed = of.feed
    this.loginID = of.loginID
    this.ack = of.ack
    this.cursor = of.cursor
    this.apiRoot = of.apiRoot
    this.patterns = of.patterns
    this.resume = of.resume
    this.tenure = of.tenure
    this.seen = of.now
    this.saved = of.now
    this.recorded = of.now
  }
}
