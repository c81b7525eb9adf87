import { setTimeout as sleep } from 'node:timers/promises'
import { Balancer } from './balancer.ts'
import { Engine, type Node, type StoreKind } from './engine.ts'
import { between, randomFrom } from './random.ts'
import { type Fault, faults, type PairPlan, type PairRun, plansFor, runPairs, type Where } from './run.ts'
import type { SipSite } from './sip-site.ts'

/** Servers for one case; kept from batch to batch. */
export interface Site {
  engine: Engine
  first: Node
  /** The other node over the same store, where the case has two. */
  second: Node
  /** Where SIP endpoints take part. */
  sip?: SipSite
  /** Who talks to whom, where not all are agents on Web Services. */
  plans?(seed: number, where: Where): PairPlan[]
  stop(): Promise<void>
}

/** What one batch of pairs has been through at once. */
export interface Batch {
  runs: PairRun[]
  /** For each client of a node that was killed: milliseconds until it was connected to the other one, and how many tries failed. */
  resumed: { ms: number; failed: number }[]
}

/** One way things go wrong, of those that the engine promises to bear. */
export interface Case {
  name: string
  store: StoreKind
  nodes: 1 | 2
  /** Sites of its own, where not only agents take part. */
  open?(pairs: number): Promise<Site>
  run(site: Site, seed: number): Promise<Batch>
  /** What is no fault here: requests that nobody is left to repeat, clients that have to begin anew. */
  tolerates?: readonly ('unanswered' | 'gaps')[]
}

export const cases: readonly Case[] = [
  ...Object.entries(faults).map(([name, fault]) => behindFault(name, 'embedded', fault)),
  { name: 'the server killed and started again', store: 'embedded', nodes: 1, run: restarted },
  { name: 'the server killed and started again', store: 'redis', nodes: 1, run: restarted },
  behindFault('connections reset at both ends', 'redis', faults['connections reset at both ends']),
  { name: 'Redis killed and started again', store: 'redis', nodes: 1, run: storeRestarted },
  { name: 'the node that holds the clients killed', store: 'redis', nodes: 2, run: takenOver },
  { name: 'clients moved to the other node', store: 'redis', nodes: 2, run: moved },
  { name: 'a round-robin proxy before two nodes', store: 'redis', nodes: 2, run: roundRobin },
  { name: 'requests at one node, clients at the other', store: 'redis', nodes: 2, run: crossed },
]

/** The pairs of a site. */
export const planned = ({ plans, engine: { persons } }: Site, seed: number, where: Where): PairPlan[] =>
  plans?.(seed, where) ?? plansFor(persons, seed, where)

/** Starts what a case needs, for so many pairs at a time. */
export async function openSite({ store, nodes, open }: Case, pairs: number): Promise<Site> {
  if (open) return open(pairs)
  const engine = await Engine.create(store, 2 * pairs)
  try {
    const first = await engine.startNode('first')
    const second = nodes === 2 ? await engine.startNode('second') : first
    return { engine, first, second, stop: () => engine.stop() }
  } catch (error) {
    await engine.stop()
    throw error
  }
}

/** One node, and a network that breaks. */
export function behindFault(name: string, store: StoreKind, fault: Fault): Case {
  const run = async (site: Site, seed: number) => {
    const { first } = site
    const plans = planned(site, seed, { target: () => first.target, direct: () => first.address })
    return { runs: await runPairs(plans, fault), resumed: [] }
  }
  return { name, store, nodes: 1, run }
}

async function restarted(site: Site, seed: number): Promise<Batch> {
  const random = randomFrom(~seed)
  const restart = shared(async () => {
    await sleep(between(random, 50, 500))
    await site.first.kill()
    await sleep(between(random, 0, 500))
    site.first = await site.engine.startNode('first')
  })
  const where = { target: () => site.first.target, direct: () => site.first.address }
  return { runs: await runPairs(planned(site, seed, where), restart), resumed: [] }
}

async function storeRestarted(site: Site, seed: number): Promise<Batch> {
  const { engine, first } = site
  const random = randomFrom(~seed)
  const restart = shared(async () => {
    await sleep(between(random, 50, 500))
    await engine.killRedis()
    await sleep(between(random, 0, 800))
    await engine.startRedis()
  })
  const where = { target: () => first.target, direct: () => first.address }
  return { runs: await runPairs(planned(site, seed, where), restart), resumed: [] }
}

async function takenOver(site: Site, seed: number): Promise<Batch> {
  const random = randomFrom(~seed)
  let node = site.first
  let before = 0
  let killed = 0
  const takeOver = shared(async () => {
    await sleep(between(random, 50, 500))
    node = site.second
    before = performance.now()
    await site.first.kill()
    killed = performance.now()
    await sleep(300)
  })
  const where = { target: () => node.target, direct: () => node.address }
  const runs = await runPairs(planned(site, seed, where), takeOver)
  const resumed = runs
    .flatMap((run) => run.connects)
    .map(({ again, failed }) => {
      const at = again.find((time) => time > killed) ?? Number.POSITIVE_INFINITY
      // The kill itself is noticed by a connect that fails, perhaps before its exit is told here.
      return { ms: at - killed, failed: failed.filter((time) => time > before && time < at).length }
    })
  // The next batch meets a node that has been killed before, and one that took over.
  site.first = node
  site.second = await site.engine.startNode(`another-${seed}`)
  return { runs, resumed }
}

async function moved(site: Site, seed: number): Promise<Batch> {
  const { first, second } = site
  const plans = planned(site, seed, { target: () => first.target, direct: () => first.address })
  const nodes = new Map(plans.map(({ seed }) => [seed, first]))
  const runs = await runPairs(
    plans.map((plan) => ({ ...plan, target: () => (nodes.get(plan.seed) ?? first).target })),
    async (proxy, random, plan) => {
      for (let n = between(random, 2, 5); n > 0; n--) {
        await sleep(between(random, 30, 300))
        nodes.set(plan.seed, nodes.get(plan.seed) === first ? second : first)
        proxy.reset()
      }
    },
  )
  return { runs, resumed: [] }
}

async function roundRobin(site: Site, seed: number): Promise<Batch> {
  const { first, second } = site
  const balancer = await Balancer.start('127.0.0.1', () => [first.target, second.target])
  try {
    const where = { target: () => balancer.target, direct: () => first.address }
    const runs = await runPairs(planned(site, seed, where), async (proxy, random) => {
      for (let n = between(random, 0, 3); n > 0; n--) {
        await sleep(between(random, 50, 400))
        proxy.reset()
      }
      await sleep(300)
    })
    return { runs, resumed: [] }
  } finally {
    await balancer.stop()
  }
}

async function crossed(site: Site, seed: number): Promise<Batch> {
  const { first, second } = site
  const where = { target: () => second.target, direct: () => first.address, straight: true }
  return { runs: await runPairs(planned(site, seed, where), () => sleep(400)), resumed: [] }
}

/** All that call it wait for one and the same run. */
export function shared(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  return () => {
    running ??= run()
    return running
  }
}
