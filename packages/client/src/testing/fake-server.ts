import type { Ports } from '../agent/ports.ts'
import type { Answer, ImSession, Sent, TextMessage, WholeUser } from '../contract.ts'
import type { EventsState } from '../events.ts'
import type { Notification } from '../notifications.ts'
import { RequestRefused } from '../refused.ts'
import { session, text } from './fixtures.ts'
import { TestClock } from './test-clock.ts'

type Services = Ports['services']
type Listeners = Parameters<Ports['listen']>[0]

/** A connection that failed. */
export const noAnswer = new TypeError('fetch failed')
export const refusal = (httpStatus: number, statusCode: number, statusMessage = 'no') =>
  new RequestRefused(httpStatus, { statusCode, statusMessage })

/** The server as a client sees it: what it answers, and what it tells when a test says so. Nothing happens by itself. */
export class FakeServer {
  readonly clock = new TestClock()
  /** Requests as they came: the method of `WebServices`, and what it was given. */
  readonly asked: unknown[][] = []
  readonly sessions = new Map<string, ImSession>()
  readonly texts = new Map<string, TextMessage[]>()
  /** Ids, the newest first. */
  ended: string[] = []
  /** Streams of notifications that were opened and not stopped. */
  open = 0
  readonly #fails = new Map<keyof Services, unknown[]>()
  readonly #held: (() => void)[] = []
  #holds: keyof Services | undefined
  #listeners: Listeners | undefined
  #ids = 0

  /** The next requests of this name fail so, one after the other; undefined: carried out all the same, and the answer is lost. */
  fail(name: keyof Services, ...errors: unknown[]): void {
    this.#fails.set(name, [...(this.#fails.get(name) ?? []), ...errors])
  }

  /** Answers of this name wait until `release`. */
  hold(name: keyof Services): void {
    this.#holds = name
  }
  async release(): Promise<void> {
    this.#holds = undefined
    for (const answer of this.#held.splice(0)) answer()
    await settled()
  }

  /** The stream of notifications becomes this. */
  async becomes(...states: EventsState[]): Promise<void> {
    for (const state of states) this.#listeners?.onState(state)
    await settled()
  }
  async tells(...notifications: (Notification | object)[]): Promise<void> {
    for (const one of notifications) this.#listeners?.onNotification(one as Notification, undefined)
    await settled()
  }
  /** Time passes. */
  async passes(ms: number): Promise<void> {
    await settled()
    await this.clock.advance(ms, settled)
  }

  /** A session with texts at these positions, as REST shows it. */
  has(state: ImSession['state'], positions: readonly number[] = [], more: Partial<ImSession> = {}): ImSession {
    const made = session(state, more)
    this.sessions.set(made.id, made)
    const lines = positions.map((position) => {
      const { messageType: _, notificationType: __, imSessionPath: ___, ...line } = text(position)
      return line
    })
    this.texts.set(made.id, lines)
    return made
  }

  /** How often it was asked so. */
  count(name: keyof Services): number {
    return this.asked.filter(([asked]) => asked === name).length
  }

  readonly ports: Ports = {
    services: {
      whoAmI: () => this.#answer('whoAmI', [], () => ({ userName: 'anna' }) as WholeUser),
      startSession: (...args) => this.#answer('startSession', args, good),
      endSession: () => this.#answer('endSession', [], good),
      sessions: () =>
        this.#answer('sessions', [], () => [...this.sessions.values()].filter(({ state }) => state !== 'Completed')),
      session: (id) => this.#answer('session', [id], () => this.#session(id)),
      endedSessions: () =>
        this.#answer('endedSessions', [], () =>
          this.ended.map((id) => ({ ...this.#session(id), began: '', ended: '' })),
        ),
      transcript: (id, after = 0) =>
        this.#answer('transcript', [id, after], () =>
          (this.texts.get(id) ?? []).filter(({ position = 0 }) => position > after),
        ),
      initiate: (...args) => this.#answer('initiate', args, good),
      send: (...args) => this.#answer('send', args, () => this.#accept(...args)),
      accept: (id) => this.#answer('accept', [id], good),
      reject: (id) => this.#answer('reject', [id], good),
      complete: (id) => this.#answer('complete', [id], good),
      attachUserData: (...args) => this.#answer('attachUserData', args, good),
      updateUserData: (...args) => this.#answer('updateUserData', args, good),
      deleteUserData: (...args) => this.#answer('deleteUserData', args, good),
      composing: (...args) => this.#answer('composing', args, good),
      displayed: (...args) => this.#answer('displayed', args, good),
    },
    listen: (listeners) => {
      this.#listeners = listeners
      this.open++
      return {
        start: () => Promise.resolve(),
        stop: async () => {
          if (this.#listeners !== listeners) return
          this.#listeners = undefined
          this.open--
        },
      }
    },
    clock: this.clock,
    random: () => 0,
    newID: () => `id${++this.#ids}`,
  }

  async #answer<T>(name: keyof Services, args: readonly unknown[], carryOut: () => T): Promise<T> {
    this.asked.push([name, ...args])
    const fails = this.#fails.get(name) ?? []
    const answer = fails.length === 0 ? { error: null, what: carryOut() } : { error: fails.shift() }
    if (answer.error === undefined) carryOut()
    // It is on its way, and may be of yesterday when it arrives.
    if (this.#holds === name) await new Promise<void>((resolve) => this.#held.push(resolve))
    if ('what' in answer) return answer.what
    throw answer.error ?? noAnswer
  }

  #session(id: string): ImSession {
    const found = this.sessions.get(id)
    if (!found) throw refusal(404, 6, 'no such session')
    return found
  }

  /** The same message id twice is one text, as with the real one. */
  #accept(id: string, message: string, messageId = 'none'): Sent {
    const texts = this.texts.get(id) ?? []
    const known = texts.find((one) => one.messageId === messageId)
    const position = known?.position ?? texts.length + 1
    const timestamp = '2026-01-02T03:04:05.000Z'
    if (!known) texts.push({ position, message, messageId, from: '7001', timestamp })
    this.texts.set(id, texts)
    return { statusCode: 0, messageId, position, timestamp }
  }
}

const good = (): Answer => ({ statusCode: 0 })

/** Everything that can go on without time or network has gone on. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 60; i++) await Promise.resolve()
}
