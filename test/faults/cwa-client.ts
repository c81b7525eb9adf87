import { setTimeout as sleep } from 'node:timers/promises'
import { Malformed, Refused, type SeenEvent, UcAjaxClient } from '../conformance/uc-ajax/client.ts'
import { documented, thirdParty } from '../conformance/uc-ajax/style.ts'
import { CwaJournal } from './cwa-journal.ts'
import type { Person } from './engine.ts'
import type { Outcome, QueueRequest } from './history.ts'
import { between } from './random.ts'
import type { Conversation, CwaKind, Listening } from './talker.ts'

/** How long a request is tried again before its outcome counts as unknown, and how long one try may take, milliseconds. */
const patience = 20_000
const timeoutMs = 6_000

export interface CwaClientPlan {
  person: Person
  kind: CwaKind
  name: string
  /** Whether it acts for its person: it is the first of their sessions. */
  acts: boolean
  /** Where it polls. */
  polls: string
  /** Where its requests go now. */
  asks: () => string
  random: () => number
  digitsOf: (uri: string) => string
}

/** What a request is about, for the journal. */
type Asking = Omit<QueueRequest, 'outcome'>

/**
 * One client of UC AJAX, as an application would be written: what is not answered is asked again under its `rid`, polls are repeated
 * from the last event that arrived, and where the session is gone it signs in anew.
 */
export class CwaClient implements Listening {
  readonly kind: CwaKind
  readonly journal: CwaJournal
  connected = false
  readonly connects: number[] = []
  readonly breaks: number[] = []
  handshakes = 1
  /** The conversation told of last, while it lives. */
  conversation: (Conversation & { state: string }) | undefined
  readonly #plan: CwaClientPlan
  #poller: UcAjaxClient
  #asker: { address: string; client: UcAjaxClient } | undefined
  readonly #outcomes = new Map<string, boolean>()
  readonly #sessions = new Map<string, Conversation>()
  /** The last event that was new. */
  #heard = 0
  readonly #accepting = new Set<Promise<unknown>>()
  #polling: Promise<void> | undefined
  #stopped = false

  private constructor(plan: CwaClientPlan) {
    const { person, kind, name, acts } = plan
    this.#plan = plan
    this.kind = kind
    this.journal = new CwaJournal(name, person.dn, acts)
    this.#poller = this.#newClient(plan.polls)
  }

  /** Signs in and begins to poll. */
  static async open(plan: CwaClientPlan): Promise<CwaClient> {
    const client = new CwaClient(plan)
    await client.#signIn()
    client.#polling = client.#poll()
    return client
  }

  /** Begins a conversation; answers when it is connected, or when it is clear that it will not be. */
  async initiate(uri: string, text: string): Promise<Outcome> {
    const confId = this.#poller.nextConfId()
    const begins: Asking = confId === 0 ? { text } : { text, confId }
    const subject = this.#plan.random() < 0.5 ? { subject: 'Pläne & <more>' } : {}
    let given = confId
    const outcome = await this.#insist(begins, async (client, rid, asking) => {
      given = (await client.initiate(uri, text, { rid, confId, ...subject })).confId
      asking.confId = given
    })
    const isUp = () => this.conversation?.confId === given && this.conversation.state === 'connected'
    if (outcome === 'accepted') await this.#until(isUp)
    return outcome
  }

  /** Says something in a session. */
  async send(session: string, text: string): Promise<Outcome> {
    const confId = await this.#conversationOf(session, 'connected')
    if (confId === undefined) return 'unknown'
    if (this.#plan.random() < 0.15)
      await this.#insist({ confId, notice: true }, (client, rid) => client.composing(confId, true, { rid }))
    return this.#insist({ confId, text }, (client, rid) => client.send(confId, text, { rid }))
  }

  /** Leaves a session. */
  async terminate(session: string): Promise<Outcome> {
    const confId = await this.#conversationOf(session)
    if (confId === undefined) return 'unknown'
    return this.#insist({ confId }, (client, rid) => client.terminate(confId, { rid }))
  }

  /** The number of a session's conversation: of the one told of last, unless that is known to be another session's. */
  async #conversationOf(session: string, state?: 'connected'): Promise<number | undefined> {
    const known = this.#sessions.get(session)
    if (known?.sid === this.#poller.sid) return known.confId
    const others = [...this.#sessions.values()]
    const isIt = ({ sid, confId, state: now }: Conversation & { state: string }) =>
      !others.some((other) => other.sid === sid && other.confId === confId) && (!state || now === state)
    if (!(await this.#until(() => this.conversation !== undefined && isIt(this.conversation)))) return undefined
    const { sid = 0, confId = 0 } = this.conversation ?? {}
    this.#sessions.set(session, { sid, confId })
    return confId
  }

  /** Loses everything it knows but its person's password, as a client that crashes, and comes back. */
  async crash(): Promise<void> {
    this.#stopped = true
    await this.#polling
    await this.#close()
    this.#stopped = false
    await this.#signInAnew()
    this.#polling = this.#poll()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#polling
    await Promise.all(this.#accepting)
    await this.#close()
  }

  async #poll(): Promise<void> {
    const { random } = this.#plan
    while (!this.#stopped) {
      try {
        await this.#pollOnce(random() < 0.1)
        this.connected = true
        this.connects.push(performance.now())
      } catch (error) {
        this.connected = false
        this.breaks.push(performance.now())
        await this.#mend(error)
      }
      await sleep(between(random, 10, 50))
    }
  }

  /** `twice`: it is gone before it has kept what came, and asks from the old event on. */
  async #pollOnce(twice: boolean): Promise<void> {
    const { ackId, sid } = this.#poller
    for (let times = twice ? 2 : 1; times > 0; times--) {
      const { events } = await this.#poller.poll({ ackId, active: this.#plan.random() < 0.5 })
      if (sid !== this.#poller.sid) return
      for (const event of events) this.#hear(sid, event)
    }
  }

  #hear(sid: number, event: SeenEvent): void {
    this.journal.note(sid, event, this.#plan.digitsOf)
    if (event.eid <= this.#heard) return
    this.#heard = event.eid
    if (event.event === 'requestSucceeded' || event.event === 'requestFailed')
      this.#outcomes.set(`${sid} ${event.rid}`, event.event === 'requestSucceeded')
    if (event.event !== 'imSessionState') return
    const { confId, state } = event
    this.conversation = state === 'terminated' ? undefined : { sid, confId, state }
    if (state === 'incoming' && this.kind.accepts && this.#plan.acts) this.#accept(confId)
  }

  #accept(confId: number): void {
    const accepted = this.#insist({ confId }, (client, rid) => client.accept(confId, { rid }))
    this.#accepting.add(accepted)
    void accepted.finally(() => this.#accepting.delete(accepted))
  }

  /** After a poll that failed: gets another ticket, or signs in anew, where the same poll would fail again. */
  async #mend(error: unknown): Promise<void> {
    if (error instanceof Malformed) this.journal.queue.broken.push(error.message.slice(0, 1_000))
    if (error instanceof Refused && error.status === 401) await this.#poller.logOn().catch(() => undefined)
    const isLost = error instanceof Refused && error.error.code === 18100
    if (isLost || error instanceof Malformed) await this.#signInAnew()
  }

  async #signInAnew(): Promise<void> {
    this.handshakes++
    this.conversation = undefined
    await this.#signIn()
  }

  async #signIn(): Promise<void> {
    for (const end = performance.now() + patience; ; await sleep(50))
      try {
        await this.#poller.logOn()
        const rid = this.#poller.nextRid()
        const sid = await this.#poller.openSession({ rid })
        this.journal.queue.asked.set(`${sid} ${rid}`, { outcome: 'accepted' })
        this.#heard = 0
        return
      } catch (error) {
        if (error instanceof Malformed || this.#stopped || performance.now() > end) throw error
      }
  }

  /** Repeats a request until it is answered. */
  async #insist(
    about: Asking,
    ask: (client: UcAjaxClient, rid: string, asking: Asking) => Promise<unknown>,
  ): Promise<Outcome> {
    const { sid } = this.#poller
    const rid = this.#poller.nextRid()
    const key = `${sid} ${rid}`
    const asking = { ...about, outcome: 'unknown' as Outcome }
    this.journal.queue.asked.set(key, asking)
    let doubt = false
    for (const end = performance.now() + patience; performance.now() < end && !this.#stopped; await sleep(50))
      try {
        await ask(this.#askerAt(sid), rid, asking)
        asking.outcome = 'accepted'
        break
      } catch (error) {
        if (error instanceof Malformed) this.journal.queue.broken.push(error.message)
        const refused = error instanceof Refused && error.status < 500 && error.status !== 401 && error.status !== 429
        if (refused && !doubt) asking.outcome = 'refused'
        // What the events say of an earlier try counts.
        if (refused && doubt) {
          await this.#until(() => this.#outcomes.has(key), 1_000)
          if (this.#outcomes.get(key) === true) asking.outcome = 'accepted'
        }
        if (refused || error instanceof Malformed) break
        doubt = true
      }
    return asking.outcome
  }

  /** Requests have connections of their own, perhaps past the network that the polls go through. */
  #askerAt(sid: number): UcAjaxClient {
    const address = this.#plan.asks()
    if (this.#asker?.address !== address) {
      void this.#asker?.client.close()
      this.#asker = { address, client: this.#newClient(address) }
    }
    const { client } = this.#asker
    client.ticket = this.#poller.ticket
    client.sid = sid
    return client
  }

  #newClient(address: string): UcAjaxClient {
    const { person, kind } = this.#plan
    const style = kind.style === 'documented' ? documented : thirdParty
    return new UcAjaxClient({
      address,
      user: person.userName,
      password: person.password,
      style,
      timeoutMs,
      keep: false,
    })
  }

  async #close(): Promise<void> {
    await Promise.all([this.#poller.close(), this.#asker?.client.close()])
    this.#asker = undefined
  }

  async #until(isSo: () => boolean, ms = patience): Promise<boolean> {
    for (const end = performance.now() + ms; performance.now() < end && !this.#stopped; await sleep(5))
      if (isSo()) return true
    return isSo()
  }
}
