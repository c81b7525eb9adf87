import {
  type Change,
  createTServer,
  type DNumber,
  type FeedEvent,
  nodeFeed,
  textService,
  webhookFeed,
} from '@ringdown/signalling'
import { demoDirectory, ManualClock, memoryStore, seededIds } from '@ringdown/signalling/testing'
import { describe, expect, test } from 'vitest'
import { type EventType, eventTypeNames, eventTypeOf } from './event-types.ts'
import { outboxOf, outboxStore, type Wanted } from './outbox.ts'
import { agentEvent, anna, attributes, ben, callEvent, textEvent } from './testing/events.ts'

const all: Wanted = { types: new Set(eventTypeNames), texts: true, hold: 50 }

function change(feeds: Change['feeds']): Change {
  return { expect: [], put: [], claims: [], feeds, timers: { set: [], cancel: [] } }
}

/** A T-Server of the demo contact centre whose commits are told to webhooks. */
function engine(wanted: () => Wanted | undefined) {
  const clock = new ManualClock()
  const store = memoryStore({ epoch: 'e', feedLimit: 1_000, clock })
  const directory = demoDirectory()
  const tserver = createTServer({
    ...{ directory: () => directory, clock, ids: seededIds(1), node: 'n1' },
    store: outboxStore(store, wanted),
  })
  const person = (name: string) => {
    const found = directory.personsByUserName.get(name)
    if (!found) throw new Error(`${name} is not in the demo`)
    return found
  }
  const dn = (number: string) => number as DNumber
  const logIn = async (name: string, number: string) => {
    const { id, place = null } = person(name)
    await tserver.request({ request: 'TRegisterAddress', person: id, thisDN: dn(number) })
    await tserver.request({ request: 'TAgentLogin', person: id, thisDN: dn(number), place: place ?? '' })
  }
  const told = async () => (await store.readFeed(webhookFeed, 0, 1_000)).entries
  return { store, tserver, person, dn, logIn, told }
}

async function history({ tserver, person, dn, logIn }: ReturnType<typeof engine>) {
  await logIn('anna', '7001')
  await logIn('ben', '7002')
  const [a, b] = [person('anna').id, person('ben').id]
  const { callUUID } = await tserver.request({
    ...{ request: 'TMakeCall', person: a, thisDN: dn('7001'), otherDN: dn('7002') },
    userData: { favColor: 'blue' },
  })
  if (!callUUID) throw new Error('no call')
  const text = { request: 'TPrivateService', callUUID, serviceID: textService, contentType: 'text/plain' } as const
  await tserver.request({ ...text, person: a, body: 'Hello' })
  await tserver.request({ ...text, person: b, body: 'Hi' })
  await tserver.request({ request: 'TAttachUserData', person: b, callUUID, userData: { mood: 'good' } })
  await tserver.request({ request: 'TAgentLogout', person: b, thisDN: dn('7002') })
  return { callUUID, a, b }
}

describe('the outbox', () => {
  test('[WH-2] [WH-3] each thing that happens is there once, with whom it is about', async () => {
    const bench = engine(() => all)
    const { callUUID, a, b } = await history(bench)
    const entries = await bench.told()
    const types = entries.map(({ event }) => eventTypeOf(event))
    // biome-ignore format: one step a line
    expect(types).toEqual([
      'agent.state', 'agent.state',
      'session.started', 'session.alerting', 'session.established',
      'text.accepted', 'text.accepted', 'userData.changed',
      'session.ended', 'agent.state',
    ] satisfies EventType[])
    expect(entries.map(({ offset }) => offset)).toEqual(entries.map((_, i) => i + 1))
    const ofCall = entries.filter(({ event }) => 'callUUID' in event && event.callUUID === callUUID)
    expect(ofCall).toHaveLength(7)
    for (const { event } of ofCall) expect(new Set(event.persons)).toEqual(new Set([a, b]))
    expect(entries.filter(({ log }) => log !== undefined).map(({ log }) => log)).toEqual([1, 2])
  })

  test('[WH-2] what is refused, and what conflicts, is told to nobody', async () => {
    const { store, tserver, person, dn, told } = engine(() => all)
    const call = { request: 'TMakeCall', person: person('anna').id, thisDN: dn('7001'), otherDN: dn('7002') } as const
    await expect(tserver.request(call)).rejects.toThrow()
    const other = outboxStore(store, () => all)
    const feeds = [{ person: anna, event: callEvent('EventDialing', 'c') }]
    const expectation = [{ kind: 'dn' as const, id: dn('7001'), version: 5 }]
    expect(await other.commit({ ...change(feeds), expect: expectation })).toEqual({ outcome: 'conflict' })
    expect(await told()).toEqual([])
  })

  test('[WH-2] where no webhook is configured nothing is written', async () => {
    const bench = engine(() => undefined)
    await history(bench)
    expect(await bench.told()).toEqual([])
  })

  test('[WH-2] who commits is told of their own feeds only', async () => {
    const { store, dn } = engine(() => all)
    const other = outboxStore(store, () => all)
    const feeds = [{ person: anna, event: agentEvent('7001') }]
    expect(await other.commit(change(feeds))).toEqual({ outcome: 'committed', feeds: [1] })
    expect(await other.feedEnd(webhookFeed)).toEqual({ epoch: 'e', offset: 1 })
    expect(dn('7001')).toBe('7001')
  })

  test('[WH-3] what nobody wants is not there, nor are words nobody gets', async () => {
    const wanted: Wanted = { types: new Set(['text.accepted', 'session.started']), texts: false, hold: 50 }
    const bench = engine(() => wanted)
    await history(bench)
    const entries = await bench.told()
    const types = entries.map(({ event }) => eventTypeOf(event))
    expect(types).toEqual(['session.started', 'text.accepted', 'text.accepted'])
    expect(JSON.stringify(entries)).not.toMatch(/Hello|"Hi"|blue|good/)
  })

  test('[WH-3] a first text is in no event where nobody gets texts', () => {
    const text = textEvent('c', 'm').extensions.text
    const ringing = { event: 'EventRinging', ...attributes('c', 1), extensions: { autoAnswer: true, text } } as const
    const [told] = outboxOf(change([{ person: ben, event: ringing }]), { ...all, texts: false })
    expect(JSON.stringify(told)).not.toMatch(/Hello|blue/)
    expect(told).toMatchObject({ event: 'EventRinging', extensions: { autoAnswer: true } })
  })

  test('[WH-3] what two parties and a node are told is one thing', () => {
    const events: FeedEvent[] = [textEvent('c', 'm'), { ...textEvent('c', 'm'), event: 'EventPrivateInfo' }]
    const feeds = [...events, ...events].map((event, i) => ({
      person: [anna, ben, nodeFeed('n1')][i % 3] ?? anna,
      event,
    }))
    const told = outboxOf(change(feeds), all)
    expect(told).toHaveLength(1)
    expect(told[0]?.persons).toEqual([anna, ben])
  })

  test('[WH-2] the feed holds as many entries as was said', async () => {
    const { store, told } = engine(() => all)
    const other = outboxStore(store, () => all)
    for (let i = 1; i <= 80; i++) await other.commit(change([{ person: anna, event: agentEvent('7001', i) }]))
    expect((await told()).map(({ event }) => event.time)).toEqual(Array.from({ length: 50 }, (_, i) => i + 31))
  })

  test('[WH-4] [WH-5] who is called and logs out in the session: each event names whom it is about', async () => {
    const bench = engine(() => all)
    const { a, b } = await history(bench)
    const [ended, out] = (await bench.told()).slice(-2)
    expect(ended?.event.persons?.toSorted()).toEqual([a, b].toSorted())
    expect(out?.event).toMatchObject({ event: 'EventAgentLogout', thisDN: '7002', persons: [b] })
  })
})
