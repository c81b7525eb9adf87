import type { CallEvent, CallUUID, ConnID, DNumber, FeedEntry, FeedEvent, MessageID } from '@ringdown/signalling'
import { demoDirectory, demoObjects } from '@ringdown/signalling/testing'
import { describe, expect, test } from 'vitest'
import { type Notification, notificationOf, notificationSerialiser } from './notification.ts'
import { deviceID } from './resource.ts'

const apiRoot = 'https://im.example/api/v2'
const viewer = { directory: demoDirectory(), apiRoot }
const id = '5G95T5N7UIAQMBEOBDHH4V35PK000000' as CallUUID
const [a, b] = ['7001', '7002'] as DNumber[] as [DNumber, DNumber]
const end = { by: b, why: 'completed', at: 2 } as const

const call = {
  time: 1,
  thisDN: a,
  thisDNRole: 'Origination',
  otherDN: b,
  otherDNRole: 'Destination',
  connID: '0001000000000001' as ConnID,
  callUUID: id,
  callType: 'Internal',
  mediaType: 5,
  callState: 'Ok',
  ani: a,
  dnis: b,
  userData: { k: 'v', n: 5 },
} as const satisfies Omit<CallEvent, 'event' | 'extensions' | 'thirdPartyDN' | 'partyState'>

const text = {
  messageID: 'm1' as MessageID,
  from: a,
  sent: 1_767_225_600_500,
  contentType: 'text/plain',
  body: 'hi "you"',
}
const texted = { time: 1, thisDN: b, otherDN: a, connID: call.connID, callUUID: id, privateEvent: 5 } as const
const agent = { time: 1, thisDN: a, agentID: '5001' } as const
const at = (event: FeedEvent, log?: number): FeedEntry => ({ offset: 7, event, ...(log !== undefined && { log }) })
const of = (event: FeedEvent) => notificationOf(at(event), viewer)
const sessionOf = (event: FeedEvent) => {
  const data = of(event)?.data
  if (data?.messageType !== 'IMSessionStateChangeMessage') throw new Error('no session')
  return data
}
const userData = ['AttachUserData', 'UpdateUserData', 'DeleteUserData'] as const

describe('a T-event as a notification', () => {
  test('[WS-9, WS-4] EventEstablished is the whole session, Talking', () => {
    expect(of({ event: 'EventEstablished', ...call })).toEqual({
      channel: '/v2/me/im-sessions',
      data: {
        messageType: 'IMSessionStateChangeMessage',
        notificationType: 'StatusChange',
        imSession: {
          id,
          state: 'Talking',
          userData: { k: 'v', n: 5 },
          participants: [{ digits: '7002', e164Number: '7002', formattedPhoneNumber: '7002', phoneNumber: '7002' }],
          capabilities: ['SendMessage', ...userData, 'Complete'],
          path: `/im-sessions/${id}`,
          uri: `${apiRoot}/im-sessions/${id}`,
        },
      },
    } satisfies Notification)
  })

  for (const [event, state, capabilities] of [
    [{ event: 'EventDialing', ...call }, 'Initiating', [...userData, 'Complete']],
    [{ event: 'EventRinging', ...call, extensions: { autoAnswer: true } }, 'Alerting', [...userData, 'Complete']],
    [
      { event: 'EventRinging', ...call, extensions: { autoAnswer: false } },
      'Alerting',
      ['Accept', 'Reject', ...userData, 'Complete'],
    ],
    [{ event: 'EventReleased', ...call, extensions: { end } }, 'Completed', []],
    [{ event: 'EventAbandoned', ...call, extensions: { end } }, 'Completed', []],
  ] as [CallEvent, string, string[]][])
    test(`[WS-9, WS-3] ${event.event} is ${state}, with ${capabilities.length} capabilities`, () => {
      const { notificationType, imSession } = sessionOf(event)
      expect([notificationType, imSession.state, imSession.capabilities]).toEqual(['StatusChange', state, capabilities])
    })

  test('[WS-4] Completed says who ended it and why', () => {
    expect(sessionOf({ event: 'EventReleased', ...call, extensions: { end } }).imSession).toMatchObject({
      endedBy: '7002',
      endReason: 'completed',
    })
    const byEngine = { by: null, why: 'noAnswer', at: 2 } as const
    const { imSession } = sessionOf({ event: 'EventReleased', ...call, extensions: { end: byEngine } })
    expect(imSession).toMatchObject({ endedBy: null, endReason: 'noAnswer' })
  })

  test('[WS-4] without user data the key is absent', () => {
    const { imSession } = sessionOf({ event: 'EventEstablished', ...call, userData: {} })
    expect(imSession).not.toHaveProperty('userData')
  })

  for (const [partyState, state] of [
    ['dialing', 'Initiating'],
    ['alerting', 'Alerting'],
    ['connected', 'Talking'],
  ] as const)
    test(`[WS-9] EventAttachedDataChanged keeps the state: ${state}`, () => {
      const changed = sessionOf({ event: 'EventAttachedDataChanged', ...call, thirdPartyDN: b, partyState })
      expect([changed.notificationType, changed.imSession.state]).toEqual(['AttachedDataChanged', state])
      expect(changed.imSession.userData).toEqual({ k: 'v', n: 5 })
    })

  test('[WS-9] a text is the same NewMessage for the other party and for its sender', () => {
    const extensions = { text }
    const other = notificationOf(at({ event: 'EventPrivateInfo', ...texted, extensions }, 3), viewer)
    const own = notificationOf(at({ event: 'EventACK', ...texted, thisDN: a, otherDN: b, extensions }, 3), viewer)
    expect(other).toEqual(own)
    expect(other).toEqual({
      channel: '/v2/me/im-sessions',
      data: {
        messageType: 'IMLogUpdateMessage',
        notificationType: 'NewMessage',
        imSessionPath: `/im-sessions/${id}`,
        message: 'hi "you"',
        messageId: 'm1',
        from: '7001',
        timestamp: '2026-01-01T00:00:00.500Z',
        timestampSeconds: 1_767_225_600,
        position: 3,
      },
    })
  })

  for (const [event, state] of [
    [{ event: 'EventAgentLogin', ...agent, state: 'notReady' }, 'NotReady'],
    [{ event: 'EventAgentReady', ...agent, state: 'ready' }, 'Ready'],
    [{ event: 'EventAgentNotReady', ...agent, state: 'notReady', workMode: 'AfterCallWork' }, 'AfterCallWork'],
    [{ event: 'EventAgentLogout', ...agent, state: 'null' }, 'Offline'],
  ] as [FeedEvent, string][])
    test(`[WS-9] ${event.event} is a device in state ${state}`, () => {
      const made = of(event)
      expect(made?.channel).toBe('/v2/me/devices')
      if (made?.data.messageType !== 'DeviceStateChangeMessage') throw new Error('no device')
      const [device] = made.data.devices
      expect(device?.userState.displayName.replace(' ', '')).toBe(state)
      expect(device?.id).toBe(deviceID('demo', a))
      expect(device?.deviceState).toBe(state === 'Offline' ? 'Inactive' : 'Active')
    })

  const notice = {
    messageType: 'IMNoticeMessage',
    imSessionPath: `/im-sessions/${id}`,
    from: '7001',
    timestamp: '1970-01-01T00:00:00.001Z',
    timestampSeconds: 0,
  } as const
  const about = { time: 1, thisDN: b, otherDN: a, connID: call.connID, callUUID: id } as const
  for (const [event, said] of [
    [
      {
        event: 'EventUserEvent',
        ...about,
        extensions: { composing: { from: a, state: 'active', refreshSeconds: 60 } },
      },
      { notificationType: 'Composing', composing: true, refreshSeconds: 60 },
    ],
    [
      { event: 'EventUserEvent', ...about, extensions: { composing: { from: a, state: 'idle' } } },
      { notificationType: 'Composing', composing: false },
    ],
    [
      {
        event: 'EventReturnReceipt',
        ...about,
        extensions: { receipt: { messageID: 'm1' as MessageID, from: a, outcome: 'delivered' } },
      },
      { notificationType: 'Delivered', messageId: 'm1' },
    ],
    [
      {
        event: 'EventReturnReceipt',
        ...about,
        extensions: { receipt: { messageID: 'm1' as MessageID, from: a, outcome: 'displayed' } },
      },
      { notificationType: 'Displayed', messageId: 'm1' },
    ],
    [
      {
        event: 'EventReturnReceipt',
        ...about,
        extensions: {
          receipt: { messageID: 'm1' as MessageID, from: a, outcome: 'failed', status: 481, reason: 'No session' },
        },
      },
      { notificationType: 'Failed', messageId: 'm1', status: 481, reason: 'No session' },
    ],
  ] as [FeedEvent, { notificationType: string } & Record<string, unknown>][])
    test(`[WS-37] ${event.event} is the notice ${said.notificationType}`, () =>
      expect(of(event)).toEqual({ channel: '/v2/me/im-sessions', data: { ...notice, ...said } }))

  test('[WS-4] Completed says what SIP said', () => {
    const refused = { by: b, why: 'busy', at: 2, sip: { status: 486, reason: 'Busy Here' } } as const
    expect(sessionOf({ event: 'EventReleased', ...call, extensions: { end: refused } }).imSession).toMatchObject({
      endReason: 'busy',
      endSipStatus: 486,
      endSipReason: 'Busy Here',
    })
  })

  test('[WS-9] a text that is not plain says what it is', () => {
    const extensions = { text: { ...text, contentType: 'text/html' } }
    expect(of({ event: 'EventPrivateInfo', ...texted, extensions })?.data).toMatchObject({ contentType: 'text/html' })
  })

  for (const event of [
    { event: 'EventDestinationBusy', ...call, extensions: { end } },
    { event: 'EventRegistered', thisDN: a, time: 1 },
    { event: 'EventUnregistered', thisDN: a, time: 1 },
  ] as FeedEvent[])
    test(`[WS-9] ${event.event} is none`, () => expect(of(event)).toBeUndefined())

  test('[WS-9] a DN that left the configuration is none', () => {
    const directory = demoDirectory({ ...demoObjects(), dns: [], places: [], persons: [] })
    const entry = at({ event: 'EventAgentReady', ...agent, state: 'ready' })
    expect(notificationOf(entry, { directory, apiRoot })).toBeUndefined()
  })
})

describe('the serialiser', () => {
  test('[WS-9] writes what the mapping makes', () => {
    const serialise = notificationSerialiser()
    for (const entry of [
      at({ event: 'EventEstablished', ...call }),
      at({ event: 'EventPrivateInfo', ...texted, extensions: { text } }, 1),
      at({ event: 'EventACK', ...texted, extensions: { text } }, 1),
      at({ event: 'EventAgentReady', ...agent, state: 'ready' }),
    ]) {
      const made = notificationOf(entry, viewer)
      const { channel, data } = serialise(entry, viewer) ?? { channel: '', data: '' }
      expect({ channel, data: JSON.parse(data) }).toEqual(made)
    }
    expect(serialise(at({ event: 'EventDestinationBusy', ...call, extensions: { end } }), viewer)).toBeUndefined()
  })

  test('[WS-9] a text is serialised once for both parties, and texts of other places and calls are told apart', () => {
    const serialise = notificationSerialiser()
    let reads = 0
    const counted = {
      ...text,
      get body() {
        reads++
        return 'hi'
      },
    }
    for (const event of ['EventPrivateInfo', 'EventACK'] as const)
      serialise(at({ event, ...texted, extensions: { text: counted } }, 1), viewer)
    expect(reads).toBe(1)
    const made = [1, 2].flatMap((log) =>
      [id, `${id.slice(0, -1)}1` as CallUUID].map((callUUID) => {
        const extensions = { text: { ...text, body: `${callUUID} ${log}` } }
        return serialise(at({ event: 'EventACK', ...texted, callUUID, extensions }, log), viewer)?.data
      }),
    )
    expect(new Set(made).size).toBe(4)
  })

  test('[WS-9] what it remembers is bounded, and forgetting changes nothing', () => {
    const serialise = notificationSerialiser()
    const entry = (log: number) =>
      at({ event: 'EventACK', ...texted, extensions: { text: { ...text, body: `text ${log}` } } }, log)
    for (let log = 1; log <= 1_000; log++) serialise(entry(log), viewer)
    for (const log of [1, 500, 1_000]) expect(serialise(entry(log), viewer)?.data).toContain(`"text ${log}"`)
  })
})
