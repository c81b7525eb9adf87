import type { Clock, PersonID } from '@ringdown/signalling'
import type { Centre } from '../login.ts'
import { beginSession, type Silent } from './begin-session.ts'
import type { Talk, Viewer } from './projection.ts'
import { failureOf, isRefusal } from './refusals.ts'
import {
  CwaRecords,
  type OwnLogin,
  type PersonSessions,
  type SavedCursor,
  type SessionRecord,
} from './session-records.ts'
import { firstPlace } from './start.ts'

export interface RegisterDeps {
  centre: Centre
  clock: Clock
  participant: Viewer['participant']
  /** How long a session lives that is not heard of, milliseconds. */
  lifeMs: number
  /** A client that was not heard of for so long is taken to be gone when its person signs in again, milliseconds. */
  silentMs: number
  sessionsPerPerson: number
  /** From 0 to below 1. */
  random: () => number
  logOut: (centre: Centre, person: PersonID) => Promise<void>
  /** A session's cursor where this node serves it: later than what is written. */
  cursorHere: (person: PersonID, sid: number) => SavedCursor | undefined
  /** The conversation of a session at the feed's end; null where it has none, or has lost it. */
  talkOf: (person: PersonID, sid: number) => Promise<Talk | null>
  /** A session is over, on whatever node it is served. */
  onEnded: (person: PersonID, sid: number) => void
}

export interface Opening {
  /** Of the initiateSession. */
  rid: string
  debug: boolean
  /** Logs the agent in, also where somebody has begun to; absent for who is no agent. */
  logIn?: () => Promise<void>
}

type Other = Silent & { silent: boolean }

/** The number no session has: the watch over a sign-in until its session is there. */
const signingIn = 0
/** A sign-in that has come to nothing is looked at after this time, milliseconds. */
const signInMs = 60_000
/** How long after its beginning a sign-in may still log somebody in, milliseconds. */
const logInMs = 10_000

const clientPrefix = 'cwa:'

/** Which sessions the persons of a contact centre have: how they begin, and how they end. All methods reject with TServerError. */
export class Register {
  readonly records: CwaRecords
  readonly #deps: RegisterDeps

  constructor(deps: RegisterDeps) {
    const { centre, clock, lifeMs } = deps
    this.#deps = deps
    this.records = new CwaRecords(centre.store, clock, lifeMs)
    centre.tserver.onLostClient((person, client) => this.#onLostClient(person, client))
  }

  /**
   * Begins a session; `logIn` logs the agent in, where it is asked to. The answer is its number. Rejects with what `logIn` rejects with,
   * too; then there is no session.
   */
  async open(person: PersonID, { rid, debug, logIn }: Opening): Promise<number> {
    const { centre, participant, clock, lifeMs } = this.#deps
    const others = await this.#others(person)
    const silent = others.every((other) => other.silent) ? others : undefined
    const start = await beginSession({ centre, person, rid, participant, silent })
    const { sid, gone, entered } = await this.records.exclusively(person, async () => {
      const before = await this.records.sessionsOf(person)
      const login = logIn ? await this.#logIn(person, before, logIn) : before.login
      const sid = this.#freshSid(before)
      const replaced = silent?.map((other) => other.sid) ?? []
      const stay = before.sids.filter((other) => !replaced.includes(other))
      const surplus = this.#surplus(stay, others)
      await this.records.keep(person, sid, { debug, created: clock.now(), start })
      await this.#watch(person, sid, lifeMs)
      await this.records.keepSessions(person, {
        sids: [...stay.filter((other) => !surplus.includes(other)), sid],
        left: before.left.filter((other) => !replaced.includes(other)),
        login,
      })
      return { sid, gone: [...surplus, ...replaced], entered: login !== before.login }
    })
    // Where the store does not answer now, the sign-in is found to be well, and they end when their time is up.
    if (entered) await this.#watch(person, signingIn, 0).catch(() => undefined)
    for (const other of gone) await this.#forget(person, other).catch(() => undefined)
    return sid
  }

  /** Ends a session by its client's wish. SPEC UC-69. */
  async end(person: PersonID, sid: number): Promise<void> {
    await this.records.exclusively(person, async () => {
      await this.records.forget(person, sid)
      const before = await this.records.sessionsOf(person)
      await this.records.keepSessions(person, { ...before, sids: without(before.sids, sid) })
    })
    this.#deps.onEnded(person, sid)
    await this.#logOutIfLast(person)
    await this.#watch(person, sid, 0) // last: if anything before fails, it is tried again when the time is up
  }

  /** Ends a session that cannot go on; a new one begins where its client has come to. SPEC UC-64. */
  async lose(person: PersonID, sid: number): Promise<void> {
    await this.records.exclusively(person, () => this.#markLost(person, sid))
    this.#deps.onEnded(person, sid)
  }

  #freshSid({ sids, left }: PersonSessions): number {
    for (;;) {
      const sid = 1 + Math.floor(this.#deps.random() * (2 ** 31 - 1))
      if (!sids.includes(sid) && !left.includes(sid)) return sid
    }
  }

  /** SPEC UC-70: where there are too many, those that were silent for longest give way. */
  #surplus(sids: readonly number[], others: readonly Other[]): readonly number[] {
    const over = sids.length + 1 - this.#deps.sessionsPerPerson
    if (over <= 0) return []
    const seen = new Map(others.map((other) => [other.sid, other.seen]))
    return [...sids].sort((a, b) => (seen.get(a) ?? 0) - (seen.get(b) ?? 0)).slice(0, over)
  }

  async #others(person: PersonID): Promise<readonly Other[]> {
    const { clock, silentMs, cursorHere } = this.#deps
    const { sids, left } = await this.records.sessionsOf(person)
    const found = await Promise.all(
      [...sids, ...left].map(async (sid) => {
        const [record, kept] = await Promise.all([this.records.read(person, sid), this.records.cursor(person, sid)])
        if (!record) return []
        const { start, created, lost } = record
        const { seen, place } = cursorHere(person, sid) ?? kept ?? { seen: created, place: firstPlace(start) }
        return [{ sid, seen, start, place, silent: lost === true || clock.now() - seen > silentMs }]
      }),
    )
    return found.flat()
  }

  /** Under the person's lock; finishes also what was begun and failed: a record that is marked, or gone, and a number that still counts. */
  async #markLost(person: PersonID, sid: number): Promise<void> {
    const record = await this.records.read(person, sid)
    if (record && !record.lost) await this.records.keep(person, sid, { ...record, lost: true })
    const before = await this.records.sessionsOf(person)
    if (!before.sids.includes(sid)) return // another one has gone on from it
    const left = record ? [sid, ...before.left] : before.left
    await this.records.keepSessions(person, { ...before, sids: without(before.sids, sid), left })
  }

  /** SPEC UC-68: the time of a client is up, if it was not heard of meanwhile. */
  async #onLostClient(person: PersonID, client: string): Promise<void> {
    const { clock, lifeMs, onEnded } = this.#deps
    const prefix = `${clientPrefix}${person}:`
    if (!client.startsWith(prefix)) return
    const sid = Number(client.slice(prefix.length))
    const leftMs = await this.records.exclusively(person, async () => {
      const [record, cursor] = await Promise.all([this.records.read(person, sid), this.records.cursor(person, sid)])
      const lives = record && !record.lost
      const leftMs = lives ? Math.max(cursor?.seen ?? 0, record.created) + lifeMs - clock.now() : 0
      if (lives && leftMs > 0) await this.#keepOn(person, sid, record)
      else await this.#markLost(person, sid)
      return Math.max(0, leftMs)
    })
    if (leftMs === 0) {
      onEnded(person, sid)
      if (sid !== signingIn) await this.#releaseUnseen(person)
      await this.#logOutIfLast(person)
    }
    await this.#watch(person, sid, leftMs)
  }

  /** Under the person's lock: what has ended does not live again. */
  async #keepOn(person: PersonID, sid: number, record: SessionRecord): Promise<void> {
    await this.records.keep(person, sid, record)
    await this.records.keepSessions(person, await this.records.sessionsOf(person))
  }

  /**
   * SPEC UC-68: a conversation that a session had taken which is over now, and that the others have seen go there, nobody is shown any more:
   * its other side would write to no one.
   */
  async #releaseUnseen(person: PersonID): Promise<void> {
    const { centre, talkOf } = this.#deps
    const { sids } = await this.records.sessionsOf(person)
    const talks = await Promise.all(sids.map((sid) => talkOf(person, sid)))
    const call = talks.some((talk) => talk?.elsewhere) ? await centre.tserver.session(person) : undefined
    const own = call ? talks.flatMap((talk) => (talk?.callUUID === call.callUUID ? talk : [])) : []
    const [talk] = own
    if (!talk || own.some(({ elsewhere }) => !elsewhere)) return
    const { callUUID, dn: thisDN } = talk
    await centre.tserver.request({ request: 'TReleaseCall', person, callUUID, thisDN }).catch((error: unknown) => {
      if (!isRefusal(error, 'TERR_DEST_INV_STATE')) throw error // it was over
    })
  }

  /**
   * Under the person's lock. SPEC UC-80: the intent is written first, and watched, so that no login is left behind by a node that dies in
   * the middle, or by a store that fails there. A sign-in that follows one of these logs in as if nothing had been.
   */
  async #logIn(person: PersonID, before: PersonSessions, logIn: () => Promise<void>): Promise<PersonSessions['login']> {
    const unfinished = before.login?.to === undefined ? before.login : null
    const whose = await this.#whoseLogin(person, unfinished)
    if (whose === 'others') return before.login
    const from = whose === 'ours' && unfinished ? unfinished.from : this.#deps.clock.now()
    await this.#watch(person, signingIn, signInMs)
    await this.records.keepSessions(person, { ...before, login: { from } })
    try {
      await logIn()
    } catch (error) {
      // Where the store does not answer, the watch does this later.
      if (failureOf(error)) await this.#takeBack(person, before, from).catch(() => undefined)
      throw error
    }
    return { from, to: this.#deps.clock.now() }
  }

  /** A sign-in that was refused leaves nobody logged in. */
  async #takeBack(person: PersonID, before: PersonSessions, from: number): Promise<void> {
    await this.#logOut(person, { from })
    await this.records.keepSessions(person, { ...before, login: null })
  }

  /** Whose login it is that the agent is logged in by: of the sign-in of then, or another one. */
  async #whoseLogin(person: PersonID, sign: OwnLogin | null): Promise<'nobodys' | 'ours' | 'others'> {
    const { tserver } = this.#deps.centre
    const { dns } = await tserver.agent(person)
    if (dns.length === 0) return 'nobodys'
    const { from, to = from + logInMs } = sign ?? { from: Number.POSITIVE_INFINITY }
    const logins = (await tserver.logins(dns)).flatMap((record) => record?.login ?? [])
    return logins.some(({ since }) => since >= from && since <= to) ? 'ours' : 'others'
  }

  /** SPEC UC-69: the last session logs out an agent whom one of them had logged in, and nobody signs in meanwhile. */
  async #logOutIfLast(person: PersonID): Promise<void> {
    const isLast = ({ sids, login }: PersonSessions) => sids.length === 0 && login !== null
    if (!isLast(await this.records.sessionsOf(person))) return
    await this.records.exclusively(person, async () => {
      const now = await this.records.sessionsOf(person)
      if (!isLast(now) || now.login === null) return
      await this.#logOut(person, now.login)
      await this.records.keepSessions(person, { ...now, login: null })
    })
  }

  /** Also where nobody is logged in any more: a device may still be taken. What is refused now is refused for ever. */
  async #logOut(person: PersonID, sign: OwnLogin): Promise<void> {
    if ((await this.#whoseLogin(person, sign)) === 'others') return
    await this.#deps.logOut(this.#deps.centre, person).catch((error: unknown) => {
      if (!failureOf(error)) throw error
    })
  }

  async #forget(person: PersonID, sid: number): Promise<void> {
    await this.records.forget(person, sid)
    this.#deps.onEnded(person, sid)
    await this.#watch(person, sid, 0)
  }

  /** A person's sessions have numbers of their own, the clients of a contact centre have not. */
  #watch(person: PersonID, sid: number, forMs: number): Promise<void> {
    return this.#deps.centre.tserver.watchClient(person, `${clientPrefix}${person}:${sid}`, forMs)
  }
}

function without(sids: readonly number[], sid: number): readonly number[] {
  return sids.filter((other) => other !== sid)
}
