import type { Answer, ImSession, Sent, TextMessage, UserData, WholeUser } from '../contract.ts'
import type { SessionView } from '../model/session-view.ts'
import { RequestRefused } from '../refused.ts'
import { type AgentState, Connection, type StateNews } from './connection.ts'
import { insist, NoAnswer, Patience } from './insist.ts'
import { Listeners } from './listeners.ts'
import { Outbox } from './outbox.ts'
import { type Ports, portsOf } from './ports.ts'
import { type SessionEvents, Sessions } from './sessions.ts'

export interface AgentEvents extends SessionEvents {
  state: StateNews
}

export interface AgentClientOptions {
  /** Where the server is, without `/api/v2`: `https://im.example`. */
  address: string
  /** Who this is. In a page that has the server's cookie both may be left out. */
  userName?: string
  password?: string
  /** Where to log in; default: the agent's own place. `devicePath` where the place has several devices. */
  place?: string
  devicePath?: string
  /** The transports of CometD to use, best first. Default: WebSocket, then long-polling. */
  transports?: readonly ('websocket' | 'long-polling')[]
  /** How long a request without an answer is tried again, milliseconds. Default 30 000. */
  patienceMs?: number
  /** How long a text is, milliseconds. Default 600 000. */
  textPatienceMs?: number
  /** What may wait to be sent. Default: 1 000 texts, 4 194 304 characters. */
  outbox?: { texts: number; characters: number }
}

/**
 * One agent's part in IM sessions, kept in step with the server: across lost connections, restarts, changes of node, and gaps. Listen to
 * its events with `on` before `start`.
 */
export class AgentClient {
  readonly #options: AgentClientOptions
  readonly #ports: Ports
  readonly #listeners = new Listeners<AgentEvents>()
  readonly #patience: Patience
  readonly #sessions: Sessions
  readonly #connection: Connection
  readonly #outbox: Outbox
  #me: WholeUser | undefined

  constructor(options: AgentClientOptions, ports: Ports = portsOf(options)) {
    this.#options = options
    this.#ports = ports
    this.#patience = new Patience(ports.clock, ports.random)
    this.#sessions = new Sessions((name, event) => this.#told(name, event), ports.clock)
    this.#connection = new Connection(ports, this.#patience, this.#sessions, (news) => this.#stateTold(news))
    this.#outbox = new Outbox({
      patience: this.#patience,
      ms: options.textPatienceMs ?? 600_000,
      limit: options.outbox ?? { texts: 1_000, characters: 4 << 20 },
      send: (id, text, messageId) => this.#letIn(ports.services.send(id, text, messageId)),
      isEarly: (id) => this.#isEarly(id),
      find: (...text) => this.#find(...text),
    })
  }

  /** How this client stands with the server. */
  get state(): AgentState {
    return this.#connection.state
  }

  /** Who is signed in, as of the start; undefined before. */
  get me(): WholeUser | undefined {
    return this.#me
  }

  /** What is known of the agent's sessions, by id: the living ones and the latest that have ended. */
  get sessions(): ReadonlyMap<string, SessionView> {
    return this.#sessions.all
  }

  /** The session the agent is in, if any: there is never more than one. */
  get session(): SessionView | undefined {
    return this.#sessions.living.at(-1)
  }

  /** Calls the listener for each event of this name from now on; what is returned ends that. */
  on<Name extends keyof AgentEvents>(name: Name, listener: (event: AgentEvents[Name]) => void): () => void {
    return this.#listeners.on(name, listener)
  }

  /**
   * Signs in, logs in at the place, subscribes, and reads the sessions that live; resolves when all of that is told. Rejects with
   * `RequestRefused` (wrong password; the place is taken) or `NoAnswer`; the client is of no use then.
   */
  async start(): Promise<void> {
    if (this.state !== 'new') throw new Error('a client is started once; make another one')
    this.#connection.begin()
    const { services } = this.#ports
    try {
      this.#me = await this.#ask(() => services.whoAmI())
      await this.#ask(() => services.startSession(this.#options.place, this.#options.devicePath))
    } catch (error) {
      this.#connection.refuse(error)
      throw error
    }
    await this.#connection.open()
  }

  /**
   * Begins a session with a number. Resolves when the session is there, though the peer may still have to answer; what ends it at once
   * (nobody there, busy) is told by its state. Rejects with `RequestRefused` (the agent is in a session already) or `NoAnswer`.
   */
  async begin(phoneNumber: string, userData?: UserData): Promise<SessionView> {
    // One that has rung here is somebody else's call.
    const others = new Set(this.sessions.keys())
    const isOurs = ({ id, state }: SessionView | ImSession) => !others.has(id) && state !== 'Alerting'
    const found = Promise.withResolvers<SessionView>()
    const stop = this.on('session', ({ session }) => {
      if (isOurs(session)) found.resolve(session)
      else others.add(session.id)
    })
    const { services } = this.#ports
    const ours = async () => ((await services.sessions()).some(isOurs) ? { statusCode: 0 } : undefined)
    try {
      await this.#ask(() => services.initiate(phoneNumber, userData), ours)
      return await this.#within(found.promise)
    } finally {
      stop()
    }
  }

  /**
   * Sends a text. Resolves when the server has accepted it; rejects with `RequestRefused`, `OutboxFull`, or `NoAnswer` when it is given up.
   * Texts of one session go out one after the other, in the order of the calls; before the peer has answered, they wait. `messageId` is
   * made here unless it is given; under one id a text is accepted once.
   */
  async send(sessionId: string, text: string, messageId: string = this.#ports.newID()): Promise<Sent> {
    // It travels as a header.
    if (!/^[!-~]{1,128}$/.test(messageId))
      throw new TypeError('a message id has 1 to 128 characters of ASCII, none of them a space')
    return this.#outbox.send(sessionId, text, messageId)
  }

  /** Takes a session that rings. Rejects, as all that follow, with `RequestRefused`, or with `NoAnswer` when it is given up. */
  async accept(sessionId: string): Promise<void> {
    await this.#ask(() => this.#ports.services.accept(sessionId), this.#is(sessionId, 'Talking', 'Completed'))
  }

  /** Refuses a session that rings. */
  async reject(sessionId: string): Promise<void> {
    await this.#ask(() => this.#ports.services.reject(sessionId), this.#is(sessionId, 'Completed'))
  }

  /** Ends a session. Texts that wait are not waited for. */
  async complete(sessionId: string): Promise<void> {
    await this.#ask(() => this.#ports.services.complete(sessionId), this.#is(sessionId, 'Completed'))
  }

  /** Adds pairs to the session's user data. */
  async attachUserData(sessionId: string, userData: UserData): Promise<void> {
    await this.#ask(() => this.#ports.services.attachUserData(sessionId, userData))
  }

  /** Changes pairs of the session's user data. */
  async updateUserData(sessionId: string, userData: UserData): Promise<void> {
    await this.#ask(() => this.#ports.services.updateUserData(sessionId, userData))
  }

  /** Removes one pair of the session's user data; one that is not there is no mistake. */
  async deleteUserData(sessionId: string, key: string): Promise<void> {
    await this.#ask(() => this.#ports.services.deleteUserData(sessionId, key))
  }

  /** Tells the peer that a text is being written, or that this has stopped. Tried once; resolves to whether it was told. */
  async composing(sessionId: string, composing: boolean): Promise<boolean> {
    return isDone(this.#ports.services.composing(sessionId, composing))
  }

  /** Tells the sender of a text that it was shown. Tried once; resolves to whether it was told. */
  async displayed(sessionId: string, messageId: string): Promise<boolean> {
    return isDone(this.#ports.services.displayed(sessionId, messageId))
  }

  /** Logs the agent out everywhere, which ends their session, and closes. */
  async signOut(): Promise<void> {
    const { services } = this.#ports
    const isOut = async () => {
      try {
        await services.whoAmI()
        return undefined
      } catch (error) {
        if (!isLoginRefused(error)) throw error
        return { statusCode: 0 }
      }
    }
    // The cookie ends with the login: a refusal behind a lost answer says that it is done.
    const ms = this.#options.patienceMs ?? 30_000
    await this.#letIn(insist(() => services.endSession(), { patience: this.#patience, ms, found: isOut }))
    await this.close()
  }

  /**
   * Ends this client; the agent stays logged in at the place, and in the session. What waits is given up with `NoAnswer`. Resolves when
   * nothing runs any more.
   */
  async close(): Promise<void> {
    await this.#connection.close(new NoAnswer('the client was closed'))
  }

  #stateTold(news: StateNews): void {
    if (news.state === 'ended' || news.state === 'refused') this.#sessions.stop()
    this.#listeners.tell('state', news)
  }

  #told<Name extends keyof SessionEvents>(name: Name, event: SessionEvents[Name]): void {
    if (name === 'text') {
      const { session, text } = event as SessionEvents['text']
      this.#outbox.arrived(session.id, text.message, text.messageId, sentAs(text))
    }
    // A listener may have closed the client in the middle of what was read.
    if (this.#patience.ended) return
    this.#listeners.tell(name, event as AgentEvents[Name])
    // Texts may have waited for the peer's answer.
    if (name === 'session') this.#patience.skip()
  }

  #isEarly(id: string): boolean {
    const state = this.sessions.get(id)?.state
    return state === 'Initiating' || state === 'Alerting'
  }

  async #find(id: string, message: string, messageId: string): Promise<Sent | undefined> {
    const texts = await this.#ports.services.transcript(id, this.#sessions.position(id))
    const found = texts.find((text) => text.messageId === messageId && text.message === message)
    return found && sentAs(found)
  }

  /** Whether the session is in one of these states: what a request has led to that got no answer the first time and was refused the second. */
  #is(id: string, ...states: readonly SessionView['state'][]): () => Promise<Answer | undefined> {
    return async () => {
      const { state } = await this.#ports.services.session(id)
      return states.includes(state) ? { statusCode: 0 } : undefined
    }
  }

  #ask<T>(request: () => Promise<T>, found?: () => Promise<T | undefined>): Promise<T> {
    const ms = this.#options.patienceMs ?? 30_000
    return insist(() => this.#letIn(request()), { patience: this.#patience, ms, ...(found && { found }) })
  }

  /** A login that is not good any more ends everything. */
  async #letIn<T>(request: Promise<T>): Promise<T> {
    try {
      return await request
    } catch (error) {
      if (isLoginRefused(error)) this.#connection.refuse(error)
      throw error
    }
  }

  /** What is told, if it is told in time. */
  async #within(told: Promise<SessionView>): Promise<SessionView> {
    const ms = this.#options.patienceMs ?? 30_000
    const late = Promise.withResolvers<never>()
    const { clock } = this.#ports
    const stop = clock.after(ms, () => late.reject(new NoAnswer(`the session was not told of in ${ms / 1000} s`)))
    const stopState = this.on('state', () => {
      if (this.#patience.ended) late.reject(this.#patience.ended)
    })
    try {
      return await Promise.race([told, late.promise])
    } finally {
      stop()
      stopState()
    }
  }
}

function isLoginRefused(error: unknown): boolean {
  return error instanceof RequestRefused && error.httpStatus === 401
}

async function isDone(request: Promise<unknown>): Promise<boolean> {
  return request.then(
    () => true,
    () => false,
  )
}

function sentAs({ messageId, position, timestamp }: TextMessage): Sent {
  return { statusCode: 0, messageId, timestamp, ...(position !== undefined && { position }) }
}
