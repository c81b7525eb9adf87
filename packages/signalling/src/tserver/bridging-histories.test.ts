import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type BareInput, faultsOfFeed, faultsOfLegs, type SipBench, sipBench } from '../testing/index.ts'
import type { Call } from './call.ts'
import { TServerError } from './errors.ts'
import type { CallUUID, DNumber } from './ids.ts'
import type { MailboxRecord } from './mailbox.ts'
import type { FeedEntry } from './ports.ts'
import { nodeFeed, pairClaim } from './sip-leg.ts'
import { noticeServices, textService } from './t-event.ts'

const nodes = ['n1', 'n2'] as const
const agents = ['anna', 'ben', 'carl'] as const
const endpoints = ['8001', '8002', '8003', '8004', '0555'] as const
const numbers = ['7001', '7002', '8001', '8002', '8003', '8004', '0555', '9999'] as const
const mailboxes = ['7001', '7002'] as const

/** Anna is answered for; ben answers himself. Both keep texts, and 8003 and the trunk are soon idle. */
const options = {
  '7001': { 'store-and-forward': 'yes', 'no-answer-timeout': '3' },
  '7002': { 'store-and-forward': 'yes', 'no-answer-timeout': '3', 'auto-answer': 'no' },
  '8001': { 'no-answer-timeout': '3' },
  '8002': { 'no-answer-timeout': '3' },
  '8003': { 'im-idle-timeout': '5' },
  T: { 'im-idle-timeout': '5', 'no-answer-timeout': '3' },
}

const agentDoes = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ do: 'logIn' } as const) },
  { weight: 1, arbitrary: fc.constant({ do: 'logOut' } as const) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('call' as const),
      to: fc.constantFrom(...numbers),
      text: fc.constantFrom(undefined, { contentType: 'text/plain', body: 'first' }),
    }),
  },
  { weight: 3, arbitrary: fc.constantFrom({ do: 'answer' } as const, { do: 'compose' } as const) },
  { weight: 3, arbitrary: fc.constant({ do: 'release' } as const) },
  { weight: 4, arbitrary: fc.constant({ do: 'say' } as const) },
)
const endpointDoes = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('invite' as const), to: fc.constantFrom(...numbers) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('message' as const), to: fc.constantFrom(...numbers) }) },
  {
    weight: 9,
    arbitrary: fc.record({
      do: fc.constantFrom('session', 'pager', 'refuse', 'release', 'lose', 'say', 'compose', 'report', 'takeOver'),
      pick: fc.nat(3),
    }),
  },
)
const move = fc.oneof(
  fc.record({ agent: fc.constantFrom(...agents), node: fc.constantFrom(...nodes), does: agentDoes }),
  fc.record({ endpoint: fc.constantFrom(...endpoints), node: fc.constantFrom(...nodes), does: endpointDoes }),
)
/** Rounds of moves that happen at once, with time passing between them. */
const history = fc.array(
  fc.record({ moves: fc.array(move, { minLength: 1, maxLength: 6 }), wait: fc.constantFrom(0, 300, 1_000, 4_000) }),
  { minLength: 20, maxLength: 40, size: 'max' },
)
type History = typeof history extends fc.Arbitrary<infer T> ? T : never
type Move = History[number]['moves'][number]

interface Played {
  made: SipBench
  /** Events of all legs in the order of their commits. */
  legs: FeedEntry[]
  /** Ids of the texts that were accepted over SIP. */
  accepted: string[]
  unexpected: unknown[]
}

async function play(rounds: History): Promise<Played> {
  const made = sipBench({ options })
  const at = { n1: made.tserver, n2: made.other.tserver }
  const played: Played = { made, legs: [], accepted: [], unexpected: [] }
  for (const node of nodes) {
    at[node].start()
    made.store.watchFeed(
      nodeFeed(node),
      (entries) => played.legs.push(...entries),
      () => {},
    )
  }
  let texts = 0

  async function act(what: Move): Promise<void> {
    if ('agent' in what) return agentActs(what)
    const { endpoint: number, node, does } = what
    const endpoint = made.endpoint(number, { node, ...(number === '0555' && { trunk: 'T' }) })
    const id = `${number}-${++texts}`
    if (does.do === 'invite') return void (await endpoint.invites(does.to))
    if (does.do === 'message') {
      await endpoint.messages(does.to, id, { id, wants: { delivered: true } })
      played.accepted.push(id)
      return
    }
    const calls = (await made.store.listCalls(undefined, 100)).calls.filter((c) =>
      c.parties.some((p) => p.dn === number),
    )
    const call = calls[does.pick % Math.max(1, calls.length)]
    if (!call) return
    if (does.do === 'say') {
      await endpoint.says(call.callUUID, id, id)
      played.accepted.push(id)
      return
    }
    await endpoint.input(call.callUUID, inputOf(does.do, call, number as DNumber))
  }

  async function agentActs({ agent: name, node, does }: Extract<Move, { agent: string }>): Promise<void> {
    const agent = made.agent(name)
    const tserver = at[node]
    if (does.do === 'logIn') return agent.logIn(tserver)
    if (does.do === 'logOut') return void (await agent.logOut(tserver))
    if (does.do === 'call') {
      const { to, text } = does
      return void (await agent.call(to, { node: tserver, ...(text && { text }) }))
    }
    const session = await tserver.session(agent.person)
    if (!session) return
    const on = { person: agent.person, callUUID: session.callUUID }
    const said = { request: 'TPrivateService', ...on, contentType: 'text/plain' } as const
    await tserver.request(
      {
        answer: { request: 'TAnswerCall', ...on } as const,
        release: { request: 'TReleaseCall', ...on } as const,
        say: { ...said, serviceID: textService, body: 'x' },
        compose: { ...said, serviceID: noticeServices.composing, body: 'active' },
      }[does.do],
    )
  }

  for (const { moves, wait } of rounds) {
    const refused = (error: unknown) => {
      if (!(error instanceof TServerError) || error.reason === 'TERR_INTERNAL') played.unexpected.push(error)
    }
    await Promise.all(moves.map((m) => act(m).catch(refused)))
    made.clock.advance(wait)
    for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate)
    await checkClaims(made)
  }
  for (const node of nodes) await at[node].stop()
  return played
}

function inputOf(does: string, { parties }: Call, number: DNumber): BareInput {
  switch (does) {
    case 'session':
    case 'pager':
      return { input: 'answered', mode: does }
    case 'refuse':
      return { input: 'refused', status: 486, reason: 'Busy Here' }
    case 'lose':
      return { input: 'released', why: 'lost' }
    case 'compose':
      return { input: 'composing', state: 'active' }
    case 'report':
      return { input: 'report', messageID: 'some' as never, outcome: 'failed' }
    case 'takeOver':
      return { input: 'takenOver', from: parties.find((p) => p.dn === number)?.sip?.owner ?? '' }
  }
  return { input: 'released', why: 'completed' }
}

/** G6 for agents, BR-9 for pairs of endpoints: a claim names the one living call, and no living call is without its claims. */
async function checkClaims({ store, agent }: SipBench): Promise<void> {
  const { calls } = await store.listCalls(undefined, 1_000)
  const claimants = agents.map((name) => agent(name).person)
  const { claims } = await store.read({ records: [], claims: claimants })
  const living = claimants.map((person) =>
    calls.filter((c) => c.parties.some((p) => p.agent === person)).map((c) => c.callUUID),
  )
  expect(living).toEqual(claims.map((claim) => (claim === undefined ? [] : [claim])))
  for (const { callUUID, parties } of calls) {
    const [a, b] = parties
    if (!a || !b || parties.some((p) => p.agent !== null)) continue
    expect((await store.read({ records: [], claims: [pairClaim(a.dn, b.dn)] })).claims).toEqual([callUUID])
  }
}

/** Every call that any feed tells of. */
function callsOf(feeds: readonly FeedEntry[]): Set<CallUUID> {
  return new Set(feeds.flatMap(({ event }) => ('callUUID' in event ? [event.callUUID] : [])))
}

describe('random histories of agents, endpoints and a trunk on two nodes', () => {
  test('[BR-1] [BR-8] [BR-9] [BR-13] [BR-15] [IM-19] keep G1, G3, G5 and G6', { timeout: 60_000 }, async () => {
    const seen = new Map<string, number>()
    const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1)
    await fc.assert(
      fc.asyncProperty(history, async (rounds) => {
        const { made, legs, accepted, unexpected } = await play(rounds)
        expect(unexpected).toEqual([])
        const feeds = await Promise.all(agents.map((name) => made.agent(name).feed()))
        expect(
          agents.flatMap((name, i) => faultsOfFeed(made.agent(name).person, feeds[i] ?? [], { pager: true })),
        ).toEqual([])
        expect(faultsOfLegs(legs)).toEqual([])

        // G1: a text that was accepted over SIP is in one log, or still in a mailbox; and a log is told to each leg.
        const kept = await Promise.all(
          mailboxes.map(async (dn) => {
            const read = await made.store.read({ records: [{ kind: 'mailbox', id: dn as DNumber }], claims: [] })
            return ((read.records[0]?.value as MailboxRecord | undefined)?.texts ?? []).map(
              ({ text }) => text.messageID,
            )
          }),
        )
        const ids: string[] = kept.flat()
        for (const callUUID of callsOf([...legs, ...feeds.flat()])) {
          const log = await made.store.readLog(callUUID, 0, 1_000)
          ids.push(...log.flatMap(({ text }) => (text.messageID.includes('-') ? [text.messageID] : [])))
          const call = await made.callOf(callUUID)
          for (const { dn, sip } of call.parties) {
            if (!sip) continue
            const told = legs.flatMap(({ event, log: position }) =>
              event.event === 'EventPrivateInfo' && event.callUUID === callUUID && event.thisDN === dn
                ? [position]
                : [],
            )
            expect(told).toEqual(log.flatMap(({ text, position }) => (text.from === dn ? [] : [position])))
          }
          if (call.end) count(call.end.why)
        }
        expect(ids.sort()).toEqual(accepted.sort())
        for (const { event } of legs) count(event.event)
        if (kept.flat().length > 0) count('kept')
      }),
      { seed: 20_261_120, numRuns: 250 },
    )
    // The histories are worth something only if they go everywhere.
    for (const what of [
      ...[
        'EventDialing',
        'EventRinging',
        'EventEstablished',
        'EventReleased',
        'EventAbandoned',
        'EventDestinationBusy',
      ],
      ...['EventPrivateInfo', 'EventUserEvent', 'EventReturnReceipt'],
      ...['completed', 'rejected', 'noAnswer', 'abandoned', 'busy', 'failed', 'idle', 'loggedOut', 'kept'],
    ])
      expect(seen.get(what) ?? 0, what).toBeGreaterThan(10)
  })

  test('[BR-15] played again give the same events', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(history, async (rounds) => {
        const once = await play(rounds)
        const again = await play(rounds)
        expect(JSON.stringify(again.legs)).toBe(JSON.stringify(once.legs))
      }),
      { seed: 7, numRuns: 20 },
    )
  })
})
