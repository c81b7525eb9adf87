import { describe, expect, test } from 'vitest'
import { bench, demoDirectory, demoObjects } from '../testing/index.ts'
import type { DNObject } from './directory-objects.ts'
import type { CallUUID, DNumber } from './ids.ts'
import type { Accepted } from './t-server.ts'

const chat = { multimedia: 'true', 'sip-signaling-chat': 'none' }

/** The demo contact centre with other options on ben's DN, and more DNs. */
function centre(ben: Record<string, string> = {}, more: readonly DNObject[] = []) {
  const objects = demoObjects()
  const [anna, other] = objects.dns
  if (!anna || !other) throw new Error('the demo has two DNs')
  return demoDirectory({ ...objects, dns: [anna, { ...other, annex: { TServer: { ...chat, ...ben } } }, ...more] })
}

async function loggedIn(options: Parameters<typeof bench>[0] = {}) {
  const made = bench(options)
  const anna = made.agent('anna')
  const ben = made.agent('ben')
  await anna.logIn()
  await ben.logIn()
  return { ...made, anna, ben }
}

/** The answer to the same text again. */
const again = (first: Accepted) => ({ ...first, text: { ...first.text, repeated: true } })
const refusal = (code: number, text: RegExp = /./) =>
  expect.objectContaining({ code, message: expect.stringMatching(text) })

describe('an IM call', () => {
  test('[IM-5] is answered by the engine: one commit, in order', async () => {
    const { anna, ben, store } = await loggedIn()
    const order: string[] = []
    store.watchFeed(
      anna.person,
      (entries) => order.push(...entries.map((e) => `anna ${e.event.event}`)),
      () => {},
    )
    store.watchFeed(
      ben.person,
      (entries) => order.push(...entries.map((e) => `ben ${e.event.event}`)),
      () => {},
    )
    const callUUID = await anna.call('7002')
    expect(await anna.saw()).toEqual(['EventDialing', 'EventEstablished'])
    expect(await ben.saw()).toEqual(['EventRinging', 'EventEstablished'])
    expect(order).toHaveLength(4)
    const { records } = await store.read({ records: [{ kind: 'call', id: callUUID }], claims: [] })
    expect(records[0]?.version).toBe(1)
  })

  test('[IM-7] shows the data of TMakeCall in its first events, and both numbers with their roles', async () => {
    const { anna, ben } = await loggedIn()
    await anna.call('7002', { userData: { favColor: 'blue' } })
    const [ringing] = (await ben.feed()).map((e) => e.event).filter((e) => e.event === 'EventRinging')
    expect(ringing).toMatchObject({
      thisDN: '7002',
      thisDNRole: 'Destination',
      otherDN: '7001',
      otherDNRole: 'Origination',
      ani: '7001',
      dnis: '7002',
      callType: 'Internal',
      mediaType: 5,
      callState: 'Ok',
      userData: { favColor: 'blue' },
    })
    const [dialing] = (await anna.feed()).map((e) => e.event).filter((e) => e.event === 'EventDialing')
    expect(dialing).toMatchObject({ thisDN: '7001', userData: { favColor: 'blue' } })
  })

  test('[IM-2] is refused for a caller who is in one, and for a callee who is in one, with "Invalid state"', async () => {
    const directory = demoDirectory({
      ...demoObjects(),
      dns: [...demoObjects().dns, { number: '7003', switch: 'SIP_Switch', annex: { TServer: chat } }],
      places: [...demoObjects().places, { name: 'Place_7003', dns: ['7003'] }],
      agentLogins: [...demoObjects().agentLogins, { code: '5003', switch: 'SIP_Switch' }],
      persons: [...demoObjects().persons, { userName: 'carl', place: 'Place_7003', agentLogins: ['5003'] }],
    })
    const { anna, ben, agent } = await loggedIn({ directory })
    const carl = agent('carl')
    await carl.logIn()
    const first = await anna.call('7002')
    await expect(anna.call('7003')).rejects.toEqual(refusal(93, /Invalid state/))
    await expect(carl.call('7001')).rejects.toEqual(refusal(93, /Invalid state/))
    await expect(carl.call('7002')).rejects.toEqual(refusal(93, /Invalid state/))
    expect(await carl.saw()).toEqual([])
    await ben.release(first)
    await expect(carl.call('7002')).resolves.toMatch(/^[0-9A-V]{32}$/)
  })

  test('[IM-6] to a number that is not configured is dialled and comes back busy', async () => {
    const { anna, tserver } = await loggedIn()
    const callUUID = await anna.call('9999')
    expect(await anna.saw()).toEqual(['EventDialing', 'EventDestinationBusy', 'EventReleased'])
    const released = (await anna.feed()).at(-1)?.event
    expect(released).toMatchObject({
      callState: 'SitInvalidnum',
      extensions: { end: { by: null, why: 'invalidNumber' } },
    })
    expect(await tserver.session(anna.person)).toBeUndefined()
    expect((await tserver.call(anna.person, callUUID))?.end?.why).toBe('invalidNumber')
  })

  test('[IM-6] to a DN where nobody is logged in is dialled and comes back unreachable', async () => {
    const { agent } = bench()
    const anna = agent('anna')
    await anna.logIn()
    await anna.call('7002')
    expect((await anna.feed()).at(-1)?.event).toMatchObject({
      event: 'EventReleased',
      callState: 'SitVacant',
      extensions: { end: { why: 'unreachable' } },
    })
  })

  test('[IM-9] is refused without an event where it cannot begin', async () => {
    const { anna, agent, tserver } = await loggedIn({
      directory: centre({}, [{ number: '7009', switch: 'SIP_Switch' }]),
    })
    const before = (await anna.feed()).length
    await expect(anna.call('7009')).rejects.toEqual(refusal(51, /7009/))
    await expect(anna.call('7001')).rejects.toEqual(refusal(223))
    const from = (thisDN: string) =>
      tserver.request({
        request: 'TMakeCall',
        person: anna.person,
        thisDN: thisDN as DNumber,
        otherDN: '7002' as DNumber,
      })
    await expect(from('1')).rejects.toEqual(refusal(59))
    await expect(from('7002')).rejects.toEqual(refusal(41))
    await anna.logOut()
    await expect(anna.call('7002')).rejects.toEqual(refusal(185))
    expect((await anna.feed()).length).toBe(before + 1)
    expect(await agent('ben').saw()).toEqual([])
  })

  test('[IM-10] ends for both when either leaves, and says who and why', async () => {
    const { anna, ben, tserver } = await loggedIn()
    const callUUID = await anna.call('7002')
    await ben.release(callUUID)
    for (const agent of [anna, ben])
      expect((await agent.feed()).at(-1)?.event).toMatchObject({
        event: 'EventReleased',
        callState: 'Ok',
        extensions: { end: { by: '7002', why: 'completed' } },
      })
    await expect(anna.release(callUUID)).rejects.toEqual(refusal(93))
    expect(await tserver.session(anna.person)).toBeUndefined()
    expect(await tserver.session(ben.person)).toBeUndefined()
  })

  test('[IM-8] is nobody else’s: acting on it or reading it is as if it were not there', async () => {
    const { anna, ben, agent, tserver } = await loggedIn()
    const callUUID = await anna.call('7002')
    const admin = demoDirectory().personsByUserName.get('admin')
    if (!admin) throw new Error('the demo has an admin')
    const missing = '0'.repeat(32) as CallUUID
    await expect(anna.release(missing)).rejects.toEqual(refusal(56))
    await expect(tserver.request({ request: 'TReleaseCall', person: admin.id, callUUID })).rejects.toEqual(refusal(56))
    await expect(
      tserver.request({ request: 'TReleaseCall', person: anna.person, thisDN: ben.dn, callUUID }),
    ).rejects.toEqual(refusal(56))
    expect(await tserver.call(admin.id, callUUID)).toBeUndefined()
    expect(await tserver.transcript(admin.id, callUUID, 0, 10)).toBeUndefined()
    expect(await tserver.transcript(agent('ben').person, callUUID, 0, 10)).toEqual([])
  })
})

describe('an IM call that is not answered at once', () => {
  const manual = () => loggedIn({ directory: centre({ 'auto-answer': 'no', 'no-answer-timeout': '20' }) })

  test('[IM-5] waits for TAnswerCall', async () => {
    const { anna, ben, tserver } = await manual()
    const callUUID = await anna.call('7002')
    expect((await tserver.session(ben.person))?.parties.map((p) => p.state)).toEqual(['dialing', 'alerting'])
    await expect(anna.say(callUUID, 'too early')).rejects.toEqual(refusal(93))
    await expect(tserver.request({ request: 'TAnswerCall', person: anna.person, callUUID })).rejects.toEqual(
      refusal(93),
    )
    await tserver.request({ request: 'TAnswerCall', person: ben.person, callUUID })
    expect(await ben.saw()).toEqual(['EventRinging', 'EventEstablished'])
    expect(await anna.saw()).toEqual(['EventDialing', 'EventEstablished'])
  })

  test('[IM-3] a caller who leaves first is released, the callee abandoned', async () => {
    const { anna, ben } = await manual()
    await anna.release(await anna.call('7002'))
    expect(await anna.saw()).toEqual(['EventDialing', 'EventReleased'])
    expect(await ben.saw()).toEqual(['EventRinging', 'EventAbandoned'])
    expect((await ben.feed()).at(-1)?.event).toMatchObject({ extensions: { end: { by: '7001', why: 'abandoned' } } })
  })

  test('[IM-4] a callee who refuses makes the caller’s destination busy', async () => {
    const { anna, ben } = await manual()
    await ben.release(await anna.call('7002'))
    expect(await anna.saw()).toEqual(['EventDialing', 'EventDestinationBusy', 'EventReleased'])
    expect(await ben.saw()).toEqual(['EventRinging', 'EventReleased'])
    expect((await anna.feed()).at(-1)?.event).toMatchObject({
      callState: 'Busy',
      extensions: { end: { why: 'rejected' } },
    })
  })

  test('[IM-16] the no-answer limit ends it once, though two nodes look and the first one is gone', async () => {
    const { anna, ben, clock, tserver, other } = await manual()
    tserver.start()
    other.tserver.start()
    await anna.call('7002')
    await tserver.stop()
    for (let s = 0; s < 45; s++) {
      clock.advance(500)
      await new Promise(setImmediate)
    }
    await other.tserver.stop()
    expect(await anna.saw()).toEqual(['EventDialing', 'EventDestinationBusy', 'EventReleased'])
    expect(await ben.saw()).toEqual(['EventRinging', 'EventReleased'])
    expect((await anna.feed()).at(-1)?.event).toMatchObject({
      callState: 'NoAnswer',
      extensions: { end: { by: null } },
    })
    expect(await tserver.session(ben.person)).toBeUndefined()
  })

  test('[IM-16] a delayed answer comes when it is due, by the node that set it, and once', async () => {
    const { anna, ben, clock, tserver, other } = await loggedIn({ directory: centre({ 'auto-answer-delay': '200' }) })
    tserver.start()
    other.tserver.start()
    await anna.call('7002')
    expect(await ben.saw()).toEqual(['EventRinging'])
    clock.advance(199)
    await new Promise(setImmediate)
    expect(await ben.saw()).toEqual(['EventRinging'])
    clock.advance(1)
    await new Promise(setImmediate)
    expect(await ben.saw()).toEqual(['EventRinging', 'EventEstablished'])
    for (let s = 0; s < 80; s++) {
      clock.advance(500)
      await new Promise(setImmediate)
    }
    await tserver.stop()
    await other.tserver.stop()
    expect(await anna.saw()).toEqual(['EventDialing', 'EventEstablished'])
  })
})

describe('texts', () => {
  test('[IM-12] go to the log, to the other party and back to the sender, without a new version of the call', async () => {
    const { anna, ben, tserver, store } = await loggedIn()
    const callUUID = await anna.call('7002')
    const said = await anna.say(callUUID, 'hi ☎')
    await ben.say(callUUID, 'hello')
    expect(said.text?.position).toBe(1)
    expect((await ben.feed()).slice(-2).map((e) => [e.event.event, e.log])).toEqual([
      ['EventPrivateInfo', 1],
      ['EventACK', 2],
    ])
    expect((await anna.feed()).slice(-2).map((e) => [e.event.event, e.log])).toEqual([
      ['EventACK', 1],
      ['EventPrivateInfo', 2],
    ])
    const log = await tserver.transcript(ben.person, callUUID, 0, 10)
    expect(log?.map((e) => [e.position, e.text.from, e.text.body])).toEqual([
      [1, '7001', 'hi ☎'],
      [2, '7002', 'hello'],
    ])
    const { records } = await store.read({ records: [{ kind: 'call', id: callUUID }], claims: [] })
    expect(records[0]?.version).toBe(1)
  })

  test('[IM-13] with the same id are accepted once and answered alike, also after the end', async () => {
    const { anna, ben, clock } = await loggedIn()
    const callUUID = await anna.call('7002')
    const first = await anna.say(callUUID, 'once', 'm-1')
    clock.advance(1_000)
    expect(await anna.say(callUUID, 'once', 'm-1')).toEqual(again(first))
    await ben.release(callUUID)
    expect(await anna.say(callUUID, 'once', 'm-1')).toEqual(again(first))
    await expect(anna.say(callUUID, 'late', 'm-2')).rejects.toEqual(refusal(93))
    expect((await ben.saw()).filter((e) => e === 'EventPrivateInfo')).toHaveLength(1)
  })

  test('[IM-13] under an id that is taken by another text are refused, not lost', async () => {
    const { anna, ben } = await loggedIn()
    const callUUID = await anna.call('7002')
    await anna.say(callUUID, 'once', 'm-1')
    await expect(ben.say(callUUID, 'once', 'm-1')).rejects.toEqual(refusal(223, /m-1/))
    await expect(anna.say(callUUID, 'twice', 'm-1')).rejects.toEqual(refusal(223, /m-1/))
    await ben.release(callUUID)
    await expect(ben.say(callUUID, 'once', 'm-1')).rejects.toEqual(refusal(223))
    expect((await ben.saw()).filter((e) => e === 'EventPrivateInfo')).toHaveLength(1)
  })

  test('[IM-14] that cannot be sent are refused and leave nothing', async () => {
    const { anna, tserver } = await loggedIn()
    const callUUID = await anna.call('7002')
    const before = await anna.feed()
    await expect(anna.say(callUUID, '')).rejects.toEqual(refusal(223))
    await expect(anna.say(callUUID, '€'.repeat(5_462))).rejects.toEqual(refusal(53, /16384 bytes/))
    await expect(anna.say(callUUID, 'x', '')).rejects.toEqual(refusal(223))
    await expect(anna.say(callUUID, 'x', 'x'.repeat(129))).rejects.toEqual(refusal(223))
    await expect(
      tserver.request({
        request: 'TPrivateService',
        person: anna.person,
        callUUID,
        serviceID: 9,
        contentType: 'text/plain',
        body: 'x',
      }),
    ).rejects.toEqual(refusal(51))
    expect(await anna.feed()).toEqual(before)
    await anna.say(callUUID, '€'.repeat(5_461))
  })
})

describe('user data of a call', () => {
  test('[IM-11] both get the whole data and who changed them', async () => {
    const { anna, ben, tserver } = await loggedIn()
    const callUUID = await anna.call('7002', { userData: { a: '1' } })
    const on = { person: ben.person, callUUID }
    await tserver.request({ request: 'TAttachUserData', ...on, userData: { b: 2 } })
    await tserver.request({ request: 'TUpdateUserData', ...on, userData: { a: '3' } })
    await tserver.request({ request: 'TDeletePair', ...on, key: 'b' })
    await tserver.request({ request: 'TDeletePair', ...on, key: 'b' })
    await tserver.request({ request: 'TDeleteUserData', ...on })
    for (const agent of [anna, ben]) {
      const changes = (await agent.feed()).map((e) => e.event).filter((e) => e.event === 'EventAttachedDataChanged')
      expect(changes.map((e) => e.userData)).toEqual([{ a: '1', b: 2 }, { a: '3', b: 2 }, { a: '3' }, {}])
      expect(changes.every((e) => e.thirdPartyDN === '7002' && e.thisDN === agent.dn)).toBe(true)
    }
  })

  test('[IM-14] over the limit are refused, at the beginning and when they have grown', async () => {
    const { anna, tserver } = await loggedIn()
    const big = { big: 'x'.repeat(16_000) }
    await expect(anna.call('7002', { userData: big })).rejects.toEqual(refusal(53, /16000/))
    const callUUID = await anna.call('7002', { userData: { half: 'x'.repeat(9_000) } })
    await expect(
      tserver.request({
        request: 'TAttachUserData',
        person: anna.person,
        callUUID,
        userData: { more: 'x'.repeat(9_000) },
      }),
    ).rejects.toEqual(refusal(53))
  })
})

describe('two nodes', () => {
  test('[IM-17] a text on one node after user data on the other is decided on what is there', async () => {
    const { anna, ben, tserver, other } = await loggedIn()
    const callUUID = await anna.call('7002')
    await anna.say(callUUID, 'one')
    await other.tserver.request({ request: 'TAttachUserData', person: ben.person, callUUID, userData: { k: 'v' } })
    await anna.say(callUUID, 'two')
    await tserver.request({ request: 'TAttachUserData', person: ben.person, callUUID, userData: { l: 'w' } })
    expect((await tserver.session(anna.person))?.userData).toEqual({ k: 'v', l: 'w' })
  })

  test('[IM-17] a node that remembers an old call does not refuse from memory', async () => {
    const { anna, ben, tserver, other } = await loggedIn({ directory: centre({ 'auto-answer': 'off' }) })
    const callUUID = await anna.call('7002')
    await other.tserver.request({ request: 'TAnswerCall', person: ben.person, callUUID })
    await expect(anna.say(callUUID, 'hi')).resolves.toMatchObject({ text: { position: 1 } })
    await other.tserver.request({ request: 'TReleaseCall', person: ben.person, callUUID })
    await expect(anna.say(callUUID, 'hi')).rejects.toEqual(refusal(93))
    expect(await tserver.session(anna.person)).toBeUndefined()
  })
})
