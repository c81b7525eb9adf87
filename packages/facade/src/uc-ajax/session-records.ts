import { type Clock, type PersonID, type SessionStore, TServerError } from '@ringdown/signalling'
import type { Start } from './start.ts'
import type { Place } from './window.ts'

/** A session as it was opened (kind `cwaSession`, `<person>:<sid>`); written under the person's lock only. SPEC UC-60. */
export interface SessionRecord {
  debug: boolean
  /** Milliseconds since 1970. */
  created: number
  start: Start
  /** It has ended without its client's wish; another one may go on from it. */
  lost?: true
}

/** How far its client has come (kind `cwaSession`, `<person>:<sid> cursor`). Any node may write it, also one that is behind. */
export interface SavedCursor {
  place: Place
  /** The highest number the client has acknowledged; at or behind the place. */
  acknowledged: number
  /** When it was heard of, and when its user was active, milliseconds since 1970. */
  seen: number
  active: number
}

/** The sessions of a person (kind `cwaPerson`), changed under the person's lock only. */
export interface PersonSessions {
  /** Those that live, oldest first. */
  sids: readonly number[]
  /** Those that have ended without their client's wish, which another one may go on from; latest first. */
  left: readonly number[]
  /** One of them has logged the agent in: the last one logs the agent out. */
  login: OwnLogin | null
}

/** When a sign-in has logged the agent in, milliseconds since 1970. A login from before, or from later, is another facade's. */
export interface OwnLogin {
  from: number
  /** Absent while the sign-in is under way, and for good where it came to nothing. */
  to?: number
}

/** How long the place is known of a session that was lost, milliseconds; a new one then goes on from there. */
export const cursorMs = 3_600_000
/** How many sessions that were lost a person has. */
const mostLeft = 4
/** How long a lock holds that nobody gives back, and how often it is asked for by those who wait, milliseconds. */
const lockMs = 4_000
const lockPauseMs = 5

/** The sessions of one contact centre in its store. Methods reject with TServerError. */
export class CwaRecords {
  readonly #store: SessionStore
  readonly #clock: Clock
  /** How long a record is kept that nobody keeps on, milliseconds. */
  readonly #ttlMs: number

  constructor(store: SessionStore, clock: Clock, ttlMs: number) {
    this.#store = store
    this.#clock = clock
    this.#ttlMs = ttlMs
  }

  async read(person: PersonID, sid: number): Promise<SessionRecord | undefined> {
    return parsed(await this.#store.kept('cwaSession', name(person, sid)))
  }

  keep(person: PersonID, sid: number, record: SessionRecord): Promise<void> {
    // Longer than it may live: a session that was lost is gone on from by its record and its cursor.
    return this.#store.keep('cwaSession', name(person, sid), JSON.stringify(record), this.#ttlMs + cursorMs)
  }

  async cursor(person: PersonID, sid: number): Promise<SavedCursor | undefined> {
    return parsed(await this.#store.kept('cwaSession', `${name(person, sid)} cursor`))
  }

  keepCursor(person: PersonID, sid: number, cursor: SavedCursor): Promise<void> {
    return this.#store.keep('cwaSession', `${name(person, sid)} cursor`, JSON.stringify(cursor), this.#ttlMs + cursorMs)
  }

  async forget(person: PersonID, sid: number): Promise<void> {
    await this.#store.forget('cwaSession', name(person, sid))
    await this.#store.forget('cwaSession', `${name(person, sid)} cursor`)
  }

  async sessionsOf(person: PersonID): Promise<PersonSessions> {
    return parsed(await this.#store.kept('cwaPerson', person)) ?? { sids: [], left: [], login: null }
  }

  async keepSessions(person: PersonID, sessions: PersonSessions): Promise<void> {
    const { sids, left, login } = sessions
    if (sids.length === 0 && left.length === 0 && !login) return this.#store.forget('cwaPerson', person)
    const bounded = { sids, left: left.slice(0, mostLeft), login }
    return this.#store.keep('cwaPerson', person, JSON.stringify(bounded), this.#ttlMs + cursorMs)
  }

  /** Works on a person's sessions while no other node does. */
  async exclusively<T>(person: PersonID, work: () => Promise<T>): Promise<T> {
    const lock = `${person} lock`
    // Whoever takes the first step of the counter has the lock; given back or forgotten, it starts over.
    for (let waited = 0; (await this.#store.count('cwaPerson', lock, lockMs)) !== 1; waited += lockPauseMs) {
      if (waited > lockMs) throw new TServerError('TERR_TIMEOUT')
      await new Promise<void>((resolve) => this.#clock.after(lockPauseMs, resolve))
    }
    try {
      return await work()
    } finally {
      await this.#store.forget('cwaPerson', lock).catch(() => undefined) // then it runs out
    }
  }
}

function name(person: PersonID, sid: number): string {
  return `${person}:${sid}`
}

/** Written by ourselves, but perhaps by another version: what cannot be read is not there. */
function parsed<T>(text: string | undefined): T | undefined {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as T
  } catch {
    return undefined
  }
}
