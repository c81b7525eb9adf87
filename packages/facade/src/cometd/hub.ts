import type { Clock, PersonID } from '@ringdown/signalling'
import { readErasure } from '../erasure.ts'
import type { Tracer } from '../lab/tracer.ts'
import type { Centre, Login } from '../login.ts'
import { type Advice, bayeuxError, printReply, sessionUnknown } from './bayeux.ts'
import { printConnectReply } from './connect-reply.ts'
import { Cursor, type FeedPart, type Told } from './cursor.ts'
import type { PersonFeed, Queued } from './feed.ts'
import { Feeds, type FeedsDeps } from './feeds.ts'
import { LoginLists } from './login-entries.ts'
import type { CometdOptions } from './options.ts'
import { parseBatch } from './position.ts'
import type { SessionRecord } from './record.ts'
import { refreshMs, SessionRecords } from './session-records.ts'
import { type Held, type LifeAction, type LifeInput, lifeStep, type Sink, Subscriber } from './subscriber.ts'
import { applyChange, restartedResume, type TopicChange } from './topic-change.ts'
import { Wheel } from './wheel.ts'

/** What operators want to see; called synchronously, must not throw. */
export interface CometdMeter {
  /** How many CometD sessions this node serves, after a change. */
  clients(count: number): void
  /** Characters of events held in memory for them, after a change. */
  queuedBytes(count: number): void
  /** A client was told of a gap. */
  gap(): void
  /** A text was written to a client, so many milliseconds after it was accepted. */
  delivered(ms: number): void
}

export interface HubDeps extends Pick<FeedsDeps, 'notify' | 'soon'> {
  clock: Clock
  /** This node's name; nodes of one store have different ones. */
  node: string
  options: CometdOptions
  meter: CometdMeter
  tracer: Tracer
}

/** What a connect says besides its id: the timeout its advice asks for, and the batch number it echoes. */
export interface ConnectSays {
  timeout: number | undefined
  echo: unknown
}

const tickMs = 250
/** A client's id is its secret: so much of it is shown in a trace. */
const shownOfName = 6
/** Ticks between writings of progress, and between tries to reach a store. SPEC CD-32. */
const flushTicks = 2
const retryTicks = 4
/** A moved cursor of a client with the ack extension, whose own echo is the truth, is written after so long. */
const ackSaveMs = 60_000
/** A connect that asks for no waiting is held so long at most while its page is read from the store. */
const pagingMs = 1_000
const sendOn: Advice = { reconnect: 'retry', interval: 0 }
const movedSignal = 'cometd moved '
const topicsSignal = 'cometd topics '

/**
 * The CometD sessions this node serves: who waits, what they have to be told, when they expire, and who takes them over.
 * Sessions of all contact centres, each bound to its centre and person.
 */
export class Hub {
  readonly clock: Clock
  readonly node: string
  readonly options: CometdOptions
  readonly feeds: Feeds
  readonly logins = new LoginLists()
  readonly records: SessionRecords
  /** Held connects are answered at once: this node is going away. */
  draining = false
  readonly #deps: HubDeps
  readonly #sessions = new Map<string, Subscriber>()
  readonly #adopting = new Map<string, Promise<Subscriber | undefined>>()
  readonly #heard = new Map<Centre, () => void>()
  readonly #wheel: Wheel<Subscriber>
  /** Sessions whose progress, or whose whole record, is to be written at the next tick. */
  readonly #moved = new Set<Subscriber>()
  readonly #stale = new Set<Subscriber>()
  #ticks = 0

  constructor(deps: HubDeps) {
    const { clock, node, options, meter } = deps
    this.#deps = deps
    this.clock = clock
    this.node = node
    this.options = options
    this.records = new SessionRecords(clock)
    this.#wheel = new Wheel(clock, tickMs, (sub) => this.#step(sub, 'due'), this.#onTick)
    this.feeds = new Feeds({
      notify: deps.notify,
      soon: deps.soon,
      onNews: (feed) => {
        for (const sub of feed.subscribers) this.#pump(sub)
      },
      onRestart: this.#onRestart,
      onQueued: (characters) => meter.queuedBytes(characters),
    })
  }

  get clients(): number {
    return this.#sessions.size
  }

  /** What a client is told about its connects. */
  advice(): Advice {
    return { reconnect: 'retry', interval: this.options.intervalMs, timeout: this.options.timeoutMs }
  }

  /** The session if it is the person's; undefined if it is not known here, or somebody else's. */
  find(clientID: unknown, centre: Centre, person: PersonID): Subscriber | undefined {
    const sub = typeof clientID === 'string' ? this.#sessions.get(clientID) : undefined
    return sub && sub.feed.person === person && sub.centre === centre ? sub : undefined
  }

  /** Takes a new session in; it expires unless a connect comes. Rejects with TServerError. */
  async open(sub: Subscriber): Promise<void> {
    await this.#write(sub)
    this.#listen(sub.centre)
    this.#sessions.set(sub.clientID, sub)
    sub.feed.subscribers = sub.feed.subscribers.concat(sub)
    this.#wheel.set(sub, this.#expiry())
    this.#deps.meter.clients(this.#sessions.size)
  }

  /**
   * Takes a session over that another node, or this one before a restart, has served; its client need not handshake again.
   * Undefined where there is none to take over. Rejects with TServerError. SPEC CD-30.
   */
  adopt(clientID: unknown, login: Login, apiRoot: string, says: ConnectSays): Promise<Subscriber | undefined> {
    if (!isClientID(clientID)) return Promise.resolve(undefined)
    const key = `${login.centre.id} ${login.person.id} ${clientID}`
    const underWay = this.#adopting.get(key)
    if (underWay) return underWay
    const adopting = this.#adopt(clientID, login, apiRoot, says).finally(() => this.#adopting.delete(key))
    this.#adopting.set(key, adopting)
    return adopting
  }

  async #adopt(clientID: string, login: Login, apiRoot: string, says: ConnectSays): Promise<Subscriber | undefined> {
    const { centre } = login
    const person = login.person.id
    // Looked at before the lock is taken: a clientId that somebody makes up costs one reading.
    const seen = await this.records.read(centre, clientID, person)
    if (!seen || seen.gone) return undefined
    const taken = await this.feeds.with(centre, person, (feed) =>
      this.records.exclusively(centre, clientID, async () => {
        const record = await this.records.readWhole(centre, clientID, person)
        if (!record || record.gone) return undefined
        const cursor = Cursor.load(record.cursor)
        const { loginID, ack, patterns } = record
        if (!ack && says.timeout === 0) cursor.forgetSent()
        const resume = record.epoch === feed.epoch ? record.resume : restartedResume(record.resume, record.epoch, 0)
        if (record.epoch !== feed.epoch) cursor.restart(record.epoch, 0)
        else if ((cursor.from ?? 0) > feed.end) cursor.restart(record.epoch, feed.end)
        const [tenure, now] = [record.tenure + 1, this.clock.now()]
        const fields = { clientID, centre, feed, loginID, ack, cursor, apiRoot, patterns, resume, tenure, now }
        const sub = new Subscriber(fields)
        sub.adopted = true
        await this.open(sub)
        return { sub, record }
      }),
    )
    if (!taken) return undefined
    const { sub, record } = taken
    this.#tell(centre, record.node, `${movedSignal}${clientID} ${sub.tenure}`)
    this.records.forgetProgress(centre, clientID, record.tenure).catch(() => undefined)
    return sub
  }

  /**
   * Whether what the connect says about the last batch may be another node's business. A client with the ack extension names the batch.
   * Without it, a connect that follows a good one confirms the last batch of *its session*: if another node has taken the session over and
   * this one has not heard of it, a batch written here to a broken connection would pass for received. On the websocket that the batch was
   * written to nothing can have come between. SPEC CD-33.
   */
  needsProof(sub: Subscriber, { timeout }: ConnectSays, sink: Sink | undefined): boolean {
    if (sub.ack || sub.adopted) return false
    if (timeout === 0) return true
    return sub.cursor.unconfirmed && !(sink?.lasting && sub.socket === sink)
  }

  /**
   * Whether the session is still ours; it is dropped if not. A batch that nobody knows to have been received is forgotten in the store as
   * well: a later owner must not take it for confirmed by the connect after this one. Rejects with TServerError.
   */
  async prove(sub: Subscriber, { timeout }: ConnectSays): Promise<boolean> {
    if (!(await this.#isOurs(sub))) return false
    if (timeout === 0 && sub.cursor.unconfirmed) {
      sub.cursor.forgetSent()
      await this.#writeProgress(sub)
    }
    return true
  }

  async #isOurs(sub: Subscriber): Promise<boolean> {
    const record = await this.records.read(sub.centre, sub.clientID, sub.feed.person)
    if (!record || (!record.gone && record.tenure <= sub.tenure)) return true
    this.#step(sub, 'moved')
    return false
  }

  /**
   * A session's connect: what the client says it has got, then its next batch as soon as there is one.
   * False when the session is not here any more, or another node has sent what the client echoes: then it has to be adopted again.
   */
  connect(sub: Subscriber, held: Held, says: ConnectSays): boolean {
    if (sub.life === 'gone') return false
    switch (orderOf(sub, held.id, says)) {
      case 'overtaken':
        supersede(held)
        return true
      case 'repeated or reloaded':
        this.#answerUnsure(sub, held)
        return true
      case 'next':
    }
    if (!this.#confirm(sub, says)) {
      this.#step(sub, 'moved')
      return false
    }
    const before = sub.held
    sub.held = held
    this.#step(sub, 'connect')
    if (before) supersede(before)
    sub.lost = false
    sub.feed.release()
    this.#pump(sub)
    if (sub.held !== held) return true
    const limit = Math.min(says.timeout ?? this.options.timeoutMs, this.options.timeoutMs)
    if ((limit === 0 && !sub.paging) || this.draining) {
      this.#step(sub, 'due')
      return true
    }
    this.#wheel.set(sub, sub.seen + (sub.paging ? Math.max(limit, pagingMs) : limit))
    held.sink.hold(sub)
    return true
  }

  /** A connect that came with other messages is never held, SPEC CD-15: its reply with what there is now. Undefined: see `connect`. */
  connectAtOnce(sub: Subscriber, held: Omit<Held, 'sink'>, says: ConnectSays): Promise<string | undefined> {
    return new Promise((resolve) => {
      const inner = (json: string) => resolve(json.slice(1, -1))
      const sink: Sink = { lasting: false, hold: () => undefined, answer: inner, superseded: inner }
      if (!this.connect(sub, { ...held, sink }, says)) resolve(undefined)
      else if (sub.held?.sink === sink && !sub.paging) this.#step(sub, 'due')
    })
  }

  /** The connection that a held connect's answer would take has gone. */
  closed(sub: Subscriber, sink: Sink): void {
    if (sub.held?.sink !== sink) return
    sub.lost = true
    this.#step(sub, 'closed')
  }

  /** Subscribes or unsubscribes, wherever the session is served. False where there is none. Rejects with TServerError. */
  async changeTopics(centre: Centre, clientID: string, person: PersonID, change: TopicChange): Promise<boolean> {
    const done = await this.records.exclusively(centre, clientID, async () => {
      const sub = this.find(clientID, centre, person)
      const record = await this.records.read(centre, clientID, person)
      if (record?.gone || (!record && !sub)) return 'gone'
      if (sub && sub.tenure >= (record?.tenure ?? 0)) {
        applyChange(sub, change, this.clock.now(), false)
        this.#pump(sub)
        await this.#write(sub)
        return 'here'
      }
      // Two connections of one client must not bounce its session between nodes: the record is changed, and its node told.
      if (sub) this.#step(sub, 'moved')
      const to = { ...(record as SessionRecord), cursor: Cursor.load((record as SessionRecord).cursor) }
      applyChange(to, change, this.clock.now(), true)
      await this.records.write(centre, clientID, { ...to, cursor: to.cursor.save() })
      return to
    })
    if (typeof done === 'object') this.#tell(centre, done.node, `${topicsSignal}${clientID} ${JSON.stringify(change)}`)
    return done !== 'gone'
  }

  /** Ends a session for good, wherever it is served. Rejects with TServerError. */
  async disconnect(centre: Centre, clientID: string, person: PersonID): Promise<void> {
    const sub = this.find(clientID, centre, person)
    const record = await this.records.exclusively(centre, clientID, async () => {
      const record = await this.records.read(centre, clientID, person)
      await this.records.forget(centre, clientID)
      return record
    })
    if (record) this.#tell(centre, record.node, `${movedSignal}${clientID} ${Number.MAX_SAFE_INTEGER}`)
    if (sub) this.#step(sub, 'disconnect')
  }

  /** Throws a session out, wherever it is served; its login's next handshake goes on from where it was. Rejects with TServerError. */
  async throwOut(centre: Centre, clientID: string, person: PersonID): Promise<void> {
    const sub = this.find(clientID, centre, person)
    if (sub) {
      // A failure: at a successful reply the stock client does not know the advice to handshake, and stops.
      sub.held?.sink.answer(`[${printReply({ channel: '/meta/connect', id: sub.held.id }, sessionUnknown)}]`, false)
      this.#remove(sub)
    }
    await this.records.exclusively(centre, clientID, async () => {
      const record = await this.records.readWhole(centre, clientID, person)
      if (!record || record.gone) return
      const last = sub && sub.tenure >= record.tenure ? this.recordOf(sub) : record
      await this.records.write(centre, clientID, { ...last, gone: true })
      this.#tell(centre, record.node, `${movedSignal}${clientID} ${Number.MAX_SAFE_INTEGER}`)
    })
  }

  /** A session that has not been heard of for too long. SPEC CD-16, CD-31. Rejects with TServerError. */
  async expire(sub: Subscriber): Promise<void> {
    const { centre, clientID, loginID, seen, feed, tenure } = sub
    this.#remove(sub)
    const record = await this.records.read(centre, clientID, feed.person)
    if (!record || record.tenure > tenure) return // it was ended, or another node serves it
    await this.records.exclusively(centre, clientID, async () => {
      const now = await this.records.read(centre, clientID, feed.person)
      if (now?.tenure === tenure) await this.records.write(centre, clientID, { ...this.recordOf(sub), gone: true })
    })
    await this.logins.change(centre, loginID, this.records.ttl(centre), (entries) =>
      // It was in use after the handshake that went on from it, so it is one to go on from again.
      entries.map((entry) => (entry.clientID === clientID && (entry.taken ?? seen) < seen ? { clientID } : entry)),
    )
  }

  /** The session as other nodes have to know it. */
  recordOf(sub: Subscriber): SessionRecord {
    const { loginID, ack, tenure, version, patterns, resume, feed } = sub
    const { person, epoch } = feed
    const [node, cursor] = [this.node, sub.cursor.save()]
    return { person, loginID, ack, node, tenure, version, epoch, patterns, cursor, resume, gone: false }
  }

  /** Writes what only this node knows, then sends every client on to another one. SPEC CD-34. */
  async close(): Promise<void> {
    this.draining = true
    const moved = [...this.#sessions.values()].filter((sub) => sub.moved)
    await Promise.all(moved.map((sub) => this.#writeProgress(sub).catch(() => undefined)))
    for (const sub of [...this.#sessions.values()]) this.#step(sub, 'moved')
    this.#wheel.stop()
    for (const stop of this.#heard.values()) stop()
  }

  #listen(centre: Centre): void {
    if (this.#heard.has(centre)) return
    this.#heard.set(
      centre,
      centre.store.onSignal((message) => this.#onSignal(centre, message)),
    )
  }

  #remove(sub: Subscriber): void {
    if (this.#sessions.get(sub.clientID) === sub) this.#sessions.delete(sub.clientID)
    sub.feed.subscribers = sub.feed.subscribers.filter((other) => other !== sub).slice()
    this.#moved.delete(sub)
    this.#stale.delete(sub)
    sub.due = Number.POSITIVE_INFINITY
    sub.life = 'gone'
    sub.held = null
    sub.socket = null
    this.feeds.closeUnused(sub.centre, sub.feed)
    this.#deps.meter.clients(this.#sessions.size)
  }

  #expiry(): number {
    return this.clock.now() + this.options.intervalMs + this.options.maxIntervalMs
  }

  /** False when the client echoes what was not sent from here. */
  #confirm(sub: Subscriber, { timeout, echo }: ConnectSays): boolean {
    const { cursor, feed } = sub
    const now = this.clock.now()
    sub.seen = now
    if (sub.ack) {
      const batch = parseBatch(echo)
      if (batch && sub.adopted) cursor.acknowledgeUnseen(batch.generation, batch.offset, feed.end)
      else if (batch && !cursor.acknowledge(batch.generation, batch.offset)) return false
      if (sub.moved && now - sub.saved > ackSaveMs) this.#moved.add(sub)
    } else if (timeout === 0) {
      // SPEC CD-20: after a connect that failed, clients ask for the next one to be answered at once; after a good one they never do.
      cursor.forgetSent()
    } else if (cursor.acknowledgeSent()) {
      sub.moved = true
      this.#moved.add(sub)
    }
    if (now - sub.recorded > refreshMs) this.#stale.add(sub)
    sub.adopted = false
    return true
  }

  /** Answers a held connect if there is something to say. */
  #pump(sub: Subscriber): void {
    const { cursor, feed } = sub
    while (sub.life === 'held' && !sub.paging) {
      const { from } = cursor
      if (from === undefined || (from >= feed.end && !cursor.owesGap)) return
      const part = feed.held(from)
      if (!part) {
        this.#page(sub, from)
        return
      }
      if (this.#deliver(sub, from, part)) return
    }
  }

  /** Reads a page of the feed from the store and goes on with it. SPEC CD-25. */
  #page(sub: Subscriber, from: number): void {
    const { feed, cursor } = sub
    const { epoch } = feed
    sub.paging = true
    feed.page(from).then(
      (part) => {
        sub.paging = false
        const current = sub.life === 'held' && feed.epoch === epoch && cursor.from === from
        if (!current || !this.#deliver(sub, from, part)) this.#pump(sub)
        else if (sub.held && cursor.from === from) void feed.look() // there was less than the feed's end promised
      },
      () => {
        // The store does not answer; the connect stays held, and a later tick tries again.
        sub.paging = false
        this.feeds.doubt(feed)
      },
    )
  }

  /** Whether that was all for now. */
  #deliver(sub: Subscriber, from: number, part: Omit<FeedPart<Queued>, 'epoch'>): boolean {
    const { cursor, feed } = sub
    if (cursor.owesGap || part.first > from + 1) this.#deps.meter.gap()
    const tell = (item: Queued): Told => feed.tell(item, sub.apiRoot)
    const { texts, upTo } = cursor.read({ epoch: feed.epoch, ...part }, tell, this.#metered(sub))
    if (texts.length === 0) {
      cursor.skip(upTo)
      return upTo <= from
    }
    cursor.sent(upTo)
    sub.moved = true
    if (!sub.ack) this.#moved.add(sub)
    this.#answer(sub, texts)
    this.#step(sub, 'answered')
    return true
  }

  /** What is told of each event that goes out. */
  #metered(sub: Subscriber): (item: Queued, told: Told) => void {
    const { tracer, meter } = this.#deps
    const trace = tracer.on ? this.#traced(sub) : undefined
    const now = this.clock.now()
    return (item, told) => {
      const { event } = item.entry
      if (event.event === 'EventPrivateInfo') meter.delivered(now - event.extensions.text.sent)
      trace?.(item, told)
    }
  }

  #traced({ centre, feed, clientID }: Subscriber): (item: Queued, told: Told) => void {
    return ({ entry: { event } }, { offset: position, text: content }) => {
      if (!('callUUID' in event)) return
      const { callUUID } = event
      const client = clientID.slice(0, shownOfName)
      const { person } = feed
      this.#deps.tracer.delivered({ tongue: 'cometd', centre: centre.id, person, client, callUUID, position, content })
    }
  }

  #answer(sub: Subscriber, texts: readonly string[], advice?: Advice): void {
    const { held, clientID, ack, cursor } = sub
    if (!held) return
    const { sink, advised } = held
    sub.held = null
    sub.socket = sink.lasting ? sink : null
    const reply = printConnectReply(clientID, held, {
      batch: ack ? cursor.batch : undefined,
      advice: advice ?? (advised ? this.advice() : undefined),
      now: this.clock.now(),
    })
    sink.answer(texts.length > 0 ? `[${texts.join(',')},${reply}]` : `[${reply}]`, this.draining)
  }

  /**
   * The answer to a connect that the client may or may not wait for: nothing that could be lost with it. What was sent before is sent again,
   * to the next connect. SPEC CD-36.
   */
  #answerUnsure(sub: Subscriber, held: Held): void {
    sub.seen = this.clock.now()
    sub.cursor.forgetSent()
    const advice = held.advised ? this.advice() : undefined
    const reply = printConnectReply(sub.clientID, held, { batch: undefined, advice, now: sub.seen })
    held.sink.answer(`[${reply}]`, this.draining)
    if (sub.life === 'waiting') this.#wheel.set(sub, this.#expiry())
  }

  #step(sub: Subscriber, on: LifeInput): void {
    const next = lifeStep(sub.life, on)
    if (!next) return
    sub.life = next.to
    this.#act(sub, next.action)
  }

  #act(sub: Subscriber, action: LifeAction): void {
    switch (action) {
      case 'hold':
      case 'supersede':
        return // `connect` has put the new one in its place
      case 'expireLater':
        sub.held = null
        this.#wheel.set(sub, this.#expiry())
        return
      case 'answerEmpty':
        this.#answer(sub, [], this.draining ? sendOn : undefined)
        this.#wheel.set(sub, this.#expiry())
        // SPEC CD-26: a last hint that was lost has no successor that shows the hole.
        void sub.feed.look()
        return
      case 'expire':
        this.expire(sub).catch(() => undefined) // its record then looks alive: the next connect adopts it
        return
      case 'farewell':
      case 'sendOn':
        this.#answer(sub, [], action === 'farewell' ? { reconnect: 'none', interval: 0 } : sendOn)
        this.#remove(sub)
        return
      case 'forget':
      case 'drop':
        this.#remove(sub)
    }
  }

  readonly #onRestart = (feed: PersonFeed, oldEpoch: string, offset: number): void => {
    for (const sub of feed.subscribers) {
      sub.cursor.restart(oldEpoch, offset)
      sub.resume = restartedResume(sub.resume, oldEpoch, offset)
      this.#stale.add(sub)
    }
  }

  readonly #onTick = (): void => {
    this.#ticks++
    if (this.#ticks % flushTicks === 0) {
      const [moved, stale] = [[...this.#moved], [...this.#stale]]
      for (const sub of moved) this.#writeProgress(sub).catch(() => sub.life !== 'gone' && this.#moved.add(sub))
      for (const sub of stale) this.#refresh(sub).catch(() => sub.life !== 'gone' && this.#stale.add(sub))
    }
    if (this.#ticks % retryTicks === 0) this.feeds.retry()
  }

  async #write(sub: Subscriber): Promise<void> {
    this.#stale.delete(sub)
    this.#written(sub)
    sub.recorded = sub.saved
    await this.records.write(sub.centre, sub.clientID, this.recordOf(sub))
  }

  #written(sub: Subscriber): void {
    this.#moved.delete(sub)
    sub.moved = false
    sub.version++
    sub.saved = this.clock.now()
  }

  #writeProgress(sub: Subscriber): Promise<void> {
    const { centre, clientID, tenure, feed, cursor } = sub
    this.#written(sub)
    const { confirmed, generations, sent } = cursor.save()
    const progress = { epoch: feed.epoch, version: sub.version, confirmed, generations, sent }
    return this.records.writeProgress(centre, clientID, tenure, progress)
  }

  /** Writes the whole record again, if the session is still ours. */
  async #refresh(sub: Subscriber): Promise<void> {
    this.#stale.delete(sub)
    const { centre, clientID } = sub
    await this.records.exclusively(centre, clientID, async () => {
      if (await this.#isOurs(sub)) await this.#write(sub)
    })
  }

  #tell(centre: Centre, node: string, message: string): void {
    if (node !== this.node) centre.store.signal(node, message).catch(() => undefined) // a hint; the record says the same
  }

  /** What is in memory may have texts in it that were erased. SPEC RC-14. */
  #erased(centre: Centre, person: PersonID): void {
    this.feeds.forget(centre)
    for (const sub of [...this.#sessions.values()]) {
      if (sub.centre !== centre || sub.feed.person !== person) continue
      // A failure, as where one is thrown out; its record is gone.
      sub.held?.sink.answer(`[${printReply({ channel: '/meta/connect', id: sub.held.id }, sessionUnknown)}]`, false)
      this.#remove(sub)
    }
  }

  #onSignal(centre: Centre, message: string): void {
    const erased = readErasure(message)
    if (erased) this.#erased(centre, erased.person)
    const signal = [movedSignal, topicsSignal].find((one) => message.startsWith(one))
    if (signal === undefined) return
    const space = message.indexOf(' ', signal.length)
    const [clientID, rest] = [message.slice(signal.length, space), message.slice(space + 1)]
    const sub = this.#sessions.get(clientID)
    if (!sub || sub.centre !== centre) return
    if (signal === movedSignal) {
      if (sub.tenure < Number(rest)) this.#step(sub, 'moved')
    } else
      this.changeTopics(centre, clientID, sub.feed.person, JSON.parse(rest) as TopicChange).catch(() =>
        // The record says what was changed; whoever adopts the session reads it there.
        this.#step(sub, 'moved'),
      )
  }
}

/**
 * Where a connect stands among those of its session. Clients count their messages, so one with a lower number than the last has been
 * overtaken by its own repetition: its connection broke while it was on its way, and the client has sent another one since. It would confirm a
 * batch that it knows nothing of, and take the place of the connect that the client waits for. One that asks not to wait may also be the first
 * of a page that was loaded anew and counts anew; an echo of the ack extension tells enough about those. SPEC CD-36.
 */
function orderOf(
  sub: Subscriber,
  id: unknown,
  { timeout }: ConnectSays,
): 'next' | 'overtaken' | 'repeated or reloaded' {
  const number = typeof id === 'string' && /^\d{1,15}$/.test(id) ? Number(id) : undefined
  const lower = number !== undefined && number < sub.lastConnect
  if (lower && timeout !== 0) return 'overtaken'
  sub.lastConnect = number ?? 0
  return lower && !sub.ack ? 'repeated or reloaded' : 'next'
}

function supersede({ sink, id }: Held): void {
  const why = { successful: false, error: bayeuxError(500, 'duplicate_connect') }
  sink.superseded(`[${printReply({ channel: '/meta/connect', id }, why)}]`)
}

function isClientID(value: unknown): value is string {
  return typeof value === 'string' && /^[\w-]{1,64}$/.test(value)
}
