import { setTimeout as sleep } from 'node:timers/promises'
import { Events, type Fetch, type ImSession, RequestRefused, type TextMessage, WebServices } from '@ringdown/client'
import type { Person } from './engine.ts'
import type { Journal, LoggedText, Outcome } from './history.ts'

export type Transport = 'websocket' | 'long-polling'

export interface ClientKind {
  transport: Transport
  ack: boolean
}

/** A CometD client of an agent, with its journal. */
export interface Client {
  kind: ClientKind
  journal: Journal
  events: Events
  /** Whether its last connect was answered. */
  connected: boolean
  /** When it came to be connected again, each time, on the journals' clock. */
  connects: number[]
  /** When a connect failed, each time. */
  breaks: number[]
  handshakes: number
}

/** How long a request is tried again before its outcome counts as unknown, milliseconds. */
const patience = 20_000

/** One agent as an application would be written: every request is repeated with its own id until it is answered. */
export class Agent {
  readonly person: Person
  readonly clients: Client[] = []
  readonly #address: () => string
  readonly #direct: () => string

  /** `address` is where the agent's requests go now, `direct` the engine without anything in between. */
  constructor(person: Person, address: () => string, direct: () => string) {
    this.person = person
    this.#address = address
    this.#direct = direct
  }

  get journals(): Journal[] {
    return this.clients.map((client) => client.journal)
  }

  /** Logs in at the agent's place. */
  async login(): Promise<void> {
    await this.#ask((engine) => engine.startSession())
  }

  /** Opens one more CometD client; resolves when its subscription stands. */
  async listen(address: string, kind: ClientKind): Promise<Client> {
    const { dn, userName } = this.person
    const name = `${userName}/${this.clients.length} (${kind.transport}${kind.ack ? ' with ack' : ''})`
    const failed = new Set<string>()
    const journal = {
      client: name,
      dn,
      requests: [],
      arrivals: [],
      whole: true,
      failed,
    } satisfies Journal as Journal & {
      failed: Set<string>
    }
    const client: Omit<Client, 'events'> = { kind, journal, connected: false, connects: [], breaks: [], handshakes: 0 }
    const events = new Events({
      address,
      headers: this.#webServices(this.#address()).headers(),
      transports: [kind.transport],
      ack: kind.ack,
      onNotification: (notification, position) => {
        const notice = notification as { messageType: string; notificationType: string; messageId?: string }
        if (notice.messageType === 'IMNoticeMessage') {
          if (notice.notificationType === 'Failed') journal.failed.add(notice.messageId ?? '')
          return
        }
        const arrival = { at: performance.now(), notification }
        journal.arrivals.push(position === undefined ? arrival : { ...arrival, position })
      },
      onState: (state) => {
        if (state === 'connected' || state === 'broken') opened.connected = state === 'connected'
        if (state === 'connected') opened.connects.push(performance.now())
        if (state === 'broken') opened.breaks.push(performance.now())
        if (state === 'handshaken') opened.handshakes++
      },
    })
    const opened: Client = Object.assign(client, { events })
    this.clients.push(opened)
    await events.start()
    return opened
  }

  /** Starts a session with a number. */
  async initiate(peer: string): Promise<Outcome> {
    const asked = performance.now()
    const outcome = await this.#insist(
      () => this.#webServices(this.#address()).initiate(peer),
      async () => (await this.session()) !== undefined,
    )
    this.#note({ request: 'initiate', peer, asked, answered: performance.now(), outcome })
    return outcome
  }

  /** Sends a text, under one message id however often it has to be sent. */
  async send(session: string, text: string): Promise<Outcome> {
    const asked = performance.now()
    const outcome = await this.#insist(() =>
      this.#webServices(this.#address()).send(session, text, `id-of-${idOf(text)}`),
    )
    this.#note({ request: 'send', session, text, asked, answered: performance.now(), outcome })
    return outcome
  }

  /** Ends a session. */
  async complete(session: string): Promise<Outcome> {
    const asked = performance.now()
    const outcome = await this.#insist(
      () => this.#webServices(this.#address()).complete(session),
      async () => (await this.session())?.id !== session,
    )
    this.#note({ request: 'complete', session, asked, answered: performance.now(), outcome })
    return outcome
  }

  /** Speaks in a session of others, or, with a password given, in its own under a wrong one. */
  async intrude(session: string, text: string, password = this.person.password): Promise<void> {
    const asked = performance.now()
    const foreign = this.#webServices(this.#direct(), password)
    const outcome = await foreign.send(session, text).then(
      () => 'accepted' as const,
      (error: unknown) => (error instanceof RequestRefused ? ('refused' as const) : ('unknown' as const)),
    )
    this.#note({ request: 'send', session, text, asked, answered: performance.now(), outcome, intruder: true })
  }

  /** The session the agent is in, as the engine has it. */
  async session(): Promise<ImSession | undefined> {
    const [session] = await this.#ask((engine) => engine.sessions())
    return session
  }

  /** The transcript, as the engine has it. */
  async transcript(session: string): Promise<LoggedText[]> {
    return (await this.#ask((engine) => engine.transcript(session))).map(logged)
  }

  async stop(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.events.stop()))
  }

  /** Asks the engine without faults in between, again where it is starved or just starting. */
  async #ask<T>(request: (engine: WebServices) => Promise<T>): Promise<T> {
    for (const end = performance.now() + patience; ; await sleep(50))
      try {
        return await request(this.#webServices(this.#direct()))
      } catch (error) {
        const final = error instanceof RequestRefused && error.httpStatus < 500
        if (final || performance.now() > end) throw error
      }
  }

  /** Repeats a request until it is answered. `done` tells, after an attempt without an answer, whether that one was carried out. */
  async #insist(request: () => Promise<unknown>, done?: () => Promise<boolean>): Promise<Outcome> {
    let doubt = false
    for (const end = performance.now() + patience; performance.now() < end; await sleep(50))
      try {
        await request()
        return 'accepted'
      } catch (error) {
        const refused = error instanceof RequestRefused && error.httpStatus < 500
        if (refused && !doubt) return 'refused'
        if (refused) return (await done?.().catch(() => false)) ? 'accepted' : 'unknown'
        doubt = true
      }
    return 'unknown'
  }

  #note(request: Journal['requests'][number]): void {
    this.clients[0]?.journal.requests.push(request)
  }

  #webServices(address: string, password = this.person.password): WebServices {
    const { userName } = this.person
    return new WebServices({ address, userName, password, fetch: fetch as Fetch, timeoutMs: 6_000 })
  }
}

/** What names a text among all texts of a campaign: its first word. */
export const idOf = (text: string): string => text.split(' ', 1)[0] ?? text

function logged({ position, messageId, from, message }: TextMessage): LoggedText {
  return { position: position ?? 0, messageId, from, text: message }
}
