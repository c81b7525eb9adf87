import { type CallUUID, type FeedEntry, type LogEntry, TServerError } from '@ringdown/signalling'
import { type BenchAgent, bench, demoDirectory } from '@ringdown/signalling/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CwaView, cwaView } from '../testing/cwa-view.ts'
import { cwaFailure } from './error.ts'
import type { CwaEvent } from './event.ts'
import { project } from './project.ts'
import type { Projection, Viewer } from './projection.ts'

const numbers = ['7001', '7002', '7003'] as const

/** Three agents: one answers by hand, one at once, one after a while. */
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
        ...(i === 0 && { 'auto-answer': 'no' }),
        ...(i === 2 && { 'auto-answer-delay': '700' }),
      },
    },
  })),
  places: numbers.map((number) => ({ name: `P${number}`, dns: [number] })),
  agentLogins: numbers.map((number) => ({ code: `A${number}`, switch: 'S' })),
  persons: numbers.map((number) => ({ userName: `p${number}`, place: `P${number}`, agentLogins: [`A${number}`] })),
})

/** `client` 0 and 1 are UC AJAX sessions of the person, 2 is another facade. */
const client = fc.integer({ min: 0, max: 2 })
const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('call' as const), to: fc.constantFrom(...numbers, '9999') }) },
  { weight: 5, arbitrary: fc.constant({ do: 'accept' } as const) },
  { weight: 4, arbitrary: fc.constant({ do: 'release' } as const) },
  { weight: 9, arbitrary: fc.constant({ do: 'say' } as const) },
  { weight: 2, arbitrary: fc.constant({ do: 'compose' } as const) },
  { weight: 1, arbitrary: fc.constant({ do: 'logOut' } as const) },
  { weight: 2, arbitrary: fc.constant({ do: 'logIn' } as const) },
)
const move = fc.record({ who: fc.integer({ min: 0, max: 2 }), client, node: fc.integer({ min: 0, max: 1 }), action })
const history = fc.array(
  fc.record({ moves: fc.array(move, { minLength: 1, maxLength: 4 }), wait: fc.constantFrom(0, 0, 300, 4_000) }),
  { minLength: 15, maxLength: 30, size: 'max' },
)
type History = typeof history extends fc.Arbitrary<infer T> ? T : never
type Move = History[number]['moves'][number]

/** What one UC AJAX session was, and which of its rids the T-Server took. */
interface Side {
  view: CwaView
  agent: BenchAgent
  feed: readonly FeedEntry[]
  taken: string[]
}

async function play(rounds: History) {
  const made = bench({ directory })
  const nodes = [made.tserver, made.other.tserver] as const
  for (const node of nodes) node.start()
  const agents = numbers.map((number) => made.agent(`p${number}`))
  const sides = agents.map((agent, i) =>
    [0, 1].map((k): Side & { on: readonly CwaView[] } => {
      // The same session served by either node.
      const on = nodes.map((node) => cwaView({ bench: made, directory, agent, sid: 10 * i + k + 1, node }))
      return { view: on[0] as CwaView, on, agent, feed: [], taken: [] }
    }),
  )
  const unexpected: unknown[] = []
  let counter = 1
  for (const agent of agents) await agent.logIn()

  async function act({ who, client, node, action }: Move): Promise<void> {
    const agent = agents[who]
    const side = sides[who]?.[client]
    const tserver = nodes[node]
    if (!agent || !tserver) return
    if (action.do === 'logIn') return agent.logIn(tserver)
    if (action.do === 'logOut') return void (await agent.logOut(tserver))
    if (!side) return void (await elsewhere(agent, action))
    const view = side.on[node] as CwaView
    const rid = `${++counter}`
    await asked(view, rid, action, side)
    side.taken.push(rid)
  }

  async function asked(view: CwaView, rid: string, action: Move['action'], side: Side): Promise<unknown> {
    switch (action.do) {
      case 'call':
        return view.initiate(rid, action.to, { content: `first ${rid}` }).catch(async (error) => {
          // As the facade does: who is not in a session themselves hears it as events.
          if ((await made.tserver.session(side.agent.person)) || (await view.now()).talk) throw error
          const confId = (await view.now()).highest + 1
          const failure = cwaFailure('OcsFailureResponse', 'The requested operation failed.')
          await view.tell({ news: 'notInvited', rid, confId, uris: ['sip:x@demo'], failure })
        })
      case 'accept':
        return view.accept(rid)
      case 'release':
        return view.terminate(rid)
      case 'say':
        return view.say(rid, `text ${rid}`)
      case 'compose':
        return view.compose(rid, rid.endsWith('1'))
    }
    return undefined
  }

  async function elsewhere(agent: BenchAgent, action: Move['action']): Promise<unknown> {
    if (action.do === 'call') return agent.call(action.to)
    const session = await made.tserver.session(agent.person)
    if (!session) return undefined
    const { callUUID } = session
    if (action.do === 'say') return agent.say(callUUID, `text ${++counter}`)
    if (action.do === 'release') return agent.release(callUUID)
    if (action.do !== 'accept') return undefined
    return made.tserver.request({ request: 'TAnswerCall', person: agent.person, callUUID })
  }

  for (const { moves, wait } of rounds) {
    await Promise.all(
      moves.map((one) =>
        act(one).catch((error: unknown) => {
          const refused = error instanceof TServerError && error.reason !== 'TERR_INTERNAL'
          if (!refused && !(error instanceof Error && error.message === 'there is no conversation'))
            unexpected.push(error)
        }),
      ),
    )
    for (let left = wait; left > 0; left -= 100) {
      made.clock.advance(100)
      await new Promise(setImmediate)
    }
  }
  // Nothing stays open: what was asked for has its outcome.
  for (const agent of agents) await agent.logOut().catch(() => undefined)
  for (const node of nodes) await node.stop()
  const all = sides.flat()
  for (const side of all) side.feed = await side.agent.feed()
  return { sides: all, unexpected, readLog: (callUUID: CallUUID) => made.store.readLog(callUUID, 0, 1_000) }
}

const beginning: Projection = { eid: 2, offset: 0, highest: 0, talk: null, ended: null, rids: { last: '1' } }

/** All events, each with the projection behind its entry. */
function fold(feed: readonly FeedEntry[], viewer: Viewer, from = beginning) {
  let at = from
  const steps = feed.map((entry) => {
    const { after, events } = project(at, entry, viewer)
    at = after
    return { entry, after, events }
  })
  return { at, steps, events: steps.flatMap(({ events }) => events) }
}

// What a conversation may look like, from its first event to its last; receipts may come behind.
const word = {
  initiateImSessionAccepted: 'a',
  inviteFailed: 'f',
  participant: 'p',
  participantRemoved: 'r',
  messageReceived: 'm',
  composingState: 'm',
  messageIdReceived: 'd',
  messageSendFailed: 'd',
  imSessionReceived: 'i',
} as const
const states = { connecting: 'c', incoming: 'n', connected: 'x', terminated: 't' } as const
const modes = { invitingPeer: '1', peer: '2', none: '0' } as const
const whole = /^(?:a?1(?:0ft|c(?:0f?t|2pxm*r?t)|2pxm*r?t)|in(?:m*t|m*2pxm*r?t))d*$/

function letters(events: readonly CwaEvent[]): Map<number, string[]> {
  const found = new Map<number, string[]>()
  for (const event of events) {
    if (!('confId' in event)) continue
    const letter =
      event.event === 'imSessionState'
        ? states[event.state]
        : event.event === 'escalationMode'
          ? modes[event.mode]
          : word[event.event]
    const lives = found.get(event.confId) ?? []
    found.set(event.confId, lives)
    // A number that is free again may be given once more.
    if (lives.length === 0 || (letter === 'a' && lives.at(-1)?.includes('t'))) lives.push('')
    lives.push(`${lives.pop()}${letter}`)
  }
  return found
}

describe('random histories of three agents with two sessions each and another facade, on two nodes', () => {
  test('[UC-20, UC-21, UC-22, UC-23, UC-24, UC-25, UC-27, UC-28, UC-29, UC-32] follow the rules', {
    timeout: 120_000,
  }, async () => {
    const seen = new Map<string, number>()
    const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1)
    await fc.assert(
      fc.asyncProperty(history, fc.infiniteStream(fc.nat()), async (rounds, dice) => {
        const { sides, unexpected, readLog } = await play(rounds)
        expect(unexpected).toEqual([])
        const roll = (most: number) => (dice.next().value ?? 0) % (most + 1)
        for (const { view, feed, taken } of sides) {
          const { viewer } = view
          const { at, steps, events } = fold(feed, viewer)
          expect(at.talk).toBeNull()
          expect(at.eid).toBe(2 + events.length)
          for (const { event } of steps.flatMap(({ entry }) => entry)) count(event.event)

          // Reading goes on from any point, by JSON, with pages that overlap.
          const cut = roll(feed.length)
          const cursor: Projection = JSON.parse(JSON.stringify(steps[cut - 1]?.after ?? beginning))
          const rest = fold(feed.slice(Math.max(0, cut - roll(5))), viewer, cursor)
          expect(rest.events).toEqual(steps.slice(cut).flatMap((step) => step.events))
          expect(rest.at).toEqual(at)
          // Another configuration gives other words, never other events.
          const renamed = fold(feed, { ...viewer, participant: () => ({ uri: 'sip:x@y', name: '' }) })
          expect(renamed.events.map(({ event }) => event)).toEqual(events.map(({ event }) => event))

          expect(outcomes(events).toSorted()).toEqual(taken.toSorted())
          for (const [, lives] of letters(events)) {
            for (const life of lives) {
              expect(life).toMatch(whole)
              count(life.replace(/m+/g, 'm'))
            }
          }
          await checkTexts(steps, readLog)
        }
      }),
      { seed: 20_261_121, numRuns: 150 },
    )
    // The histories are worth something only if they go everywhere.
    for (const life of [
      'a1c2pxmt',
      'a1c2pxmrt',
      'a10ft',
      'a1c0t',
      'a1c0ft',
      '1c2pxmrt',
      '1c0ft',
      'int',
      'in2pxmt',
      'in2pxmrt',
    ])
      expect(seen.get(life) ?? 0, life).toBeGreaterThan(5)
  })
})

function outcomes(events: readonly CwaEvent[]): string[] {
  return events.flatMap((one) => (one.event === 'requestSucceeded' || one.event === 'requestFailed' ? [one.rid] : []))
}

type Steps = ReturnType<typeof fold>['steps']

/** The texts of the peer are shown once, in the order of the log, as long as the conversation is this session's to see. */
async function checkTexts(steps: Steps, readLog: (callUUID: CallUUID) => Promise<readonly LogEntry[]>): Promise<void> {
  const shown = new Map<CallUUID, string[]>()
  const hidden = new Set<CallUUID>()
  let before: Projection = beginning
  for (const { after, events } of steps) {
    const talk = after.talk ?? before.talk
    before = after
    if (!talk) continue
    if (talk.elsewhere) hidden.add(talk.callUUID)
    const texts = shown.get(talk.callUUID) ?? []
    shown.set(talk.callUUID, texts)
    for (const event of events) {
      if (event.event !== 'messageReceived' && event.event !== 'imSessionReceived') continue
      const { content } = event.message
      if (event.event === 'messageReceived' || content !== '') texts.push(content)
    }
  }
  for (const [callUUID, texts] of shown) {
    const first = steps.find(({ entry: { event } }) => 'callUUID' in event && event.callUUID === callUUID)?.entry.event
    const other = first && 'otherDN' in first ? first.otherDN : undefined
    const log = (await readLog(callUUID)).filter(({ text }) => text.from === other).map(({ text }) => text.body)
    // What another session took over may have shown no more than the invitation.
    expect(texts).toEqual(hidden.has(callUUID) ? log.slice(0, texts.length) : log)
    if (hidden.has(callUUID)) expect(texts.length).toBeLessThanOrEqual(1)
  }
}
