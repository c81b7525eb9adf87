import {
  type CallUUID,
  type DNumber,
  type LogEntry,
  type MessageID,
  nodeFeed,
  type SipInput,
  TServerError,
} from '@ringdown/signalling'
import { type SipBench, sipBench } from '@ringdown/signalling/testing'
import { expect, test } from 'vitest'
import type { Leg } from './leg.ts'
import { Legs } from './legs.ts'
import type { Delivery } from './outbox.ts'
import type { Way } from './way.ts'

const client = '8002' as DNumber
const phone = '8003' as DNumber
const turn = () => new Promise((resolve) => setImmediate(resolve))

/** What a way was told to do, in words; texts get through unless it is said otherwise. */
function recorder() {
  const told: string[] = []
  const state = { outcome: 'done' as Delivery }
  const way = (): Way => ({
    window: 1,
    canSend: true,
    send: async ({ text }: LogEntry) => {
      told.push(text.body)
      return state.outcome
    },
    composing: () => {},
    receipt: () => {},
    notDelivered: (reason) => told.push(`not delivered: ${reason}`),
    established: () => told.push('established'),
    end: ({ why }) => told.push(`end ${why}`),
    abandon: () => told.push('abandoned'),
  })
  return { told, state, way }
}

function legsAt(made: SipBench, node: 'n1' | 'n2' = 'n1') {
  const { told, state, way } = recorder()
  const opened: Leg[] = []
  const errors: unknown[] = []
  const late: string[] = []
  const legs = new Legs({
    node,
    store: node === 'n1' ? made.store : made.other.store,
    tserver: node === 'n1' ? made.tserver : made.other.tserver,
    clock: made.clock,
    retentionMs: () => 1_000,
    makeWay: (leg) => {
      opened.push(leg)
      return way()
    },
    onLateReceipt: ({ thisDN, extensions: { receipt } }) => late.push(`${thisDN} ${receipt.outcome}`),
    onError: (error) => errors.push(error),
  })
  return { legs, told, state, way, opened, errors, late }
}

async function withAnna(made = sipBench()) {
  const anna = made.agent('anna')
  await anna.logIn()
  return { ...made, anna }
}

const offer = (dn: DNumber): SipInput => ({
  input: 'offered',
  node: 'n1',
  mode: 'session',
  dn,
  uri: `sip:${dn}@im.example`,
  trunk: null,
  otherDN: '7001' as DNumber,
})

async function wait(made: SipBench, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 50) {
    made.clock.advance(50)
    await turn()
  }
}

test('[LG-9] a leg whose call was made stands, though the store fails right after', async () => {
  const made = await withAnna()
  const { legs, told, way } = legsAt(made)
  await legs.start()
  await legs.offer(client, async () => {
    const { call } = await made.tserver.input(offer(client))
    made.store.outage('TERR_NO_SWITCH')
    if (call) legs.take(call, client, way)
  })
  await turn()
  expect(told).toEqual(['established'])
  made.store.outage(undefined)
  const { callUUID = '' as CallUUID } = (await made.tserver.session(made.anna.person)) ?? {}
  await made.anna.say(callUUID, 'hello')
  await made.anna.release(callUUID)
  await wait(made, 1_000)
  expect([told, legs.size]).toEqual([['established', 'hello', 'end completed'], 0])
})

test('[LG-3] a text that began a call nobody answers is reported with what the endpoint has refused', async () => {
  const made = await withAnna()
  const { legs, told, state } = legsAt(made)
  await legs.start()
  // Not before the endpoint has answered.
  state.outcome = 'later'
  const text = { contentType: 'text/plain', body: 'hello', messageID: 'm-1' as MessageID }
  const fates: unknown[] = []
  for (const end of [
    { input: 'refused', status: 486, reason: 'Busy Here' },
    { input: 'released', why: 'lost' },
  ] as const) {
    const call = await made.anna.call(client, { text })
    await turn()
    await made.tserver.input({ ...end, callUUID: call, dn: client, node: 'n1' })
    await wait(made, 6_000)
    const { event } = (await made.anna.feed()).at(-1) ?? {}
    if (event?.event === 'EventReturnReceipt') fates.push(event.extensions.receipt)
  }
  const failed = { messageID: 'm-1', from: client, outcome: 'failed' }
  expect(fates).toEqual([
    { ...failed, status: 486, reason: 'Busy Here' },
    { ...failed, status: 487, reason: 'the session has ended' },
  ])
  expect([told.filter((what) => what.startsWith('end')), legs.size]).toEqual([['end busy', 'end failed'], 0])
})

test('[LG-2] what comes between a gap and the look at the log is not taken for the next', async () => {
  const made = await withAnna()
  const { legs, told } = legsAt(made)
  await legs.start()
  const call = await made.anna.call(phone)
  await made.anna.say(call, 'one')
  await turn()
  made.store.loseHints(true)
  for (const body of ['two', 'three', 'four']) await made.anna.say(call, body)
  await made.store.trimFeed(nodeFeed('n1'))
  made.store.loseHints(false)
  await made.anna.say(call, 'five')
  await made.store.trimFeed(nodeFeed('n1'))
  await turn()
  await made.anna.say(call, 'six')
  await turn()
  expect(told).toEqual(['established', 'one', 'two', 'three', 'four', 'five', 'six'])
})

test('[LG-9] offers that never end hold up nobody else', async () => {
  const made = await withAnna()
  const { legs, opened } = legsAt(made)
  await legs.start()
  void legs.offer(client, () => new Promise(() => {}))
  await made.anna.call(phone)
  await turn()
  expect(opened.map(({ dn }) => dn)).toEqual([phone])
})

test('[LG-1] what came before a leg was taken comes before what comes after', async () => {
  const made = await withAnna()
  const { legs, told, way } = legsAt(made)
  await legs.start()
  await legs.offer(client, async () => {
    const { call } = await made.tserver.input(offer(client))
    await made.anna.say(call?.callUUID as CallUUID, 'one')
    if (call) legs.take(call, client, way)
    await made.anna.say(call?.callUUID as CallUUID, 'two')
    await turn()
    expect(told).toEqual(['established', 'one', 'two'])
  })
  await turn()
  expect(told).toEqual(['established', 'one', 'two'])
})

test('[LG-9] a leg that comes back to a node begins where the other one was', async () => {
  const made = await withAnna()
  const here = legsAt(made)
  const there = legsAt(made, 'n2')
  await here.legs.start()
  await there.legs.start()
  const call = await made.anna.call(phone)
  await turn()
  there.state.outcome = 'later'
  await there.legs.takeOver(call, phone, 'n1')
  await made.anna.say(call, 'meanwhile')
  await turn()
  await here.legs.takeOver(call, phone, 'n2')
  await wait(made, 1_000)
  expect(here.told).toEqual(['established', 'abandoned', 'established', 'meanwhile'])
})

test('[LG-9] a take-over whose answer was lost has made the leg ours all the same', async () => {
  const made = await withAnna()
  const there = legsAt(made, 'n2')
  await there.legs.start()
  const call = await made.anna.call(phone)
  await made.anna.say(call, 'waits')
  const { store } = made.other
  const commit = store.commit.bind(store)
  store.commit = async (change) => {
    store.commit = commit
    await commit(change)
    throw new TServerError('TERR_TIMEOUT')
  }
  // Whoever asked has to ask again; by then another node may be asked.
  await expect(there.legs.adoptFrom('n1')).rejects.toThrow(TServerError)
  await wait(made, 1_000)
  expect([there.told, (await made.callOf(call)).parties[1]?.sip?.owner]).toEqual([['established', 'waits'], 'n2'])
})

test('[LG-9] a node that was taken for dead lets go of what another one has', async () => {
  const made = await withAnna()
  const here = legsAt(made)
  await here.legs.start()
  const call = await made.anna.call(phone)
  await turn()
  await made.endpoint(phone, { node: 'n2' }).input(call, { input: 'takenOver', from: 'n1' })
  await expect(here.legs.find(call, phone)?.input({ input: 'released', why: 'lost' })).rejects.toThrow(TServerError)
  expect([here.told, here.legs.size]).toEqual([['established', 'abandoned'], 0])
})

test('[LG-9] texts of an endpoint that wait for the store do not overtake each other', async () => {
  const made = await withAnna()
  const { legs } = legsAt(made)
  await legs.start()
  const call = await made.anna.call(phone)
  await turn()
  const leg = legs.find(call, phone)
  const says = (body: string) =>
    leg?.input({ input: 'text', text: { messageID: body as MessageID, contentType: 'text/plain', body } })
  made.store.outage('TERR_NO_SWITCH')
  const first = says('one')
  await turn()
  made.store.outage(undefined)
  const second = says('two')
  await wait(made, 1_000)
  await Promise.all([first, second])
  expect((await made.store.readLog(call, 0, 10)).map(({ text }) => text.body)).toEqual(['one', 'two'])
})

test('[LG-3] what is left at the end is told to its sender, also where the store fails just then', async () => {
  const made = await withAnna()
  const { legs, state, told } = legsAt(made)
  await legs.start()
  const call = await made.anna.call(phone)
  await turn()
  state.outcome = 'later'
  await made.anna.say(call, 'left')
  await made.anna.release(call)
  made.store.outage('TERR_NO_SWITCH')
  await wait(made, 8_000)
  made.store.outage(undefined)
  await wait(made, 6_000)
  const receipts = (await made.anna.feed()).flatMap(({ event }) =>
    event.event === 'EventReturnReceipt' ? [event.extensions.receipt.outcome] : [],
  )
  expect([receipts, told.at(-1), legs.size]).toEqual([['failed'], 'end completed', 0])
})

test('[LG-9] stopped with a dead store it ends in time and leaves no timer', async () => {
  const made = await withAnna()
  const { legs, state } = legsAt(made)
  await legs.start()
  const call = await made.anna.call(phone)
  await made.anna.say(call, 'one')
  await turn()
  const before = made.clock.pending
  state.outcome = 'later'
  await made.anna.say(call, 'two')
  await made.anna.release(call)
  made.store.outage('TERR_NO_SWITCH')
  const stopped = legs.stop()
  await wait(made, 3_100)
  await stopped
  expect([legs.size, made.clock.pending <= before]).toEqual([0, true])
})

test('[LG-10] a text of an endpoint that fails is told to it, also when its leg is gone', async () => {
  const made = sipBench()
  const { legs, told, late } = legsAt(made)
  await legs.start()
  const { callUUID, text } = await made.endpoint(phone).messages(client, 'hello')
  const call = callUUID as CallUUID
  await turn()
  const failed = {
    input: 'report',
    messageID: (text?.messageID ?? '') as MessageID,
    outcome: 'failed',
    status: 404,
    reason: 'Not Found',
  } as const
  await made.endpoint(client).input(call, failed)
  await turn()
  expect(told).toContain('not delivered: Not Found')
  await made.endpoint(phone).input(call, { input: 'released', why: 'completed' })
  for (let i = 0; i < 10; i++) await turn()
  await made.endpoint(client).input(call, failed)
  await turn()
  expect(late).toEqual([`${phone} failed`])
  await legs.stop()
})
