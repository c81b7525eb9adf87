import { describe, expect, test } from 'vitest'
import { demoDirectory, demoObjects, sipBench } from '../testing/index.ts'
import type { DNumber, MessageID } from './ids.ts'
import { type MailboxRecord, mailboxLimits, withText } from './mailbox.ts'
import type { FeedEntry } from './ports.ts'
import type { TServerDeps } from './t-server.ts'

const refusal = (code: number) => expect.objectContaining({ code })
const texts = (entries: readonly FeedEntry[]) =>
  entries.flatMap(({ event }) => (event.event === 'EventPrivateInfo' ? [event.extensions.text.body] : []))

/** Anna's DN keeps texts; both nodes look at timers. */
function open(
  options: Record<string, Record<string, string>> = {},
  onUndelivered: TServerDeps['onUndelivered'] = async () => 'told',
) {
  const made = sipBench({ options: { '7001': { 'store-and-forward': 'true' }, ...options }, onUndelivered })
  made.tserver.start()
  made.other.tserver.start()
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 250) {
      made.clock.advance(Math.min(left, 250))
      for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
    }
  }
  const stop = () => Promise.all([made.tserver.stop(), made.other.tserver.stop()])
  const box = async () => {
    const { records } = await made.store.read({ records: [{ kind: 'mailbox', id: '7001' as DNumber }], claims: [] })
    return (records[0]?.value as MailboxRecord | undefined)?.texts.map(({ text }) => text.body)
  }
  return { ...made, anna: made.agent('anna'), pass, stop, box }
}

describe('a MESSAGE for an agent who cannot be reached', () => {
  test('[BR-13] is refused where nothing is kept', async () => {
    const { endpoint, stop } = open({ '7001': {} })
    await expect(endpoint('8003').messages('7001', 'hi')).rejects.toEqual(refusal(187))
    await stop()
  })

  test('[BR-13] [BR-14] waits for the login, with its time, and is delivered within a second', async () => {
    const { anna, endpoint, pass, stop, box, clock, store } = open()
    const sent = clock.now()
    const stored = await endpoint('8003').messages('7001', 'one', { id: 'm1' })
    expect(stored).toEqual({ delivery: 'stored' })
    expect(await endpoint('8003', { node: 'n2' }).messages('7001', 'one', { id: 'm1' })).toEqual({ delivery: 'stored' })
    await pass(90_000)
    await endpoint('8003').messages('7001', 'two')
    await endpoint('8001').messages('7001', 'another')
    expect(await box()).toEqual(['one', 'two', 'another'])
    await anna.logIn()
    await pass(1_000)
    expect(await anna.saw()).toEqual(['EventRinging', 'EventEstablished', 'EventPrivateInfo', 'EventPrivateInfo'])
    expect(texts(await anna.feed())).toEqual(['one', 'two'])
    expect(await box()).toEqual(['another'])
    const [entry] = (await anna.feed()).slice(-2)
    expect(entry?.event).toMatchObject({ extensions: { text: { sent, messageID: 'm1', from: '8003' } } })
    const { calls } = await store.listCalls(undefined, 10)
    expect(calls).toMatchObject([{ parties: [{ dn: '8003', sip: { mode: 'pager' } }, { dn: '7001' }] }])
    await stop()
  })

  test('[BR-19] waits no longer than sessions are kept', async () => {
    const { anna, endpoint, pass, stop, box, clock } = open()
    await endpoint('8003').messages('7001', 'one')
    clock.advance(86_399_000)
    await endpoint('8003').messages('7001', 'two')
    expect(await box()).toEqual(['one', 'two'])
    clock.advance(1_000)
    await pass(61_000)
    expect(await box()).toEqual(['two'])
    await anna.logIn()
    await pass(1_000)
    expect(texts(await anna.feed())).toEqual(['two'])
    await stop()
  })

  test('[BR-19] its sender is told, by one node, and again where that has died or could not', async () => {
    const asked: string[] = []
    const answers: ('dies' | 'later' | 'told')[] = ['later', 'dies', 'told']
    const made = open({}, async ({ dn, from, messageID, wants }) => {
      asked.push(`${dn} ${from} ${messageID} ${wants?.imdnID}`)
      const answer = answers.shift()
      if (answer === undefined) throw new Error('told already')
      return answer === 'dies' ? new Promise(() => {}) : answer
    })
    const { endpoint, pass, box, clock } = made
    await endpoint('8003').messages('7001', 'one', { id: 'm1', wants: { failed: true, imdnID: 'i1' } })
    clock.advance(86_399_500)
    await pass(250)
    expect(asked).toEqual([])
    await pass(1_500)
    // At once, not when somebody looks the next time.
    expect(await box()).toEqual([])
    expect(asked).toEqual(['7001 8003 m1 i1'])
    await pass(25_000)
    expect(asked).toHaveLength(1)
    await pass(10_000)
    expect(asked).toHaveLength(2)
    await pass(35_000)
    expect(asked).toHaveLength(2)
    await pass(15_000)
    expect(asked).toHaveLength(3)
    await pass(120_000)
    expect(asked).toHaveLength(3)
  })

  test('[BR-19] nothing of what it said is kept for that', async () => {
    const { endpoint, pass, clock, store, stop } = open({}, async () => 'later')
    await endpoint('8003').messages('7001', 'XYZZY')
    clock.advance(86_400_000)
    await pass(1_000)
    await stop()
    const timers = await store.claimTimers(clock.now() + 60_000, 100, 0)
    expect(timers).toMatchObject([{ timer: { timer: 'undelivered', text: { from: '8003' } } }])
    expect(JSON.stringify(timers)).not.toContain('XYZZY')
  })

  test('[BR-19] a sender who cannot be reached is told for as long as a text waits, and then no more', async () => {
    let asked = 0
    const made = open({}, async () => {
      asked++
      return 'later'
    })
    const { endpoint, pass, clock, store, stop } = made
    await endpoint('8003').messages('7001', 'one')
    clock.advance(86_400_000)
    await pass(1_000)
    expect(asked).toBe(1)
    clock.advance(86_400_000)
    await pass(2_000)
    expect(asked).toBe(1)
    await stop()
    expect(await store.claimTimers(clock.now() + 1e9, 100, 0)).toEqual([])
  })

  test('[BR-13] [BR-14] waits while the agent is busy, and a sender is never overtaken by themselves', async () => {
    const { anna, agent, endpoint, pass, stop, box, tserver } = open()
    const ben = agent('ben')
    await anna.logIn()
    await ben.logIn()
    const call = await ben.call('7001')
    await endpoint('8003').messages('7001', 'one')
    await endpoint('8001').messages('7001', 'another')
    await pass(500)
    expect(await box()).toEqual(['one', 'another'])
    await ben.release(call)
    // Before anybody has looked: it waits behind the first one.
    expect(await endpoint('8003').messages('7001', 'two')).toEqual({ delivery: 'stored' })
    await pass(1_000)
    expect(texts(await anna.feed())).toEqual(['one', 'two'])
    expect((await endpoint('8003').messages('7001', 'three')).delivery).toBe('agent')
    const session = await tserver.session(anna.person)
    if (!session) throw new Error('no session')
    await anna.release(session.callUUID)
    await pass(1_000)
    expect(texts(await anna.feed())).toEqual(['one', 'two', 'three', 'another'])
    expect(await box()).toEqual([])
    await stop()
  })

  test('[BR-14] waits for the end of a session the agent has at another DN of the place', async () => {
    const objects = demoObjects()
    const chat = { multimedia: 'true', 'sip-signaling-chat': 'none' }
    const place = { name: 'Place_7001', dns: ['7001', '7009'] }
    const directory = demoDirectory({
      ...objects,
      dns: [
        ...objects.dns.filter(({ number }) => number !== '7001'),
        { number: '7001', switch: 'SIP_Switch', annex: { TServer: { ...chat, 'store-and-forward': 'yes' } } },
        { number: '7009', switch: 'SIP_Switch', annex: { TServer: chat } },
        { number: '8003', switch: 'SIP_Switch', annex: { TServer: { ...chat, 'sip-signaling-chat': 'message' } } },
      ],
      places: [place, ...objects.places.filter(({ name }) => name !== place.name)],
    })
    const { agent, endpoint, tserver, clock } = sipBench({ directory })
    tserver.start()
    const anna = agent('anna')
    const ben = agent('ben')
    await anna.logIn()
    await ben.logIn()
    const on = { person: anna.person, thisDN: '7009' as DNumber }
    await tserver.request({ request: 'TRegisterAddress', ...on })
    await tserver.request({ request: 'TAgentLogin', ...on, place: place.name })
    const call = await ben.call('7009')
    expect(await endpoint('8003').messages('7001', 'hi')).toEqual({ delivery: 'stored' })
    await ben.release(call)
    for (let turn = 0; turn < 4; turn++) {
      clock.advance(250)
      for (let i = 0; i < 5; i++) await new Promise(setImmediate)
    }
    await tserver.stop()
    expect(texts(await anna.feed())).toEqual(['hi'])
  })

  test('[BR-14] is delivered by another node when the one that noticed is gone', async () => {
    const { anna, endpoint, pass, stop, tserver } = open()
    await endpoint('8003').messages('7001', 'one')
    await tserver.stop()
    await anna.logIn()
    await pass(1_000)
    expect(texts(await anna.feed())).toEqual(['one'])
    await stop()
  })

  test('[BR-14] is delivered in a session that already stands between the two', async () => {
    const { anna, agent, endpoint, pass, stop, tserver } = open()
    await anna.logIn()
    const ben = agent('ben')
    await ben.logIn()
    await ben.call('7001')
    await endpoint('8003').messages('7001', 'one')
    const session = await tserver.session(anna.person)
    await anna.release(session?.callUUID as never)
    const call = await anna.call('8003')
    await pass(1_000)
    expect((await tserver.transcript(anna.person, call, 0, 10))?.map(({ text }) => text.body)).toEqual(['one'])
    await stop()
  })

  test('[BR-13] [BR-14] a text that is repeated while older ones are being delivered is delivered once', async () => {
    const { anna, endpoint, pass, stop, box, store, clock } = open()
    await anna.logIn()
    const call = await anna.call('8003')
    await endpoint('8003').messages('7001', 'one', { id: 'm1' })
    const text = {
      messageID: 'm1' as MessageID,
      from: '8003' as DNumber,
      sent: clock.now(),
      contentType: 'text/plain',
      body: 'one',
    }
    const kept = ['m0', 'm1'].map((id) => ({
      text: { ...text, messageID: id as MessageID, body: id === 'm1' ? 'one' : 'zero' },
      uri: 'sip:8003@im.example',
      trunk: null,
    }))
    const id = '7001' as DNumber
    await store.commit({
      expect: [{ kind: 'mailbox', id, version: 0 }],
      put: [{ kind: 'mailbox', id, value: { dn: id, texts: kept } }],
      claims: [],
      feeds: [],
      timers: { set: [{ id: 'mailbox:7001', due: clock.now(), timer: { timer: 'mailbox', dn: id } }], cancel: [] },
    })
    await pass(1_000)
    expect(await box()).toEqual([])
    expect((await store.readLog(call, 0, 10)).map((entry) => entry.text.body)).toEqual(['one', 'zero'])
    await stop()
  })

  test('[BR-13] a full mailbox refuses as if there was none', async () => {
    const { endpoint, stop, anna, agent } = open()
    const big = 'x'.repeat(16_384)
    for (let i = 0; i < 4; i++) await endpoint('8003').messages('7001', big)
    await expect(endpoint('8001').messages('7001', 'x')).rejects.toEqual(refusal(187))
    await expect(endpoint('8003').messages('7001', 'x')).rejects.toEqual(refusal(93))
    await agent('ben').logIn()
    await stop()
    await anna.logIn()
    await agent('ben').call('7001')
    await expect(endpoint('8001').messages('7001', 'x')).rejects.toEqual(refusal(93))
  })

  test('[BR-13] an INVITE is not kept', async () => {
    const { endpoint, stop } = open()
    await expect(endpoint('8001').invites('7001')).rejects.toEqual(refusal(187))
    await stop()
  })
})

test('[BR-13] a mailbox holds 100 texts and 64 KiB of them', () => {
  const added = (body: string) => ({
    text: { messageID: 'm' as MessageID, from: '8003' as DNumber, sent: 0, contentType: 'text/plain', body },
    uri: 'sip:8003@im.example',
    trunk: null,
  })
  let box: MailboxRecord = { dn: '7001' as DNumber, texts: [] }
  for (let i = 0; i < mailboxLimits.texts; i++) box = withText(box, added('x')) ?? box
  expect(box.texts).toHaveLength(100)
  expect(withText(box, added('x'))).toBeUndefined()
  const empty = { ...box, texts: [] }
  expect(withText(empty, added('€'.repeat(21_845)))?.texts).toHaveLength(1)
  expect(withText(empty, added('€'.repeat(21_846)))).toBeUndefined()
})
