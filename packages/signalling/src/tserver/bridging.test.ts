import { describe, expect, test } from 'vitest'
import { type SipBench, sipBench } from '../testing/index.ts'
import type { CallUUID, DNumber } from './ids.ts'
import type { FeedEntry } from './ports.ts'
import { legID } from './sip-leg.ts'
import type { Taken } from './t-server.ts'

const refusal = (code: number, text: RegExp = /./) =>
  expect.objectContaining({ code, message: expect.stringMatching(text) })
/** The answer to the same text again. */
const again = (first: Taken) => ({ ...first, text: { ...first.text, repeated: true } })
const names = (entries: readonly FeedEntry[]) => entries.map(({ event }) => event.event)
const uuid = ({ callUUID }: Taken): CallUUID => {
  if (callUUID === undefined) throw new Error('no call')
  return callUUID
}

/** Anna is logged in. */
async function open(
  setUp: Parameters<typeof sipBench>[0] = {},
): Promise<SipBench & { anna: ReturnType<SipBench['agent']> }> {
  const made = sipBench(setUp)
  const anna = made.agent('anna')
  await anna.logIn()
  return { ...made, anna }
}

describe('an agent who calls an endpoint', () => {
  test('[BR-1] [BR-2] rings it at its owner, and the endpoint answers', async () => {
    const { anna, endpoint, legEvents, callOf } = await open()
    const call = await anna.call('8001', { userData: { topic: 'bill' } })
    expect(names(await legEvents())).toEqual(['EventRinging'])
    expect((await legEvents())[0]?.event).toMatchObject({
      thisDN: '8001',
      otherDN: '7001',
      userData: { topic: 'bill' },
    })
    expect((await callOf(call)).parties[1]).toMatchObject({
      leg: 'sip',
      agent: null,
      sip: { owner: 'n1', mode: 'auto', trunk: null, uri: 'sip:8001@im.example' },
    })
    expect(await anna.saw()).toEqual(['EventDialing'])
    const { call: answered } = await endpoint('8001').input(call, { input: 'answered', mode: 'session' })
    expect(answered?.parties.map((p) => [p.state, p.sip?.mode])).toEqual([
      ['connected', undefined],
      ['connected', 'session'],
    ])
    expect(await anna.saw()).toEqual(['EventDialing', 'EventEstablished'])
    expect(names(await legEvents())).toEqual(['EventRinging', 'EventEstablished'])
  })

  test('[BR-1] the events of a DN with a SIP leg and an agent go to both', async () => {
    const { anna, agent, legEvents } = await open({ options: { '8004': { 'sip-signaling-chat': 'msrp' } } })
    const carl = agent('carl')
    await carl.logIn()
    const call = await anna.call('8004')
    expect(await carl.saw()).toEqual(['EventRinging'])
    expect((await carl.feed()).at(-1)?.event).toMatchObject({ extensions: { autoAnswer: true } })
    expect(names(await legEvents('8004'))).toEqual(['EventRinging'])
    await carl.release(call)
    expect(await carl.saw()).toEqual(['EventRinging', 'EventReleased'])
    expect(names(await legEvents('8004'))).toEqual(['EventRinging', 'EventReleased'])
  })

  test('[BR-2] the endpoint answers, not its agent; and the agent is in the session', async () => {
    const { anna, agent, tserver } = await open({ options: { '8004': { 'sip-signaling-chat': 'msrp' } } })
    const carl = agent('carl')
    await carl.logIn()
    const callUUID = await anna.call('8004')
    await expect(tserver.request({ request: 'TAnswerCall', person: carl.person, callUUID })).rejects.toEqual(
      refusal(51),
    )
    expect((await tserver.session(carl.person))?.callUUID).toBe(callUUID)
    const ben = agent('ben')
    await ben.logIn()
    await expect(ben.call('8004')).rejects.toEqual(refusal(93))
  })

  test('[BR-2] an agent on a DN with a SIP leg calls from the endpoint only', async () => {
    const { agent, endpoint, tserver } = await open()
    const carl = agent('carl')
    await carl.logIn()
    await expect(carl.call('7001')).rejects.toEqual(refusal(51))
    const made = await endpoint('8004').invites('7001')
    expect((await tserver.session(carl.person))?.callUUID).toBe(made.callUUID)
    expect(await carl.saw()).toEqual(['EventDialing', 'EventEstablished'])
  })

  test('[BR-2] in pager mode it is established at once, by the node that has its connection', async () => {
    const { anna, legEvents, told } = await open()
    told.set('8003', { node: 'n2' })
    const call = await anna.call('8003')
    await anna.say(call, 'hello')
    expect(await anna.saw()).toEqual(['EventDialing', 'EventEstablished', 'EventACK'])
    expect(await legEvents('8003')).toEqual([])
    expect(names(await legEvents('8003', 'n2'))).toEqual(['EventRinging', 'EventEstablished', 'EventPrivateInfo'])
  })

  for (const [status, callState, why] of [
    [486, 'Busy', 'busy'],
    [600, 'Busy', 'busy'],
    [603, 'Busy', 'rejected'],
    [408, 'NoAnswer', 'noAnswer'],
    [480, 'NoAnswer', 'noAnswer'],
    [404, 'SitInvalidnum', 'invalidNumber'],
    [503, 'SitVacant', 'unreachable'],
    [488, 'GeneralError', 'failed'],
  ] as const)
    test(`[BR-2] is refused with ${status}: ${callState}, ${why}`, async () => {
      const { anna, endpoint, tserver } = await open()
      const call = await anna.call('8001')
      await endpoint('8001').input(call, { input: 'refused', status, reason: 'Not\r\nnow' })
      expect(await anna.saw()).toEqual(['EventDialing', 'EventDestinationBusy', 'EventReleased'])
      expect((await anna.feed()).at(-1)?.event).toMatchObject({
        callState,
        extensions: { end: { by: '8001', why, sip: { status, reason: 'Not now' } } },
      })
      expect(await tserver.session(anna.person)).toBeUndefined()
    })

  test('[BR-2] gives up, or the no-answer time passes: the leg is told', async () => {
    const { anna, legEvents, clock, tserver } = await open()
    await anna.release(await anna.call('8001'))
    expect(names(await legEvents())).toEqual(['EventRinging', 'EventAbandoned'])
    tserver.start()
    await anna.call('8001')
    for (let s = 0; s < 62; s++) {
      clock.advance(500)
      await new Promise(setImmediate)
    }
    await tserver.stop()
    expect(names(await legEvents())).toEqual(['EventRinging', 'EventAbandoned', 'EventRinging', 'EventReleased'])
    expect((await anna.feed()).at(-1)?.event).toMatchObject({ callState: 'NoAnswer' })
  })

  test('[BR-3] that cannot be reached is told so; with store-and-forward the texts wait', async () => {
    const { anna, told, legEvents, callOf } = await open({
      options: { '8003': { 'store-and-forward': 'yes' }, '8002': { 'store-and-forward': 'yes' } },
    })
    for (const number of ['8001', '8002', '8003']) told.set(number, { reachable: false })
    for (const number of ['8001', '8002']) {
      await anna.call(number)
      expect((await anna.feed()).at(-1)?.event).toMatchObject({ event: 'EventReleased', callState: 'SitVacant' })
    }
    const call = await anna.call('8003')
    await anna.say(call, 'for later')
    expect((await callOf(call)).parties[1]?.sip).toMatchObject({ mode: 'pager', owner: 'n1' })
    expect(names(await legEvents())).toEqual(['EventRinging', 'EventEstablished', 'EventPrivateInfo'])
  })

  test('[BR-4] behind a trunk is called by its number', async () => {
    const { anna, callOf, endpoint } = await open()
    const call = await anna.call('0123')
    expect(await callOf(call)).toMatchObject({
      callType: 'Outbound',
      parties: [{ dn: '7001' }, { dn: '0123', agent: null, sip: { trunk: 'T', uri: 'sip:0123@im.example' } }],
    })
    await endpoint('0123').input(call, { input: 'answered', mode: 'session' })
    expect(await anna.saw()).toEqual(['EventDialing', 'EventEstablished'])
  })

  test('[BR-4] without a trunk that carries IM the number is invalid', async () => {
    const { anna } = await open({ options: { T: { multimedia: 'false' } } })
    for (const number of ['0123', '9', 'bad number']) {
      await anna.call(number)
      expect((await anna.feed()).at(-1)?.event).toMatchObject({ event: 'EventReleased', callState: 'SitInvalidnum' })
    }
    await expect(anna.call('T')).rejects.toEqual(refusal(51))
  })
})

describe('an endpoint that calls', () => {
  test('[BR-5] an agent with auto-answer: the leg is established in the same commit', async () => {
    const { anna, endpoint, legEvents } = await open()
    const { call } = await endpoint('8001').invites('7001', { userData: { a: '1' } })
    expect(call?.parties.map((p) => p.state)).toEqual(['connected', 'connected'])
    expect(call?.callType).toBe('Internal')
    expect(await anna.saw()).toEqual(['EventRinging', 'EventEstablished'])
    expect((await anna.feed()).at(-1)?.event).toMatchObject({ otherDN: '8001', ani: '8001', userData: { a: '1' } })
    expect(names(await legEvents('8001'))).toEqual(['EventDialing', 'EventEstablished'])
  })

  test('[BR-5] through a trunk is Inbound, and the agent answers', async () => {
    const { anna, endpoint, legEvents, tserver, callOf } = await open({ options: { '7001': { 'auto-answer': 'no' } } })
    const callUUID = uuid(await endpoint('0555', { trunk: 'T' }).invites('7001'))
    expect(await callOf(callUUID)).toMatchObject({ callType: 'Inbound', parties: [{ dn: '0555', agent: null }, {}] })
    expect((await anna.feed()).at(-1)?.event).toMatchObject({ extensions: { autoAnswer: false } })
    await tserver.request({ request: 'TAnswerCall', person: anna.person, callUUID })
    expect(names(await legEvents('0555'))).toEqual(['EventDialing', 'EventEstablished'])
  })

  test('[BR-5] is refused by the agent', async () => {
    const { anna, endpoint, legEvents } = await open({ options: { '7001': { 'auto-answer': 'no' } } })
    await anna.release(uuid(await endpoint('8001').invites('7001')))
    expect(names(await legEvents('8001'))).toEqual(['EventDialing', 'EventDestinationBusy', 'EventReleased'])
    expect((await legEvents('8001')).at(-1)?.event).toMatchObject({
      callState: 'Busy',
      extensions: { end: { why: 'rejected' } },
    })
  })

  test('[BR-5] another endpoint: both sides are legs', async () => {
    const { endpoint, legEvents } = await open()
    const call = uuid(await endpoint('8001').invites('8002'))
    await endpoint('8002').input(call, { input: 'answered', mode: 'session' })
    await endpoint('8001').says(call, 'hi')
    expect(names(await legEvents('8001'))).toEqual(['EventDialing', 'EventEstablished'])
    expect(names(await legEvents('8002'))).toEqual(['EventRinging', 'EventEstablished', 'EventPrivateInfo'])
  })

  test('[BR-16] and cancels: the agent sees EventAbandoned; a second end changes nothing', async () => {
    const { anna, endpoint, callOf } = await open({ options: { '7001': { 'auto-answer': 'no' } } })
    const caller = endpoint('8001')
    const call = uuid(await caller.invites('7001'))
    await caller.input(call, { input: 'released', why: 'abandoned' })
    expect(await anna.saw()).toEqual(['EventRinging', 'EventAbandoned'])
    await caller.input(call, { input: 'released', why: 'lost' })
    expect((await callOf(call)).end).toMatchObject({ by: '8001', why: 'abandoned' })
  })

  test('[BR-6] is refused where the call cannot begin, and nothing changes', async () => {
    const { anna, agent, endpoint, told, store } = await open()
    const from = endpoint('8001')
    const outside = endpoint('0555', { trunk: 'T' })
    await expect(endpoint('8999').invites('7001')).rejects.toEqual(refusal(59))
    await expect(endpoint('7002').invites('7001')).rejects.toEqual(refusal(51))
    await expect(endpoint('T').invites('7001')).rejects.toEqual(refusal(51))
    await expect(endpoint('0555', { trunk: '8002' }).invites('7001')).rejects.toEqual(refusal(51))
    await expect(endpoint('7002', { trunk: 'T' }).invites('7001')).rejects.toEqual(refusal(41))
    await expect(from.invites('9999')).rejects.toEqual(refusal(59))
    await expect(outside.invites('0666')).rejects.toEqual(refusal(59))
    await expect(from.invites('7002')).rejects.toEqual(refusal(187))
    told.set('8002', { reachable: false })
    await expect(from.invites('8002')).rejects.toEqual(refusal(58))
    await expect(from.invites('8001')).rejects.toEqual(refusal(223))
    await expect(endpoint('a b', { trunk: 'T' }).invites('7001')).rejects.toEqual(refusal(223))
    await expect(from.messages('7001', '')).rejects.toEqual(refusal(223))
    await expect(from.messages('7001', 'x', { wants: { imdnID: 'x'.repeat(256) } })).rejects.toEqual(refusal(223))
    await expect(from.messages('7001', 'x'.repeat(16_385))).rejects.toEqual(refusal(53))
    const big = { userData: { big: 'x'.repeat(16_000) } }
    await expect(from.invites('7001', big)).rejects.toEqual(refusal(53))
    await expect(from.messages('7001', 'hi', big)).rejects.toEqual(refusal(53))
    const ben = agent('ben')
    await ben.logIn()
    await ben.call('7001')
    await expect(from.invites('7001')).rejects.toEqual(refusal(93))
    await expect(from.messages('7001', 'x')).rejects.toEqual(refusal(93))
    const carl = agent('carl')
    await carl.logIn()
    await endpoint('8004').invites('8003')
    await expect(endpoint('8004').invites('8001')).rejects.toEqual(refusal(93))
    expect((await store.countCalls()).dialing).toBe(0)
    expect((await anna.saw()).slice(2)).toEqual([])
  })
})

describe('a MESSAGE', () => {
  test('[BR-7] makes a session with its text in one commit, and the next belongs to it, from any node', async () => {
    const { anna, endpoint, store, tserver } = await open()
    const first = await endpoint('8003').messages('7001', 'one')
    expect(first).toMatchObject({ text: { position: 1 }, delivery: 'agent' })
    expect(first.call?.parties.map((p) => p.state)).toEqual(['connected', 'connected'])
    const second = await endpoint('8003', { node: 'n2' }).messages('7001', 'two')
    const third = await endpoint('8003').messages('7001', 'three')
    expect([second.callUUID, third.callUUID]).toEqual([first.callUUID, first.callUUID])
    expect(await anna.saw()).toEqual(['EventRinging', 'EventEstablished', ...Array(3).fill('EventPrivateInfo')])
    const { records } = await store.read({ records: [{ kind: 'call', id: uuid(first) }], claims: [] })
    expect(records[0]?.version).toBe(1)
    const log = await tserver.transcript(anna.person, uuid(first), 0, 10)
    expect(log?.map(({ text }) => text.body)).toEqual(['one', 'two', 'three'])
  })

  test('[BR-7] is shown to the agent who has not answered yet', async () => {
    const { anna, endpoint, tserver } = await open({ options: { '7001': { 'auto-answer': 'no' } } })
    const callUUID = uuid(await endpoint('8003').messages('7001', 'one'))
    await endpoint('8003').messages('7001', 'two')
    expect(await anna.saw()).toEqual(['EventRinging', 'EventPrivateInfo', 'EventPrivateInfo'])
    await expect(anna.say(callUUID, 'too early')).rejects.toEqual(refusal(93))
    await tserver.request({ request: 'TAnswerCall', person: anna.person, callUUID })
    await anna.say(callUUID, 'here I am')
    expect((await anna.saw()).slice(3)).toEqual(['EventEstablished', 'EventACK'])
  })

  test('[BR-7] belongs to the session an agent has begun, and to no other', async () => {
    const { anna, endpoint } = await open()
    const call = await anna.call('8003')
    expect((await endpoint('8003').messages('7001', 'hi')).callUUID).toBe(call)
    await expect(endpoint('8001').messages('7001', 'hi')).rejects.toEqual(refusal(93))
    // The number is the same, the person behind the trunk is another one.
    await anna.release(call)
    const outside = await endpoint('0123', { trunk: 'T' }).messages('7001', 'hi')
    expect(outside.call).toMatchObject({ callType: 'Inbound' })
  })

  test('[BR-7] of who was called through a trunk by another number belongs to the session, and comes twice', async () => {
    const { anna, endpoint, told } = await open()
    told.set('0123', { uri: 'sip:%2B49123@gw.example:5070' })
    const call = await anna.call('0123')
    await endpoint('0123').input(call, { input: 'answered', mode: 'pager' })
    const far = endpoint('+49123', { trunk: 'T' })
    const first = await far.messages('7001', 'hi', { id: 'm1' })
    expect(first).toEqual({ callUUID: call, text: first.text, delivery: 'agent' })
    expect(await far.messages('7001', 'hi', { id: 'm1' })).toEqual(again(first))
    expect((await anna.feed()).at(-1)?.event).toMatchObject({ extensions: { text: { from: '0123' } } })
    await expect(endpoint('+49124', { trunk: 'T' }).messages('7001', 'hi')).rejects.toEqual(refusal(93))
  })

  test('[BR-7] between endpoints finds their session; the agent of one of them is in it', async () => {
    const { endpoint, agent, legEvents, tserver } = await open()
    const one = await endpoint('8001').messages('8003', 'a')
    expect(one.delivery).toBe('leg')
    const back = await endpoint('8003').messages('8001', 'b')
    expect(back.callUUID).toBe(one.callUUID)
    expect(names(await legEvents('8001'))).toEqual(['EventDialing', 'EventEstablished', 'EventPrivateInfo'])
    const carl = agent('carl')
    await carl.logIn()
    const made = await endpoint('8004').messages('8002', 'c')
    expect((await tserver.session(carl.person))?.callUUID).toBe(made.callUUID)
    // Towards MSRP the call has to be answered first; what was said until then is in the log.
    expect(names(await legEvents('8002'))).toEqual(['EventRinging', 'EventPrivateInfo'])
    await endpoint('8004').messages('8002', 'd')
    expect(await carl.saw()).toEqual(['EventDialing', 'EventACK', 'EventACK'])
  })

  test('[BR-9] two endpoints have one session with each other', async () => {
    const { endpoint } = await open()
    const call = uuid(await endpoint('8001').invites('8003'))
    await expect(endpoint('8001').invites('8003')).rejects.toEqual(refusal(93))
    await expect(endpoint('8003').invites('8001')).rejects.toEqual(refusal(93))
    await endpoint('8003').input(call, { input: 'released', why: 'completed' })
    await expect(endpoint('8003').invites('8001')).resolves.toBeDefined()
  })

  test('[BR-12] the session ends when nobody has written for long, and no sooner', async () => {
    const { anna, endpoint, clock, tserver, other, callOf, legEvents } = await open({
      options: { '8003': { 'im-idle-timeout': '60' } },
    })
    tserver.start()
    other.tserver.start()
    const pass = async (seconds: number) => {
      for (let s = 0; s < seconds; s++) {
        clock.advance(1_000)
        await new Promise(setImmediate)
      }
    }
    const call = uuid(await endpoint('8003').messages('7001', 'one'))
    await pass(50)
    await anna.say(call, 'two')
    await pass(55)
    expect((await callOf(call)).end).toBeUndefined()
    await pass(7)
    await tserver.stop()
    await other.tserver.stop()
    expect((await callOf(call)).end).toMatchObject({ by: null, why: 'idle' })
    expect(names(await legEvents('8003')).at(-1)).toBe('EventReleased')
    expect(await tserver.session(anna.person)).toBeUndefined()
  })
})

test('[BR-12] a session stays as long as a text waits in it for an endpoint to come back', async () => {
  const { anna, clock, tserver, callOf, told, store } = await open({
    options: { '8003': { 'im-idle-timeout': '60', 'store-and-forward': 'true' } },
  })
  told.set('8003', { reachable: false })
  tserver.start()
  const pass = async (seconds: number) => {
    for (let s = 0; s < seconds; s++) {
      clock.advance(1_000)
      await new Promise(setImmediate)
    }
  }
  const callUUID = await anna.call('8003')
  await anna.say(callUUID, 'for later')
  await pass(200)
  expect((await callOf(callUUID)).end).toBeUndefined()
  const id = legID(callUUID, '8003' as DNumber)
  const value = { callUUID, dn: '8003' as DNumber, owner: 'n1', delivered: 1, dialog: null }
  await store.commit({
    expect: [{ kind: 'leg', id, version: 0 }],
    put: [{ kind: 'leg', id, value }],
    claims: [],
    feeds: [],
    timers: { set: [], cancel: [] },
  })
  await pass(62)
  await tserver.stop()
  expect((await callOf(callUUID)).end).toMatchObject({ why: 'idle' })
})

describe('texts and legs', () => {
  test('[BR-15] are one transcript, in the order of acceptance', async () => {
    const { anna, endpoint, tserver } = await open()
    const far = endpoint('8001')
    const call = uuid(await far.invites('7001'))
    await far.says(call, 'grüße ☎')
    await anna.say(call, 'hello')
    await far.says(call, 'bye')
    const log = await tserver.transcript(anna.person, call, 0, 10)
    expect(log?.map(({ position, text }) => [position, text.from, text.body])).toEqual([
      [1, '8001', 'grüße ☎'],
      [2, '7001', 'hello'],
      [3, '8001', 'bye'],
    ])
  })

  test('[BR-15] repeated are accepted once, also after the end; no EventACK goes to a leg', async () => {
    const { anna, endpoint, legEvents } = await open()
    const far = endpoint('8001')
    const call = uuid(await far.invites('7001'))
    const first = await far.says(call, 'once', 'm1')
    expect(first.delivery).toBe('agent')
    expect(await far.says(call, 'once', 'm1')).toEqual(again(first))
    await expect(far.says(call, 'twice', 'm1')).rejects.toEqual(refusal(223))
    await anna.release(call)
    expect(await far.says(call, 'once', 'm1')).toEqual(again(first))
    await expect(far.says(call, 'late')).rejects.toEqual(refusal(93))
    expect(names(await legEvents('8001'))).not.toContain('EventACK')
    expect((await anna.saw()).filter((event) => event === 'EventPrivateInfo')).toHaveLength(1)
  })

  test('[BR-15] a MESSAGE that comes twice is accepted once', async () => {
    const { anna, endpoint } = await open()
    const first = await endpoint('8003').messages('7001', 'once', { id: 'm1' })
    const second = await endpoint('8003', { node: 'n2' }).messages('7001', 'once', { id: 'm1' })
    expect([second.callUUID, second.text, second.delivery]).toEqual([first.callUUID, again(first).text, 'agent'])
    expect((await anna.saw()).filter((event) => event === 'EventPrivateInfo')).toHaveLength(1)
  })

  test('[BR-16] what comes late changes nothing; a lost leg ends the call with failed', async () => {
    const { anna, endpoint, callOf } = await open()
    const far = endpoint('8001')
    const call = await anna.call('8001')
    await far.input(call, { input: 'answered', mode: 'session' })
    expect(await far.input(call, { input: 'answered', mode: 'pager' })).toEqual({ callUUID: call })
    expect(await far.input(call, { input: 'refused', status: 486, reason: '' })).toEqual({ callUUID: call })
    await far.input(call, { input: 'released', why: 'lost', reason: 'no answer to a re-INVITE' })
    expect((await callOf(call)).end).toMatchObject({
      by: '8001',
      why: 'failed',
      sip: { reason: 'no answer to a re-INVITE' },
    })
  })

  test('[BR-10] composing goes to the other party, unless it is switched off', async () => {
    for (const off of [undefined, '7001', '8001']) {
      const { anna, endpoint, legEvents, tserver } = await open(
        off ? { options: { [off]: { 'im-composing': 'no' } } } : {},
      )
      const far = endpoint('8001')
      const callUUID = uuid(await far.invites('7001'))
      await far.input(callUUID, { input: 'composing', state: 'active', refreshSeconds: 60 })
      const compose = (body: string) =>
        tserver.request({
          request: 'TPrivateService',
          person: anna.person,
          callUUID,
          serviceID: 6,
          contentType: 'text/plain',
          body,
        })
      await compose('idle')
      await expect(compose('busy')).rejects.toEqual(refusal(223))
      const agentsView = (await anna.feed()).map((e) => e.event).filter((e) => e.event === 'EventUserEvent')
      const legsView = (await legEvents('8001')).map((e) => e.event).filter((e) => e.event === 'EventUserEvent')
      if (off) expect([agentsView, legsView]).toEqual([[], []])
      else
        expect([agentsView, legsView]).toMatchObject([
          [{ thisDN: '7001', extensions: { composing: { from: '8001', state: 'active', refreshSeconds: 60 } } }],
          [{ thisDN: '8001', extensions: { composing: { from: '7001', state: 'idle' } } }],
        ])
    }
  })

  test('[BR-11] reports go to who sent the text, also after the end', async () => {
    const { anna, endpoint, legEvents, tserver } = await open()
    const far = endpoint('8001')
    const callUUID = uuid(await far.invites('7001'))
    await far.says(callUUID, 'hi', 'm1', { delivered: true, displayed: true, imdnID: 'x' })
    await tserver.request({
      request: 'TPrivateService',
      person: anna.person,
      callUUID,
      serviceID: 7,
      contentType: 'text/plain',
      body: '',
      messageID: 'm1' as never,
    })
    const { text } = await anna.say(callUUID, 'hello')
    if (!text) throw new Error('no text')
    await far.input(callUUID, { input: 'report', messageID: text.messageID, outcome: 'delivered' })
    await anna.release(callUUID)
    const failed = {
      input: 'report',
      messageID: text.messageID,
      outcome: 'failed',
      status: 481,
      reason: 'gone',
    } as const
    await far.input(callUUID, failed)
    const receipts = (entries: readonly FeedEntry[]) =>
      entries.flatMap(({ event }) => (event.event === 'EventReturnReceipt' ? [event.extensions.receipt] : []))
    expect(receipts(await legEvents('8001'))).toEqual([
      { messageID: 'm1', outcome: 'delivered', from: '7001' },
      { messageID: 'm1', outcome: 'displayed', from: '7001' },
    ])
    expect(receipts(await anna.feed())).toEqual([
      { messageID: text.messageID, outcome: 'delivered', from: '8001' },
      { messageID: text.messageID, outcome: 'failed', status: 481, reason: 'gone', from: '8001' },
    ])
  })

  test('[BR-11] reports are held back where the options say so, failures never', async () => {
    const { anna, endpoint, legEvents } = await open({
      options: { '7001': { 'im-delivery-reports': 'no' }, '8001': { 'im-display-reports': 'off' } },
    })
    const far = endpoint('8001')
    const callUUID = uuid(await far.invites('7001'))
    await far.says(callUUID, 'hi', 'm1', { delivered: true })
    for (const outcome of ['delivered', 'displayed', 'failed'] as const)
      await far.input(callUUID, { input: 'report', messageID: 'm2' as never, outcome })
    expect(names(await legEvents('8001'))).not.toContain('EventReturnReceipt')
    expect((await anna.feed()).map((e) => e.event).filter((e) => e.event === 'EventReturnReceipt')).toMatchObject([
      { extensions: { receipt: { outcome: 'failed' } } },
    ])
    await expect(far.input(callUUID, { input: 'report', messageID: '' as never, outcome: 'failed' })).rejects.toEqual(
      refusal(223),
    )
  })

  test('[BR-17] the options of the trunk hold for who is behind it', async () => {
    const { anna, endpoint } = await open({ options: { T: { 'im-composing': 'no', 'im-idle-timeout': '5' } } })
    const far = endpoint('0555', { trunk: 'T' })
    const call = uuid(await far.messages('7001', 'hi'))
    await far.input(call, { input: 'composing', state: 'active' })
    expect(await anna.saw()).not.toContain('EventUserEvent')
  })
})

describe('a leg and its node', () => {
  test('[BR-8] inputs of another node, or about another call, are refused', async () => {
    const { anna, endpoint, agent } = await open()
    const call = await anna.call('8001')
    const stranger = endpoint('8001', { node: 'n2' })
    await expect(stranger.input(call, { input: 'answered', mode: 'session' })).rejects.toEqual(refusal(56))
    await expect(endpoint('7001').input(call, { input: 'released', why: 'completed' })).rejects.toEqual(refusal(56))
    await expect(endpoint('8002').says(call, 'x')).rejects.toEqual(refusal(56))
    await expect(endpoint('8001').says('0'.repeat(32) as never, 'x')).rejects.toEqual(refusal(56))
    expect(await agent('ben').saw()).toEqual([])
  })

  test('[BR-8] a takeover shuts the former owner out, whatever it remembers', async () => {
    const { anna, endpoint, legEvents, store } = await open()
    const former = endpoint('8001')
    const next = endpoint('8001', { node: 'n2' })
    const call = uuid(await former.invites('7001'))
    await former.says(call, 'one')
    const { call: taken } = await next.input(call, { input: 'takenOver', from: 'n1' })
    expect(taken?.parties[0]?.sip?.owner).toBe('n2')
    expect(await next.input(call, { input: 'takenOver', from: 'n1' })).toEqual({ callUUID: call })
    await expect(former.says(call, 'two')).rejects.toEqual(refusal(56))
    await expect(former.input(call, { input: 'released', why: 'completed' })).rejects.toEqual(refusal(56))
    await expect(former.input(call, { input: 'takenOver', from: 'n3' })).rejects.toEqual(refusal(56))
    await next.says(call, 'two')
    await anna.say(call, 'three')
    expect(names(await legEvents('8001', 'n2'))).toEqual(['EventPrivateInfo'])
    expect((await store.readLog(call, 0, 10)).map(({ text }) => text.body)).toEqual(['one', 'two', 'three'])
    await anna.release(call)
    await expect(former.input(call, { input: 'takenOver', from: 'n2' })).rejects.toEqual(refusal(93))
  })

  test('[BR-8] a node that does not renew its lease is told to one that lives, until that has done its work', async () => {
    const told: string[] = []
    const errors: unknown[] = []
    const { clock, tserver, other, endpoint, legEvents } = sipBench({
      onLostNode: async (node) => {
        told.push(node)
        if (told.length === 1) throw new Error('not yet')
      },
      onError: (error) => errors.push(error),
    })
    tserver.start()
    other.tserver.start()
    const pass = async (seconds: number) => {
      for (let s = 0; s < seconds * 2; s++) {
        clock.advance(500)
        await new Promise(setImmediate)
      }
    }
    for (let i = 0; i < 5; i++) {
      await tserver.renewNode(3_000)
      await other.tserver.renewNode(3_000)
      await pass(2)
    }
    expect(told).toEqual([])
    await endpoint('8001').invites('8003')
    expect(names(await legEvents())).toHaveLength(4)
    await tserver.stop()
    for (let i = 0; i < 10; i++) {
      await other.tserver.renewNode(3_000)
      await pass(2)
    }
    await other.tserver.stop()
    expect(told).toEqual(['n1', 'n1'])
    // Nobody reads it any more.
    expect(names(await legEvents())).toHaveLength(1)
    expect(errors).toHaveLength(1)
  })
})
