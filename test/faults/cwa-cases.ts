import { setTimeout as sleep } from 'node:timers/promises'
import { Agent } from './agent.ts'
import { type Batch, behindFault, type Case, cases, planned, type Site, shared } from './cases.ts'
import { CwaAgent } from './cwa-agent.ts'
import { type DNOptions, Engine, type Person } from './engine.ts'
import { between, oneOf, randomFrom } from './random.ts'
import { type Fault, kinds, type PairPlan, runPairs, type Where } from './run.ts'
import type { AnyKind, CwaKind } from './talker.ts'

/** What an agent has: CometD, or UC AJAX at a DN that answers by itself, or at one whose client answers. */
type Role = 'Web Services' | 'answered' | 'accepts'

/** Who talks to whom, by the number of the pair. */
const pairings = [
  ['answered', 'accepts'],
  ['accepts', 'Web Services'],
  ['accepts', 'accepts'],
  ['Web Services', 'answered'],
] as const satisfies readonly (readonly [Role, Role])[]

/** What XML has to carry unharmed. */
const words = ['', ' <&> "\'', ' ]]> &amp; <![CDATA[x]]>', ' süß 🍲', ' a  b\tc'] as const

/** How long a poll is held, milliseconds; 0: it is answered at once, as by the servers of that time. */
const heldMs = 700

/** The same faults as for CometD clients, for pairs with UC AJAX, and those that are harder on clients that poll. */
export const cwaCases: readonly Case[] = [
  ...cases.map((one, i) => withCwa(one, i % 2 === 0)),
  withCwa(
    { name: 'unheard for seconds, then at the other node', store: 'redis', nodes: 2, run: unheardAndMoved },
    false,
  ),
  withCwa({ name: 'unheard for seconds, then killed', store: 'embedded', nodes: 1, run: unheardAndKilled }, false),
  {
    ...withCwa(behindFault('a client dies and signs in anew', 'embedded', crash), false),
    tolerates: ['gaps', 'unanswered'],
  },
]

/** `held`: polls are held at the first node; at the second one it is the other way round. */
function withCwa(one: Case, held: boolean): Case {
  const holdMs = (node: string) => (held === (node === 'first') ? heldMs : 0)
  return { ...one, name: `UC: ${one.name}`, open: (pairs) => openSite(one, pairs, holdMs) }
}

async function openSite({ store, nodes }: Case, pairs: number, holdMs: (node: string) => number): Promise<Site> {
  const options = new Map<string, DNOptions>()
  for (let i = 0; i < 2 * pairs; i++)
    if (roleOf(i) === 'accepts') options.set(String(7001 + i), { 'auto-answer': 'no' })
  const ucAjax = (node: string) => ({ holdMs: holdMs(node) })
  const engine = await Engine.create(store, 2 * pairs, options, { ucAjax })
  try {
    const first = await engine.startNode('first')
    const second = nodes === 2 ? await engine.startNode('second') : first
    const plans = (seed: number, where: Where) => plansFor(engine.persons, seed, where)
    return { engine, first, second, plans, stop: () => engine.stop() }
  } catch (error) {
    await engine.stop()
    throw error
  }
}

function roleOf(agent: number): Role {
  return pairings[(agent >> 1) % pairings.length]?.[agent % 2 === 0 ? 0 : 1] ?? 'answered'
}

function plansFor(persons: readonly Person[], seed: number, where: Where): PairPlan[] {
  const plans: PairPlan[] = []
  for (let i = 0; i + 1 < persons.length; i += 2) {
    const [a, b] = [persons[i], persons[i + 1]]
    if (!a || !b) continue
    const pairSeed = seed + i / 2
    const role = (index: 0 | 1) => roleOf(i + index)
    const kindOf = (index: 0 | 1): AnyKind => {
      const style = (pairSeed >> 2) % 2 === index ? 'third-party' : 'documented'
      if (role(index) !== 'Web Services') return { transport: 'uc-ajax', style, accepts: role(index) === 'accepts' }
      return kinds[pairSeed % kinds.length] ?? kinds[0]
    }
    plans.push({
      seed: pairSeed,
      persons: [a, b],
      kinds: [kindOf(0), kindOf(1)],
      talker: (person, index, address) =>
        role(index) === 'Web Services'
          ? new Agent(person, address, where.direct)
          : new CwaAgent(person, address, where.direct, { persons, seed: pairSeed }),
      second: (index, random) => secondOf(role(index), random),
      words,
      // Such a client has one network, and its requests have nothing but their rid to be known by.
      exposed: 0.8,
      ...where,
    })
  }
  return plans
}

/** What a person may have beside their first client: another one of CometD, or another session of UC AJAX. */
function secondOf(role: Role, random: () => number): AnyKind {
  if (role === 'Web Services' || random() < 0.5) return oneOf(random, kinds)
  const style = oneOf<CwaKind['style']>(random, ['third-party', 'documented'])
  return { transport: 'uc-ajax', style, accepts: false }
}

/** Long enough for the server to write down how far each client is said to be. */
const unheardMs = (random: () => number) => between(random, 1_100, 2_200)

/** What was told before and not heard has to be told by a node that knows no more than what was written down. */
async function unheardAndMoved(site: Site, seed: number): Promise<Batch> {
  const { first, second } = site
  const where = { target: () => first.target, direct: () => first.address }
  const plans = planned(site, seed, where)
  const nodes = new Map(plans.map((plan) => [plan.seed, first]))
  const runs = await runPairs(
    plans.map((plan) => ({ ...plan, target: () => (nodes.get(plan.seed) ?? first).target })),
    async (proxy, random, plan) => {
      for (let n = between(random, 1, 2); n > 0; n--) {
        await sleep(between(random, 50, 300))
        await proxy.loseReplies(unheardMs(random))
        nodes.set(plan.seed, nodes.get(plan.seed) === first ? second : first)
        proxy.reset()
      }
    },
  )
  return { runs, resumed: [] }
}

async function unheardAndKilled(site: Site, seed: number): Promise<Batch> {
  const random = randomFrom(~seed)
  const restart = shared(async () => {
    await sleep(unheardMs(random))
    await site.first.kill()
    site.first = await site.engine.startNode('first')
  })
  const where = { target: () => site.first.target, direct: () => site.first.address }
  const runs = await runPairs(planned(site, seed, where), async (proxy, own) => {
    await sleep(between(own, 50, 300))
    const unheard = proxy.loseReplies(3_000)
    await restart()
    await unheard
  })
  return { runs, resumed: [] }
}

async function crash(...[, random, , pair]: Parameters<Fault>): Promise<void> {
  for (let n = between(random, 1, 3); n > 0; n--) {
    await sleep(between(random, 50, 400))
    const agents = pair.agents.filter((agent) => agent instanceof CwaAgent)
    const [first, ...others] = agents
    if (first) await oneOf(random, [first, ...others]).acting.crash()
  }
}
