import type { Clock, PersonID } from '@ringdown/signalling'
import type { Timed } from '../cometd/wheel.ts'
import type { Centre } from '../login.ts'
import type { CwaEvent, NumberedEvent } from './event.ts'
import type { Projection, Viewer } from './projection.ts'
import type { CwaRecords, SavedCursor, SessionRecord } from './session-records.ts'
import { behind, feedStep, firstPlace, introduction, LostEvents, lossIn, type Start, storeHasLost } from './start.ts'
import { type Step, Window } from './window.ts'

/** A session as requests see it. */
export interface CwaSession {
  readonly sid: number
  readonly centre: Centre
  readonly person: PersonID
  /** The client asked for debug information. */
  readonly debug: boolean
  /** The highest AckId seen. */
  readonly acknowledged: number
  /** The projection at the feed's end, read now. Rejects with TServerError; with a CwaError where events are lost. */
  current(): Promise<Projection>
  /** Whether what a request came to is in what the client has not acknowledged; as `current` has seen it. */
  unacknowledged(rid: string): boolean
  /** A request came: the client lives, and its user is there. */
  touch(): void
}

/** The events behind an AckId. */
export interface Batch {
  /** The number to acknowledge. */
  ackId: number
  events: readonly NumberedEvent[]
  /** There are more than go into one answer. */
  more: boolean
}

/** A poll that waits for something to tell. */
export interface Held {
  ackId: number
  answer(batch: Batch | LostEvents): void
}

/** Entries read from the feed at once. */
const pageSize = 128
/** A hint that is lost must not hide an event for longer than this, milliseconds. */
const lookMs = 30_000
/** Acknowledged events are held so long for a client that repeats an older poll, milliseconds. */
const keptMs = 60_000

export interface LiveSessionSetUp {
  centre: Centre
  person: PersonID
  sid: number
  record: SessionRecord
  cursor: SavedCursor | undefined
  records: Pick<CwaRecords, 'cursor'>
  clock: Clock
  participant: Viewer['participant']
  /** There may be something to tell. */
  onNews: (session: LiveSession) => void
  /** Something came from the client. */
  onHeard: (session: LiveSession) => void
}

/**
 * A session on this node, while its client asks here: a window of its events between what the client has acknowledged and the feed's end,
 * and the projection there. Nothing of it is needed elsewhere; another node works out the same. SPEC UC-62.
 */
export class LiveSession implements CwaSession, Timed, Viewer {
  readonly centre: Centre
  readonly person: PersonID
  readonly sid: number
  readonly debug: boolean
  readonly participant: Viewer['participant']
  acknowledged: number
  /** When it was heard of, when its user was active, when its cursor was written; milliseconds since 1970. */
  seen: number
  active: number
  saved: number
  /** When its record was looked at. */
  checked: number
  /** The cursor has moved since it was written. */
  moved = false
  held: Held | null = null
  due = Number.POSITIVE_INFINITY
  slot = 0
  readonly #start: Start
  readonly #records: Pick<CwaRecords, 'cursor'>
  readonly #clock: Clock
  readonly #onHeard: (session: LiveSession) => void
  readonly #unwatch: () => void
  readonly #window: Window
  /** The projection at the feed's end, as it was looked at last. */
  #head: Projection
  /** Requests whose outcome lies between the window's end and the head; null where these are one. */
  #beyond: Set<string> | null = null
  #dirty = true
  #looked = 0
  #acknowledgedAt: number
  /** Who works with window and head; one after the other. */
  #last: Promise<unknown> = idle

  constructor(setUp: LiveSessionSetUp) {
    const { centre, person, sid, record, cursor, records, clock, participant, onNews, onHeard } = setUp
    const { start, debug, created } = record
    this.centre = centre
    this.person = person
    this.sid = sid
    this.debug = debug
    this.participant = participant
    this.#start = start
    this.#records = records
    this.#clock = clock
    this.#onHeard = onHeard
    const place = cursor?.place ?? firstPlace(start)
    this.#window = new Window(place)
    this.#head = place.log === undefined ? place.projection : behind(start)
    this.acknowledged = cursor?.acknowledged ?? 0
    this.seen = cursor?.seen ?? created
    this.active = cursor?.active ?? created
    this.saved = this.seen
    this.checked = clock.now()
    this.#acknowledgedAt = this.checked
    const news = () => {
      this.#dirty = true
      onNews(this)
    }
    this.#unwatch = centre.store.watchFeed(person, news, news)
  }

  get head(): Projection {
    return this.#head
  }

  get start(): Start {
    return this.#start
  }

  touch(): void {
    this.heard(true)
  }

  /** The client lives; perhaps its user is there as well. */
  heard(active: boolean): void {
    this.seen = this.#clock.now()
    if (active) this.active = this.seen
    this.#onHeard(this)
  }

  current(): Promise<Projection> {
    return this.#alone(async () => {
      await this.#look()
      if (this.#head.rids?.reused) await this.#hearOfPolls()
      return this.#head
    })
  }

  /** What the client has acknowledged elsewhere. SPEC UC-77. */
  async #hearOfPolls(): Promise<void> {
    const { acknowledged = 0 } = (await this.#records.cursor(this.person, this.sid)) ?? {}
    if (acknowledged <= this.#head.eid) this.acknowledged = Math.max(this.acknowledged, acknowledged)
  }

  unacknowledged(rid: string): boolean {
    return this.#beyond?.has(rid) || this.#window.some(this.acknowledged, (event) => outcomeOf(event) === rid)
  }

  /**
   * The events behind an AckId, which acknowledges those before. SPEC UC-61. Rejects with LostEvents, and with TServerError; then
   * nothing is acknowledged that had not been seen.
   */
  poll(ackId: number): Promise<Batch> {
    return this.#alone(async () => {
      const old = this.#clock.now() - this.#looked >= lookMs
      // What another node has told this one may not have heard of yet.
      if (this.#dirty || old || ackId > this.#head.eid) await this.#look()
      if (ackId > this.#head.eid) return { ackId: this.acknowledged, events: [], more: false }
      await this.#acknowledge(ackId)
      await this.#fill()
      const { events, more } = this.#window.batch(ackId)
      return { ackId: events.at(-1)?.eid ?? this.#head.eid, events, more }
    })
  }

  /** As it is to be written now. */
  cursor(): SavedCursor {
    const { acknowledged, seen, active } = this
    return { place: this.#window.placeAt(acknowledged), acknowledged, seen, active }
  }

  /** Hears of no news any more; requests still work. */
  close(): void {
    this.#unwatch()
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work)
    const last = result.then(nothing, nothing).then(() => {
      if (this.#last === last) this.#last = idle
    })
    this.#last = last
    return result
  }

  /** Reads the feed to its end. */
  async #look(): Promise<void> {
    this.#dirty = false // what comes from now on is looked at again
    try {
      for (;;) {
        const { entries, last } = await this.#page(this.#head.offset)
        for (const entry of entries) this.#advance(feedStep(this.#head, entry, this, this.#start))
        if (entries.length === 0 || this.#head.offset >= last) break
      }
    } catch (error) {
      this.#dirty = true
      throw error
    }
    this.#looked = this.#clock.now()
  }

  async #page(after: number) {
    const page = await this.centre.store.readFeed(this.person, after, pageSize)
    // What the window has no room for yet has to be there as well.
    const { offset } = this.#window.tail.projection
    const loss = lossIn(page, this.#start, after) ?? lossIn(page, this.#start, offset)
    if (loss !== undefined) throw new LostEvents(loss)
    return page
  }

  #advance(step: Step): void {
    const joins = this.#joined && (step.events.length === 0 || !this.#window.full)
    this.#head = step.after.projection
    if (joins) this.#window.push(step)
    else this.#note(step)
  }

  #note({ events }: Step): void {
    this.#beyond ??= new Set()
    for (const { event } of events) {
      const rid = outcomeOf(event)
      if (rid !== undefined) this.#beyond.add(rid)
    }
  }

  /** The window reaches to the head. */
  get #joined(): boolean {
    const { log, projection } = this.#window.tail
    return log === undefined && projection.offset === this.#head.offset
  }

  /** Reads what is missing between the window and the head, as much as the window takes. */
  async #fill(): Promise<void> {
    while (!this.#joined && !this.#window.full) {
      for (const step of await this.#stepsBehindWindow()) {
        if (this.#joined || this.#window.full) break
        this.#window.push(step)
      }
    }
    if (this.#joined) this.#beyond = null
  }

  async #stepsBehindWindow(): Promise<readonly Step[]> {
    const { tail } = this.#window
    if (tail.log !== undefined) {
      const { talk } = this.#start
      return introduction(this.#start, tail, async (after, limit) =>
        talk ? this.centre.store.readLog(talk.callUUID, after, limit) : [],
      )
    }
    let { projection } = tail
    const { entries } = await this.#page(projection.offset)
    // They were there when the head went past them: a store that has lost its last writes.
    if (entries.length === 0) throw new LostEvents(storeHasLost)
    return entries.map((entry) => {
      const step = feedStep(projection, entry, this, this.#start)
      projection = step.after.projection
      return step
    })
  }

  async #acknowledge(ackId: number): Promise<void> {
    // Told by another node: the window goes on to there.
    while (ackId > this.#window.tail.projection.eid && !this.#joined) {
      this.#window.forget(ackId)
      await this.#fill()
    }
    const now = this.#clock.now()
    if (ackId > this.acknowledged) {
      this.acknowledged = ackId
      this.#acknowledgedAt = now
      this.moved = true
    } else if (now - this.#acknowledgedAt >= keptMs) this.#window.forget(this.acknowledged)
    this.#window.forgetSurplus(this.acknowledged)
  }
}

const idle: Promise<unknown> = Promise.resolve()
const nothing = () => undefined

/** The request whose outcome, or whose conversation's number, an event tells. */
function outcomeOf(event: CwaEvent): string | undefined {
  const tells =
    event.event === 'requestSucceeded' || event.event === 'requestFailed' || event.event === 'initiateImSessionAccepted'
  return tells ? event.rid : undefined
}
