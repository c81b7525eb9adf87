import { createTServer, type DirectoryObjects, type Person } from '@ringdown/signalling'
import {
  demoDirectory,
  demoObjects,
  ManualClock,
  type MemoryStore,
  memoryStore,
  seededIds,
  seededRandom,
} from '@ringdown/signalling/testing'
import type { Centre, Who } from '../login.ts'
import { Addresses } from '../uc-ajax/addresses.ts'
import { Commands } from '../uc-ajax/commands.ts'
import type { CwaEvent, NumberedEvent } from '../uc-ajax/event.ts'
import { defaultUcAjaxOptions, type UcAjaxOptions } from '../uc-ajax/options.ts'
import type { CwaAnswer, CwaRequest } from '../uc-ajax/request.ts'
import { CwaSessions, type PollAnswer } from '../uc-ajax/sessions.ts'
import { end } from '../web-services/contact-centre-session.ts'
import { settle } from './cometd-bench.ts'

export { settle }

export type CwaBench = ReturnType<typeof cwaBench>

/** A node; started again, it knows nothing but what is in the store. */
export interface CwaNode {
  readonly name: string
  readonly store: MemoryStore
  readonly centre: Centre
  sessions: CwaSessions
  commands: Commands
  restart(): void
}

/** Two nodes of the UC AJAX API over one memory, each with a real T-Server, and a clock that is turned by hand; no HTTP. */
export function cwaBench(given: Partial<UcAjaxOptions> = {}, { feedLimit = 1_000, seed = 1 } = {}) {
  const clock = new ManualClock()
  const options = { ...defaultUcAjaxOptions, ...given }
  const directory = demoDirectory(unanswered())
  const first = memoryStore({ epoch: 'e1', feedLimit, clock })
  const source = seededRandom(seed)
  const held = new Map<string, number>()
  const delivered: number[] = []

  function makeNode(name: string, ids: number): CwaNode {
    const store = name === 'n1' ? first : first.connect(name)
    const tserver = createTServer({ store, directory: () => directory, clock, ids: seededIds(ids), node: name })
    tserver.start()
    const centre: Centre = { id: 'demo', directory: () => directory, store, tserver }
    const node = { name, store, centre, ...open(), restart: () => void Object.assign(node, open()) }
    return node

    function open() {
      const addresses = new Addresses(centre, options)
      const sessions = new CwaSessions({
        centres: [centre],
        clock,
        options,
        addresses: () => addresses,
        logOut: async (at, id) => end({ centre: at, person: at.directory().persons.get(id) as Person }),
        random: () => source() / 2 ** 32,
        meter: {
          sessions: (count) => held.set(name, count),
          polled() {},
          refused() {},
          delivered: (ms) => delivered.push(ms),
        },
      })
      return { sessions, commands: new Commands({ sessions, addresses: () => addresses, options, clock }) }
    }
  }

  const a = makeNode('n1', seed * 2 + 1)
  const b = makeNode('n2', seed * 2 + 2)
  const person = (name: string) => directory.personsByUserName.get(name) as Person

  return {
    clock,
    options,
    a,
    b,
    store: first,
    held,
    /** Ages of the texts that went out, ms. */
    delivered,
    person,
    client: (name: string, node: CwaNode = a) => new CwaClient(person(name), node, clock),
    /** Lets time pass, with all that is to be done meanwhile. */
    async pass(ms: number): Promise<void> {
      for (let left = ms; left > 0; left -= 1_000) {
        clock.advance(Math.min(left, 1_000))
        await settle()
      }
    },
    async stop(): Promise<void> {
      await elapse(clock, Promise.all([a.sessions.close(), b.sessions.close()]))
      await elapse(clock, Promise.all([a.centre.tserver.stop(), b.centre.tserver.stop()]))
    },
  }
}

/** The demonstration's agents and a third one, cleo on 7003, whose phones ring until somebody answers. */
function unanswered(): DirectoryObjects {
  const demo = demoObjects()
  const cleo = { userName: 'cleo', place: 'Place_7003', agentLogins: ['5003'] }
  const objects = {
    ...demo,
    dns: [...demo.dns, { number: '7003', switch: 'SIP_Switch', annex: demo.dns[0]?.annex }],
    places: [...demo.places, { name: 'Place_7003', dns: ['7003'] }],
    agentLogins: [...demo.agentLogins, { code: '5003', switch: 'SIP_Switch' }],
    persons: [...demo.persons, cleo],
  }
  const dns = objects.dns.map((dn) => ({
    ...dn,
    annex: { TServer: { ...dn.annex?.TServer, 'auto-answer': 'no', 'no-answer-timeout': '300' } },
  }))
  return { ...objects, dns }
}

/** A request without the `rid` that the client gives it. */
type Asked = CwaRequest extends infer One
  ? One extends { rid: string }
    ? Omit<One, 'rid'> & { rid?: string }
    : never
  : never

/** A client with one session at a time, which keeps what it was told, and what nobody may tell it. */
export class CwaClient {
  readonly person: Person
  node: CwaNode
  sid = 0
  ackId = 0
  confId = 0
  /** Of the last request. */
  rid = 0
  /** What it was told in this session, by number. */
  told = new Map<number, CwaEvent>()
  readonly #clock: ManualClock

  constructor(person: Person, node: CwaNode, clock: ManualClock) {
    this.person = person
    this.node = node
    this.#clock = clock
  }

  get who(): Who {
    return { centre: this.node.centre, person: this.person }
  }

  /** The events so far, in their order; with names, those of them. */
  events(...names: CwaEvent['event'][]): CwaEvent[] {
    const all = [...this.told].sort(([a], [b]) => a - b).map(([, event]) => event)
    return names.length === 0 ? all : all.filter(({ event }) => names.includes(event))
  }

  /** The peer's texts it was shown, in their order. */
  get texts(): string[] {
    return this.events('messageReceived', 'imSessionReceived').flatMap((event) =>
      'message' in event && event.message.content !== '' ? [event.message.content] : [],
    )
  }

  async signIn(node = this.node): Promise<this> {
    this.node = node
    const answer = await this.ask({ request: 'initiateSession', debug: false })
    if (answer.answer !== 'initiateSessionAccepted') throw new Error(JSON.stringify(answer))
    this.sid = answer.sid
    this.ackId = 0
    this.told = new Map()
    return this
  }

  /** Sends one request and lets the clock go on as long as it takes; the `rid` is the next one unless it is given. */
  async ask(request: Asked): Promise<CwaAnswer> {
    const whole = { rid: String(++this.rid), ...request } as CwaRequest
    const asked = this.node.commands.answer({ sid: this.sid, requests: [whole], unexpected: 0 }, this.who)
    const { answers } = await elapse(this.#clock, asked)
    return answers[0] as CwaAnswer
  }

  async invite(uri: string, content: string): Promise<CwaAnswer> {
    const message = { formats: [], content }
    const answer = await this.ask({ request: 'initiateImSession', confId: 0, uris: [uri], message })
    if (answer.answer === 'initiateImSessionAccepted') this.confId = answer.confId
    return answer
  }

  say(content: string, confId = this.confId): Promise<CwaAnswer> {
    return this.ask({ request: 'sendMessage', confId, message: { formats: [], content } })
  }

  /** Answers, refuses or leaves the last conversation it was told of. */
  async handle(request: 'acceptImSession' | 'terminateImSession'): Promise<CwaAnswer> {
    const last = this.events('imSessionReceived', 'initiateImSessionAccepted').at(-1)
    if (last && 'confId' in last) this.confId = last.confId
    return this.ask({ request, confId: this.confId })
  }

  /** Polls and takes what comes; undefined where the session is over. */
  async poll(
    says: { ackId?: number; active?: boolean } = {},
  ): Promise<Exclude<PollAnswer, { gap: string }> | undefined> {
    const answer = await this.send(says)
    if (!answer || 'gap' in answer) return undefined
    this.take(answer.events)
    this.ackId = answer.ackId
    return answer
  }

  /** Polls, and does not look at the answer; undefined where there is no such session. */
  async send({ ackId = this.ackId, active = false } = {}): Promise<PollAnswer | undefined> {
    const { sessions, centre } = this.node
    const session = await sessions.find(centre, this.person.id, this.sid)
    return session && elapse(this.#clock, sessions.poll(session, { ackId, active }))
  }

  /** Polls until there is nothing more. */
  async drain(): Promise<this> {
    for (let i = 0; i < 1_000; i++) if (!((await this.poll())?.events.length ?? 0)) return this
    throw new Error('there is no end of events')
  }

  /** No event may be another one when it comes again, and none may be left out. */
  take(events: readonly NumberedEvent[]): void {
    for (const { eid, event } of events) {
      const before = this.told.get(eid)
      if (before && JSON.stringify(before) !== JSON.stringify(event))
        throw new Error(`event ${eid} was ${JSON.stringify(before)} and is ${JSON.stringify(event)}`)
      if (!before && eid !== this.told.size + 1) throw new Error(`event ${eid} follows ${this.told.size}`)
      this.told.set(eid, event)
    }
  }
}

/** Turns the clock until it is done, or has failed: two who want the same record wait for each other. */
async function elapse<T>(clock: ManualClock, work: Promise<T>): Promise<T> {
  let done = false
  const finish = () => {
    done = true
  }
  work.then(finish, finish)
  for (let i = 0; !done && i < 2_000; i++) {
    await settle()
    if (!done) clock.advance(5)
  }
  return work
}
