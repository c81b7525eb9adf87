import type { FeedEntry } from '@ringdown/signalling'
import { afterEach, describe, expect, test } from 'vitest'
import { type LabSetUp, lab, labObjects } from '../testing/lab.ts'
import { deviceID } from './resource.ts'

let closing: (() => Promise<unknown>) | undefined
afterEach(() => closing?.())
async function open(setUp: LabSetUp = {}) {
  const made = await lab(setUp)
  closing = made.close
  return { ...made, anna: made.as('anna'), ben: made.as('ben') }
}

const initiate = { operationName: 'InitiateIMSession', destination: { phoneNumber: '7002' } }
const accepted = { statusCode: 0 }
const sends = (text: string, more = {}) => ({ operationName: 'SendMessage', text, ...more })
const names = (entries: readonly FeedEntry[]) => entries.map(({ event }) => event.event)

/** Both agents logged in and talking. */
async function talking(setUp: LabSetUp = {}, userData?: object) {
  const made = await open(setUp)
  await made.anna.start()
  await made.ben.start()
  expect((await made.anna.post('/me/im-sessions', { ...initiate, ...(userData && { userData }) })).json).toEqual(
    accepted,
  )
  const id = await made.callUUID('anna')
  return { ...made, id, session: `/me/im-sessions/${id}` }
}

/** The lab with these options in DN 7002's `[TServer]` section, and more DNs at Place_7001. */
function objectsWith({
  of7002 = {},
  more = [],
}: {
  of7002?: object
  more?: { number: string; tserver?: object; type?: string }[]
}) {
  const chat = { multimedia: 'true', 'sip-signaling-chat': 'none' }
  return {
    ...labObjects,
    dns: [
      ...labObjects.dns.map((dn) =>
        dn.number === '7002' ? { ...dn, annex: { TServer: { ...chat, ...of7002 } } } : dn,
      ),
      ...more.map(({ number, tserver = chat, type = 'Extension' }) => ({
        number,
        type,
        switch: 'SIP_Switch',
        annex: { TServer: tserver as Record<string, string> },
      })),
    ],
    places: labObjects.places.map((place) =>
      place.name === 'Place_7001' ? { ...place, dns: [...place.dns, ...more.map(({ number }) => number)] } : place,
    ),
  }
}
const byHand = objectsWith({ of7002: { 'auto-answer': 'false' } })

describe('an IM session', () => {
  test('[WS-4, WS-3] as the called agent sees it', async () => {
    const { ben, id } = await talking({}, { k: 'v', n: 5 })
    expect((await ben.get('/me/im-sessions?fields=*')).json).toEqual({
      statusCode: 0,
      imSessions: [
        {
          id,
          state: 'Talking',
          userData: { k: 'v', n: 5 },
          participants: [{ digits: '7001', e164Number: '7001', formattedPhoneNumber: '7001', phoneNumber: '7001' }],
          capabilities: ['SendMessage', 'AttachUserData', 'UpdateUserData', 'DeleteUserData', 'Complete'],
          path: `/im-sessions/${id}`,
          uri: `http://localhost:80/api/v2/im-sessions/${id}`,
        },
      ],
    })
  })

  test('[WS-2] as a list of uris, cut to fields, and filtered', async () => {
    const { anna, id } = await talking()
    const uri = `http://localhost:80/api/v2/im-sessions/${id}`
    expect((await anna.get('/me/im-sessions')).json).toEqual({ statusCode: 0, uris: [uri] })
    expect((await anna.get('/me/im-sessions?fields=id, state')).json.imSessions).toEqual([{ id, state: 'Talking' }])
    expect((await anna.get('/me/im-sessions?fields=id&state=Talking')).json.imSessions).toEqual([{ id }])
    expect((await anna.get('/me/im-sessions?fields=id&state=Talking&id=x')).json.imSessions).toEqual([])
    expect((await anna.get('/me/im-sessions?state=Alerting')).json.uris).toEqual([])
    expect((await anna.get('/me/im-sessions?nothing=x')).json.uris).toEqual([])
    expect((await anna.get(`/im-sessions/${id}?fields=state`)).json).toEqual({
      statusCode: 0,
      imSession: { state: 'Talking' },
    })
  })

  test('[WS-4] without one the list is empty', async () => {
    const { anna } = await open()
    expect((await anna.get('/me/im-sessions?fields=*')).json).toEqual({ statusCode: 0, imSessions: [] })
    expect((await anna.get('/me/im-sessions')).json).toEqual({ statusCode: 0, uris: [] })
  })

  test('[WS-30] an ended one leaves the list and can be read as long as it is kept', async () => {
    const { anna, ben, id, session, clock } = await talking()
    expect((await ben.post(`/im-sessions/${id}`, { operationName: 'Complete' })).json).toEqual(accepted)
    expect((await anna.get('/me/im-sessions')).json.uris).toEqual([])
    expect((await anna.get(session)).json.imSession).toMatchObject({
      state: 'Completed',
      capabilities: [],
      endedBy: '7002',
      endReason: 'completed',
    })
    const again = await anna.post(session, { operationName: 'Complete' })
    expect([again.http, again.json.statusCode]).toEqual([400, 2])
    clock.advance(24 * 3_600_000)
    expect((await anna.get(session)).json.statusCode).toBe(6)
  })

  test('[WS-30] nobody else sees it or acts on it', async () => {
    const { as, id } = await talking()
    const admin = as('admin')
    for (const path of [`/im-sessions/${id}`, `/me/im-sessions/${id}`, `/im-sessions/${id}/messages`])
      expect((await admin.get(path)).json.statusCode).toBe(6)
    const { objects } = { objects: labObjects }
    const cleo = { userName: 'cleo', passwordHash: objects.persons[0]?.passwordHash ?? '' }
    const other = await talking({ objects: { ...objects, persons: [...objects.persons, cleo] } })
    const outsider = other.app.inject({
      method: 'POST',
      url: `/api/v2/im-sessions/${other.id}`,
      headers: { authorization: `Basic ${btoa('cleo:anna')}` },
      payload: sends('let me in'),
    })
    expect((await outsider).json().statusCode).toBe(6)
  })

  test('[WS-26] a second session of either agent is Invalid state', async () => {
    const { anna, ben } = await talking()
    for (const [who, phoneNumber] of [
      [anna, '7002'],
      [ben, '7001'],
      [anna, '9999'],
    ] as const) {
      const answer = await who.post('/me/im-sessions', { ...initiate, destination: { phoneNumber } })
      expect([answer.http, answer.json.statusCode]).toEqual([400, 2])
      expect(answer.json.statusMessage).toContain('Invalid state')
    }
  })

  test('[WS-26] an unknown number, and one where nobody sits, end in Completed', async () => {
    const { anna, feed } = await open()
    await anna.start()
    for (const phoneNumber of ['9999', '7002'])
      expect((await anna.post('/me/im-sessions', { ...initiate, destination: { phoneNumber } })).json).toEqual(accepted)
    const call = ['EventDialing', 'EventDestinationBusy', 'EventReleased']
    expect(names(await feed('anna')).slice(-6)).toEqual([...call, ...call])
    expect((await anna.get('/me/im-sessions')).json.uris).toEqual([])
  })

  test('[WS-8] a number that cannot do IM is refused', async () => {
    const { anna } = await open({ objects: objectsWith({ of7002: { multimedia: 'false' } }) })
    await anna.start()
    const answer = await anna.post('/me/im-sessions', initiate)
    expect([answer.http, answer.json.statusCode]).toEqual([403, 3])
  })
})

describe('texts', () => {
  test('[WS-27] the answer has id, position and time', async () => {
    const { anna, session } = await talking()
    const { json } = await anna.post(session, sends('hi'))
    expect(json).toEqual({
      statusCode: 0,
      messageId: expect.stringMatching(/^[0-9a-f]{32}$/),
      position: 1,
      timestamp: '2026-01-01T00:00:00.000Z',
    })
  })

  test('[WS-27] as the documentation writes it, with destination and devicePath', async () => {
    const { anna, ben, session } = await talking()
    const more = { destination: { phoneNumber: '7002' }, devicePath: `/devices/${deviceID('demo', '7001' as never)}` }
    expect((await anna.post(session, sends('hi', more))).json.statusCode).toBe(0)
    const whole = `http://localhost:80/api/v2${more.devicePath}`
    expect((await anna.post(session, sends('hi', { devicePath: whole }))).json.statusCode).toBe(0)
    // Anna's device is not Ben's.
    const foreign = await ben.post(session, sends('hi', more))
    expect([foreign.http, foreign.json.statusCode]).toEqual([404, 6])
    for (const devicePath of ['/devices/x', '', 'x'])
      expect((await anna.post(session, sends('hi', { devicePath }))).json.statusCode).toBe(6)
  })

  test('[WS-27] another device of one’s own is as good', async () => {
    const more = [{ number: '7003', tserver: {}, type: 'ACD Position' }]
    const { anna, session } = await talking({ objects: objectsWith({ more }) })
    const devicePath = `/devices/${deviceID('demo', '7003' as never)}`
    expect((await anna.post(session, sends('hi', { devicePath }))).json.statusCode).toBe(0)
    expect((await anna.post('/me/im-sessions/x', sends('hi', { devicePath }))).json.statusCode).toBe(6)
  })

  test('[WS-27] the same id is accepted once, in the body or in the header', async () => {
    const { anna, ben, session, clock } = await talking()
    const first = (await anna.post(session, sends('one', { messageId: 'm-1' }))).json
    clock.advance(5_000)
    expect((await anna.post(session, sends('one', { messageId: 'm-1' }))).json).toEqual(first)
    expect((await anna.post(session, sends('one'), { 'idempotency-key': 'm-1' })).json).toEqual(first)
    const second = (await anna.post(session, sends('two'), { 'idempotency-key': 'm-2' })).json
    expect(second).toMatchObject({ messageId: 'm-2', position: 2 })
    expect((await ben.get(`${session}/messages`)).json.messages).toHaveLength(2)
    expect((await anna.post(session, sends('x', { messageId: 'x'.repeat(129) }))).json.statusCode).toBe(10)
    expect((await anna.post(session, sends('x'), { 'idempotency-key': 'x'.repeat(129) })).json.statusCode).toBe(10)
  })

  test('[WS-27] a text that cannot be kept as it is, or is too long, is refused', async () => {
    const { anna, session } = await talking()
    const refusedWith = async (text: string) => (await anna.post(session, sends(text))).json.statusCode
    expect(await refusedWith('')).toBe(10)
    expect(await refusedWith('half \ud83d')).toBe(10)
    expect(await refusedWith('x'.repeat(16_385))).toBe(10)
    expect(await refusedWith('whole \ud83d\ude00')).toBe(0)
  })

  test('[WS-27] none before the session talks or after it has ended', async () => {
    const { anna, session, ben } = await talking({ objects: byHand })
    for (const who of [anna, ben]) {
      const early = await who.post(session, sends('hi'))
      expect([early.http, early.json.statusCode]).toEqual([400, 2])
      expect(early.json.statusMessage).toContain('Invalid state')
    }
    await anna.post(session, { operationName: 'Complete' })
    expect((await anna.post(session, sends('hi'))).json.statusCode).toBe(2)
  })

  test('[WS-30] the transcript is the texts in their order, by pages, for both and after the end', async () => {
    const { anna, ben, session, clock } = await talking()
    for (let i = 1; i <= 5; i++) {
      clock.advance(1_500)
      await (i % 2 ? anna : ben).post(session, sends(`text ${i}`, { messageId: `m${i}` }))
    }
    await ben.post(session, { operationName: 'Complete' })
    const all = (await anna.get(`${session}/messages`)).json.messages
    expect(all[1]).toEqual({
      position: 2,
      messageId: 'm2',
      from: '7002',
      timestamp: '2026-01-01T00:00:03.000Z',
      timestampSeconds: 1_767_225_603,
      message: 'text 2',
    })
    expect(all.map(({ position }: { position: number }) => position)).toEqual([1, 2, 3, 4, 5])
    const page = (await ben.get(`${session.replace('/me', '')}/messages?after=2&limit=2`)).json.messages
    expect(page).toEqual(all.slice(2, 4))
    expect((await ben.get(`${session}/messages?after=5`)).json.messages).toEqual([])
    expect((await ben.get('/im-sessions/x/messages')).json.statusCode).toBe(6)
  })
})

describe('user data', () => {
  test('[WS-28] attach and update add and replace, delete takes one key; types are kept', async () => {
    const { anna, ben, session, feed } = await talking({}, { a: '1' })
    const data = async () => (await ben.get(session)).json.imSession.userData
    await anna.post(session, { operationName: 'AttachUserData', userData: { b: 2, c: null } })
    expect(await data()).toEqual({ a: '1', b: 2, c: null })
    await ben.post(session, { operationName: 'UpdateUserData', userData: { a: 'new', d: { e: [1] } } })
    expect(await data()).toEqual({ a: 'new', b: 2, c: null, d: { e: [1] } })
    await ben.post(session, { operationName: 'DeleteUserData', key: 'b' })
    expect(await data()).toEqual({ a: 'new', c: null, d: { e: [1] } })
    const before = names(await feed('anna')).length
    expect((await ben.post(session, { operationName: 'DeleteUserData', key: 'nothing' })).json).toEqual(accepted)
    expect(names(await feed('anna'))).toHaveLength(before)
    for (const key of ['a', 'c', 'd']) await ben.post(session, { operationName: 'DeleteUserData', key })
    expect((await ben.get(session)).json.imSession).not.toHaveProperty('userData')
  })

  test('[WS-28] without a key nothing is wiped', async () => {
    const { anna, session } = await talking({}, { a: '1' })
    const answer = await anna.post(session, { operationName: 'DeleteUserData' })
    expect([answer.http, answer.json]).toEqual([400, { statusCode: 1, statusMessage: 'key is missing' }])
    for (const operationName of ['AttachUserData', 'UpdateUserData'])
      expect((await anna.post(session, { operationName })).json.statusCode).toBe(1)
    expect((await anna.get(session)).json.imSession.userData).toEqual({ a: '1' })
  })

  test('[WS-8] over the limit they are refused', async () => {
    const { anna, session } = await talking()
    const userData = { a: 'x'.repeat(16_000) }
    const answer = await anna.post(session, { operationName: 'AttachUserData', userData })
    expect([answer.http, answer.json.statusCode]).toEqual([400, 10])
  })
})

describe('answering by hand', () => {
  test('[WS-3, WS-29] only the called agent may accept, and only while it rings', async () => {
    const { anna, ben, session } = await talking({ objects: byHand })
    expect((await anna.get(session)).json.imSession).toMatchObject({ state: 'Initiating' })
    const ringing = (await ben.get(session)).json.imSession
    expect(ringing.state).toBe('Alerting')
    expect(ringing.capabilities.slice(0, 2)).toEqual(['Accept', 'Reject'])
    for (const operationName of ['Accept', 'Reject']) {
      const answer = await anna.post(session, { operationName })
      expect([answer.http, answer.json.statusCode]).toEqual([400, 2])
    }
    expect((await ben.post(session, { operationName: 'Accept' })).json).toEqual(accepted)
    expect((await anna.get(session)).json.imSession.state).toBe('Talking')
    // A late Reject must not hang up.
    for (const operationName of ['Accept', 'Reject'])
      expect((await ben.post(session, { operationName })).json.statusCode).toBe(2)
    expect((await anna.get(session)).json.imSession.state).toBe('Talking')
  })

  test('[WS-29] Reject ends it', async () => {
    const { anna, ben, session } = await talking({ objects: byHand })
    expect((await ben.post(session, { operationName: 'Reject' })).json).toEqual(accepted)
    expect((await anna.get(session)).json.imSession).toMatchObject({
      state: 'Completed',
      endedBy: '7002',
      endReason: 'rejected',
    })
  })

  test('[WS-29] where the engine answers, nobody is asked', async () => {
    const { ben, session } = await talking({ objects: objectsWith({ of7002: { 'auto-answer-delay': '5000' } }) })
    expect((await ben.get(session)).json.imSession).toMatchObject({
      state: 'Alerting',
      capabilities: ['AttachUserData', 'UpdateUserData', 'DeleteUserData', 'Complete'],
    })
    expect((await ben.post(session, { operationName: 'Accept' })).json.statusCode).toBe(2)
  })
})

describe('the device a session starts from', () => {
  const path = (number: string) => `/devices/${deviceID('demo', number as never)}`

  test('[WS-25] who is not logged in has none', async () => {
    const { anna } = await open()
    const { http, json } = await anna.post('/me/im-sessions', initiate)
    expect([http, json]).toEqual([
      400,
      {
        statusCode: 2,
        statusMessage: 'No suitable device: you are not logged in; StartContactCenterSession comes first',
      },
    ])
  })

  for (const [tserver, why] of [
    [{}, 'does not carry IM ([TServer] multimedia is not true)'],
    [{ multimedia: 'true' }, 'has a SIP endpoint for its texts ([TServer] sip-signaling-chat is not none)'],
  ] as const)
    test(`[WS-25] a device that ${why}`, async () => {
      const dns = labObjects.dns.map((dn) => (dn.number === '7001' ? { ...dn, annex: { TServer: tserver } } : dn))
      const { anna } = await open({ objects: { ...labObjects, dns } })
      await anna.start()
      const { json } = await anna.post('/me/im-sessions', initiate)
      expect(json).toEqual({ statusCode: 2, statusMessage: `No suitable device: 7001 ${why}` })
      const named = await anna.post('/me/im-sessions', { ...initiate, devicePath: path('7001') })
      expect(named.json.statusCode).toBe(2)
    })

  test('[WS-25] of several, devicePath decides; without it they are listed', async () => {
    const objects = objectsWith({ more: [{ number: '7003' }, { number: '7004', tserver: {}, type: 'ACD Position' }] })
    const { anna, feed } = await open({ objects })
    expect((await anna.start()).json).toEqual(accepted)
    const { http, json } = await anna.post('/me/im-sessions', initiate)
    expect([http, json]).toEqual([
      400,
      {
        statusCode: 1,
        statusMessage: `devicePath is missing; several devices can do IM: ${path('7001')} (7001), ${path('7003')} (7003)`,
      },
    ])
    for (const devicePath of ['/devices/unknown', path('7002')]) {
      const answer = await anna.post('/me/im-sessions', { ...initiate, devicePath })
      expect([answer.http, answer.json.statusCode]).toEqual([404, 6])
    }
    expect((await anna.post('/me/im-sessions', { ...initiate, devicePath: path('7003') })).json).toEqual(accepted)
    const dialing = (await feed('anna')).find(({ event }) => event.event === 'EventDialing')
    expect(dialing?.event).toMatchObject({ thisDN: '7003' })
  })
})

describe('notices about texts', () => {
  test('[WS-38] composing and displayed reach the other party', async () => {
    const { anna, ben, session, feed } = await talking()
    expect((await anna.post(session, { operationName: 'NotifyComposing', composing: true })).json).toEqual(accepted)
    const sent = (await anna.post(session, sends('hi'))).json
    expect((await ben.post(session, { operationName: 'MarkDisplayed', messageId: sent.messageId })).json).toEqual(
      accepted,
    )
    expect(names((await feed('ben')).slice(-2))).toEqual(['EventUserEvent', 'EventPrivateInfo'])
    expect((await feed('anna')).at(-1)?.event).toMatchObject({
      event: 'EventReturnReceipt',
      extensions: { receipt: { messageID: sent.messageId, outcome: 'displayed', from: '7002' } },
    })
  })

  test('[WS-38] need a party that talks, and are checked', async () => {
    const { anna, session } = await talking()
    expect((await anna.post(session, { operationName: 'NotifyComposing' })).json.statusCode).toBe(1)
    expect((await anna.post(session, { operationName: 'MarkDisplayed', messageId: '' })).json.statusCode).not.toBe(0)
    await anna.post(session, { operationName: 'Complete' })
    expect((await anna.post(session, { operationName: 'NotifyComposing', composing: true })).json.statusCode).toBe(2)
  })
})
