import { setTimeout as sleep } from 'node:timers/promises'
import type { Target } from './balancer.ts'
import { type Batch, type Case, type Site, shared } from './cases.ts'
import type { Node, StoreKind } from './engine.ts'
import { between, oneOf, randomFrom } from './random.ts'
import { type Pairing, runSipPairs, type SipFault, type SipPlan } from './sip-run.ts'
import { clientOf, openSipSite, phoneOf, type SipSite } from './sip-site.ts'
import type { Weather } from './udp-proxy.ts'

type Pairings = readonly [Pairing, ...Pairing[]]
const everybody: Pairings = ['agent and phone', 'agent and client', 'phone and client']
const withPhone: Pairings = ['agent and phone', 'phone and client']
const withMsrp: Pairings = ['agent and client', 'phone and client']
const withAgent: Pairings = ['agent and phone', 'agent and client']

/** Sessions between agents, phones that know only MESSAGE, and MSRP clients. */
export const sipCases: readonly Case[] = [
  inWeather('SIP: 5 % of the datagrams lost', { lost: 0.05, doubled: 0, lateMs: 0 }),
  inWeather('SIP: 20 % of the datagrams lost', { lost: 0.2, doubled: 0, lateMs: 0 }),
  inWeather('SIP: datagrams doubled and overtaking each other', { lost: 0, doubled: 0.3, lateMs: 80 }),
  pairCase('MSRP: connections reset at both ends', 'embedded', withMsrp, async ({ client }, random) => {
    for (let n = between(random, 2, 6); n > 0; n--) {
      await sleep(between(random, 20, 400))
      client?.tcp.reset()
    }
  }),
  pairCase('MSRP: connections cut in the middle of a text', 'embedded', withMsrp, cutMidText, 12_000),
  pairCase('MSRP: a hole of 2 s', 'embedded', withMsrp, async ({ client }, random) => {
    await sleep(between(random, 50, 400))
    await client?.tcp.hole(2_000)
    await sleep(200)
  }),
  pairCase('MSRP: answers lost after the server wrote them', 'embedded', withMsrp, async ({ client }, random) => {
    for (let n = between(random, 1, 3); n > 0; n--) {
      await sleep(between(random, 50, 300))
      await client?.tcp.loseReplies(between(random, 30, 400))
    }
  }),
  pairCase('SIP: endpoints register again from another address', 'embedded', withPhone, async ({ phone }, random) => {
    for (let n = between(random, 1, 3); n > 0; n--) {
      await sleep(between(random, 50, 400))
      await phone?.moves()
    }
  }),
  pairCase('SIP: the agent completes while texts are in flight', 'embedded', withAgent, async (pair, random) => {
    for (let n = between(random, 2, 4); n > 0; n--) {
      await sleep(between(random, 50, 300))
      await pair.again()
    }
  }),
  sipCase('SIP: the server killed and started again', 'embedded', 1, restarted),
  sipCase('SIP: the server killed and started again', 'redis', 1, restarted),
  sipCase('SIP: Redis killed and started again', 'redis', 1, storeRestarted),
  sipCase('SIP: the node that holds the endpoints killed', 'redis', 2, takenOver),
]

type Run = (site: Site & { sip: SipSite }, seed: number) => Promise<Batch>

function sipCase(name: string, store: StoreKind, nodes: 1 | 2, run: Run): Case {
  return {
    name,
    store,
    nodes,
    open: (pairs) => openSipSite(store, nodes, pairs),
    // An endpoint whose session ends while it waits for an answer has nobody left to ask.
    tolerates: ['unanswered'],
    run: (site, seed) => {
      const { sip } = site
      if (!sip) throw new Error('a site without SIP')
      return run(Object.assign(site, { sip }), seed)
    },
  }
}

function pairCase(name: string, store: StoreKind, pairings: Pairings, fault: SipFault, longest = 0): Case {
  return sipCase(name, store, 1, async (site, seed) => {
    const where = { desk: () => site.first, sip: () => site.sip.sipOf(site.first), longest }
    return { runs: await runSipPairs(plansFor(site, seed, pairings, where), fault), resumed: [] }
  })
}

function inWeather(name: string, weather: Weather): Case {
  return pairCase(name, 'embedded', everybody, async ({ peers }) => {
    for (const { udp } of peers) udp.weather = weather
    await sleep(2_500)
    for (const { udp } of peers) udp.weather = { lost: 0, doubled: 0, lateMs: 0 }
  })
}

async function cutMidText({ client }: Parameters<SipFault>[0], random: () => number): Promise<void> {
  for (let n = between(random, 2, 5); n > 0; n--) {
    client?.tcp.cutAfter(between(random, 1, 40_000))
    await sleep(between(random, 100, 700))
  }
}

async function restarted(site: Site & { sip: SipSite }, seed: number): Promise<Batch> {
  const random = randomFrom(~seed)
  const restart = shared(async () => {
    await sleep(between(random, 50, 500))
    await site.first.kill()
    await sleep(between(random, 0, 500))
    site.first = await site.sip.start('first')
    await sleep(500)
  })
  const where = { desk: () => site.first, sip: () => site.sip.sipOf(site.first) }
  return { runs: await runSipPairs(plansFor(site, seed, everybody, where), restart), resumed: [] }
}

async function storeRestarted(site: Site & { sip: SipSite }, seed: number): Promise<Batch> {
  const random = randomFrom(~seed)
  const { engine, first, sip } = site
  const restart = shared(async () => {
    await sleep(between(random, 50, 500))
    await engine.killRedis()
    await sleep(between(random, 0, 800))
    await engine.startRedis()
    await sleep(500)
  })
  const where = { desk: () => first, sip: () => sip.sipOf(first) }
  return { runs: await runSipPairs(plansFor(site, seed, everybody, where), restart), resumed: [] }
}

/** Endpoints at the first node, agents at one of the two; the first one dies, and everybody goes on at the second. */
async function takenOver(site: Site & { sip: SipSite }, seed: number): Promise<Batch> {
  const random = randomFrom(~seed)
  const { first, second, sip } = site
  let alive = first
  const takeOver = shared(async () => {
    await sleep(between(random, 50, 500))
    alive = second
    await first.kill()
    await sleep(1_000)
  })
  const where = { sip: () => sip.sipOf(alive) }
  const atFirst = () => alive
  const plans = plansFor(site, seed, everybody, { ...where, desk: () => second })
  const runs = await runSipPairs(
    plans.map((plan, i) => (i % 2 === 0 ? plan : { ...plan, desk: atFirst })),
    takeOver,
  )
  // The next batch meets a node that took over.
  site.first = second
  site.second = await sip.start(`another-${seed}`)
  return { runs, resumed: [] }
}

interface Where {
  desk: () => Node
  sip: () => Target
  longest?: number
  waits?: boolean
}

/** One plan for each agent there is, going through the pairings. */
function plansFor({ engine, sip }: Site & { sip: SipSite }, seed: number, pairings: Pairings, where: Where): SipPlan[] {
  return engine.persons.map((person, i) => ({
    seed: seed + i,
    person,
    phone: phoneOf(i),
    client: clientOf(i),
    pairing: pairings[(seed + i) % pairings.length] ?? oneOf(() => 0, pairings),
    store: () => sip.store,
    ...where,
  }))
}
