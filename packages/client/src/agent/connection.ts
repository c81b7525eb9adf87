import type { EventsState } from '../events.ts'
import { RequestRefused } from '../refused.ts'
import { InStep } from './in-step.ts'
import { insist, type Patience } from './insist.ts'
import type { Listening, Ports } from './ports.ts'
import { Reading } from './reading.ts'
import type { Sessions } from './sessions.ts'

/** How a client stands with the server; README.md says what leads to which. */
export type AgentState =
  | 'new'
  | 'connecting'
  | 'connected'
  | 'reconnecting'
  | 'gap'
  | 'resynchronised'
  | 'refused'
  | 'ended'

export interface StateNews {
  state: AgentState
  /** Why it is refused, or has ended. */
  error?: Error
  /** Feed positions between which notifications are lost, where the server named them. */
  gap?: { from: string; to: string }
}

/** Milliseconds until notifications are asked for again that were refused to a good login. */
const againMs = 1_000
/** After so many connects that failed one after the other, the login is looked at: of a WebSocket nobody hears why it is not let in. */
const suspicious = 3

/** The way to the server: notifications, what is read when some may be missing, and how all of that stands. */
export class Connection {
  readonly #ports: Pick<Ports, 'services' | 'listen'>
  readonly #patience: Patience
  readonly #inStep: InStep
  readonly #tell: (news: StateNews) => void
  readonly #begun = Promise.withResolvers<void>()
  #listening: Listening | undefined
  #stream: 'connecting' | 'live' | 'broken' = 'connecting'
  /** Of the CometD session as it is now. */
  #isSubscribed = false
  /** Connects that have failed since one was good. */
  #failures = 0
  #wasInStep = false
  #state: AgentState = 'new'

  constructor(
    ports: Pick<Ports, 'services' | 'listen'>,
    patience: Patience,
    sessions: Sessions,
    tell: (news: StateNews) => void,
  ) {
    this.#ports = ports
    this.#patience = patience
    this.#tell = tell
    this.#inStep = new InStep({
      sessions,
      reading: new Reading(ports.services, sessions),
      patience,
      onGap: (gap) => this.#become('gap', gap && { gap }),
      onRead: () => this.#settle(),
      onRefused: (error) => this.refuse(error),
    })
    // Whoever does not wait for it hears of it by the state.
    this.#begun.promise.catch(() => undefined)
  }

  get state(): AgentState {
    return this.#state
  }

  /** The login is being tried. */
  begin(): void {
    this.#become('connecting')
  }

  /** Subscribes. Resolves when everything is read and told for the first time; rejects when it comes to an end before. */
  async open(): Promise<void> {
    if (this.#patience.ended) throw this.#patience.ended
    this.#listen()
    await this.#begun.promise
  }

  /** The server does not want this login, or there was no answer: it is over. */
  refuse(reason: unknown): void {
    const error = reason instanceof Error ? reason : new Error(String(reason))
    if (this.#patience.ended) return
    this.#end(error, { state: error instanceof RequestRefused ? 'refused' : 'ended', error })
    this.#listening?.stop().catch(() => undefined)
  }

  /** Resolves when nothing runs any more. */
  async close(error: Error): Promise<void> {
    if (!this.#patience.ended) this.#end(error, { state: 'ended' })
    await this.#listening?.stop()
  }

  #end(error: Error, { state, ...more }: StateNews): void {
    this.#patience.end(error)
    this.#begun.reject(error)
    this.#become(state, more)
  }

  #listen(): void {
    const isOurs = () => this.#listening === listening && !this.#patience.ended
    const listening = this.#ports.listen({
      onNotification: (data) => {
        if (isOurs()) this.#inStep.take(data)
      },
      onState: (state) => {
        if (isOurs()) this.#streamBecame(state)
      },
    })
    this.#listening = listening
    // How it goes is told by `onState`, and tried again by the CometD client itself.
    listening.start().catch(() => undefined)
  }

  #streamBecame(state: EventsState): void {
    switch (state) {
      case 'handshaken':
        this.#isSubscribed = false
        break
      case 'subscribed':
        this.#isSubscribed = true
        this.#inStep.catchUp()
        break
      case 'connected': {
        const isBack = this.#stream === 'broken'
        this.#stream = 'live'
        this.#failures = 0
        // Who waits for the server need not wait any more.
        this.#patience.skip()
        if (isBack && this.#isSubscribed) this.#inStep.catchUp()
        else this.#settle()
        break
      }
      case 'broken':
        this.#stream = 'broken'
        this.#become(this.#wasInStep ? 'reconnecting' : 'connecting')
        if (++this.#failures % suspicious === 0) void this.#suspectLogin()
        break
      case 'refused':
        this.#checkLogin().catch((error: unknown) => this.refuse(error))
    }
  }

  /** In step: the stream lives, its subscription stands, and all that can have been missed before it did has been read. */
  #settle(): void {
    if (this.#stream !== 'live' || !this.#isSubscribed || !this.#inStep.isRead || this.#patience.ended) return
    if (!this.#wasInStep) {
      this.#wasInStep = true
      this.#become('connected')
      this.#begun.resolve()
    } else if (this.#state !== 'connected' && this.#state !== 'resynchronised') this.#become('resynchronised')
  }

  /** Asks once; only a clear no counts. */
  async #suspectLogin(): Promise<void> {
    try {
      await this.#ports.services.whoAmI()
    } catch (error) {
      if (error instanceof RequestRefused && error.httpStatus === 401) this.refuse(error)
    }
  }

  /** CometD lets us in no more: either the login is not good, or only what its connection began with. */
  async #checkLogin(): Promise<void> {
    const former = this.#listening
    await insist(() => this.#ports.services.whoAmI(), { patience: this.#patience, ms: Number.POSITIVE_INFINITY })
    if (this.#listening !== former) return
    this.#stream = 'broken'
    this.#become(this.#wasInStep ? 'reconnecting' : 'connecting')
    await former?.stop().catch(() => undefined)
    await this.#patience.pause(againMs)
    if (!this.#patience.ended) this.#listen()
  }

  #become(state: AgentState, more?: Omit<StateNews, 'state'>): void {
    const isNews = state !== this.#state || more?.gap !== undefined
    this.#state = state
    if (isNews) this.#tell({ state, ...more })
  }
}
