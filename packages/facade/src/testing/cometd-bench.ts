import { setImmediate as turn } from 'node:timers/promises'
import type { FeedEvent, PersonID } from '@ringdown/signalling'
import { demoDirectory, ManualClock, memoryStore } from '@ringdown/signalling/testing'
import { Hub } from '../cometd/hub.ts'
import { receive, type Sender } from '../cometd/meta.ts'
import { type CometdOptions, defaultCometdOptions } from '../cometd/options.ts'
import type { Sink, Subscriber } from '../cometd/subscriber.ts'
import { noTracer } from '../lab/tracer.ts'
import type { Centre } from '../login.ts'

/** Lets everything that is under way on the memory store come to rest. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await turn()
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into replies of every shape
export type Json = any

/** A connection that a client may have broken: what was written to it, and what it holds. */
export class TestSink implements Sink {
  readonly lasting: boolean
  readonly written: Json[] = []
  failed = false
  final = false
  readonly #held: Subscriber[] = []
  readonly #hub: Hub

  constructor(hub: Hub, lasting: boolean) {
    this.#hub = hub
    this.lasting = lasting
  }

  hold(sub: Subscriber): void {
    this.#held.push(sub)
  }

  answer(json: string, final: boolean): void {
    this.written.push(JSON.parse(json))
    this.final = final
  }

  superseded(json: string): void {
    this.failed = true
    this.written.push(JSON.parse(json))
  }

  close(): void {
    for (const sub of this.#held) this.#hub.closed(sub, this)
  }
}

export type CometdBench = ReturnType<typeof cometdBench>

/** Turns the clock until it is done: two who want the same record wait for each other. */
export async function elapse<T>(clock: ManualClock, work: Promise<T>): Promise<T> {
  let done = false
  const watched = work.finally(() => {
    done = true
  })
  for (let i = 0; !done && i < 500; i++) {
    await settle()
    if (!done) clock.advance(5)
  }
  return watched
}

/** Two hubs over one memory, with a clock that is turned by hand; no HTTP. */
export function cometdBench(options: Partial<CometdOptions> = {}, { feedLimit = 1_000 } = {}) {
  const clock = new ManualClock()
  const directory = demoDirectory()
  const first = memoryStore({ epoch: 'e1', feedLimit, clock })
  const metered = { clients: 0, queued: 0, gaps: 0, delivered: [] as number[] }

  function makeNode(name: string) {
    const store = name === 'n1' ? first : first.connect(name)
    const centre: Centre = { id: 'demo', directory: () => directory, store, tserver: undefined as never }
    const makeHub = () =>
      new Hub({
        clock,
        node: name,
        options: { ...defaultCometdOptions, ...options },
        tracer: noTracer,
        meter: {
          clients: (count) => (metered.clients = count),
          queuedBytes: (count) => (metered.queued = count),
          gap: () => metered.gaps++,
          delivered: (ms) => metered.delivered.push(ms),
        },
        notify: ({ event, offset }) =>
          event.event === 'EventRegistered'
            ? undefined
            : {
                channel: event.event === 'EventAgentReady' ? '/v2/me/devices' : '/v2/me/im-sessions',
                data: JSON.stringify({ messageType: event.event, n: offset, said: said(event) }),
              },
        soon: (run) => queueMicrotask(run),
      })
    return { name, store, centre, hub: makeHub(), makeHub }
  }
  const a = makeNode('n1')
  const b = makeNode('n2')
  const person = (name: string) => directory.personsByUserName.get(name)?.id as PersonID

  return {
    clock,
    a,
    b,
    store: first,
    metered,
    person,
    /** Appends to somebody's feed: texts, or `device` for a change of the agent's state and `nothing` for what clients do not see. */
    async append(...what: string[]): Promise<void> {
      await appendFor(person('anna'), what)
      await settle()
    },
    appendFor,
    client: (options: ClientOptions = {}) => new TestClient(a, clock, directory.personsByUserName, options),
    async stop(): Promise<void> {
      await Promise.all([a.hub.close(), b.hub.close()])
    },
  }

  async function appendFor(who: PersonID, what: string[]): Promise<void> {
    for (const text of what)
      await first.commit({
        expect: [],
        put: [],
        claims: [],
        feeds: [{ person: who, event: eventOf(text) }],
        timers: { set: [], cancel: [] },
      })
  }
}

function eventOf(text: string): FeedEvent {
  const event = text === 'device' ? 'EventAgentReady' : text === 'nothing' ? 'EventRegistered' : 'EventPrivateInfo'
  return { event, time: 0, thisDN: '7001', extensions: { text: { body: text, sent: 0 } } } as unknown as FeedEvent
}

function said(event: FeedEvent): string {
  return event.event === 'EventPrivateInfo' ? event.extensions.text.body : event.event
}

export interface ClientOptions {
  ack?: boolean
  lasting?: boolean
  user?: string
  /** The HTTP session; by default one for each user. */
  login?: string
}

interface BenchNode {
  centre: Centre
  hub: Hub
}

/** A client that follows the protocol and can be told to break it. */
export class TestClient {
  node: BenchNode
  clientID = ''
  /** The number of the last batch it got. */
  batch = 0
  readonly ack: boolean
  /** What it has been told, in order, events only. */
  readonly heard: Json[] = []
  readonly #options: ClientOptions
  readonly #clock: ManualClock
  readonly #persons: ReadonlyMap<string, unknown>
  #id = 0
  #connected = false
  /** The connect that `drain` left held. */
  #pending: TestSink | undefined

  constructor(node: BenchNode, clock: ManualClock, persons: ReadonlyMap<string, unknown>, options: ClientOptions) {
    this.node = node
    this.ack = options.ack ?? false
    this.#options = options
    this.#clock = clock
    this.#persons = persons
  }

  get said(): string[] {
    return this.heard.map(({ data }) => (data.notificationType === 'Gap' ? 'gap' : data.said))
  }

  get sender(): Sender {
    const { user = 'anna', login = `session:${user}` } = this.#options
    const person = this.#persons.get(user) as never
    const session = { id: login, csrfToken: '' }
    return {
      login: { centre: this.node.centre, person, session },
      loginID: login,
      apiRoot: 'http://x/api/v2',
      connectionTypes: ['websocket', 'long-polling', 'callback-polling'],
    }
  }

  /** Sends any message; resolves to the reply. */
  async send(message: Json, sender: Sender = this.sender): Promise<Json> {
    const text = await receive(this.node.hub, { id: String(++this.#id), ...message }, sender, undefined)
    return text === undefined ? undefined : JSON.parse(`[${text}]`).at(-1)
  }

  async handshake(more: Json = {}): Promise<Json> {
    const ext = { ...(this.ack && { ack: true }), ...more.ext }
    const reply = await this.send({ channel: '/meta/handshake', version: '1.0', ...more, ext })
    this.clientID = reply.clientId ?? ''
    this.batch = 0
    this.lose()
    return reply
  }

  subscribe(subscription: string | string[], more: Json = {}): Promise<Json> {
    const message = { channel: '/meta/subscribe', clientId: this.clientID, subscription, ...more }
    return elapse(this.#clock, this.send(message))
  }

  /** Handshakes, subscribes and makes the first connect. */
  async start(...subscriptions: string[]): Promise<this> {
    await this.handshake()
    await this.subscribe(subscriptions.length > 0 ? subscriptions : ['/v2/me/im-sessions'])
    await this.connect()
    return this
  }

  sink(): TestSink {
    return new TestSink(this.node.hub, this.#options.lasting ?? false)
  }

  /** Sends a connect and leaves it at that. */
  async poll(more: Json = {}, sink: TestSink = this.sink()): Promise<TestSink> {
    if (this.#pending?.written.length) this.take(this.#pending)
    this.#pending = undefined
    const message = {
      channel: '/meta/connect',
      id: String(++this.#id),
      clientId: this.clientID,
      ...(!this.#connected && { advice: { timeout: 0 } }),
      ...(this.ack && { ext: { ack: this.batch } }),
      ...more,
    }
    const text = await receive(this.node.hub, message, this.sender, sink)
    if (text !== undefined) sink.written.push(JSON.parse(`[${text}]`))
    await settle()
    return sink
  }

  /** Takes what a connect was answered with, as a client does; the reply. */
  take(sink: TestSink): Json {
    const messages: Json[] = sink.written.at(-1) ?? []
    for (const message of messages) if (!message.channel.startsWith('/meta/')) this.heard.push(message)
    const reply = messages.at(-1)
    this.#connected = reply?.successful === true
    if (reply?.ext?.ack !== undefined) this.batch = reply.ext.ack
    return reply
  }

  /** Nothing came of the last connect. */
  lose(): void {
    this.#connected = false
    this.#pending = undefined
  }

  /** Sends a connect, waits for its answer (or the heartbeat) and takes it. */
  async connect(more: Json = {}): Promise<Json> {
    const sink = await this.poll(more)
    if (sink.written.length === 0) {
      this.#clock.advance(30_250)
      await settle()
    }
    return this.take(sink)
  }

  /** Polls until nothing more comes at once. */
  async drain(): Promise<string[]> {
    for (let rounds = 0; ; rounds++) {
      if (rounds > 1_000) throw new Error('the server answers every connect at once')
      const before = this.heard.length
      const sink = this.#pending ?? (await this.poll())
      this.#pending = sink.written.length === 0 ? sink : undefined
      if (this.#pending) return this.said
      const reply = this.take(sink)
      if (this.heard.length === before && reply?.advice === undefined) return this.said
    }
  }
}
