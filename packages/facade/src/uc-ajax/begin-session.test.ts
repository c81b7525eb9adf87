import type { CallUUID } from '@ringdown/signalling'
import { describe, expect, test } from 'vitest'
import { type CwaBench, type CwaClient, cwaBench } from '../testing/cwa-bench.ts'
import { logPage } from './start.ts'
import { windowLimits } from './window.ts'

async function invited(bench: CwaBench): Promise<{ anna: CwaClient; ben: CwaClient }> {
  const anna = await bench.client('anna').signIn()
  const ben = await bench.client('ben').signIn()
  await ben.drain()
  await anna.invite('sip:ben@demo', 'hello')
  await anna.drain()
  return { anna, ben }
}

async function talking(bench: CwaBench): Promise<{ anna: CwaClient; ben: CwaClient }> {
  const { anna, ben } = await invited(bench)
  await ben.drain()
  await ben.handle('acceptImSession')
  await anna.drain()
  await ben.drain()
  return { anna, ben }
}

const names = (client: CwaClient) => client.events().map((event) => event.event)

describe('a session that begins', () => {
  test('[UC-65] while no conversation goes on is told of none', async () => {
    const bench = cwaBench()
    const { anna, ben } = await talking(bench)
    await anna.handle('terminateImSession')
    const second = await bench.client('ben').signIn()
    await second.drain()
    expect(names(second)).toEqual(['requestSucceeded', 'configuration'])
    await ben.drain()
    await bench.stop()
  })

  test('[UC-65] beside one that lives is shown the conversation with all texts of the peer, then what follows', async () => {
    const bench = cwaBench()
    const { anna, ben } = await talking(bench)
    await anna.say('one')
    await ben.say('mine')
    await anna.say('two')
    const second = await bench.client('ben', bench.b).signIn()
    await anna.say('three')
    await second.drain()
    expect(second.texts).toEqual(['hello', 'one', 'two', 'three'])
    expect(names(second).slice(2, 5)).toEqual(['imSessionReceived', 'participant', 'imSessionState'])
    await ben.drain()
    expect(ben.texts).toEqual(['hello', 'one', 'two', 'three'])
    await second.handle('terminateImSession')
    await ben.drain()
    expect(ben.events().at(-1)).toMatchObject({ event: 'imSessionState', state: 'terminated' })
    await bench.stop()
  })

  test('[UC-65] while it rings shows the invitation with its text once, and can answer it', async () => {
    const bench = cwaBench()
    const { anna, ben } = await invited(bench)
    const second = await bench.client('ben', bench.b).signIn()
    await second.drain()
    expect(names(second).slice(2)).toEqual(['imSessionReceived', 'imSessionState'])
    expect(second.texts).toEqual(['hello'])
    await second.handle('acceptImSession')
    await second.drain()
    await anna.say('one')
    await second.drain()
    await ben.drain()
    expect(second.texts).toEqual(['hello', 'one'])
    // Taken by the other one.
    expect(ben.texts).toEqual(['hello'])
    await bench.stop()
  })

  test('[UC-65] shows a log of any length page by page, alike on all nodes and when it is repeated', async () => {
    const bench = cwaBench({}, { feedLimit: 5_000 })
    const { anna, ben } = await talking(bench)
    const said = ['hello']
    for (let i = 0; i < 2 * logPage + 10; i++) {
      said.push(`t${i}`)
      await anna.say(`t${i}`)
      if (i % 3 === 0) await ben.say(`b${i}`)
    }
    const second = await bench.client('ben').signIn()
    await anna.say('last')
    for (let i = 0; ; i++) {
      second.node = i % 2 ? bench.a : bench.b
      const before = await second.send()
      if (i % 3 === 0) second.node.restart()
      const answer = await second.poll()
      expect(answer).toEqual(before)
      if (answer?.events.length === 0) break
      await bench.pass(1_000)
    }
    expect(second.texts).toEqual([...said, 'last'])
    await bench.stop()
  })

  test('[UC-65] tells nothing twice of what happens while it looks', async () => {
    const bench = cwaBench()
    const { anna, ben } = await invited(bench)
    await ben.drain()
    const { store } = bench.b
    const { feedEnd } = store
    store.feedEnd = async (person) => {
      const end = await feedEnd.call(store, person)
      await anna.handle('terminateImSession')
      await anna.drain()
      await anna.invite('sip:ben@demo', 'anew')
      await bench.a.centre.tserver.request({
        request: 'TAnswerCall',
        person,
        callUUID: (await bench.a.centre.tserver.session(person))?.callUUID as CallUUID,
      })
      await anna.drain()
      await anna.say('one')
      return end
    }
    const second = await bench.client('ben', bench.b).signIn()
    await anna.say('two')
    await second.drain()
    expect(second.texts).toEqual(['anew', 'one', 'two'])
    expect(names(second).slice(2)).toEqual([
      'imSessionReceived',
      'participant',
      'imSessionState',
      'messageReceived',
      'messageReceived',
      'messageReceived',
    ])
    await bench.stop()
  })
})

describe('a session that begins after one that was lost', () => {
  test('[UC-66] shows what its client had not acknowledged, also of a conversation that is over', async () => {
    const bench = cwaBench()
    const { anna, ben } = await talking(bench)
    await anna.say('one')
    await ben.drain()
    await ben.poll()
    await anna.say('two')
    await ben.send()
    await anna.handle('terminateImSession')
    await bench.pass(60_000)
    const again = await bench.client('ben', bench.b).signIn()
    await again.drain()
    expect(again.texts).toEqual(['two'])
    expect(names(again).slice(2)).toEqual([
      'imSessionReceived',
      'participant',
      'imSessionState',
      'messageReceived',
      'participantRemoved',
      'imSessionState',
    ])
    // The silent one is over.
    expect(await ben.poll()).toBeUndefined()
    await bench.stop()
  })

  test('[UC-66] shows what that one had asked for as somebody else\u2019s, and holds the conversation', async () => {
    const bench = cwaBench()
    const anna = await bench.client('anna').signIn()
    const ben = await bench.client('ben').signIn()
    await anna.drain()
    await anna.poll()
    await anna.invite('sip:ben@demo', 'hello')
    await ben.drain()
    await ben.handle('acceptImSession')
    await ben.say('hi')
    for (let i = 0; i < 20; i++) {
      await bench.pass(3_000)
      await ben.poll()
    }
    const again = await bench.client('anna').signIn()
    await again.drain()
    expect(again.texts).toEqual(['hi'])
    expect(again.events('requestSucceeded', 'requestFailed', 'initiateImSessionAccepted')).toEqual([
      { event: 'requestSucceeded', rid: '1' },
    ])
    expect(again.events('participant')).toHaveLength(1)
    const session = await again.node.sessions.find(again.node.centre, again.person.id, again.sid)
    expect((await session?.current())?.talk?.held).toBe(true)
    await again.ask({ request: 'terminateSession' })
    await ben.drain()
    expect(ben.events().at(-1)).toMatchObject({ event: 'imSessionState', state: 'terminated' })
    await bench.stop()
  })

  test('[UC-66] and again after that one, knows of both what they had asked for', async () => {
    const bench = cwaBench()
    const anna = await bench.client('anna').signIn()
    const ben = await bench.client('ben').signIn()
    await anna.invite('sip:ben@demo', 'hello')
    await bench.pass(60_000)
    const second = await bench.client('anna').signIn()
    await second.drain() // nothing of this is acknowledged
    second.ackId = 0
    await ben.drain()
    await ben.handle('acceptImSession')
    await ben.say('hi')
    await bench.pass(60_000)
    const third = await bench.client('anna', bench.b).signIn()
    await third.drain()
    expect(third.texts).toEqual(['hi'])
    expect(third.events('requestSucceeded')).toHaveLength(1)
    await bench.stop()
  })

  test('[UC-66] of several silent ones goes on from the latest', async () => {
    const bench = cwaBench()
    const { anna, ben } = await talking(bench)
    const second = await bench.client('ben', bench.b).signIn()
    await second.drain()
    await ben.poll()
    await bench.pass(2_000)
    await anna.say('one')
    await second.drain()
    await second.poll()
    await bench.pass(2_000)
    await anna.say('two')
    await bench.pass(60_000)
    const again = await bench.client('ben').signIn()
    await again.drain()
    expect(again.texts).toEqual(['two'])
    expect([await ben.poll(), await second.poll()]).toEqual([undefined, undefined])
    await bench.stop()
  })

  test('[UC-66] does not go on from one that has seen the conversation go elsewhere', async () => {
    const bench = cwaBench()
    const { anna, ben } = await invited(bench)
    await ben.drain()
    const second = await bench.client('ben', bench.b).signIn()
    await second.drain()
    await second.handle('acceptImSession')
    await second.drain()
    await second.poll()
    await anna.say('one')
    await anna.say('two')
    await bench.pass(5_000)
    await ben.drain()
    await ben.poll()
    await bench.pass(60_000)
    const again = await bench.client('ben').signIn()
    await again.drain()
    expect(again.texts).toEqual(['one', 'two'])
    await bench.stop()
  })

  test('[UC-66] in the middle of its introduction, goes on with the rest of it', async () => {
    const bench = cwaBench({}, { feedLimit: 5_000 })
    const { anna, ben } = await talking(bench)
    for (let i = 0; i < 200; i++) await anna.say(`t${i}`)
    const second = await bench.client('ben').signIn()
    await second.poll()
    await second.send() // acknowledges the first answer, and is lost
    const shown = second.texts
    await bench.pass(60_000)
    await second.send()
    await ben.send() // silent for long, but the latest is the second
    await bench.pass(2_000)
    await second.send()
    await bench.pass(60_000)
    const third = await bench.client('ben').signIn()
    await third.drain()
    expect([...shown, ...third.texts]).toEqual(['hello', ...Array.from({ length: 200 }, (_, i) => `t${i}`)])
    await bench.stop()
  })

  test('[UC-67] whose feed was trimmed is shown the conversation that goes on with the texts behind the acknowledged ones', async () => {
    const bench = cwaBench({}, { feedLimit: 20 })
    const { anna, ben } = await talking(bench)
    await anna.say('one')
    await ben.drain()
    await ben.poll()
    await bench.pass(2_000)
    const said: string[] = []
    for (let i = 0; i < 50; i++) {
      said.push(`t${i}`)
      await anna.say(`t${i}`)
    }
    await bench.pass(60_000)
    const again = await bench.client('ben').signIn()
    await again.drain()
    expect(again.texts).toEqual(said)
    // The lost one had accepted the conversation.
    const session = await again.node.sessions.find(again.node.centre, again.person.id, again.sid)
    expect((await session?.current())?.talk?.held).toBe(true)
    await bench.stop()
  })
})

describe('events that are lost', () => {
  test('[UC-64] because the feed was trimmed end the session, and a new one has all texts', async () => {
    const bench = cwaBench({}, { feedLimit: 20 })
    const { anna, ben } = await talking(bench)
    await anna.say('one')
    await ben.drain()
    ben.node = bench.b
    await ben.poll()
    const said: string[] = []
    for (let i = 0; i < 50; i++) {
      said.push(`t${i}`)
      await anna.say(`t${i}`)
    }
    const answer = await ben.send()
    expect(answer).toMatchObject({ gap: expect.stringMatching(/^\d+ events of this session were lost/) })
    expect(await ben.send()).toBeUndefined()
    ben.node = bench.a
    expect(await ben.send()).toBeUndefined()
    const again = await bench.client('ben').signIn()
    await again.drain()
    expect(again.texts).toEqual(said)
    await bench.stop()
  })

  test('[UC-64] because the store began anew end the session', async () => {
    const bench = cwaBench()
    const { ben } = await talking(bench)
    const { readFeed } = bench.a.store
    bench.a.store.readFeed = async (...asked) => ({ ...(await readFeed.apply(bench.a.store, asked)), epoch: 'e2' })
    bench.a.store.doubt()
    expect(await ben.send()).toMatchObject({ gap: expect.stringContaining('has lost the events') })
    expect(await ben.send()).toBeUndefined()
    await bench.stop()
  })

  test('[UC-64] make a request fail with 18100', async () => {
    const bench = cwaBench({}, { feedLimit: 20 })
    const { anna, ben } = await talking(bench)
    ben.node = bench.b
    await ben.poll()
    for (let i = 0; i < 50; i++) await anna.say(`t${i}`)
    expect(await ben.say('hm')).toMatchObject({ answer: 'requestFailed', failure: { code: 'SessionNotFound' } })
    await bench.stop()
  })

  test('[UC-64] make a request fail also where its client never polls, and its window is full', async () => {
    const bench = cwaBench({}, { feedLimit: 40 })
    const { anna, ben } = await talking(bench)
    const { events } = windowLimits
    let failed = 0
    for (let i = 0; i < events + 100; i++) {
      if (i % 20 === 0 && (await ben.say('hm')).answer === 'requestFailed') failed++
      await anna.say(`t${i}`)
    }
    expect(failed).toBeGreaterThan(0)
    expect(await ben.send()).toMatchObject({ gap: expect.stringMatching(/^\d+ events of this session were lost/) })
    expect(await ben.send()).toBeUndefined()
    await bench.stop()
  })

  test('[UC-64] because the store has lost its last writes end the session', async () => {
    const bench = cwaBench({}, { feedLimit: 5_000 })
    const { anna, ben } = await talking(bench)
    for (let i = 0; i < windowLimits.events + 50; i++) await anna.say(`t${i}`)
    const { store } = bench.a
    await (await bench.a.sessions.find(bench.a.centre, ben.person.id, ben.sid))?.current()
    const { readFeed } = store
    const kept = (await store.feedEnd(ben.person.id)).offset - 20
    store.readFeed = async (...asked) => {
      const page = await readFeed.apply(store, asked)
      return { ...page, last: kept, entries: page.entries.filter(({ offset }) => offset <= kept) }
    }
    let answer = await ben.send()
    while (answer && 'events' in answer && answer.events.length > 0) {
      ben.take(answer.events)
      ben.ackId = answer.ackId
      answer = await ben.send()
    }
    expect(answer).toMatchObject({ gap: expect.stringContaining('has lost the events') })
    await bench.stop()
  })

  test('[UC-64] leave the agent logged in, so that the new session finds the conversation', async () => {
    const bench = cwaBench({}, { feedLimit: 20 })
    const { anna, ben } = await talking(bench)
    ben.node = bench.b
    await ben.poll()
    for (let i = 0; i < 50; i++) await anna.say(`t${i}`)
    await ben.send()
    expect((await bench.a.centre.tserver.agent(ben.person.id)).dns).toHaveLength(1)
    expect(await bench.a.centre.tserver.session(ben.person.id)).toBeDefined()
    await bench.stop()
  })
})
