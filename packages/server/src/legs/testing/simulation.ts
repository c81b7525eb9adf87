import {
  type Call,
  type CallUUID,
  type Change,
  type DNumber,
  type LegRecord,
  type PersonID,
  type Text,
  textService,
} from '@ringdown/signalling'
import { ManualClock, type MemoryStore, memoryStore, seededIds, sipDirectory } from '@ringdown/signalling/testing'
import { faultsOfHistory, type History } from './sim-check.ts'
import { SimEndpoint } from './sim-endpoint.ts'
import type { SimMedia } from './sim-msrp.ts'
import { SimNode } from './sim-node.ts'
import { SimWorld } from './sim-world.ts'

export interface SimulationOptions {
  steps?: number
  /** What happens, and how often in comparison; by default everything. */
  weights?: Partial<typeof usual>
  nodes?: readonly string[]
  /** Nodes on which MSRP is off. */
  withoutMSRP?: readonly string[]
}

export interface Outcome {
  faults: string[]
  /** What happened, counted. */
  seen: Map<string, number>
}

/** How often what happens, in comparison. */
const usual = {
  agentCalls: 6,
  agentAnswers: 4,
  agentSays: 30,
  agentReleases: 3,
  invites: 8,
  writes: 12,
  says: 20,
  hangsUp: 2,
  losesMedia: 2,
  renews: 1,
  moves: 4,
  cuts: 1.5,
  crashes: 0.7,
  stops: 0.7,
}
type Doing = keyof typeof usual

const options = {
  '7001': { 'no-answer-timeout': '8' },
  '7002': { 'no-answer-timeout': '8', 'auto-answer': 'no' },
  '8001': { 'no-answer-timeout': '8', 'im-idle-timeout': '40' },
  '8002': { 'no-answer-timeout': '8' },
  '8003': { 'im-idle-timeout': '40', 'store-and-forward': 'yes' },
  T: { 'no-answer-timeout': '8', 'im-idle-timeout': '40' },
}
/** 8001 leaves the mode open, 8002 is an MSRP client, 8003 a phone; 0555 and 0666 are behind a trunk. */
const endpoints = { '8001': true, '8002': true, '8003': false, '0555': true, '0666': false }
const numbers = ['7001', '7002', ...Object.keys(endpoints)]

interface Agent {
  person: PersonID
  dn: DNumber
  place: string
}

/** Agents, endpoints and nodes do things by chance for so many steps, then all is well for a while. The same for the same seed. */
export async function simulate(seed: number, given: SimulationOptions = {}): Promise<Outcome> {
  const simulation = new Simulation(seed, given)
  await simulation.begin()
  await simulation.live(given.steps ?? 250)
  await simulation.rest()
  await simulation.end()
  return simulation.outcome()
}

class Simulation {
  readonly #world: SimWorld
  readonly #clock = new ManualClock()
  readonly #memory: MemoryStore
  readonly #directory = sipDirectory(options)
  readonly #media = new Map<string, SimMedia>()
  readonly #history: History = { calls: new Map(), logs: new Map(), failed: new Set(), legs: new Map() }
  readonly #nodes = new Map<string, SimNode>()
  readonly #endpoints: SimEndpoint[] = []
  readonly #agents: Agent[]
  readonly #given: SimulationOptions
  readonly #seen = new Map<string, number>()
  readonly #seed: number
  #runs = 0
  /** Nothing else turns the clock. */
  #isAlone = true
  #said = 0

  constructor(seed: number, given: SimulationOptions) {
    this.#seed = seed
    this.#given = given
    this.#world = new SimWorld(seed, this.#clock)
    // So short that a node that was away for a moment meets a gap.
    this.#memory = memoryStore({ epoch: `epoch${seed}`, feedLimit: 6, clock: this.#clock })
    this.#agents = ['anna', 'ben'].map((name) => {
      const found = this.#directory.personsByUserName.get(name)
      const place = this.#directory.places.get(found?.place ?? '')
      const dn = place?.dns[0]
      if (!found || !place || !dn) throw new Error(`${name} has no place`)
      return { person: found.id, dn, place: place.name }
    })
    for (const [number, speaksMSRP] of Object.entries(endpoints))
      this.#endpoints.push(new SimEndpoint(this.#world, number, speaksMSRP, this.#media))
  }

  async begin(): Promise<void> {
    for (const name of this.#given.nodes ?? ['a', 'b']) await this.#startNode(name)
    for (const endpoint of this.#endpoints) endpoint.moves(this.#someNode())
    for (const { person, dn, place } of this.#agents) {
      const { tserver } = this.#someNode()
      void tserver
        .request({ request: 'TRegisterAddress', person, thisDN: dn })
        .then(() => tserver.request({ request: 'TAgentLogin', person, thisDN: dn, place }))
        .catch(() => {})
    }
    await this.#pass(100)
  }

  async live(steps: number): Promise<void> {
    this.#isAlone = false
    for (let step = 0; step < steps; step++) {
      const doing = this.#choose()
      this.#count(doing)
      void this.#do(doing).catch(() => {})
      await this.#pass(this.#world.pick([0, 1, 5, 20, 100, 400, 1_500]))
    }
  }

  /** All is well again, and has time. */
  async rest(): Promise<void> {
    this.#world.calm = true
    this.#isAlone = true
    for (const [name, node] of this.#nodes) {
      node.store.cut = false
      if (node.port.dead) await this.#startNode(name)
    }
    for (const endpoint of this.#endpoints) endpoint.moves(this.#someNode())
    await this.#pass(200_000, 200)
    this.#world.faults.push(...faultsOfHistory(this.#history, this.#endpoints, 'in living sessions'))
  }

  /** Everybody goes home. */
  async end(): Promise<void> {
    for (const agent of this.#agents) void this.#release(agent).catch(() => {})
    for (const endpoint of this.#endpoints)
      for (let i = endpoint.sessions.size; i > 0; i--) {
        void endpoint.hangsUp()
        await this.#pass(100)
      }
    // Long enough to look at every leg once.
    await this.#pass(320_000, 250)
    const { calls } = await this.#memory.connect('looks').listCalls(undefined, 100)
    for (const { callUUID, parties } of calls)
      this.#fault(`call ${callUUID} of ${parties.map(({ dn }) => dn)} does not end`)
    for (const { run, centre, port, msrp } of this.#nodes.values()) {
      if (centre.legs.size > 0) this.#fault(`${run} keeps ${centre.legs.size} legs`)
      if (port.dialogs.size > 0) this.#fault(`${run} keeps ${port.dialogs.size} dialogs`)
      if (msrp.sessions.size > 0) this.#fault(`${run} keeps ${msrp.sessions.size} MSRP sessions`)
    }
    for (const [id, { expires }] of this.#history.legs) if (!expires) this.#fault(`the record of leg ${id} stays`)
    await this.#pass(0)
    for (const node of this.#nodes.values()) void node.stop()
    await this.#pass(60_000, 500)
    if (this.#clock.pending > 0) this.#fault(`${this.#clock.pending} timers are left`)
    this.#world.faults.push(...faultsOfHistory(this.#history, this.#endpoints, 'in the end'))
  }

  outcome(): Outcome {
    for (const { callUUID, parties, end, opening } of this.#history.calls.values()) {
      if (end) this.#count(end.why)
      for (const { sip } of parties) if (sip) this.#count(sip.mode)
      const [caller, called] = parties
      // Of calls of agents that began with a text.
      if (opening === undefined || caller?.sip || !called?.sip) continue
      const failed = this.#history.failed.has(`${callUUID} ${opening}`)
      this.#count(failed ? 'opening failed' : `opening ${called.sip.mode}`)
    }
    for (const endpoint of this.#endpoints) this.#count('heard', endpoint.heard.length)
    this.#count('failed', this.#history.failed.size)
    return { faults: this.#world.faults, seen: this.#seen }
  }

  async #do(doing: Doing): Promise<void> {
    const agent = this.#world.pick(this.#agents)
    const endpoint = this.#world.pick(this.#endpoints)
    const node = this.#someNode()
    const to = this.#world.pick(numbers)
    switch (doing) {
      case 'agentCalls': {
        const text = { contentType: 'text/plain', body: `${agent.dn}-${++this.#said}` }
        await node.tserver.request({
          request: 'TMakeCall',
          person: agent.person,
          thisDN: agent.dn,
          otherDN: to as DNumber,
          ...(this.#world.random() < 0.5 && { text }),
        })
        return
      }
      case 'agentAnswers': {
        const callUUID = await this.#session(node, agent)
        if (callUUID) await node.tserver.request({ request: 'TAnswerCall', person: agent.person, callUUID })
        return
      }
      case 'agentSays': {
        const callUUID = await this.#session(node, agent)
        if (!callUUID) return
        const text = { contentType: 'text/plain', body: `${agent.dn}-${++this.#said}` }
        const about = { person: agent.person, callUUID, serviceID: textService }
        await node.tserver.request({ request: 'TPrivateService', ...about, ...text })
        return
      }
      case 'agentReleases':
        return this.#release(agent)
      case 'invites':
        return endpoint.invites(node, to)
      case 'writes':
        return endpoint.writes(node, to)
      case 'says':
        return endpoint.says()
      case 'hangsUp':
        return endpoint.hangsUp()
      case 'losesMedia':
        endpoint.losesMedia()
        return
      case 'renews':
        return endpoint.renews()
      case 'moves':
        endpoint.moves(this.#world.chance(0.2) ? undefined : node)
        return
      case 'cuts':
        node.store.cut = true
        await this.#world.wait(this.#world.pick([200, 1_000, 4_000, 9_000]))
        if (node.port.dead) return
        node.store.cut = false
        node.memory.doubt()
        return
      case 'crashes':
      case 'stops':
        return this.#restart(node, doing)
    }
  }

  async #restart(node: SimNode, how: 'crashes' | 'stops'): Promise<void> {
    if (node.leaving) return
    node.leaving = true
    const ended = how === 'crashes' ? node.crash() : node.stop()
    await this.#world.wait(this.#world.pick([0, 2_000, 12_000]))
    await ended
    if (this.#nodes.get(node.name) === node) await this.#startNode(node.name)
  }

  async #startNode(name: string): Promise<void> {
    const index = ++this.#runs
    const node = new SimNode(name, `${name}~${index}`, {
      world: this.#world,
      memory: this.#memory.connect(name),
      directory: () => this.#directory,
      ids: seededIds(this.#seed * 1_000 + index),
      media: this.#media,
      withoutMSRP: this.#given.withoutMSRP?.includes(name) ?? false,
      onCommit: (change) => this.#note(change),
    })
    this.#nodes.set(name, node)
    let done = false
    const started = node.start().then(
      () => {
        done = true
      },
      // A process that cannot start ends, and is started again.
      async () => {
        await node.crash()
        if (this.#nodes.get(name) === node) await this.#startNode(name)
        done = true
      },
    )
    // Asked for by a step, the clock goes on elsewhere.
    if (this.#isAlone) while (!done) await this.#pass(10)
    await started
  }

  async #release({ person }: Agent): Promise<void> {
    const { tserver } = this.#someNode()
    const callUUID = (await tserver.session(person))?.callUUID
    if (callUUID) await tserver.request({ request: 'TReleaseCall', person, callUUID })
  }

  async #session({ tserver }: SimNode, { person }: Agent): Promise<CallUUID | undefined> {
    return (await tserver.session(person))?.callUUID
  }

  /** Nobody asks a node that is gone. */
  #someNode(): SimNode {
    const all = [...this.#nodes.values()]
    const living = all.filter(({ port, leaving }) => !port.dead && !leaving)
    return this.#world.pick(living.length > 0 ? living : all)
  }

  #choose(): Doing {
    const weights = { ...usual, ...this.#given.weights }
    const all = Object.entries(weights) as [Doing, number][]
    let at = this.#world.random() * all.reduce((sum, [, weight]) => sum + weight, 0)
    for (const [doing, weight] of all) {
      at -= weight
      if (at < 0) return doing
    }
    return 'agentSays'
  }

  async #pass(ms: number, step = 10): Promise<void> {
    await turn()
    for (let left = ms; left > 0; left -= step) {
      this.#clock.advance(Math.min(step, left))
      await turn()
    }
  }

  #note({ log, put, feeds }: Change): void {
    const { calls, logs, failed, legs } = this.#history
    for (const record of put) {
      if (record.kind === 'call') calls.set(record.id, record.value as Call)
      if (record.kind === 'leg')
        legs.set(record.id, { record: record.value as LegRecord, expires: record.expireMs !== undefined })
    }
    if (log) {
      const texts: Text[] = logs.get(log.callUUID) ?? []
      logs.set(log.callUUID, texts)
      texts.push(log.text)
    }
    for (const { event } of feeds)
      if (event.event === 'EventReturnReceipt' && event.extensions.receipt.outcome === 'failed')
        failed.add(`${event.callUUID} ${event.extensions.receipt.messageID}`)
  }

  #count(what: string, more = 1): void {
    this.#seen.set(what, (this.#seen.get(what) ?? 0) + more)
  }

  #fault(what: string): void {
    this.#world.faults.push(what)
  }
}

/** Everything that can go on without time goes on. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
