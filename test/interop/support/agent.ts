import { partialDeepStrictEqual } from 'node:assert/strict'
import {
  Events,
  type Fetch,
  type LogUpdate,
  type Notification,
  type SessionState,
  type SessionStateChange,
  WebServices,
} from '@ringdown/client'
import { type Person, until } from '../../faults/engine.ts'

/** What is told of a session, in short. */
interface SessionNews {
  /** The other party's number. */
  peer?: string
  userData?: object
  endedBy?: string | null
  endReason?: string
  endSipStatus?: number
  endSipReason?: string
}

/** Anything else CometD brings: what becomes of a text, who is writing. */
export interface Notice {
  readonly messageType: string
  readonly notificationType: string
  readonly [key: string]: unknown
}

const waitMs = 15_000

/** An agent on REST and CometD whose other party can be anything. States, texts and notices are each awaited in their own order. */
export class Agent {
  readonly dn: string
  readonly #rest: WebServices
  readonly #events: Events
  readonly #states: SessionStateChange[] = []
  readonly #texts: LogUpdate[] = []
  /** Sessions whose beginning was told and whose end was not. */
  readonly #open = new Set<string>()
  readonly notices: Notice[] = []

  constructor(address: string, { userName, password, dn }: Person) {
    this.dn = dn
    this.#rest = new WebServices({ address, userName, password, fetch: fetch as Fetch })
    this.#events = new Events({
      address,
      headers: this.#rest.headers(),
      transports: ['long-polling'],
      onNotification: (notification) => this.#told(notification),
    })
  }

  async logsIn(): Promise<void> {
    await this.#rest.startSession()
    await this.#events.start()
  }
  async leaves(): Promise<void> {
    await this.#events.stop()
    await this.#rest.endSession()
  }
  async calls(number: string): Promise<void> {
    await this.#rest.initiate(number)
  }
  async accepts(): Promise<void> {
    await this.#rest.accept(await this.session())
  }
  async rejects(): Promise<void> {
    await this.#rest.reject(await this.session())
  }
  async says(...texts: readonly string[]): Promise<void> {
    const session = await this.session()
    for (const text of texts) await this.#rest.send(session, text)
  }
  async completes(): Promise<void> {
    await this.#rest.complete(await this.session())
  }

  /** The session the agent is in. */
  async session(): Promise<string> {
    const [session] = await this.#rest.sessions()
    if (!session) throw new Error(`${this.dn} is in no session`)
    return session.id
  }
  async isFree(): Promise<boolean> {
    return (await this.#rest.sessions()).length === 0
  }
  /** Digits of the other parties, as the resource has them. */
  async participants(): Promise<string[]> {
    const [session] = await this.#rest.sessions()
    return session?.participants.map(({ digits }) => digits) ?? []
  }
  /** `number: text` of all the session's texts. */
  async transcript(session: string): Promise<string[]> {
    return (await this.#rest.transcript(session)).map(({ from, message }) => `${from}: ${message}`)
  }

  /** The next change of a session's state is this one. */
  async sees(state: SessionState, { peer, ...resource }: SessionNews = {}): Promise<void> {
    const imSession = { state, ...resource, ...(peer !== undefined && { participants: [{ digits: peer }] }) }
    partialDeepStrictEqual((await this.#next(this.#states, state)).imSession, imSession)
  }
  /** A session begins, whoever answers it. */
  async isCalled(peer: string): Promise<string> {
    await this.sees('Alerting', { peer })
    await this.sees('Talking', { peer })
    return this.session()
  }
  /** The same, and the caller has left again. */
  async isCalledAndLeft(peer: string): Promise<void> {
    for (const state of ['Alerting', 'Talking'] as const) await this.sees(state, { peer })
    await this.sees('Completed', { peer, endedBy: peer })
  }
  /** The next texts are these, in this order, their own included. */
  async hears(from: string, ...messages: readonly string[]): Promise<void> {
    for (const message of messages) partialDeepStrictEqual(await this.#next(this.#texts, message), { from, message })
  }
  /** Sooner or later a notice of this kind comes. */
  async isTold(notificationType: string): Promise<Notice> {
    const find = () => this.notices.find((notice) => notice.notificationType === notificationType)
    const otherwise = `${this.dn} was not told ${notificationType}, but ${JSON.stringify(this.notices)}`
    await until(() => find() !== undefined, waitMs, otherwise)
    return find() as Notice
  }
  /** Texts that have come and were not asked for. */
  get unheard(): readonly string[] {
    return this.#texts.map(({ from, message }) => `${from}: ${message}`)
  }
  /** Is in no session any more and has nothing to hear, whatever happened before. */
  async clears(): Promise<void> {
    for (const { id } of await this.#rest.sessions()) await this.#rest.complete(id)
    await until(() => this.#open.size === 0, waitMs, `${this.dn} was not told of the end of a session`)
    await until(() => this.isFree(), waitMs, `${this.dn} stays in a session`)
    this.#states.length = 0
    this.#texts.length = 0
    this.notices.length = 0
  }

  #told(notification: Notification): void {
    if (notification.messageType === 'IMSessionStateChangeMessage') {
      this.#states.push(notification)
      const { id, state } = notification.imSession
      if (state === 'Completed') this.#open.delete(id)
      else this.#open.add(id)
    } else if (notification.messageType === 'IMLogUpdateMessage' && notification.notificationType === 'NewMessage')
      this.#texts.push(notification)
    else this.notices.push({ ...notification } as Notice)
  }

  async #next<T>(queue: T[], what: string): Promise<T> {
    await until(() => queue.length > 0, waitMs, `${this.dn} was not told of ${what}`)
    const next = queue.shift()
    if (next === undefined) throw new Error('nothing came')
    return next
  }
}
