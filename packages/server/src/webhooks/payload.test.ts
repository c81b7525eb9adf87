import type { CallUUID, DNumber, FeedEvent, MessageID } from '@ringdown/signalling'
import { demoDirectory } from '@ringdown/signalling/testing'
import { describe, expect, test } from 'vitest'
import { type EventType, eventTypeNames, eventTypeOf } from './event-types.ts'
import { gapPayload, payloadOf } from './payload.ts'
import { agentEvent, attributes, callEvent, textEvent } from './testing/events.ts'
import { laneOf, wantedType } from './wants.ts'

const directory = demoDirectory()
const annaID = directory.personsByUserName.get('anna')?.id ?? ('' as never)
const call = 'C'.repeat(32)

function told(event: FeedEvent, texts = true, log?: number) {
  const type = eventTypeOf(event)
  if (!type) throw new Error('that is nothing to a webhook')
  const context = { id: 'msg_e_1_00000000', centre: 'acme', texts, directory }
  return payloadOf(type, { event, ...(log !== undefined && { log }) }, context)
}

const participants = ['7001', '7002'].map((number, i) => ({
  ...{ digits: number, e164Number: number, formattedPhoneNumber: number, phoneNumber: number },
  role: i === 0 ? 'caller' : 'called',
}))

describe('what a delivery says', () => {
  test('[WH-5] of a session: both participants, and how it stands', () => {
    expect(told(callEvent('EventDialing', call))).toEqual({
      type: 'session.started',
      timestamp: '1970-01-01T00:00:01.000Z',
      id: 'msg_e_1_00000000',
      contactCentre: 'acme',
      sessionId: call,
      data: {
        imSession: {
          ...{ id: call, state: 'Initiating', participants, userData: { favColor: 'blue' } },
          path: `/im-sessions/${call}`,
        },
      },
    })
    const ringing = { event: 'EventRinging', ...attributes(call, 1), extensions: { autoAnswer: true } } as const
    expect(told(ringing)).toMatchObject({ type: 'session.alerting', data: { imSession: { state: 'Alerting' } } })
    expect(told(callEvent('EventEstablished', call))).toMatchObject({ data: { imSession: { state: 'Talking' } } })
  })

  test('[WH-5] of its end: who and why', () => {
    const end = { by: '7002' as DNumber, why: 'rejected', at: 1, sip: { status: 486, reason: 'Busy Here' } } as const
    const released = { event: 'EventReleased', ...attributes(call, 1), extensions: { end } } as const
    expect(told(released)).toMatchObject({
      type: 'session.ended',
      data: {
        imSession: {
          ...{
            state: 'Completed',
            endedBy: '7002',
            endReason: 'rejected',
            endSipStatus: 486,
            endSipReason: 'Busy Here',
          },
        },
      },
    })
    const abandoned = {
      ...released,
      event: 'EventAbandoned',
      extensions: { end: { by: null, why: 'noAnswer', at: 1 } },
    } as const
    expect(told(abandoned)).toMatchObject({ data: { imSession: { endedBy: null, endReason: 'noAnswer' } } })
  })

  test('[WH-5] of user data: who changed them', () => {
    const event: FeedEvent = {
      event: 'EventAttachedDataChanged',
      ...attributes(call, 1),
      thirdPartyDN: '7002' as DNumber,
      partyState: 'connected',
    }
    expect(told(event)).toMatchObject({
      type: 'userData.changed',
      data: { changedBy: '7002', imSession: { state: 'Talking', userData: { favColor: 'blue' } } },
    })
  })

  test('[WH-5] of a text: from whom to whom, whichever party was told of it', () => {
    const sent = textEvent(call, 'm1')
    const data = {
      ...{ imSessionPath: `/im-sessions/${call}`, message: 'Hello', messageId: 'm1', from: '7001', to: '7002' },
      ...{ timestamp: '1970-01-01T00:00:01.000Z', timestampSeconds: 1, position: 7, contentType: 'text/plain' },
    }
    expect(told(sent, true, 7)).toMatchObject({ type: 'text.accepted', sessionId: call, data })
    const [thisDN, otherDN] = [sent.otherDN, sent.thisDN]
    expect(told({ ...sent, event: 'EventPrivateInfo', thisDN, otherDN }, true, 7).data).toEqual(data)
  })

  test('[WH-5] of what became of a text', () => {
    const receipt = {
      messageID: 'm1' as MessageID,
      from: '7002' as DNumber,
      outcome: 'failed',
      status: 480,
      reason: 'Gone',
    } as const
    const { thisDN, otherDN, connID, time } = attributes(call, 1)
    const about = { thisDN, otherDN, connID, time, callUUID: call as CallUUID }
    expect(told({ event: 'EventReturnReceipt', ...about, extensions: { receipt } })).toMatchObject({
      type: 'text.failed',
      data: { imSessionPath: `/im-sessions/${call}`, messageId: 'm1', from: '7002', status: 480, reason: 'Gone' },
    })
  })

  test('[WH-5] of an agent: the state in the words of Web Services', () => {
    const event = { ...agentEvent('7001'), persons: [annaID] } as FeedEvent
    const data = { userName: 'anna', agentId: 'L1', phoneNumber: '7001', userState: { state: 'Ready' } }
    expect(told(event)).toMatchObject({ type: 'agent.state', data })
    expect(told(event)).not.toHaveProperty('sessionId')
  })

  test('[WH-6] texts and user data are told to who wants them only', () => {
    const words = /Hello|blue/
    for (const event of [callEvent('EventDialing', call), textEvent(call, 'm1')]) {
      expect(JSON.stringify(told(event, true))).toMatch(words)
      expect(JSON.stringify(told(event, false))).not.toMatch(words)
    }
  })

  test('[WH-24] of a gap: what is missing', () => {
    const gap = { epoch: 'e', from: 5, to: 90, reason: 'trimmed' }
    expect(gapPayload(gap, { id: 'msg_e_5-90_00000000', centre: 'acme', at: 1_000 })).toEqual({
      ...{
        type: 'webhook.gap',
        timestamp: '1970-01-01T00:00:01.000Z',
        id: 'msg_e_5-90_00000000',
        contactCentre: 'acme',
      },
      data: gap,
    })
  })
})

describe('what a webhook wants', () => {
  const wants = (filter: { events?: readonly EventType[]; dns?: readonly string[]; agents?: readonly string[] }) => ({
    events: new Set(filter.events ?? eventTypeNames),
    dns: new Set(filter.dns),
    agents: new Set(filter.agents),
  })

  test('[WH-4] events by their names', () => {
    const event = callEvent('EventDialing', call)
    expect(wantedType(wants({}), event, directory)).toBe('session.started')
    expect(wantedType(wants({ events: ['session.ended'] }), event, directory)).toBeUndefined()
    const registered = { event: 'EventRegistered', thisDN: '7001' as DNumber, time: 1 } as const
    expect(wantedType(wants({}), registered, directory)).toBeUndefined()
  })

  test('[WH-4] by one of the numbers, and one of the agents', () => {
    const events = [callEvent('EventDialing', call), textEvent(call, 'm'), agentEvent('7001')]
    for (const one of events) {
      const event = { ...one, persons: [annaID] } as FeedEvent
      const is = (filter: Parameters<typeof wants>[0]) => wantedType(wants(filter), event, directory) !== undefined
      expect(is({ dns: ['7001'] })).toBe(true)
      expect(is({ dns: ['9999'] })).toBe(false)
      expect(is({ agents: ['ben', 'anna'] })).toBe(true)
      expect(is({ agents: ['ben'] })).toBe(false)
      expect(is({ dns: ['7001'], agents: ['ben'] })).toBe(false)
    }
    expect(wantedType(wants({ agents: ['anna'] }), callEvent('EventDialing', call), directory)).toBeUndefined()
    expect(wantedType(wants({ dns: ['7002'] }), callEvent('EventDialing', call), directory)).toBe('session.started')
  })

  test('[WH-20] what belongs to one session, or one device, is one lane', () => {
    expect(laneOf(callEvent('EventDialing', call))).toBe(laneOf(textEvent(call, 'm')))
    expect(laneOf(textEvent('other', 'm'))).not.toBe(laneOf(textEvent(call, 'm')))
    expect(laneOf(agentEvent('7001'))).not.toBe(laneOf(agentEvent('7002')))
  })

  test('[WH-6] a text that was written down while no webhook got texts is not told as an empty one', () => {
    const event = textEvent(call, 'm1')
    const bare = { ...event, extensions: { text: { ...event.extensions.text, body: '' } } }
    expect(told(bare, true).data).not.toHaveProperty('message')
    expect(told(event, true).data).toHaveProperty('message', 'Hello')
  })
})
