import { Malformed, Refused, UcAjaxClient } from '../conformance/uc-ajax/client.ts'
import { Agent } from './agent.ts'
import { CwaClient } from './cwa-client.ts'
import type { Person } from './engine.ts'
import type { History, Journal, LoggedText, Outcome } from './history.ts'
import { randomFrom } from './random.ts'
import type { AnyKind, Conversation, Listening, Talker } from './talker.ts'

/** Of the URIs the engine writes for the test's contact centre. */
const domain = 'faults'

/** An agent who works by UC AJAX. What the log has, and what a second client by CometD sees, is asked of Web Services as the same person. */
export class CwaAgent implements Talker {
  readonly person: Person
  readonly #desk: Agent
  readonly #address: () => string
  readonly #direct: () => string
  readonly #persons: readonly Person[]
  readonly #random: () => number
  readonly #own: CwaClient[] = []

  /** `address` and `direct` as an Agent has them; `persons` is everybody who may be called. */
  constructor(
    person: Person,
    address: () => string,
    direct: () => string,
    { persons, seed }: { persons: readonly Person[]; seed: number },
  ) {
    this.person = person
    this.#desk = new Agent(person, address, direct)
    this.#address = address
    this.#direct = direct
    this.#persons = persons
    this.#random = randomFrom(seed ^ Number(person.dn))
  }

  get clients(): readonly Listening[] {
    return [...this.#own, ...this.#desk.clients]
  }

  get journals(): Journal[] {
    return this.clients.map(({ journal }) => journal)
  }

  /** The client that acts: the first one. */
  get acting(): CwaClient {
    const [first] = this.#own
    if (!first) throw new Error(`${this.person.userName} has not signed in`)
    return first
  }

  /** Nothing: the first client that signs in logs its person in. */
  async login(): Promise<void> {}

  async listen(address: string, kind: AnyKind): Promise<unknown> {
    if (kind.transport !== 'uc-ajax') return this.#desk.listen(address, kind)
    const { userName } = this.person
    const client = await CwaClient.open({
      person: this.person,
      kind,
      name: `${userName}/cwa${this.#own.length} (${kind.style})`,
      acts: this.#own.length === 0,
      polls: address,
      asks: this.#address,
      random: this.#random,
      digitsOf: (uri) => this.#digitsOf(uri),
    })
    this.#own.push(client)
    return client
  }

  async initiate(peer: string, said: () => string): Promise<Outcome> {
    const asked = performance.now()
    const text = said()
    const outcome = await this.acting.initiate(this.#uriOf(peer), text)
    this.#note({ request: 'initiate', peer, text, asked, answered: performance.now(), outcome })
    return outcome
  }

  async send(session: string, text: string): Promise<Outcome> {
    const asked = performance.now()
    const outcome = await this.acting.send(session, text)
    this.#note({ request: 'send', session, text, asked, answered: performance.now(), outcome })
    return outcome
  }

  async complete(session: string): Promise<Outcome> {
    const asked = performance.now()
    const outcome = await this.acting.terminate(session)
    this.#note({ request: 'complete', session, asked, answered: performance.now(), outcome })
    return outcome
  }

  async intrude(session: string, text: string, password = this.person.password, given?: Conversation): Promise<void> {
    // Under its own password, its own conversation is none of somebody else's.
    const victim = given ?? (password === this.person.password ? undefined : this.conversation())
    if (!victim) return this.#desk.intrude(session, text, password)
    const asked = performance.now()
    const outcome = await this.#trySpeaking(victim, text, password)
    this.#note({ request: 'send', session, text, asked, answered: performance.now(), outcome, intruder: true })
  }

  conversation(): Conversation | undefined {
    return this.#own[0]?.conversation
  }

  session() {
    return this.#desk.session()
  }

  transcript(session: string): Promise<LoggedText[]> {
    return this.#desk.transcript(session)
  }

  learn(transcripts: History['transcripts']): void {
    for (const { journal } of this.#own) journal.learn(transcripts)
  }

  async stop(): Promise<void> {
    await Promise.all([this.#desk.stop(), ...this.#own.map((client) => client.stop())])
  }

  /** With what a right password gives, or with a ticket made up where it gives none, into somebody's session. */
  async #trySpeaking({ sid, confId }: Conversation, text: string, password: string): Promise<Outcome> {
    const client = new UcAjaxClient({ address: this.#direct(), user: this.person.userName, password })
    try {
      await client.logOn().catch((error: unknown) => {
        if (!(error instanceof Refused)) throw error
        client.ticket = 'made-up'
      })
      client.sid = sid
      await client.send(confId, text)
      return 'accepted'
    } catch (error) {
      return error instanceof Refused || error instanceof Malformed ? 'refused' : 'unknown'
    } finally {
      await client.close()
    }
  }

  /** By its user name or by its number: both have to lead there. */
  #uriOf(dn: string): string {
    const person = this.#persons.find((one) => one.dn === dn)
    const user = person && this.#random() < 0.7 ? person.userName : dn
    return `sip:${user}@${domain}`
  }

  /** People are shown by their names, and whoever was called as they were called. */
  #digitsOf(uri: string): string {
    const [, user] = /^sip:([^@]+)@(.+)$/.exec(uri.endsWith(`@${domain}`) ? uri : '') ?? []
    const person = this.#persons.find(({ userName, dn }) => user === userName || user === dn)
    return person?.dn ?? uri
  }

  #note(request: Journal['requests'][number]): void {
    this.acting.journal.requests.push(request)
  }
}
