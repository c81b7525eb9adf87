import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bench, demoDirectory, faultsOfFeed, seededIds } from '../testing/index.ts'
import { decide } from './decide.ts'
import { TServerError } from './errors.ts'
import type { DNumber } from './ids.ts'
import { imParty } from './im-party.ts'
import type { Versioned } from './ports.ts'
import { textService } from './t-event.ts'
import type { TRequest } from './t-request.ts'
import type { World } from './world.ts'

const numbers = ['7001', '7002', '7003', '7004'] as const
const names = ['p1', 'p2', 'p3', 'p4'] as const

/** Four agents: one answers by hand, one after a delay, two at once. */
const directory = demoDirectory({
  id: 'histories',
  switches: [{ name: 'S' }],
  dns: numbers.map((number, i) => ({
    number,
    switch: 'S',
    annex: {
      TServer: {
        multimedia: 'true',
        'sip-signaling-chat': 'none',
        'no-answer-timeout': '3',
        ...(i === 2 && { 'auto-answer': 'no' }),
        ...(i === 3 && { 'auto-answer-delay': '700' }),
      },
    },
  })),
  places: numbers.map((number) => ({ name: `P${number}`, dns: [number] })),
  agentLogins: numbers.map((number) => ({ code: `A${number}`, switch: 'S' })),
  persons: numbers.map((number, i) => ({
    userName: names[i] ?? '',
    place: `P${number}`,
    agentLogins: [`A${number}`],
  })),
})

/** Every other call begins with a text. */
const call = fc.record({
  do: fc.constant('call' as const),
  to: fc.constantFrom(...numbers, '9999'),
  text: fc.constantFrom(undefined, { contentType: 'text/plain', body: 'first' }),
})
const action = fc.oneof(
  { weight: 2, arbitrary: fc.constant({ do: 'logIn' } as const) },
  { weight: 1, arbitrary: fc.constant({ do: 'logOut' } as const) },
  { weight: 6, arbitrary: call },
  { weight: 3, arbitrary: fc.constant({ do: 'answer' } as const) },
  { weight: 3, arbitrary: fc.constant({ do: 'release' } as const) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('say' as const), id: fc.option(fc.constantFrom('a', 'b')) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('attach' as const), key: fc.constantFrom('k', 'l', '__proto__') }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'deletePair' } as const) },
)
const move = fc.record({ who: fc.integer({ min: 0, max: 3 }), node: fc.integer({ min: 0, max: 1 }), action })
/** Rounds of moves that happen at once, with time passing between them. */
const history = fc.array(
  fc.record({ moves: fc.array(move, { minLength: 1, maxLength: 5 }), wait: fc.constantFrom(0, 300, 1_000, 4_000) }),
  { minLength: 20, maxLength: 40, size: 'max' },
)
type History = typeof history extends fc.Arbitrary<infer T> ? T : never

async function play(rounds: History) {
  const made = bench({ directory })
  const agents = names.map((name) => made.agent(name))
  const nodes = [made.tserver, made.other.tserver] as const
  for (const node of nodes) node.start()
  const unexpected: unknown[] = []
  for (const agent of agents) await agent.logIn()

  async function act({ who, node, action: what }: History[number]['moves'][number]): Promise<void> {
    const agent = agents[who]
    const tserver = nodes[node]
    if (!agent || !tserver) return
    const { person } = agent
    if (what.do === 'logIn') return agent.logIn(tserver)
    if (what.do === 'logOut') return void (await agent.logOut(tserver))
    if (what.do === 'call') {
      const { to, text } = what
      return void (await agent.call(to, { node: tserver, userData: { from: agent.dn }, ...(text && { text }) }))
    }
    const session = await tserver.session(person)
    if (!session) return
    const on = { person, callUUID: session.callUUID }
    const say = { serviceID: textService, contentType: 'text/plain', body: 'x' }
    const requests = {
      answer: { request: 'TAnswerCall', ...on },
      release: { request: 'TReleaseCall', ...on },
      deletePair: { request: 'TDeletePair', ...on, key: 'k' },
      attach: { request: 'TAttachUserData', ...on, userData: what.do === 'attach' ? { [what.key]: agent.dn } : {} },
      say: {
        request: 'TPrivateService',
        ...on,
        ...say,
        ...(what.do === 'say' && what.id !== null && { messageID: `${agent.dn}-${what.id}` as never }),
      },
    } satisfies Record<string, TRequest>
    await tserver.request(requests[what.do])
  }

  for (const { moves, wait } of rounds) {
    await Promise.all(
      moves.map((m) =>
        act(m).catch((error: unknown) => {
          if (!(error instanceof TServerError) || error.reason === 'TERR_INTERNAL') unexpected.push(error)
        }),
      ),
    )
    made.clock.advance(wait)
    await new Promise(setImmediate)
    await checkSessions(made, agents)
  }
  for (const node of nodes) await node.stop()
  const feeds = await Promise.all(agents.map((agent) => agent.feed()))
  return { agents, feeds, unexpected, store: made.store }
}

/** G6: an agent is in one living call at most, and the claim says which. */
async function checkSessions(
  { store }: ReturnType<typeof bench>,
  agents: readonly { person: string }[],
): Promise<void> {
  const { calls } = await store.listCalls(undefined, 1_000)
  const { claims } = await store.read({ records: [], claims: agents.map((a) => a.person as never) })
  const living = agents.map((a) =>
    calls.filter((c) => c.parties.some((p) => p.agent === a.person)).map((c) => c.callUUID),
  )
  expect(living).toEqual(claims.map((claim) => (claim === undefined ? [] : [claim])))
  const { dialing, talking } = await store.countCalls()
  expect(dialing + talking).toBe(calls.length)
}

describe('random histories of four agents on two nodes', () => {
  test('[IM-1] [IM-2] [IM-12] [IM-19] keep G3, G5 and G6', { timeout: 60_000 }, async () => {
    const seen = new Map<string, number>()
    await fc.assert(
      fc.asyncProperty(history, async (rounds) => {
        const { agents, feeds, unexpected, store } = await play(rounds)
        expect(unexpected).toEqual([])
        const faults = agents.flatMap((agent, i) => faultsOfFeed(agent.person, feeds[i] ?? []))
        expect(faults).toEqual([])
        // G1: what is in a log is in both feeds.
        const logged = new Map<string, number>()
        for (const { event } of feeds.flat()) {
          seen.set(event.event, (seen.get(event.event) ?? 0) + 1)
          if (event.event === 'EventPrivateInfo') logged.set(event.callUUID, (logged.get(event.callUUID) ?? 0) + 1)
        }
        for (const [callUUID, texts] of logged)
          expect(await store.readLog(callUUID as never, 0, 1_000)).toHaveLength(texts)
      }),
      { seed: 20_261_120, numRuns: 400 },
    )
    // The histories are worth something only if they go everywhere.
    for (const [, , , emits] of imParty) expect(seen.get(emits) ?? 0, emits).toBeGreaterThan(20)
  })

  test('[IM-15] played again give the same feeds, event for event', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(history, async (rounds) => {
        const once = await play(rounds)
        const again = await play(rounds)
        expect(JSON.stringify(again.feeds)).toBe(JSON.stringify(once.feeds))
      }),
      { seed: 7, numRuns: 30 },
    )
  })
})

describe('one decision', () => {
  test('[IM-15] depends on its arguments only and leaves them as they were', () => {
    const [first, second] = names.map((name) => directory.personsByUserName.get(name))
    if (!first || !second) throw new Error('the directory has four persons')
    const login = (number: string, person: typeof first): [DNumber, Versioned<never>] => [
      number as DNumber,
      {
        version: 3,
        value: {
          dn: number,
          registered: person.id,
          login: { person: person.id, agentID: 'A', place: 'P', state: 'ready', since: 0 },
        } as never,
      },
    ]
    const world: World = {
      directory,
      node: 'n1',
      dns: new Map([login('7001', first), login('7002', second)]),
      claims: new Map([[first.id, undefined]]),
    }
    const ids = seededIds(5)
    const fresh = { callUUID: ids.callUUID(), connID: ids.connID(), messageID: ids.messageID() }
    const request: TRequest = {
      request: 'TMakeCall',
      person: first.id,
      thisDN: '7001' as DNumber,
      otherDN: '7002' as DNumber,
      userData: Object.freeze({ a: 1 }),
    }
    const decision = decide(request, world, fresh, 1_000)
    expect(decision.kind).toBe('change')
    expect(decide(structuredClone(request), world, structuredClone(fresh), 1_000)).toEqual(decision)
  })
})
