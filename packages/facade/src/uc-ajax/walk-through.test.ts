import { bench, demoDirectory, demoObjects } from '@ringdown/signalling/testing'
import { describe, expect, test } from 'vitest'
import { cwaView } from '../testing/cwa-view.ts'
import { project } from './project.ts'
import type { Projection } from './projection.ts'

const objects = demoObjects()
/** Alice and Bob; Bob has to press something to answer. */
const directory = demoDirectory({
  ...objects,
  dns: objects.dns.map((dn) => ({ ...dn, annex: { TServer: { ...dn.annex?.TServer, 'auto-answer': 'no' } } })),
  persons: [
    { userName: 'alice', firstName: 'Alice', place: 'Place_7001', agentLogins: ['5001'] },
    { userName: 'bob', firstName: 'Bob', place: 'Place_7002', agentLogins: ['5002'] },
  ],
})

async function signedIn() {
  const made = bench({ directory })
  const [a, b] = [made.agent('alice'), made.agent('bob')]
  for (const agent of [a, b]) await agent.logIn()
  const side = async (agent: typeof a, sid: number) => {
    const { offset } = await made.store.feedEnd(agent.person)
    return cwaView({ bench: made, directory, agent, sid, offset })
  }
  return { made, agents: { alice: a, bob: b }, alice: await side(a, 52), bob: await side(b, 53) }
}
type SignedIn = Awaited<ReturnType<typeof signedIn>>

const toAlice = '{"uri":"sip:alice@demo","name":"Alice"}'
const toBob = '{"uri":"sip:bob@demo","name":"Bob"}'
const plans = '{"format":"text/plain","content":"Can we talk?"}'

async function invited(): Promise<SignedIn> {
  const both = await signedIn()
  await both.alice.initiate('2', '7002', { content: 'Can we talk?', subject: 'Plans', formats: ['text/plain'] })
  return both
}

describe('uc-ajax-api §5, Alice and Bob', () => {
  test('[UC-20, UC-21, UC-22, UC-23, UC-24, UC-28, UC-29, UC-31, UC-32, UC-33] gives the printed events under the printed numbers', async () => {
    const { alice, bob } = await invited()
    // 3
    expect(await alice.since(0)).toEqual([
      '1 requestSucceeded 1',
      '2 configuration',
      // 8
      '3 [1] initiateImSessionAccepted 2',
      '4 [1] escalationMode invitingPeer',
      '5 [1] imSessionState connecting',
    ])
    // 9
    expect(await bob.since(2)).toEqual([
      `3 [1] imSessionReceived ${toAlice} invitingPeer Plans ${plans}`,
      '4 [1] imSessionState incoming',
    ])
    // 10 – 12
    await bob.accept('2')
    const connected = (peer: string, from: number) => [
      `${from} [1] escalationMode peer`,
      `${from + 1} [1] participant ${peer}`,
      `${from + 2} [1] imSessionState connected`,
      `${from + 3} requestSucceeded 2`,
    ]
    expect(await bob.since(4)).toEqual(connected(toAlice, 5))
    expect(await alice.since(5)).toEqual(connected(toBob, 6))
    // 13 – 17
    await bob.compose('3', true)
    expect(await alice.since(9)).toEqual(['10 [1] composingState true sip:bob@demo'])
    await bob.say('4', 'Yes.')
    expect(await alice.since(10)).toEqual([
      '11 [1] messageReceived sip:bob@demo {"format":"text/plain","content":"Yes."}',
    ])
    expect(await bob.since(8)).toEqual(['9 requestSucceeded 3', '10 requestSucceeded 4'])
    // 18
    await alice.say('3', 'At one, then.')
    expect(await bob.since(10)).toEqual([
      '11 [1] messageReceived sip:alice@demo {"format":"text/plain","content":"At one, then."}',
    ])
    expect(await alice.since(11)).toEqual(['12 requestSucceeded 3'])
    // 20 – 22
    await alice.terminate('4')
    expect(await alice.since(12)).toEqual(['13 [1] imSessionState terminated', '14 requestSucceeded 4'])
    expect(await bob.since(11)).toEqual([
      '12 [1] participantRemoved sip:alice@demo',
      '13 [1] imSessionState terminated',
    ])
    expect((await bob.now()).eid).toBe(13)
  })

  test('[UC-25] Bob declines', async () => {
    const { alice, bob } = await invited()
    await bob.terminate('2')
    expect(await bob.since(4)).toEqual(['5 [1] imSessionState terminated', '6 requestSucceeded 2'])
    expect(await alice.since(5)).toEqual([
      '6 [1] escalationMode none',
      '7 [1] inviteFailed sip:bob@demo',
      '8 requestFailed 2 OcsFailureResponse 603',
      '9 [1] imSessionState terminated',
    ])
  })

  test('[UC-25] Bob is offline: the sequence of §3.1, with 480', async () => {
    const { alice, agents } = await signedIn()
    await agents.bob.logOut()
    await alice.initiate('5', '7002', { peer: 'sip:bob@demo' })
    expect(await alice.since(2)).toEqual([
      '3 [1] initiateImSessionAccepted 5',
      '4 [1] escalationMode invitingPeer',
      '5 [1] escalationMode none',
      '6 [1] inviteFailed sip:bob@demo',
      '7 requestFailed 5 OcsFailureResponse 480',
      '8 [1] imSessionState terminated',
    ])
  })

  test('[UC-20] reading again, from any point, gives the same events', async () => {
    const { alice, bob, agents } = await invited()
    await bob.accept('2')
    await alice.say('3', 'a')
    await bob.terminate('4')
    const all = await alice.events()
    const feed = await agents.alice.feed()
    for (let cut = 0; cut <= feed.length; cut++) {
      let at: Projection = { eid: 2, offset: 0, highest: 0, talk: null, ended: null, rids: { last: '1' } }
      const events = feed.flatMap((entry, i) => {
        if (i === cut) at = JSON.parse(JSON.stringify(at))
        const seen = project(at, entry, alice.viewer)
        at = seen.after
        // A hint may bring what was read before.
        expect(project(at, entry, alice.viewer)).toEqual({ after: at, events: [] })
        return seen.events
      })
      expect(events).toEqual(all.slice(2).map(({ event }) => event))
      expect(at.eid).toBe(all.length)
    }
  })
})
