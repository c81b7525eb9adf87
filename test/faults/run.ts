import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, type ClientKind } from './agent.ts'
import type { Target } from './balancer.ts'
import { checkQueues } from './check-queues.ts'
import { check, figures } from './checker.ts'
import { type Person, until } from './engine.ts'
import { FaultProxy } from './fault-proxy.ts'
import type { History, LoggedText, Violation } from './history.ts'
import { between, oneOf, randomFrom } from './random.ts'
import type { AnyKind, Listening, Talker } from './talker.ts'

/** What happens to a pair's network while it talks. `random` decides when and how often. */
export type Fault = (proxy: FaultProxy, random: () => number, plan: PairPlan, pair: Pair) => Promise<void>

// biome-ignore format: one fault a line
export const faults = {
  'connections reset at both ends': async (proxy, random) => {
    for (let n = between(random, 2, 6); n > 0; n--) { await sleep(between(random, 20, 250)); proxy.reset() }
  },
  'a hole of 3 s':                  async (proxy, random) => { await sleep(between(random, 50, 400)); await proxy.hole(3000) },
  'replies lost after the server wrote them': async (proxy, random) => {
    for (let n = between(random, 1, 3); n > 0; n--) { await sleep(between(random, 50, 300)); await proxy.loseReplies(between(random, 30, 400)) }
  },
  'requests overtaken by their repetitions': async (proxy, random) => {
    for (let n = between(random, 2, 5); n > 0; n--) { await sleep(between(random, 20, 200)); await proxy.overtake(between(random, 10, 80), between(random, 100, 200)); proxy.reset() }
  },
  'offline for 5 s':                async (proxy, random) => { await sleep(between(random, 50, 400)); await proxy.offline(5000) },
} as const satisfies Record<string, Fault>

/** Every way a client can be: WebSocket or long-polling, with CometD's ack extension or without. */
export const kinds: readonly [ClientKind, ...ClientKind[]] = [
  { transport: 'websocket', ack: true },
  { transport: 'long-polling', ack: true },
  { transport: 'websocket', ack: false },
  { transport: 'long-polling', ack: false },
]

export interface PairPlan {
  seed: number
  persons: readonly [Person, Person]
  /** The first client of each of the two; a second one of some other kind is drawn for one of them. */
  kinds: readonly [AnyKind, AnyKind]
  /** What the two are, where not both are agents on Web Services, and what their second client may be. */
  talker?: (person: Person, index: 0 | 1, address: () => string) => Talker
  second?: (index: 0 | 1, random: () => number) => AnyKind
  /** What is drawn to stand behind a text's number. */
  words?: readonly [string, ...string[]]
  /** Where the pair's connections go, asked for each new one. */
  target: () => Target
  /** Where the engine is reached without faults, now. */
  direct: () => string
  /** Requests go straight to the engine; otherwise some pairs send them through their network too: three in ten, where this does not say how many. */
  straight?: boolean
  exposed?: number
  /** Milliseconds without new texts before and after the fault. */
  calm?: number
}

/** Where a pair's engine is. */
export type Where = Pick<PairPlan, 'target' | 'direct' | 'straight'>

/** What one pair of agents has been through. */
export interface PairRun {
  seed: number
  /** Where not two agents talked: who with whom. */
  pairing?: string
  kinds: readonly AnyKind[]
  history: History
  violations: readonly Violation[]
  figures: ReturnType<typeof figures>
  /** CometD handshakes beyond the first of each client. */
  handshakes: number
  /** When each client came to be connected and again, and when its connects failed. */
  connects: readonly { again: readonly number[]; failed: readonly number[] }[]
}

/** Two agents behind a network of their own. They talk, something happens, they go on; then everything is compared. */
export class Pair {
  readonly plan: PairPlan
  readonly proxy: FaultProxy
  readonly agents: readonly [Talker, Talker]
  /** Draws when the fault happens; what is said meanwhile draws from another source. */
  readonly faultRandom: () => number
  readonly #random: () => number
  /** An agent who has no business here, and tries. */
  stranger: Talker | undefined
  readonly #sessions: string[] = []
  #talking = true
  #texts = 0

  private constructor(plan: PairPlan, proxy: FaultProxy, random: () => number) {
    this.plan = plan
    this.proxy = proxy
    this.#random = random
    this.faultRandom = randomFrom(~plan.seed)
    const [first, second] = plan.persons
    const address = plan.straight || random() < 1 - (plan.exposed ?? 0.3) ? plan.direct : () => proxy.address
    const talker = plan.talker ?? ((person: Person) => new Agent(person, address, plan.direct))
    this.agents = [talker(first, 0, address), talker(second, 1, address)]
  }

  /** Logs both in and opens their CometD clients. */
  static async open(plan: PairPlan): Promise<Pair> {
    const random = randomFrom(plan.seed)
    const pair = new Pair(plan, await FaultProxy.start('127.0.0.1', plan.target), random)
    const [a, b] = pair.agents
    await Promise.all([a.login(), b.login()])
    await Promise.all([a.listen(pair.proxy.address, plan.kinds[0]), b.listen(pair.proxy.address, plan.kinds[1])])
    if (random() < 0.5) {
      const more = oneOf(random, [a, b])
      await more.listen(pair.proxy.address, plan.second?.(more === a ? 0 : 1, random) ?? oneOf(random, kinds))
    }
    return pair
  }

  get clients(): readonly Listening[] {
    return this.agents.flatMap((agent) => agent.clients)
  }

  /** Talks for as long as the fault takes, then comes to rest; a session afterwards shows that everything works again. */
  async talkThrough(fault: () => Promise<void>): Promise<void> {
    const { calm = 150, seed } = this.plan
    const session = await this.#session()
    const victim = this.agents.map((agent) => agent.conversation?.()).find((one) => one !== undefined)
    await this.stranger?.intrude(session, `${seed}/from a stranger`, undefined, victim)
    await this.agents[0].intrude(session, `${seed}/under a wrong password`, 'wrong')
    this.#talking = true
    // Two lanes each: one that waits for an answer does not keep the agent silent.
    const talking = [...this.agents, ...this.agents].map((agent) => this.#talk(agent))
    await sleep(calm)
    await fault()
    await sleep(calm)
    this.#talking = false
    await Promise.all(talking)
    await this.#rest()
    await this.#session()
    await Promise.all(this.agents.map((agent) => this.#say(agent)))
    await this.#rest()
    await this.#end()
    await this.#rest()
    // What is delivered twice, or too late, comes now.
    await sleep(50)
  }

  /** Compares what was seen with what is kept, and closes everything. */
  async close(): Promise<PairRun> {
    const transcripts = await this.#transcripts()
    const living = new Map<string, string[]>()
    for (const agent of this.agents) {
      const session = await agent.session()
      if (session) living.set(agent.person.dn, [session.id])
    }
    const history: History = { journals: this.agents.flatMap((agent) => agent.journals), transcripts, living }
    const handshakes = this.clients.reduce((sum, client) => sum + client.handshakes - 1, 0)
    await Promise.all(this.agents.map((agent) => agent.stop()))
    await this.proxy.stop()
    return {
      seed: this.plan.seed,
      kinds: this.clients.map((client) => client.kind),
      history,
      violations: check(history),
      figures: figures(history),
      handshakes,
      connects: this.clients.map(({ connects, breaks }) => ({ again: connects, failed: breaks })),
    }
  }

  /** Ends the session there may be, and starts another one. */
  async #session(): Promise<string> {
    await this.#end()
    const [caller, callee] = this.#random() < 0.5 ? this.agents : [this.agents[1], this.agents[0]]
    const outcome = await caller.initiate(callee.person.dn, () => this.#text())
    if (outcome !== 'accepted') throw new Error(`no session: ${outcome} (seed ${this.plan.seed})`)
    let session: string | undefined
    const isUp = async () => {
      const now = await caller.session()
      session = now?.id
      return now?.state === 'Talking'
    }
    await until(isUp, 20_000, `nobody talks (seed ${this.plan.seed})`)
    if (session === undefined) throw new Error('a session without an id')
    this.#sessions.push(session)
    return session
  }

  async #end(): Promise<void> {
    const session = await this.agents[0].session()
    if (session) await oneOf(this.#random, this.agents).complete(session.id)
  }

  async #talk(agent: Talker): Promise<void> {
    while (this.#talking) {
      await this.#say(agent)
      await sleep(between(this.#random, 0, 30))
    }
  }

  async #say(agent: Talker): Promise<void> {
    const session = this.#sessions.at(-1)
    if (session !== undefined) await agent.send(session, this.#text())
  }

  #text(): string {
    const { words, seed } = this.plan
    return `${seed}/${++this.#texts}${words ? oneOf(this.#random, words) : ''}`
  }

  async #transcripts(): Promise<Map<string, LoggedText[]>> {
    const transcripts = new Map<string, LoggedText[]>()
    for (const id of this.#sessions) transcripts.set(id, await this.agents[0].transcript(id))
    for (const agent of this.agents) agent.learn?.(transcripts)
    return transcripts
  }

  /** Until every client has seen every text, or it is clear that it will not. What is missing then, the checker tells. */
  async #rest(): Promise<void> {
    const transcripts = await this.#transcripts()
    const texts = [...transcripts.values()].flat()
    const living = (await this.agents[0].session())?.id
    const ended = this.#sessions.filter((id) => id !== living)
    const sawAll = ({ journal }: Listening) => {
      const seen = new Set<string>()
      for (const { notification: n } of journal.arrivals)
        if (n.messageType === 'IMLogUpdateMessage') seen.add(n.messageId)
        else if (n.messageType === 'IMSessionStateChangeMessage') seen.add(`${n.imSession.id} ${n.imSession.state}`)
      return (
        texts.every((text) => seen.has(text.messageId)) &&
        ended.every((id) => seen.has(`${id} Completed`)) &&
        (living === undefined || seen.has(`${living} Talking`))
      )
    }
    // A client of UC AJAX may be owed less, and is owed outcomes besides.
    const isOwed = (client: Listening) => {
      const { journal } = client
      const { queue, whole } = journal
      if (!queue) return false
      const anew = new Set(queue.events.map(({ sid }) => sid)).size > 1
      const owes = checkQueues({ journals: [journal], transcripts }).some(({ rule }) => rule === 'G1')
      return owes || (whole && !anew && !sawAll(client))
    }
    const settled = new Set<Listening>()
    const isSettled = (client: Listening) => {
      if (!client.connected) return false
      // Looking at all of it takes long; what has been well once stays so.
      if (settled.has(client)) return true
      const isWell = client.journal.queue ? !isOwed(client) : sawAll(client)
      if (isWell) settled.add(client)
      return isWell
    }
    await until(() => this.clients.every(isSettled), 15_000, 'not settled').catch(() => undefined)
  }
}

/** Pairs over one engine, each with its own seed, network and time of fault, all at once. */
export async function runPairs(plans: readonly PairPlan[], fault: Fault): Promise<PairRun[]> {
  const pairs = await Promise.all(plans.map((plan) => Pair.open(plan)))
  if (pairs.length > 1)
    for (const [i, pair] of pairs.entries()) pair.stranger = pairs[(i + 1) % pairs.length]?.agents[0]
  await Promise.all(pairs.map((pair) => pair.talkThrough(() => fault(pair.proxy, pair.faultRandom, pair.plan, pair))))
  return Promise.all(pairs.map((pair) => pair.close()))
}

/** Plans for so many pairs of the given persons, from one seed on, going through all kinds of clients. */
export function plansFor(persons: readonly Person[], seed: number, where: Where): PairPlan[] {
  const plans: PairPlan[] = []
  for (let i = 0; i + 1 < persons.length; i += 2) {
    const [a, b] = [persons[i], persons[i + 1]]
    const kind = (n: number) => kinds[n % kinds.length] ?? kinds[0]
    if (a && b)
      plans.push({ seed: seed + i / 2, persons: [a, b], kinds: [kind(seed + i / 2), kind(seed + i / 2 + 1)], ...where })
  }
  return plans
}
