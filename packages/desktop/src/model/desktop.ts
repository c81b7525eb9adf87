import {
  type Contact,
  type Device,
  type EndedSession,
  emptyView,
  type ImSession,
  type Place,
  type Sent,
  type StateName,
  type TextMessage,
  type View,
  type WholeUser,
} from '@ringdown/client'
import type { Link } from './link.ts'
import { newLink } from './link.ts'
import type { Waiting } from './outbox.ts'
import type { Phone } from './phone.ts'
import type { Failure, Problem } from './problem.ts'

type Pairs = Readonly<Record<string, unknown>>

export type Stage =
  /** Not known yet whether somebody is signed in. */
  'opening' | 'signIn' | 'place' | 'desk'

export type Page = 'desk' | 'history' | 'lab'

/** Whose page it is. User names are unique in their contact centre. */
export interface Who {
  centre: string
  userName: string
}

export interface Me extends Who {
  name: string
  roles: readonly string[]
}

/** A word to the agent that stands at the edge until it is dismissed or has been there long enough. */
export interface Toast {
  id: number
  problem: Problem
}

export interface History {
  /** Null: not read yet. */
  list: readonly EndedSession[] | null
  search: string
  shown: string | null
  transcripts: ReadonlyMap<string, readonly TextMessage[]>
}

export interface Contacts {
  /** Null: not read yet. */
  list: readonly Contact[] | null
  more: boolean
  search: string
  /** Names by number, of all contacts that were ever listed. */
  names: ReadonlyMap<string, string>
}

/** What an agent's page knows and shows. Plain and immutable. */
export interface Desktop {
  /** Grows with each sign-in of another person and each sign-out: what was asked under a former one is answered to nobody. */
  login: number
  /** How often it was asked whose page this is; the answer to the last one counts. */
  checks: number
  /** What came since that was asked, in its order; null: nothing is in question. */
  held: readonly Input[] | null
  stage: Stage
  page: Page
  me: Me | null
  /** What was asked for and not answered yet, by its key. */
  busy: ReadonlySet<string>
  /** What is wrong with the form that is shown: sign-in, place. */
  problem: Problem | null
  toasts: readonly Toast[]
  nextToast: number
  places: readonly Place[] | null
  devices: readonly Device[]
  agentState: StateName
  link: Link
  view: View
  shown: string | null
  /** A session that was asked for and has not shown up yet. */
  calling: string | null
  drafts: ReadonlyMap<string, string>
  outbox: readonly Waiting[]
  /** By session: the position in its transcript up to which the agent has seen the peer's texts. */
  seen: ReadonlyMap<string, number>
  /** Texts whose sender is to be told that they were seen; the first one is under way. */
  toldSeen: readonly { id: string; messageId: string }[]
  /** The session for which the peer was told that a text is being written. */
  composing: string | null
  contacts: Contacts
  history: History
  /** Sessions of which something was kept in the browser before this page was loaded, until it is known which of them live. */
  leftovers: ReadonlySet<string>
  phone: Phone
  /** The page can be seen by the agent. */
  visible: boolean
}

export const emptyDesktop: Desktop = {
  login: 0,
  checks: 0,
  held: null,
  stage: 'opening',
  page: 'desk',
  me: null,
  busy: new Set(),
  problem: null,
  toasts: [],
  nextToast: 1,
  places: null,
  devices: [],
  agentState: 'Offline',
  link: newLink,
  view: emptyView,
  shown: null,
  calling: null,
  drafts: new Map(),
  outbox: [],
  seen: new Map(),
  toldSeen: [],
  composing: null,
  contacts: { list: null, more: false, search: '', names: new Map() },
  history: { list: null, search: '', shown: null, transcripts: new Map() },
  leftovers: new Set(),
  phone: { state: 'off' },
  visible: true,
}

/** What the page asks of the world. The answer comes back as an input; a failure as `failed`, with the effect. */
export type Effect =
  /** `check`: whether it is still the person the page shows. */
  | { effect: 'whoAmI'; check?: number }
  /** Tells the browser's other tabs who has signed in. */
  | { effect: 'tellTabs'; who: Who }
  | { effect: 'signIn'; userName: string; password: string }
  | { effect: 'signOut' }
  | { effect: 'readPlaces'; search: string }
  | { effect: 'takePlace'; place: string; devicePath?: string }
  | { effect: 'leavePlace' }
  | { effect: 'setState'; state: StateName }
  /** Opens the stream of notifications, or closes it. */
  | { effect: 'listen' }
  | { effect: 'hangUp' }
  /** Asks whether the server can be reached. */
  | { effect: 'probe' }
  | { effect: 'readSessions' }
  | { effect: 'readSession'; id: string }
  | { effect: 'readTranscript'; id: string; after: number }
  | { effect: 'readContacts'; search: string }
  /** Whose number this is. */
  | { effect: 'readName'; number: string }
  | { effect: 'readHistory' }
  | { effect: 'readEnded'; id: string }
  | { effect: 'start'; number: string; userData: Pairs }
  /** Makes the page the SIP endpoint of a device; what comes of it is told by `phoneNews`. */
  | { effect: 'phoneOn'; number: string; password: string }
  | { effect: 'phoneOff' }
  /** A MESSAGE, which begins a session. */
  | { effect: 'startBySip'; number: string; text: string; messageId: string }
  | { effect: 'send'; id: string; messageId: string; text: string }
  | { effect: 'answer'; id: string; accept: boolean }
  | { effect: 'complete'; id: string }
  | { effect: 'attach'; id: string; userData: Pairs }
  | { effect: 'deleteKey'; id: string; key: string }
  | { effect: 'tellComposing'; id: string; composing: boolean }
  | { effect: 'tellDisplayed'; id: string; messageId: string }
  /** An input `waited` after so many milliseconds; asked for again it begins anew. */
  | { effect: 'wait'; name: string; ms: number }
  /** Keeps something of this agent in the browser, for all tabs; null: forgets it. */
  | { effect: 'save'; key: string; value: string | null }
  | { effect: 'load' }
  /** A sound and, where the agent allows it, a note of the browser. */
  | { effect: 'alert'; what: 'text' | 'session'; sessionId: string; peer: string }

/** What happens to the page: the agent's doing, the server's answers and news, time. */
export type Input = (
  | { input: 'opened' }
  | { input: 'signIn'; userName: string; password: string }
  | { input: 'signOut' }
  | { input: 'iAm'; user: WholeUser; check?: number }
  /** Somebody has signed in in another tab, with a cookie that is this one's, too. */
  | { input: 'signedInElsewhere'; who: Who }
  | { input: 'searchPlaces'; search: string }
  | { input: 'placesRead'; places: readonly Place[] }
  | { input: 'takePlace'; place: string; devicePath?: string }
  | { input: 'placeTaken'; user: WholeUser }
  | { input: 'leavePlace' }
  | { input: 'setState'; state: StateName }
  | { input: 'connected' }
  | { input: 'broken' }
  /** The stream of notifications begins, or begins anew. */
  | { input: 'subscribed' }
  /** The server has answered something. */
  | { input: 'reached' }
  | { input: 'notLetIn' }
  | { input: 'offline' }
  | { input: 'online' }
  | { input: 'notification'; data: unknown; now: number }
  | { input: 'devicesChanged'; devices: readonly Device[] }
  /** `asked`: the living sessions that were known when the question was put. */
  | { input: 'sessionsRead'; sessions: readonly ImSession[]; asked: readonly string[] }
  | { input: 'sessionRead'; session: ImSession }
  | { input: 'transcriptRead'; id: string; messages: readonly TextMessage[] }
  | { input: 'start'; number: string; userData: Pairs }
  | { input: 'phoneOn'; password: string }
  | { input: 'phoneOff' }
  | { input: 'phoneNews'; news: 'registered' | 'lost' | 'refused' | 'nowhere' }
  | { input: 'startBySip'; number: string; text: string; messageId: string }
  /** The MESSAGE was answered, by a final status of SIP. */
  | { input: 'startedBySip'; status: number; reason: string }
  | { input: 'show'; id: string }
  | { input: 'write'; id: string; text: string }
  | { input: 'send'; id: string; messageId: string; now: number }
  | { input: 'sent'; id: string; messageId: string; answer: Sent; now: number }
  | { input: 'sendAgain'; messageId: string }
  | { input: 'discard'; messageId: string }
  | { input: 'answer'; id: string; accept: boolean }
  | { input: 'complete'; id: string }
  | { input: 'attach'; id: string; key: string; value: string }
  | { input: 'deleteKey'; id: string; key: string }
  | { input: 'searchContacts'; search: string }
  | { input: 'contactsRead'; search: string; contacts: readonly Contact[]; more: boolean }
  | { input: 'namesRead'; contacts: readonly Contact[] }
  | { input: 'openPage'; page: Page }
  | { input: 'historyRead'; sessions: readonly EndedSession[] }
  | { input: 'searchHistory'; search: string }
  | { input: 'showEnded'; id: string }
  | { input: 'endedRead'; id: string; messages: readonly TextMessage[] }
  | { input: 'dismiss'; id: number }
  | { input: 'visible'; visible: boolean }
  | { input: 'loaded'; entries: readonly (readonly [key: string, value: string])[] }
  /** Another tab has saved or forgotten something. */
  | { input: 'savedElsewhere'; key: string; value: string | null }
  | { input: 'waited'; name: string }
  /** What was asked was done, and there is nothing more to say. */
  | { input: 'done'; effect: Effect }
  | { input: 'failed'; effect: Effect; failure: Failure }
) & {
  /** With what was asked for: the login it was asked under. */
  login?: number
}

/** The page after an input, and what it asks of the world. */
export interface Step {
  state: Desktop
  effects: readonly Effect[]
}

export function step(state: Desktop, ...effects: readonly Effect[]): Step {
  return { state, effects }
}

/** One step after another. */
export function andThen(before: Step, next: (state: Desktop) => Step): Step {
  const after = next(before.state)
  return { state: after.state, effects: [...before.effects, ...after.effects] }
}

/** By what key an effect is under way; undefined for those nobody waits for. */
export function busyKey(effect: Effect): string | undefined {
  switch (effect.effect) {
    case 'signIn':
    case 'signOut':
    case 'takePlace':
    case 'leavePlace':
    case 'setState':
    case 'start':
    case 'readHistory':
      return effect.effect
    case 'startBySip':
      return 'start'
    case 'answer':
    case 'complete':
    case 'attach':
    case 'deleteKey':
      return `session ${effect.id}`
    default:
      return undefined
  }
}
