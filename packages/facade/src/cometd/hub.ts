import type { Clock, FeedEntry, PersonID } from '@ringdown/signalling'
import type { Centre } from '../login.ts'
import { type Advice, bayeuxError, objectOf, printReply } from './bayeux.ts'
import type { Topic } from './channel.ts'
import { Cursor, type Told } from './cursor.ts'
import { PersonFeed } from './feed.ts'
import { LoginLists } from './login-entries.ts'
import type { CometdOptions } from './options.ts'
import { parseBatch, printPosition } from './position.ts'
import { parseRecord, printRecord, type SessionRecord } from './record.ts'
import { type Held, type LifeAction, type LifeInput, lifeStep, type Sink, Subscriber } from './subscriber.ts'
import { applyChange, type Resume, type TopicChange } from './topic-change.ts'
import { Wheel } from './wheel.ts'

/** What operators want to see; called synchronously, must not throw. */
export interface CometdMeter {
  /** How many CometD sessions this node serves, after a change. */
  clients(count: number): void
  /** Characters of events held in memory for them, after a change. */
  queuedBytes(count: number): void
  /** A client was told of a gap. */
  gap(): void
}

export interface HubDeps {
  clock: Clock
  /** This node's name; nodes of one store have different ones. */
  node: string
  options: CometdOptions
  meter: CometdMeter
  /** Makes the notification of an entry; see `Notify`. */
  notify: (entry: FeedEntry, centre: Centre, apiRoot: string) => { channel: Topic; data: string } | undefined
  /** Runs once what is under way has run; several events of one tick then go into one reply. */
  soon: (run: () => void) => void
}

const tickMs = 250
/** Ticks between savings of what clients without the ack extension have confirmed, and between tries to reach a store. */
const flushTicks = 2
const retryTicks = 4
/** A moved cursor of a client with the ack extension, whose own echo is the truth, is saved after so long. */
const ackSaveMs = 60_000
/** Every record is saved again after so long, so that it does not run out. */
export const refreshMs = 300_000

/**
 * The CometD sessions this node serves: who waits, what they have to be told, when they expire, and who takes them over.
 * Sessions of all contact centres, each bound to its centre and person.
 */
export class Hub {
  readonly clock: Clock
  readonly node: string
  readonly options: CometdOptions
  readonly logins = new LoginLists()
  /** Held connects are answered at once: this node is going away. */
  draining = false
  queued = 0
  readonly #deps: HubDeps
  readonly #sessions = new Map<string, Subscriber>()
  readonly #feeds = new Map<Centre, Map<PersonID, PersonFeed>>()
  readonly #stops: (() => void)[] = []
  readonly #wheel: Wheel<Subscriber>
  readonly #news = new Set<PersonFeed>()
  readonly #doubtful = new Set<PersonFeed>()
  readonly #unsaved = new Set<Subscriber>()
  readonly #adopting = new Map<string, Promise<Subscriber | undefined>>()
  #ticks = 0

  constructor(deps: HubDeps) {
    this.#deps = deps
    this.clock = deps.clock
    this.node = deps.node
    this.options = deps.options
    this.#wheel = new Wheel(deps.clock, tickMs, (sub) => this.#step(sub, 'due'), this.#onTick)
  }

  /** The session if it is the person's; undefined if it is not known here, or somebody else's. */
  find(clientID: unknown, centre: Centre, person: PersonID): Subscriber | undefined {
    const sub = typeof clientID === 'string' ? this.#sessions.get(clientID) : undefined
    return sub && sub.feed.person === person && sub.centre === centre ? sub : undefined
  }

  get clients(): number {
    return this.#sessions.size
  }

  /** Works with a person's feed, which is watched as long as anybody does. */
  async withFeed<T>(centre: Centre, person: PersonID, work: (feed: PersonFeed) => Promise<T>): Promise<T> {
    const feed = this.#feedOf(centre, person)
    feed.users++
    try {
      await feed.fresh()
      return await work(feed)
    } finally {
      feed.users--
      this.#closeUnused(centre, feed)
    }
  }

  /** Takes a new session in; it expires unless a connect comes. */
  open(sub: Subscriber): void {
    this.#sessions.set(sub.clientID, sub)
    sub.feed.subscribers.push(sub)
    this.#wheel.set(sub, this.#expiry())
    this.#deps.meter.clients(this.#sessions.size)
  }

  /**
   * Takes a session over that another node, or this one before a restart, has served; its client need not handshake again.
   * Undefined where there is none to take over. Rejects with TServerError. SPEC CD-30.
   */
  adopt(clientID: unknown, centre: Centre, person: PersonID, apiRoot: string): Promise<Subscriber | undefined> {
    if (typeof clientID !== 'string' || clientID.length > 64) return Promise.resolve(undefined)
    const key = `${centre.id} ${person} ${clientID}`
    const underWay = this.#adopting.get(key)
    if (underWay) return underWay
    const adopting = this.#adopt(clientID, centre, person, apiRoot).finally(() => this.#adopting.delete(key))
    this.#adopting.set(key, adopting)
    return adopting
  }

  async #adopt(clientID: string, centre: Centre, person: PersonID, apiRoot: string): Promise<Subscriber | undefined> {
    const record = await this.record(centre, clientID, person)
    if (!record || record.gone) return undefined
    return this.withFeed(centre, person, async (feed) => {
      const cursor = Cursor.load(record.cursor)
      if (record.epoch !== feed.epoch) cursor.restart(record.epoch, 0)
      else if ((cursor.from ?? 0) > feed.end) cursor.restart(record.epoch, feed.end)
      const { loginID, ack, patterns, resume } = record
      const tenure = record.tenure + 1
      const now = this.clock.now()
      const sub = new Subscriber({
        clientID,
        centre,
        feed,
        loginID,
        ack,
        cursor,
        apiRoot,
        patterns,
        resume,
        tenure,
        now,
      })
      sub.adopted = true
      await this.save(sub)
      this.open(sub)
      if (record.node !== this.node) this.#tell(centre, record.node, `${movedSignal}${clientID} ${tenure}`)
      return sub
    })
  }

  /** A session's record, if it is the person's. Rejects with TServerError. */
  async record({ store }: Centre, clientID: unknown, person: PersonID): Promise<SessionRecord | undefined> {
    if (typeof clientID !== 'string' || clientID.length > 64) return undefined
    const record = parseRecord(await store.kept('cometdSession', clientID))
    return record?.person === person ? record : undefined
  }

  /**
   * A session's connect: what the client says it has got, then its next batch as soon as there is one.
   * False when it echoes a batch that was not sent from here: another node has served it since, so it has to be adopted again.
   */
  connect(sub: Subscriber, held: Held, { timeout, echo }: ConnectSays): boolean {
    if (!this.#confirm(sub, timeout, echo)) {
      this.#step(sub, 'moved')
      return false
    }
    const before = sub.held
    sub.held = held
    this.#step(sub, 'connect')
    const why = { successful: false, error: bayeuxError(500, 'duplicate_connect') }
    before?.sink.superseded(`[${printReply({ channel: '/meta/connect', id: before.id }, why)}]`)
    sub.lost = false
    sub.feed.release()
    this.#pump(sub)
    if (sub.held !== held) return true
    const limit = Math.min(timeout ?? this.options.timeoutMs, this.options.timeoutMs)
    if ((limit === 0 && !sub.paging) || this.draining) this.#step(sub, 'due')
    else this.#wheel.set(sub, sub.seen + (sub.paging ? Math.max(limit, pagingMs) : limit))
    return true
  }

  /**
   * A connect that came with other messages is never held: its reply with what there is now, SPEC CD-15. Undefined where `connect` is false.
   */
  connectAtOnce(sub: Subscriber, held: Omit<Held, 'sink'>, says: ConnectSays): Promise<string | undefined> {
    return new Promise((resolve) => {
      const inner = (json: string) => resolve(json.slice(1, -1))
      const sink: Sink = { answer: inner, superseded: inner }
      const answered = this.connect(sub, { ...held, sink }, says)
      if (!answered) resolve(undefined)
      else if (sub.held?.sink === sink && !sub.paging) this.#step(sub, 'due')
    })
  }

  /** The connection that a held connect's answer would take has gone. */
  closed(sub: Subscriber, sink: Sink): void {
    if (sub.held?.sink !== sink) return
    sub.lost = true
    this.#step(sub, 'closed')
  }

  /** Subscribes or unsubscribes, and reads on at once. Rejects with TServerError. */
  async change(sub: Subscriber, change: TopicChange): Promise<void> {
    applyChange(sub, change, this.clock.now(), false)
    this.#pump(sub)
    await this.save(sub)
  }

  /** Applies a change to a session that another node serves: in its record, and by a hint. Rejects with TServerError. */
  async changeElsewhere(centre: Centre, clientID: string, record: SessionRecord, change: TopicChange): Promise<void> {
    const to = { patterns: record.patterns, cursor: Cursor.load(record.cursor), resume: record.resume }
    applyChange(to, change, this.clock.now(), true)
    const { patterns, cursor, resume } = to
    await this.saveRecord(centre, clientID, { ...record, patterns, cursor: cursor.save(), resume })
    this.#tell(centre, record.node, `${topicsSignal}${clientID} ${JSON.stringify(change)}`)
  }

  /** Ends a session for good, here or on the node that serves it. Rejects with TServerError. */
  async disconnect(centre: Centre, clientID: string, owner: string): Promise<void> {
    const sub = this.#sessions.get(clientID)
    if (sub) this.#step(sub, 'disconnect')
    await centre.store.forget('cometdSession', clientID)
    if (!sub) this.#tell(centre, owner, `${movedSignal}${clientID} ${Number.MAX_SAFE_INTEGER}`)
  }

  /** Throws a session out; its login's next handshake goes on from where it was. SPEC CD-31. Rejects with TServerError. */
  async expire(sub: Subscriber): Promise<void> {
    await this.#leave(sub)
    const { clientID, centre, seen } = sub
    await this.logins.change(centre, sub.loginID, this.ttl(centre), (entries) =>
      // It was in use after the handshake that went on from it, so it is one to go on from again.
      entries.map((entry) => (entry.clientID === clientID && (entry.taken ?? seen) < seen ? { clientID } : entry)),
    )
  }

  /** The same for a session on any node, from within a change of its login's list. Rejects with TServerError. */
  async throwOut(centre: Centre, clientID: string, person: PersonID): Promise<void> {
    const sub = this.find(clientID, centre, person)
    if (sub) return this.#leave(sub)
    const record = await this.record(centre, clientID, person)
    if (!record || record.gone) return
    await this.saveRecord(centre, clientID, { ...record, gone: true })
    this.#tell(centre, record.node, `${movedSignal}${clientID} ${Number.MAX_SAFE_INTEGER}`)
  }

  async #leave(sub: Subscriber): Promise<void> {
    const saved = this.#recordOf(sub)
    this.#answer(sub, [], { reconnect: 'handshake', interval: 0 })
    this.#remove(sub)
    const record = await this.record(sub.centre, sub.clientID, sub.feed.person)
    if (!record || record.tenure > sub.tenure) return // it was ended, or another node serves it
    await this.saveRecord(sub.centre, sub.clientID, { ...saved, gone: true })
  }

  /** Saves the session's record now. Rejects with TServerError. */
  async save(sub: Subscriber): Promise<void> {
    this.#unsaved.delete(sub)
    sub.moved = false
    sub.saved = this.clock.now()
    await this.saveRecord(sub.centre, sub.clientID, this.#recordOf(sub))
  }

  saveRecord(centre: Centre, clientID: string, record: SessionRecord): Promise<void> {
    return centre.store.keep('cometdSession', clientID, printRecord(record), this.ttl(centre))
  }

  /** How long records are kept that nobody saves again, milliseconds. */
  ttl(centre: Centre): number {
    return Math.max(centre.directory().options.retentionMs, 3 * refreshMs)
  }

  /** Saves what only this node knows, then sends every client on to another one. SPEC CD-34. */
  async close(): Promise<void> {
    this.draining = true
    const unsaved = [...this.#sessions.values()].filter(({ moved }) => moved)
    await Promise.all(unsaved.map((sub) => this.save(sub).catch(() => undefined)))
    for (const sub of [...this.#sessions.values()]) this.#step(sub, 'moved')
    this.#wheel.stop()
    for (const stop of this.#stops) stop()
  }

  #feedOf(centre: Centre, person: PersonID): PersonFeed {
    let feeds = this.#feeds.get(centre)
    if (!feeds) {
      feeds = new Map()
      this.#feeds.set(centre, feeds)
      this.#stops.push(centre.store.onSignal((message) => this.#onSignal(centre, message)))
    }
    let feed = feeds.get(person)
    if (!feed) {
      feed = new PersonFeed({
        store: centre.store,
        person,
        notify: (entry, apiRoot) => this.#deps.notify(entry, centre, apiRoot),
        onNews: this.#onNews,
        onRestart: this.#onRestart,
        onBytes: (grown) => {
          this.queued += grown
          this.#deps.meter.queuedBytes(this.queued)
        },
      })
      feeds.set(person, feed)
    }
    return feed
  }

  #closeUnused(centre: Centre, feed: PersonFeed): void {
    if (feed.users > 0 || feed.subscribers.length > 0) return
    this.#feeds.get(centre)?.delete(feed.person)
    this.#news.delete(feed)
    this.#doubtful.delete(feed)
    feed.close()
  }

  #remove(sub: Subscriber): void {
    if (this.#sessions.get(sub.clientID) === sub) this.#sessions.delete(sub.clientID)
    const at = sub.feed.subscribers.indexOf(sub)
    if (at >= 0) sub.feed.subscribers.splice(at, 1)
    this.#unsaved.delete(sub)
    sub.due = Number.POSITIVE_INFINITY
    sub.life = 'gone'
    this.#closeUnused(sub.centre, sub.feed)
    this.#deps.meter.clients(this.#sessions.size)
  }

  #recordOf(sub: Subscriber): SessionRecord {
    const { loginID, ack, tenure, patterns, resume, feed, cursor } = sub
    const { person, epoch } = feed
    return {
      person,
      loginID,
      ack,
      node: this.node,
      tenure,
      epoch,
      patterns,
      cursor: cursor.save(),
      resume,
      gone: false,
    }
  }

  #expiry(): number {
    return this.clock.now() + this.options.intervalMs + this.options.maxIntervalMs
  }

  /** False when the client echoes what was not sent from here. */
  #confirm(sub: Subscriber, timeout: number | undefined, echo: unknown): boolean {
    const { cursor, feed } = sub
    const now = this.clock.now()
    sub.seen = now
    if (sub.ack) {
      const batch = parseBatch(echo)
      if (batch && sub.adopted) cursor.acknowledgeUnseen(batch.generation, batch.offset, feed.end)
      else if (batch && !cursor.acknowledge(batch.generation, batch.offset)) return false
      if ((sub.moved && now - sub.saved > ackSaveMs) || now - sub.saved > refreshMs) this.#unsaved.add(sub)
    } else {
      // SPEC CD-20: after a connect that failed, clients ask for the next one to be answered at once; after a good one they never do.
      if (timeout !== 0 && cursor.acknowledgeSent()) this.#toSave(sub)
      if (now - sub.saved > refreshMs) this.#unsaved.add(sub)
    }
    sub.adopted = false
    return true
  }

  #toSave(sub: Subscriber): void {
    sub.moved = true
    if (!sub.ack) this.#unsaved.add(sub)
  }

  /** Answers a held connect if there is something to say. */
  #pump(sub: Subscriber): void {
    const { cursor, feed } = sub
    while (sub.life === 'held' && !sub.paging) {
      const { from } = cursor
      if (from === undefined || (from >= feed.end && !cursor.owesGap)) return
      const part = feed.held(from)
      if (!part) return this.#page(sub, from)
      if (this.#deliver(sub, from, part)) return
    }
  }

  /** Reads a page of the feed from the store and goes on with it. */
  #page(sub: Subscriber, from: number): void {
    const { feed, cursor } = sub
    const { epoch } = feed
    sub.paging = true
    feed.page(from).then(
      (part) => {
        sub.paging = false
        const current = sub.life === 'held' && feed.epoch === epoch && cursor.from === from
        if (!current || !this.#deliver(sub, from, part)) this.#pump(sub)
        else if (cursor.from === from && sub.held) void feed.look() // there was less than the feed's end promised
      },
      () => {
        // The store does not answer; the connect stays held, and the next tick tries again.
        sub.paging = false
        feed.inDoubt = true
        this.#doubtful.add(feed)
      },
    )
  }

  /** Whether that was all for now. */
  #deliver(sub: Subscriber, from: number, part: ReturnType<PersonFeed['held']> & object): boolean {
    const { cursor, feed } = sub
    if (cursor.owesGap || part.first > from + 1) this.#deps.meter.gap()
    const { texts, upTo } = cursor.read({ epoch: feed.epoch, ...part }, (item): Told => feed.tell(item, sub.apiRoot))
    if (texts.length === 0) {
      cursor.skip(upTo)
      return upTo <= from
    }
    cursor.sent(upTo)
    this.#toSave(sub)
    this.#answer(sub, texts)
    return true
  }

  #answer(sub: Subscriber, texts: readonly string[], advice?: Advice): void {
    const { held } = sub
    if (!held) return
    this.#step(sub, 'answered')
    const reply = this.#connectReply(sub, held, advice)
    held.sink.answer(texts.length > 0 ? `[${texts.join(',')},${reply}]` : `[${reply}]`, this.draining)
  }

  // Put together by hand: with JSON.stringify it would be the dearest part of a delivery.
  #connectReply(sub: Subscriber, held: Held, advice?: Advice): string {
    const id = held.id === undefined || held.id === null ? '' : `"id":${JSON.stringify(held.id)},`
    const given = advice ?? (held.advised ? this.advice() : undefined)
    const ext = { ...(sub.ack && { ack: sub.cursor.batch }), ...timesyncReply(held.timesync, this.clock.now()) }
    const tail = `${given ? `,"advice":${JSON.stringify(given)}` : ''}${sub.ack || held.timesync ? `,"ext":${JSON.stringify(ext)}` : ''}`
    return `{${id}"channel":"/meta/connect","clientId":"${sub.clientID}","successful":true${tail}}`
  }

  /** What a client is told about its connects. */
  advice(): Advice {
    return { reconnect: 'retry', interval: this.options.intervalMs, timeout: this.options.timeoutMs }
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
        sub.life = 'held' // the answer itself is what ends it
        this.#answer(sub, [], this.draining ? sendOn : undefined)
        // SPEC CD-26: a last hint that was lost has no successor that shows the hole.
        void sub.feed.look()
        return
      case 'expire':
        this.expire(sub).catch(() => undefined) // its record then looks alive: the next connect adopts it
        return
      case 'farewell':
      case 'sendOn':
        sub.life = 'held'
        this.#answer(sub, [], action === 'farewell' ? { reconnect: 'none', interval: 0 } : sendOn)
        this.#remove(sub)
        return
      case 'forget':
      case 'drop':
        this.#remove(sub)
    }
  }

  readonly #onNews = (feed: PersonFeed): void => {
    if (feed.inDoubt) this.#doubtful.add(feed)
    if (this.#news.size === 0) this.#deps.soon(this.#flushNews)
    this.#news.add(feed)
  }

  readonly #flushNews = (): void => {
    const feeds = [...this.#news]
    this.#news.clear()
    for (const feed of feeds) for (const sub of [...feed.subscribers]) this.#pump(sub)
  }

  readonly #onRestart = (feed: PersonFeed, oldEpoch: string, offset: number): void => {
    for (const sub of feed.subscribers) {
      sub.cursor.restart(oldEpoch, offset)
      sub.resume = restarted(sub.resume, oldEpoch, offset)
      this.#unsaved.add(sub)
    }
  }

  readonly #onTick = (): void => {
    this.#ticks++
    if (this.#ticks % flushTicks === 0)
      for (const sub of [...this.#unsaved]) this.save(sub).catch(() => sub.life !== 'gone' && this.#unsaved.add(sub))
    if (this.#ticks % retryTicks === 0) {
      const feeds = [...this.#doubtful]
      this.#doubtful.clear()
      for (const feed of feeds) void feed.look()
    }
  }

  #tell(centre: Centre, node: string, message: string): void {
    if (node !== this.node) centre.store.signal(node, message).catch(() => undefined) // a hint; the record says the same
  }

  #onSignal(centre: Centre, message: string): void {
    const [signal, clientID = '', rest = ''] = splitSignal(message)
    const sub = this.#sessions.get(clientID)
    if (!sub || sub.centre !== centre) return
    if (signal === movedSignal && sub.tenure < Number(rest)) this.#step(sub, 'moved')
    else if (signal === topicsSignal)
      this.change(sub, JSON.parse(rest) as TopicChange).catch(() => this.#unsaved.add(sub))
  }
}

/** What a connect says besides its id: the timeout its advice asks for, and the batch number it echoes. */
export interface ConnectSays {
  timeout: number | undefined
  echo: unknown
}

const sendOn: Advice = { reconnect: 'retry', interval: 0 }
const movedSignal = 'cometd moved '
const topicsSignal = 'cometd topics '
/** A connect that asks for no waiting is held so long at most while its page is read from the store. */
const pagingMs = 1_000

function splitSignal(message: string): [signal?: string, clientID?: string, rest?: string] {
  const signal = [movedSignal, topicsSignal].find((one) => message.startsWith(one))
  if (signal === undefined) return []
  const space = message.indexOf(' ', signal.length)
  return [signal, message.slice(signal.length, space), message.slice(space + 1)]
}

function restarted(resume: Resume | null, oldEpoch: string, offset: number): Resume | null {
  if (!resume) return null
  const after = resume.after.map(
    (start) => start && { offset, gap: start.gap ?? printPosition(oldEpoch, start.offset) },
  )
  return { after, until: resume.until }
}

/** The timesync extension's answer: the client's own reading, and ours. Other fields are 0, as we do not estimate. */
export function timesyncReply(timesync: unknown, now: number): { timesync?: object } {
  const tc = objectOf(timesync)?.tc
  return typeof tc === 'number' ? { timesync: { tc, ts: now, p: 0, a: 0 } } : {}
}
