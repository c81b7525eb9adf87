import { setTimeout as sleep } from 'node:timers/promises'
import {
  Events,
  emptyView,
  type Fetch,
  type Notification,
  nextView,
  RequestRefused,
  type SessionState,
  type TextMessage,
  type View,
  WebServices,
} from '@ringdown/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type DNOptions, Engine, type Node, type Person, until } from '../faults/engine.ts'

/** What is told of a session, in short. */
interface SessionNews {
  peer?: string
  userData?: object | undefined
  capabilities?: readonly string[]
  endedBy?: string | null
  endReason?: string
}

/** An agent at their desk: what they do over REST, and what they are told over CometD, in its order. */
export class Desk {
  readonly dn: string
  readonly #rest: WebServices
  readonly #events: Events
  readonly #news: Notification[] = []
  readonly #address: string
  readonly #person: Person
  /** What the desktop shows, made by its own model. */
  view: View = emptyView

  constructor(address: string, person: Person) {
    const { userName, password, dn } = person
    this.dn = dn
    this.#address = address
    this.#person = person
    this.#rest = new WebServices({ address, userName, password, fetch: fetch as Fetch })
    this.#events = new Events({
      address,
      headers: this.#rest.headers(),
      transports: ['long-polling'],
      onNotification: (notification) => {
        this.#news.push(notification)
        this.view = nextView(this.view, { input: 'notification', notification })
      },
    })
  }

  async listens(): Promise<void> {
    await this.#events.start()
  }
  async logsIn(): Promise<void> {
    await this.#rest.startSession()
    await this.listens()
  }
  /** The same, with ears open before anything can happen. */
  async arrives(): Promise<void> {
    await this.listens()
    await this.#rest.startSession()
  }
  async logsOut(): Promise<void> {
    await this.#rest.endSession()
  }
  async leaves(): Promise<void> {
    await this.#events.stop()
  }

  async calls(number: string, userData?: Record<string, unknown>): Promise<void> {
    await this.#rest.initiate(number, userData)
  }
  async says(text: string, messageId?: string): Promise<void> {
    await this.#rest.send(await this.session(), text, messageId)
  }
  async attaches(userData: Record<string, unknown>): Promise<void> {
    await this.#rest.attachUserData(await this.session(), userData)
  }
  async updates(userData: Record<string, unknown>): Promise<void> {
    await this.#rest.updateUserData(await this.session(), userData)
  }
  async deletes(key: string): Promise<void> {
    await this.#rest.deleteUserData(await this.session(), key)
  }
  async composes(composing: boolean): Promise<void> {
    await this.#rest.composing(await this.session(), composing)
  }
  async marksDisplayed(messageId: string): Promise<void> {
    await this.#rest.displayed(await this.session(), messageId)
  }
  async accepts(): Promise<void> {
    await this.#rest.accept(await this.session())
  }
  async rejects(): Promise<void> {
    await this.#rest.reject(await this.session())
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
  async readsTranscript(session: string): Promise<string[]> {
    return (await this.#rest.transcript(session)).map(({ from, message }) => `${from}: ${message}`)
  }
  /** Reads state and transcript again, as a desktop does that was away. */
  async reads(): Promise<void> {
    const sessions = await this.#rest.sessions()
    this.view = nextView(this.view, { input: 'sessionsRead', sessions })
    for (const { id } of sessions) {
      const messages = await this.#rest.transcript(id)
      this.view = nextView(this.view, { input: 'transcriptRead', sessionId: id, messages })
    }
  }

  /** The very next notification is this state of a session. */
  async sees(state: SessionState, news: SessionNews = {}): Promise<void> {
    const { peer, ...resource } = news
    const imSession = { state, ...resource, ...(peer !== undefined && { participants: [{ digits: peer }] }) }
    expect(await this.#next(`${state}`)).toMatchObject({ messageType: 'IMSessionStateChangeMessage', imSession })
  }
  /** The very next notification is this text. */
  async hears(from: string, message: string): Promise<TextMessage> {
    const told = await this.#next(message)
    expect(told).toMatchObject({ messageType: 'IMLogUpdateMessage', from, message })
    return told as unknown as TextMessage
  }
  /** The very next notification is a change of the attached data, to this. */
  async seesData(userData: object | undefined): Promise<void> {
    const told = await this.#next('attached data')
    expect(told).toMatchObject({ notificationType: 'AttachedDataChanged' })
    if (told.messageType === 'IMSessionStateChangeMessage') expect(told.imSession.userData).toEqual(userData)
  }
  /** The very next notification is about a text of this agent. */
  async isTold(notificationType: string, more: object = {}): Promise<void> {
    expect(await this.#next(notificationType)).toMatchObject({ notificationType, ...more })
  }
  /** What was told so far does not matter. */
  forgets(): void {
    this.#news.length = 0
  }
  /** Nothing was told that was not asked for. */
  seesNothingMore(): void {
    expect(this.#news).toEqual([])
  }

  /** Another desk of the same agent. */
  another(): Desk {
    return new Desk(this.#address, this.#person)
  }

  async #next(what: string): Promise<Notification> {
    await until(() => this.#news.length > 0, 5_000, `${this.dn} was not told of ${what}`)
    const news = this.#news.shift()
    if (!news) throw new Error('nothing to see')
    return news
  }
}

/** The refusal that a request ends in. */
export async function refusal(request: Promise<unknown>): Promise<{ statusCode: number; message: string }> {
  const outcome = await request.then(
    () => 'accepted',
    (error: unknown) => error,
  )
  if (!(outcome instanceof RequestRefused)) throw new Error(`not refused: ${outcome}`)
  return outcome
}

/** Who plays: anna, ben and cleo are answered for by the engine, max has to press a button, otto gives up soon and nobody is there. */
export interface Cast {
  anna: Desk
  ben: Desk
  cleo: Desk
  max: Desk
  otto: Desk
}

let engine: Engine
let node: Node

/** One engine for all scenarios of a file. */
export function stage(): void {
  beforeAll(async () => {
    const asked = { 'auto-answer': 'false' }
    const options = new Map<string, DNOptions>([
      ['7004', asked],
      ['7005', { ...asked, 'no-answer-timeout': '1' }],
    ])
    engine = await Engine.create('embedded', 5, options)
    node = await engine.startNode('stage')
  })
  afterAll(() => engine?.stop())
}

/** A scenario with everybody at a fresh desk. At its end nobody has been told anything that it does not name. */
export function scenario(name: string, play: (cast: Cast) => Promise<void>): void {
  test(name, async () => {
    const [anna, ben, cleo, max, otto] = engine.persons.map((person) => new Desk(node.address, person))
    if (!anna || !ben || !cleo || !max || !otto) throw new Error('the cast is not complete')
    const cast = [anna, ben, cleo, max, otto]
    try {
      await play({ anna, ben, cleo, max, otto })
      // Replies of CometD are in flight for a moment after the last request was answered.
      await sleep(30)
      for (const desk of cast) desk.seesNothingMore()
    } finally {
      await Promise.all(cast.map((desk) => desk.leaves().catch(() => undefined)))
      await Promise.all(cast.map((desk) => desk.logsOut().catch(() => undefined)))
    }
  })
}
