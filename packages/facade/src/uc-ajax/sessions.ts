import { type Clock, type Person, type PersonID, TServerError } from '@ringdown/signalling'
import type { FastifyBaseLogger } from 'fastify'
import { Wheel } from '../cometd/wheel.ts'
import { readErasure } from '../erasure.ts'
import type { Centre } from '../login.ts'
import type { Addresses } from './addresses.ts'
import { CursorWriter, seenMs } from './cursor-writer.ts'
import type { NumberedEvent } from './event.ts'
import { noUcAjaxMeter, type UcAjaxMeter } from './meter.ts'
import type { UcAjaxOptions } from './options.ts'
import type { Talk, Viewer } from './projection.ts'
import { type Opening, Register } from './register.ts'
import { type Batch, type CwaSession, type Held, LiveSession } from './session.ts'
import { LostEvents } from './start.ts'

export type { CwaSession } from './session.ts'

export interface CwaSessionsDeps {
  centres: readonly Centre[]
  clock: Clock
  options: UcAjaxOptions
  addresses: (centre: Centre) => Addresses
  /** Logs an agent out whom a session had logged in. */
  logOut: (centre: Centre, person: PersonID) => Promise<void>
  /** From 0 to below 1. */
  random?: () => number
  meter?: UcAjaxMeter
  log?: Pick<FastifyBaseLogger, 'info'>
}

/** What a poll is answered with. */
export type PollAnswer =
  | { ackId: number; events: readonly NumberedEvent[]; pollWaitMs: number; sessionTimeoutMs: number }
  /** The session has ended, for what the sentence says. */
  | { gap: string }

/** A contact centre, and what belongs to it alone. */
interface Realm {
  register: Register
  participant: Viewer['participant']
  stop: () => void
}

/** What a client is told to wait that has more to fetch than one answer holds, ms. */
const backlogWaitMs = 50
const tickMs = 250
/** Ticks between writings of cursors. SPEC UC-63. */
const saveTicks = 4
/** See `RegisterDeps.silentMs`; more than the time between two writings. SPEC UC-66. */
const silentMs = 45_000
/** A session that nobody asks here for so long is left to whoever is asked next, milliseconds. */
const dropMs = 60_000
/** How much longer than it was told to a session lives, since the store knows the time of its last request only so exactly. */
const marginMs = 45_000
/** No client is told a shorter time: every poll keeps its session alive. Milliseconds. */
const leastTimeoutMs = 60_000
/** Sessions on one node. */
const mostSessions = 50_000
const endedSignal = 'cwa ended '
const hasEnded = 'The session has ended'

/**
 * The sessions of all contact centres, as this node serves them. Nothing is here only: a session is its record, its client's cursor and the
 * person's feed, so that any node answers any poll alike. SPEC UC-60.
 */
export class CwaSessions {
  readonly #deps: CwaSessionsDeps
  readonly #meter: UcAjaxMeter
  readonly #realms: ReadonlyMap<Centre, Realm>
  readonly #live = new Map<string, LiveSession>()
  readonly #loading = new Map<string, Promise<LiveSession | undefined>>()
  readonly #cursors: CursorWriter
  readonly #wheel: Wheel<LiveSession>
  readonly #dropMs: number
  #ticks = 0
  #closing = false

  constructor(deps: CwaSessionsDeps) {
    const { pollWaitMs, holdMs } = deps.options
    this.#deps = deps
    this.#meter = deps.meter ?? noUcAjaxMeter
    this.#cursors = new CursorWriter({
      clock: deps.clock,
      recordsOf: ({ centre }) => this.#of(centre).register.records,
      isHere: (session) => this.#isHere(session),
    })
    this.#dropMs = Math.max(dropMs, 3 * pollWaitMs + holdMs)
    this.#wheel = new Wheel(deps.clock, tickMs, (session) => this.#onDue(session), this.#onTick)
    this.#realms = new Map(deps.centres.map((centre) => [centre, this.#realm(centre)]))
  }

  /** Begins a session. Rejects with TServerError, and with what `logIn` rejects with. */
  async open(centre: Centre, { id: person }: Pick<Person, 'id'>, asked: Opening): Promise<{ sid: number }> {
    return { sid: await this.#of(centre).register.open(person, asked) }
  }

  /** The person's session of that number, wherever it was served before. Rejects with TServerError. */
  find(centre: Centre, person: PersonID, sid: number): Promise<CwaSession | undefined> {
    return this.#find(centre, person, sid)
  }

  /** Ends a session by its client's wish; the last one logs out an agent who was logged in by one. Rejects with TServerError. */
  end({ centre, person, sid }: CwaSession): Promise<void> {
    return this.#of(centre).register.end(person, sid)
  }

  /** Answers a poll, at once or when there is something to tell. Rejects with TServerError; then it can be repeated as it was. */
  async poll(
    { centre, person, sid }: CwaSession,
    { ackId, active }: { ackId: number; active: boolean },
  ): Promise<PollAnswer> {
    const session = await this.#find(centre, person, sid)
    if (!session) return { gap: hasEnded }
    session.heard(active)
    this.#release(session)
    try {
      const batch = await session.poll(ackId)
      // SPEC UC-77: which of its texts are repeated, such a client tells by its AckId alone.
      if (session.moved && session.head.rids?.reused) await this.#cursors.write(session)
      if (batch.events.length > 0 || !this.#holds(session)) return this.#answer(session, batch, false)
      return await this.#hold(session, batch)
    } catch (error) {
      if (!(error instanceof LostEvents)) throw error
      await this.#lose(session)
      return { gap: error.message }
    } finally {
      if (this.#closing) await this.#cursors.save(session)
    }
  }

  /** Answers the polls that are held and writes what only this node knows. */
  async close(): Promise<void> {
    this.#closing = true
    this.#wheel.stop()
    for (const session of this.#live.values()) this.#release(session)
    await this.#cursors.flush()
    for (const session of this.#live.values()) session.close()
    this.#live.clear()
    this.#meter.sessions(0)
    for (const { stop } of this.#realms.values()) stop()
  }

  #realm(centre: Centre): Realm {
    const { clock, addresses, options, logOut, random = Math.random } = this.#deps
    const { pollWaitMs, holdMs, sessionTimeoutMs, sessionsPerPerson } = options
    const participant: Viewer['participant'] = (dn, person) => addresses(centre).participant(dn, person)
    const register = new Register({
      centre,
      clock,
      participant,
      lifeMs: Math.max(sessionTimeoutMs, holdMs) + marginMs,
      silentMs: Math.max(silentMs, seenMs + 3 * pollWaitMs + holdMs),
      sessionsPerPerson,
      random,
      logOut,
      cursorHere: (person, sid) => this.#live.get(keyOf(centre, person, sid))?.cursor(),
      talkOf: (person, sid) => this.#talkOf(centre, person, sid),
      onEnded: (person, sid) => {
        this.#dropEnded(centre, person, sid)
        // A hint: a node that does not get it finds out when it looks at the record.
        centre.store.signal('*', `${endedSignal}${sid} ${person}`).catch(() => undefined)
      },
    })
    const stop = centre.store.onSignal((message) => this.#onSignal(centre, message))
    return { register, participant, stop }
  }

  #of(centre: Centre): Realm {
    const realm = this.#realms.get(centre)
    if (!realm) throw new Error(`contact centre ${centre.id} is not served`)
    return realm
  }

  async #talkOf(centre: Centre, person: PersonID, sid: number): Promise<Talk | null> {
    const here = this.#live.get(keyOf(centre, person, sid))
    // Its client is not what asks: it is not taken to be served here.
    const session = here ?? (await this.#read(centre, person, sid))
    try {
      return (session && (await session.current()).talk) ?? null
    } catch (error) {
      if (!(error instanceof LostEvents)) throw error
      return null
    } finally {
      if (!here) session?.close()
    }
  }

  async #find(centre: Centre, person: PersonID, sid: number): Promise<LiveSession | undefined> {
    const key = keyOf(centre, person, sid)
    const live = this.#live.get(key)
    if (live) return live
    const loading = this.#loading.get(key) ?? this.#load(centre, person, sid).finally(() => this.#loading.delete(key))
    this.#loading.set(key, loading)
    return loading
  }

  async #load(centre: Centre, person: PersonID, sid: number): Promise<LiveSession | undefined> {
    const session = await this.#read(centre, person, sid)
    if (!session) return undefined
    if (this.#closing)
      session.close() // it serves this one request
    else {
      this.#keep(session)
      void this.#check(session) // it may have ended while it was read
    }
    return session
  }

  async #read(centre: Centre, person: PersonID, sid: number): Promise<LiveSession | undefined> {
    const { register, participant } = this.#of(centre)
    const { records } = register
    const record = await records.read(person, sid)
    if (!record || record.lost) return undefined
    const cursor = await records.cursor(person, sid)
    const { clock } = this.#deps
    const [onNews, onHeard] = [this.#onNews, this.#onHeard]
    const named = { centre, person, sid, participant }
    return new LiveSession({ ...named, record, cursor, records, clock, onNews, onHeard })
  }

  #keep(session: LiveSession): void {
    const [oldest] = this.#live.size >= mostSessions ? this.#live.values() : []
    if (oldest) this.#leave(oldest)
    this.#live.set(keyOf(session.centre, session.person, session.sid), session)
    this.#wheel.set(session, this.#deps.clock.now() + this.#dropMs)
    this.#meter.sessions(this.#live.size)
  }

  #isHere(session: LiveSession): boolean {
    return this.#live.get(keyOf(session.centre, session.person, session.sid)) === session
  }

  #holds(session: LiveSession): boolean {
    return this.#deps.options.holdMs > 0 && !this.#closing && this.#isHere(session)
  }

  #hold(session: LiveSession, { ackId }: Batch): Promise<PollAnswer> {
    this.#release(session)
    return new Promise((resolve) => {
      const answer = (batch: Batch | LostEvents) => {
        if (batch instanceof LostEvents) resolve({ gap: batch.message })
        else resolve(this.#answer(session, batch, true))
      }
      session.held = { ackId, answer }
      this.#wheel.set(session, this.#deps.clock.now() + this.#deps.options.holdMs)
      this.#onNews(session) // what came since the feed was looked at had nobody to tell it to
    })
  }

  readonly #onNews = (session: LiveSession): void => {
    const { held } = session
    if (held) this.#tell(session, held).catch(() => undefined) // it stays held; the next poll looks again
  }

  async #tell(session: LiveSession, held: Held): Promise<void> {
    try {
      const batch = await session.poll(held.ackId)
      if (session.held === held && batch.events.length > 0) this.#answerHeld(session, batch)
    } catch (error) {
      if (!(error instanceof LostEvents)) throw error
      this.#answerHeld(session, error)
      await this.#lose(session)
    }
  }

  /** Answers a held poll with nothing. */
  #release(session: LiveSession): void {
    const { held } = session
    if (held) this.#answerHeld(session, { ackId: held.ackId, events: [], more: false })
  }

  #answerHeld(session: LiveSession, batch: Batch | LostEvents): void {
    const { held } = session
    session.held = null
    held?.answer(batch)
    // Until now its client has waited here.
    if (held && this.#isHere(session)) session.heard(false)
  }

  #answer(session: LiveSession, { ackId, events, more }: Batch, held: boolean): PollAnswer {
    const { pollWaitMs, busyPollWaitMs, sessionTimeoutMs } = this.#deps.options
    const { talk } = session.head
    const inTalk = talk !== null && !talk.elsewhere
    const wait = inTalk ? busyPollWaitMs : pollWaitMs
    const now = this.#deps.clock.now()
    const left = sessionTimeoutMs - (now - session.active)
    this.#meter.polled(events.length, held)
    for (const { sent } of events) if (sent !== undefined) this.#meter.delivered(now - sent)
    return {
      ackId,
      events,
      pollWaitMs: more ? Math.min(backlogWaitMs, wait) : wait,
      sessionTimeoutMs: Math.max(left, Math.min(leastTimeoutMs, sessionTimeoutMs)),
    }
  }

  readonly #onHeard = (session: LiveSession): void => {
    if (!this.#isHere(session)) return
    if (!session.held) this.#wheel.set(session, session.seen + this.#dropMs)
    this.#cursors.heard(session)
  }

  #onDue(session: LiveSession): void {
    if (session.held) this.#release(session)
    else this.#leave(session)
  }

  /** Leaves a session to whoever is asked next. */
  #leave(session: LiveSession): void {
    this.#cursors.leave(session)
    this.#drop(session)
  }

  #drop(session: LiveSession): void {
    this.#live.delete(keyOf(session.centre, session.person, session.sid))
    this.#cursors.forget(session)
    session.due = Number.POSITIVE_INFINITY
    session.close()
    this.#meter.sessions(this.#live.size)
  }

  readonly #onTick = (): void => {
    if (++this.#ticks % saveTicks !== 0) return
    this.#cursors.tick((session) => {
      if (this.#deps.clock.now() - session.checked >= seenMs) void this.#check(session)
    })
  }

  /** Whether the session has ended without this node having heard of it. */
  async #check(session: LiveSession): Promise<void> {
    const { centre, person, sid } = session
    session.checked = this.#deps.clock.now()
    const record = await this.#of(centre)
      .register.records.read(person, sid)
      .catch(() => 'unknown' as const)
    if (record === 'unknown' || (record && !record.lost)) return
    if (this.#isHere(session)) this.#dropEnded(centre, person, sid)
  }

  /** SPEC UC-64. Where the store does not answer now, the next poll finds out the same. */
  async #lose(session: LiveSession): Promise<void> {
    const { centre, person, sid } = session
    this.#deps.log?.info({ centre: centre.id, person, sid }, 'UC AJAX session ended: its events are lost')
    await this.#cursors.save(session)
    if (this.#isHere(session)) this.#drop(session)
    try {
      await this.#of(centre).register.lose(person, sid)
    } catch (error) {
      if (!(error instanceof TServerError)) throw error
    }
  }

  /** What is held of a session may have texts in it that were erased: it is read anew. SPEC RC-14. */
  #erased(centre: Centre, person: PersonID): void {
    for (const session of [...this.#live.values()]) {
      if (session.centre !== centre) continue
      if (session.person === person) this.#dropEnded(centre, person, session.sid)
      else {
        this.#release(session)
        this.#leave(session)
      }
    }
  }

  #onSignal(centre: Centre, message: string): void {
    const erased = readErasure(message)
    if (erased) this.#erased(centre, erased.person)
    if (!message.startsWith(endedSignal)) return
    const [, sid, person] = /^(\d+) (.*)$/.exec(message.slice(endedSignal.length)) ?? []
    if (sid !== undefined && person !== undefined) this.#dropEnded(centre, person as PersonID, Number(sid))
  }

  #dropEnded(centre: Centre, person: PersonID, sid: number): void {
    const session = this.#live.get(keyOf(centre, person, sid))
    if (!session) return
    this.#drop(session)
    this.#answerHeld(session, new LostEvents(hasEnded))
  }
}

function keyOf(centre: Centre, person: PersonID, sid: number): string {
  return `${centre.id} ${person} ${sid}`
}
