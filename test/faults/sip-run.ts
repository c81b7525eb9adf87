import { setTimeout as sleep } from 'node:timers/promises'
import type { SessionStore } from '@ringdown/signalling'
import { Agent, type Client } from './agent.ts'
import type { Target } from './balancer.ts'
import { check, figures } from './checker.ts'
import { type Node, type Person, until } from './engine.ts'
import { FaultProxy } from './fault-proxy.ts'
import { type History, type LoggedText, sessionOfPath, type Violation } from './history.ts'
import { between, oneOf, randomFrom } from './random.ts'
import { kinds, type PairRun } from './run.ts'
import { SipPeer } from './sip-peer.ts'

/** Who talks to whom. */
export type Pairing = 'agent and phone' | 'agent and client' | 'phone and client'

export interface SipPlan {
  seed: number
  pairing: Pairing
  person: Person
  phone: string
  client: string
  /** Where the agent works, and where endpoints speak SIP; asked each time. */
  desk: () => Node
  sip: () => Target
  /** Reads what the engine has kept, beside it. */
  store: () => SessionStore
  /** Clients leave it to the engine to renew sessions: their own requests would go to a node that is gone. */
  waits?: boolean
  /** Bytes of the longest text over MSRP. */
  longest?: number
  /** How long is waited for what is late, milliseconds. */
  restMs?: number
}

/** What happens to a pair while it talks. */
export type SipFault = (pair: SipPair, random: () => number) => Promise<void>

/** An agent, a phone that knows only MESSAGE, a client with MSRP: two of them. They talk, something happens, they go on; then all is compared. */
export class SipPair {
  readonly plan: SipPlan
  readonly agent: Agent | undefined
  readonly peers: readonly SipPeer[]
  readonly faultRandom: () => number
  readonly #proxy: FaultProxy
  readonly #random: () => number
  readonly #calls = new Map<string, readonly string[]>()
  #talking = false
  #texts = 0

  private constructor(plan: SipPlan, proxy: FaultProxy, agent: Agent | undefined, peers: readonly SipPeer[]) {
    this.plan = plan
    this.agent = agent
    this.peers = peers
    this.#proxy = proxy
    this.#random = randomFrom(plan.seed)
    this.faultRandom = randomFrom(~plan.seed)
  }

  static async open(plan: SipPlan): Promise<SipPair> {
    const { pairing, seed, person, desk, sip, waits = false } = plan
    const proxy = await FaultProxy.start('127.0.0.1', () => desk().target)
    const peer = (number: string, msrp: boolean) => SipPeer.open({ seed, number, msrp, target: sip, waits })
    const peers: SipPeer[] = []
    if (pairing !== 'agent and client') peers.push(await peer(plan.phone, false))
    if (pairing !== 'agent and phone') peers.push(await peer(plan.client, true))
    if (pairing === 'phone and client') return new SipPair(plan, proxy, undefined, peers)
    const address = () => desk().address
    const agent = new Agent(person, address, address)
    await agent.login()
    await agent.listen(proxy.address, kinds[seed % kinds.length] ?? kinds[0])
    return new SipPair(plan, proxy, agent, peers)
  }

  /** The endpoint with MSRP, where there is one. */
  get client(): SipPeer | undefined {
    return this.peers.find(({ number }) => number === this.plan.client)
  }

  get phone(): SipPeer | undefined {
    return this.peers.find(({ number }) => number === this.plan.phone)
  }

  /** Talks for as long as the fault takes, then comes to rest; a session afterwards shows that everything works again. */
  async talkThrough(fault: SipFault): Promise<void> {
    await this.#session()
    this.#talking = true
    const talking = [...this.#sides().map((side) => this.#talk(side)), this.#watch()]
    await sleep(150)
    await fault(this, this.faultRandom)
    await sleep(150)
    this.#talking = false
    await Promise.all(talking)
    await this.#rest()
    await this.end()
    await this.#session()
    await Promise.all(this.#sides().map((side) => side()))
    await this.#rest()
    await this.end()
    await this.#rest()
    // What is delivered twice, or too late, comes now.
    await sleep(50)
  }

  /** Ends the session there may be. */
  async end(): Promise<void> {
    await this.#look()
    const before = (await this.agent?.session())?.id
    if (this.agent && (!this.client || this.#random() < 0.5)) {
      if (before !== undefined) await this.agent.complete(before)
    } else if (this.client) await this.client.endpoint.hangsUp()
    // A phone that goes on talking has the next one at once.
    const isOver = async () => before === undefined || (await this.agent?.session())?.id !== before
    await until(isOver, 60_000, 'the session does not end').catch(() => undefined)
  }

  /** Ends the session while everybody talks, and starts another one. */
  async again(): Promise<void> {
    await this.end()
    await this.#session()
  }

  /** Compares what was seen with what is kept, and closes everything. */
  async close(): Promise<PairRun> {
    const history = await this.#history()
    const clients: readonly Client[] = this.agent?.clients ?? []
    await this.agent?.stop()
    await Promise.all(this.peers.map((peer) => peer.stop()))
    await this.#proxy.stop()
    return {
      seed: this.plan.seed,
      pairing: this.plan.pairing,
      kinds: clients.map(({ kind }) => kind),
      history,
      violations: check(history),
      figures: figures(history),
      handshakes: clients.reduce((sum, { handshakes }) => sum + handshakes - 1, 0),
      connects: [],
    }
  }

  /** Starts a session, one side or the other, and waits until both can speak. */
  async #session(): Promise<void> {
    const { phone, client, agent } = this
    const isUp = () => client?.endpoint.session === 'up'
    if (agent) {
      const [peer] = this.peers
      if (!peer) throw new Error('nobody to talk to')
      if (this.#random() < 0.5)
        await until(
          async () => (await agent.initiate(peer.number)) === 'accepted' || (await agent.session()) !== undefined,
          60_000,
          'no session',
        )
      else if (client) await client.invites(agent.person.dn)
      else await peer.says(agent.person.dn, this.#text())
      const talks = async () => (await agent.session())?.state === 'Talking' && (!client || isUp())
      await until(talks, 60_000, `nobody talks (seed ${this.plan.seed})`)
    } else if (phone && client) {
      if (this.#random() < 0.5) await client.invites(phone.number)
      else await phone.says(client.number, this.#text())
      await until(isUp, 60_000, `nobody talks (seed ${this.plan.seed})`)
    }
  }

  /** How each of the two says something. */
  #sides(): (() => Promise<unknown>)[] {
    const { agent } = this
    const to = (peer: SipPeer) => agent?.person.dn ?? this.peers.find((other) => other !== peer)?.number ?? ''
    const sides = this.peers.map(
      (peer) => () => peer.says(to(peer), this.#text(peer === this.client && agent !== undefined)),
    )
    if (!agent) return sides
    const says = async () => {
      const session = this.#current()
      if (session !== undefined) await agent.send(session, this.#text(this.client !== undefined))
    }
    return [says, ...sides]
  }

  /** The session the agent was told of last. */
  #current(): string | undefined {
    for (const { notification: n } of (this.agent?.journals[0]?.arrivals ?? []).toReversed())
      if (n.messageType === 'IMSessionStateChangeMessage')
        return n.imSession.state === 'Talking' ? n.imSession.id : undefined
    return undefined
  }

  async #talk(say: () => Promise<unknown>): Promise<void> {
    while (this.#talking) {
      await say()
      await sleep(between(this.#random, 10, 60))
    }
  }

  /** Sessions come and go while something breaks. */
  async #watch(): Promise<void> {
    while (this.#talking) {
      await this.#look().catch(() => undefined)
      await sleep(100)
    }
  }

  #text(long = false): string {
    const text = `${this.plan.seed}/${++this.#texts}`
    const { longest = 0 } = this.plan
    if (!long || longest === 0 || this.#random() < 0.5) return text
    return `${text} ${oneOf(this.#random, ['x', 'süß 🍲 ', '--'])}`.padEnd(between(this.#random, 1, longest), 'y')
  }

  /** Until nothing is missing, or it is clear that it will not come. What is missing then, the checker tells. */
  async #rest(): Promise<void> {
    const isSettled = async () => {
      await this.#look()
      const history = await this.#history()
      return (this.agent?.clients ?? []).every(({ connected }) => connected) && isWhole(check(history))
    }
    for (const end = performance.now() + (this.plan.restMs ?? 45_000); performance.now() < end; await sleep(150))
      if (await isSettled().catch(() => false)) return
  }

  /** Sessions of endpoints alone are told to nobody: looks at who is in one. */
  async #look(): Promise<void> {
    const numbers = new Set(this.peers.map(({ number }) => number))
    const { calls } = await this.plan.store().listCalls(undefined, 1_000)
    for (const { callUUID, parties } of calls)
      if (parties.some(({ dn }) => numbers.has(dn)))
        this.#calls.set(
          callUUID,
          parties.map(({ dn }) => dn),
        )
  }

  async #history(): Promise<History> {
    const { agent } = this
    const transcripts = new Map<string, LoggedText[]>()
    for (const session of this.#sessions()) transcripts.set(session, await this.#transcript(session))
    const living = new Map<string, string[]>()
    const session = await agent?.session()
    if (agent && session) living.set(agent.person.dn, [session.id])
    const ends = this.peers.map(({ journal }) => journal)
    return { journals: agent?.journals ?? [], ends, transcripts, living, parties: this.#calls }
  }

  #sessions(): ReadonlySet<string> {
    const sessions = new Set(this.#calls.keys())
    for (const { arrivals } of this.agent?.journals ?? [])
      for (const { notification: n } of arrivals)
        if (n.messageType === 'IMSessionStateChangeMessage') sessions.add(n.imSession.id)
        else if (n.messageType === 'IMLogUpdateMessage') sessions.add(sessionOfPath(n.imSessionPath))
    return sessions
  }

  async #transcript(session: string): Promise<LoggedText[]> {
    const entries = await this.plan.store().readLog(session as Parameters<SessionStore['readLog']>[0], 0, 10_000)
    return entries.map(({ position, text: { messageID, from, body } }) => ({
      position,
      messageId: messageID,
      from,
      text: body,
    }))
  }
}

/** Whether nothing is on its way any more. */
const isWhole = (violations: readonly Violation[]) =>
  !violations.some(({ rule }) => rule === 'G1' || rule === 'G4' || rule === 'G5')

/** Pairs over one engine, each with its own seed and network, all at once. */
export async function runSipPairs(plans: readonly SipPlan[], fault: SipFault): Promise<PairRun[]> {
  const pairs = await Promise.all(plans.map((plan) => SipPair.open(plan)))
  await Promise.all(pairs.map((pair) => pair.talkThrough(fault)))
  return Promise.all(pairs.map((pair) => pair.close()))
}
