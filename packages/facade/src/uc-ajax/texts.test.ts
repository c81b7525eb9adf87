import type { FeedEntry, FeedEvent, MessageID } from '@ringdown/signalling'
import { describe, expect, test } from 'vitest'
import { cwaPair, talkingPair } from '../testing/cwa-pair.ts'
import { project } from './project.ts'
import { textID } from './tag.ts'

describe('texts and what becomes of them', () => {
  test('[UC-29] each is one outcome; a repeated one has none again', async () => {
    const { a, b, begin } = await talkingPair()
    await a.say('3', 'x')
    await a.say('3', 'x')
    await a.say('4', 'x')
    expect(await a.since(begin.a)).toEqual([`${begin.a + 1} requestSucceeded 3`, `${begin.a + 2} requestSucceeded 4`])
    expect(await b.since(begin.b)).toHaveLength(2)
    expect([(await a.now()).talk?.log, (await b.now()).talk?.log]).toEqual([3, 3])
  })

  test('[UC-29] the rid of the first text may be used again', async () => {
    const { a, b, begin } = await talkingPair()
    await a.say('2', 'another one')
    await b.say('2', 'of the rid that has accepted')
    expect((await a.since(begin.a))[0]).toBe(`${begin.a + 1} requestSucceeded 2`)
    expect((await b.since(begin.b))[1]).toBe(`${begin.b + 2} requestSucceeded 2`)
  })

  test('[UC-29] whether the client gives one rid to several requests', async () => {
    const { a, b, begin } = await talkingPair()
    await a.say('3', 'x')
    await a.say('3', 'x')
    expect((await a.now()).rids).toEqual({ last: '3' })
    await a.say('3', 'y')
    await a.say('4', 'z')
    expect((await a.now()).rids).toEqual({ last: '4', reused: true })
    expect(await a.since(begin.a)).toHaveLength(3)
    expect((await b.now()).rids).toEqual({ last: '1' })
    await b.say('1', 'the rid of initiateSession')
    expect((await b.now()).rids).toEqual({ last: '1', reused: true })
  })

  test('[UC-29] a conversation under the rid of a text, and a text under that of a conversation', async () => {
    const { a } = await talkingPair()
    await a.say('2', 'x')
    expect((await a.now()).rids).toEqual({ last: '2', reused: true })
    const { a: other, b } = await talkingPair()
    await other.say('5', 'x')
    await b.terminate('3')
    await other.initiate('5', '7002')
    expect((await other.now()).rids).toEqual({ last: '5', reused: true })
  })

  test('[UC-29] a first text whose sender has accepted has an outcome', async () => {
    const { b, agents } = await cwaPair()
    await agents.anna.call('7002')
    await b.accept('2')
    await b.say('2', 'the first text of all')
    expect((await b.since(8))[0]).toBe('9 requestSucceeded 2')
  })

  test('[UC-30] delivered, displayed and failed, also after the end', async () => {
    const { a, bench } = await cwaPair()
    const callUUID = await a.initiate('2', '8002')
    const phone = bench.endpoint('8002')
    await phone.input(callUUID, { input: 'answered', mode: 'session' })
    for (const rid of ['3', '4', '5']) await a.say(rid, 'x')
    const id = (rid: string) => textID(11, 1, rid, 'text/plainx')
    await phone.input(callUUID, { input: 'report', messageID: id('3'), outcome: 'delivered' })
    await phone.input(callUUID, { input: 'report', messageID: id('3'), outcome: 'displayed' })
    await phone.input(callUUID, { input: 'report', messageID: id('4'), outcome: 'failed', status: 413, reason: 'Stop' })
    await a.terminate('6')
    await phone.input(callUUID, { input: 'report', messageID: id('5'), outcome: 'failed', status: 0 })
    expect(await a.since(12)).toEqual([
      `13 [1] messageIdReceived 3 ${id('3')}`,
      `14 [1] messageSendFailed ${id('4')}`,
      '15 requestFailed 4 OcsFailureResponse 413',
      '16 [1] imSessionState terminated',
      '17 requestSucceeded 6',
      `18 [1] messageSendFailed ${id('5')}`,
      '19 requestFailed 5 OcsFailureResponse 480',
    ])
  })

  test('[UC-30] the first text fails: its rid is that of the invitation', async () => {
    const { a, bench } = await cwaPair()
    const callUUID = await a.initiate('2', '8002')
    const phone = bench.endpoint('8002')
    const messageID = textID(11, 1, '2', 'text/plainhi')
    await phone.input(callUUID, { input: 'answered', mode: 'session' })
    await phone.input(callUUID, { input: 'report', messageID, outcome: 'failed' })
    await phone.input(callUUID, { input: 'released', why: 'completed' })
    await phone.input(callUUID, { input: 'report', messageID, outcome: 'failed' })
    const lost = `[1] messageSendFailed ${messageID}`
    expect(await a.since(9)).toEqual([
      `10 ${lost}`,
      '11 [1] participantRemoved sip:8002@demo',
      '12 [1] imSessionState terminated',
      `13 ${lost}`,
    ])
  })

  test('[UC-30] a text under a rid that invites somebody in a later conversation', async () => {
    const { a, bench } = await cwaPair()
    const phone = bench.endpoint('8002')
    const callUUID = await a.initiate('2', '8002')
    await phone.input(callUUID, { input: 'answered', mode: 'session' })
    await a.say('5', 'x')
    await a.terminate('3')
    await a.initiate('5', '8002')
    await a.terminate('6')
    const { eid } = await a.now()
    await phone.input(callUUID, { input: 'report', messageID: textID(11, 1, '5', 'text/plainx'), outcome: 'failed' })
    expect((await a.since(eid))[1]).toBe(`${eid + 2} requestFailed 5 OcsFailureResponse 480`)
  })

  test('[UC-30] a text of another session, and one of another facade, concern nobody here', async () => {
    const { a, bench, agents } = await cwaPair()
    const callUUID = await a.initiate('2', '8002')
    const phone = bench.endpoint('8002')
    await phone.input(callUUID, { input: 'answered', mode: 'session' })
    await agents.anna.say(callUUID, 'x', 'mine')
    const of = (messageID: string) =>
      phone.input(callUUID, { input: 'report', messageID: messageID as MessageID, outcome: 'delivered' })
    await of('mine')
    await of(textID(99, 1, '3', 'x'))
    await of('cwa.11.1.3')
    expect(await a.since(9)).toEqual([])
  })

  test('[UC-31] composing and idle', async () => {
    const { a, b, begin } = await talkingPair()
    await b.compose('3', true)
    await b.compose('4', false)
    expect(await a.since(begin.a)).toEqual([
      `${begin.a + 1} [1] composingState true sip:ben@demo`,
      `${begin.a + 2} [1] composingState false sip:ben@demo`,
    ])
    expect(await b.since(begin.b)).toEqual([`${begin.b + 1} requestSucceeded 3`, `${begin.b + 2} requestSucceeded 4`])
  })
})

describe('news', () => {
  test('[UC-32] presence, and nobody who can be added', async () => {
    const { a, begin } = await talkingPair()
    const presences = [{ uri: 'sip:ben@demo', availability: 3500, since: 5 }]
    await a.tell({ news: 'succeeded', rid: '3', presences })
    await a.tell({ news: 'succeeded', rid: '4', presences: [] })
    const failure = { code: 'InvalidOperation', reason: 'Invalid Operation', detail: 'Two parties.' } as const
    await a.tell({ news: 'notAdded', rid: '5', confId: 1, uris: ['sip:carl@demo'], failure })
    expect((await a.since(begin.a)).map((line) => line.replace(/^\d+ /, ''))).toEqual([
      `userPresence ${JSON.stringify(presences)}`,
      'requestSucceeded 3',
      'requestSucceeded 4',
      '[1] inviteFailed sip:carl@demo',
      'requestFailed 5 InvalidOperation',
    ])
  })

  const failure = { code: 'InvalidOperation', reason: 'r', detail: 'd' }
  test.each([
    'no JSON',
    'null',
    '[]',
    '"x"',
    '{}',
    '{"news":"succeeded"}',
    '{"news":"succeeded","rid":3}',
    '{"news":"succeeded","rid":"3","presences":[{"uri":"x"}]}',
    '{"news":"succeeded","rid":"3","presences":7}',
    '{"news":"other","rid":"3"}',
    JSON.stringify({ news: 'notInvited', rid: '3', uris: [], failure }),
    JSON.stringify({ news: 'notInvited', rid: '3', confId: 1, uris: 'x', failure }),
    JSON.stringify({ news: 'notInvited', rid: '3', confId: 1, uris: [1], failure }),
    JSON.stringify({ news: 'notAdded', rid: '3', confId: 1, uris: [], failure: { ...failure, code: 'toString' } }),
    JSON.stringify({ news: 'notAdded', rid: '3', confId: 1, uris: [], failure: { ...failure, sip: { code: '1' } } }),
  ])('[UC-32] %s is no news', async (content) => {
    const { a, bench, agents } = await cwaPair()
    const { person } = agents.anna
    await bench.tserver.request({ request: 'TSendUserEvent', person, client: { id: 'cwa:11', content } })
    const good = JSON.stringify({ news: 'succeeded', rid: '3' })
    for (const id of ['cwa:1', 'cwa:111', 'CWA:11', 'x'])
      await bench.tserver.request({ request: 'TSendUserEvent', person, client: { id, content: good } })
    expect(await a.since(2)).toEqual([])
  })
})

describe('what says nothing', () => {
  test('[UC-20] agent states, registrations and user data', async () => {
    const { a, agents, bench, callUUID, begin } = await talkingPair()
    const { person, dn: thisDN } = agents.anna
    await bench.tserver.request({ request: 'TAgentSetReady', person, thisDN })
    await bench.tserver.request({ request: 'TAgentSetNotReady', person, thisDN })
    await bench.tserver.request({ request: 'TAttachUserData', person, callUUID, userData: { Subject: 'else' } })
    expect(await a.since(begin.a)).toEqual([])
    expect((await agents.anna.feed()).at(-1)?.event.event).toBe('EventAttachedDataChanged')
  })

  test('[UC-20] events of a call that is not the conversation, and tags that are none', async () => {
    const { a, agents, begin, callUUID } = await talkingPair()
    await a.terminate('3')
    const feed = await agents.anna.feed()
    const { offset } = feed.at(-1) ?? { offset: 0 }
    const other = '0000000000000000000000000000000A' as never
    const strange = feed.flatMap(({ event }) =>
      'callUUID' in event ? [{ ...event, callUUID: other } as FeedEvent] : [],
    )
    const now = await a.now()
    // Without a beginning there is no conversation; with one there is no second.
    const talk = { ...(now.talk ?? { confId: 1, callUUID, state: 'connected', held: true, log: 0 }) } as never
    for (const [before, events] of [
      [now, strange.filter(({ event }) => event !== 'EventDialing')],
      [{ ...now, talk }, strange],
    ] as const) {
      let at = before
      events.forEach((event, i) => {
        const entry: FeedEntry = { offset: offset + i + 1, event, log: i }
        const { after, events: told } = project(at, entry, a.viewer)
        expect(told.filter((one) => 'confId' in one)).toEqual([])
        at = after
      })
      expect(at.talk).toEqual(before.talk)
    }
    for (const cwa of ['', '{', 'null', '7', '{"sid":"11","rid":"3"}']) {
      const event = {
        ...feed.find((entry) => entry.event.event === 'EventDialing')?.event,
        reasons: { cwa },
      } as FeedEvent
      const { after } = project({ ...now, talk: null }, { offset: offset + 1, event }, a.viewer)
      expect(after.talk).toMatchObject({ held: false, confId: 2 })
    }
    expect(begin.a).toBeGreaterThan(0)
  })
})
