import type { Centre } from '@ringdown/facade'
import type { WireEnds } from '@ringdown/msrp'
import type { Call, CallUUID, Change, DNumber, FeedEvent, PersonID, SessionStore } from '@ringdown/signalling'
import { demoDirectory, ManualClock, type MemoryStore, memoryStore } from '@ringdown/signalling/testing'
import { expect, test } from 'vitest'
import { createTrace, type Trace } from './trace.ts'

const began = Date.UTC(2026, 0, 1)
const session = 'S1' as CallUUID
const anna = 'p-anna' as PersonID
const phone = '8001' as DNumber

const call = {
  callUUID: session,
  created: began,
  parties: [
    { dn: '7001', agent: anna },
    { dn: phone, agent: null },
  ],
} as unknown as Call

class Stage {
  readonly clock = new ManualClock(began)
  readonly shared = memoryStore({ epoch: 'e1', feedLimit: 100, clock: this.clock })
  readonly errors: unknown[] = []

  /** A node's trace, and its connection to the store. */
  node(
    name: string,
    bytes = 1_000_000,
    pause: () => Promise<void> = async () => undefined,
  ): { trace: Trace; store: MemoryStore; centre: Centre } {
    const store = this.shared.connect(name)
    const trace = createTrace({
      ...{ node: name, clock: this.clock, bytes, stores: new Map([['demo', store as SessionStore]]) },
      now: () => this.clock.now(),
      pause,
      onError: (error) => this.errors.push(error),
    })
    const known = new Map([[session, call]])
    const tserver = { anyCall: async (callUUID: CallUUID) => known.get(callUUID) }
    const centre = { id: 'demo', directory: () => demoDirectory(), store, tserver } as unknown as Centre
    return { trace, store, centre }
  }

  /** Waits for answers of other nodes, until this time has passed at most. */
  async within<T>(ms: number, answer: Promise<T>): Promise<T> {
    for (let waited = 0; waited < ms; waited += 100) {
      await new Promise((resolve) => setImmediate(resolve))
      this.clock.advance(100)
    }
    return answer
  }
}

const text = (callUUID = session) =>
  ({
    event: 'EventACK',
    thisDN: '7001',
    callUUID,
    extensions: { text: { messageID: 'm1', body: 'hello' } },
  }) as unknown as FeedEvent
const change = (event: FeedEvent, expected: Change['expect'] = []): Change => ({
  ...{ expect: expected, put: [], claims: [], timers: { set: [], cancel: [] } },
  feeds: [{ person: anna, event }],
})
const udp = {
  id: 'f1',
  transport: 'udp',
  local: { address: '127.0.0.1', port: 5060 },
  remote: { address: '127.0.0.2', port: 5070 },
} as Parameters<NonNullable<Trace['sip']>>[1]
const bytes = (lines: readonly string[], body = '') => Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`)
const message = (callID: string, body = 'hello') =>
  bytes(['MESSAGE sip:7001@demo SIP/2.0', `Call-ID: ${callID}`, 'CSeq: 1 MESSAGE', 'Content-Type: text/plain'], body)
const titles = async ({ trace, centre }: { trace: Trace; centre: Centre }, texts = false) =>
  (await trace.reader.ladder(centre, session, texts))?.entries.map(({ title }) => title)

test('[TR-1] events are recorded when they are committed, and only then', async () => {
  const stage = new Stage()
  const node = stage.node('a')
  const store = node.trace.wrapStore('demo', node.store)
  await store.commit(change(text()))
  await store.commit(change(text(), [{ kind: 'call', id: session, version: 7 }]))
  stage.shared.outage('TERR_TIMEOUT')
  await expect(store.commit(change(text()))).rejects.toThrow()
  stage.shared.outage(undefined)
  expect(await titles(node)).toEqual(['EventACK at 7001'])
  expect(node.trace.reader.state().entries).toBe(1)
})

test('[TR-1] an entry that cannot be recorded harms nobody', async () => {
  const stage = new Stage()
  const { trace, store } = stage.node('a')
  const broken = { event: 'EventACK', callUUID: session, userData: undefined } as unknown as FeedEvent
  expect(await trace.wrapStore('demo', store).commit(change(broken))).toMatchObject({ outcome: 'committed' })
  expect(stage.errors).toHaveLength(1)
})

test('[TR-1] the store is the same but for that', async () => {
  const stage = new Stage()
  const { trace, store } = stage.node('a')
  const wrapped = trace.wrapStore('demo', store)
  const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(store) as object)
  const own = new Set(['constructor', 'connect', 'outage', 'loseHints', 'doubt', 'image'])
  for (const name of methods.filter((each) => !own.has(each))) expect(wrapped).toHaveProperty(name)
  await wrapped.keep('ticket', 'x', 'y', 1000)
  expect(await store.kept('ticket', 'x')).toBe('y')
  expect(wrapped.healthy()).toBe(true)
})

test('[TR-1] switched off, nothing is recorded and nobody is asked to tell', async () => {
  const stage = new Stage()
  const { trace, store, centre } = stage.node('a', 0)
  expect(trace.tracer.on).toBe(false)
  expect([trace.sip, trace.msrp]).toEqual([undefined, undefined])
  expect(trace.wrapStore('demo', store)).toBe(store)
  expect(await trace.reader.ladder(centre, session, false)).toBeUndefined()
  expect(trace.reader.state()).toEqual({ entries: 0, bytes: 0, limit: 0, discarded: {} })
})

test('[TR-4] SIP is found by what its leg is bound to, by the session’s name, and by the MSRP session its SDP names', async () => {
  const stage = new Stage()
  const node = stage.node('a')
  const { trace } = node
  const sdp = 'm=message 9 TCP/MSRP *\r\na=path:msrp://127.0.0.1:2855/0123456789abcdef;tcp\r\n'
  trace.bind(session, phone, { callID: 'mine' })
  trace.bind(session, phone, { msrp: '0123456789abcdef' })
  trace.sip?.(false, udp, message('mine'))
  trace.sip?.(false, udp, message('other'))
  trace.sip?.(true, udp, message(`${session}.${phone}`))
  trace.sip?.(true, udp, message('S2.8001'))
  const invite = bytes(
    ['INVITE sip:8001@demo SIP/2.0', 'i: invited', 'CSeq: 1 INVITE', 'Content-Type: application/sdp'],
    sdp,
  )
  trace.sip?.(true, udp, invite)
  trace.sip?.(false, udp, bytes(['SIP/2.0 180 Ringing', 'Call-ID: invited', 'CSeq: 1 INVITE']))
  const ladder = await trace.reader.ladder(node.centre, session, false)
  expect(ladder?.entries.map(({ from, to, title }) => `${from} ${to} ${title}`)).toEqual([
    'dn:8001 engine MESSAGE sip:7001@demo',
    'engine dn:8001 MESSAGE sip:7001@demo',
    'engine dn:8001 INVITE sip:8001@demo',
    'dn:8001 engine 180 Ringing (INVITE)',
  ])
})

test('[TR-4] MSRP frames are found in the bytes of a connection that other sessions use too, however they were cut', async () => {
  const stage = new Stage()
  const node = stage.node('a')
  const ends: WireEnds = {
    transport: 'tcp',
    local: { address: '127.0.0.1', port: 2855 },
    remote: { address: '127.0.0.2', port: 40_000 },
  }
  const frame = (tid: string, to: string) =>
    `MSRP ${tid} SEND\r\nTo-Path: msrp://a:2855/${to};tcp\r\nFrom-Path: msrp://b:9/peer;tcp\r\nByte-Range: 1-5/5\r\nContent-Type: text/plain\r\n\r\nhello\r\n-------${tid}$\r\n`
  node.trace.bind(session, phone, { msrp: 'mine' })
  const stream = Buffer.from(frame('aaaa1', 'mine') + frame('bbbb2', 'other') + frame('cccc3', 'mine'))
  const [first, second] = [stream.subarray(0, 250), stream.subarray(250)]
  node.trace.msrp?.(false, ends, [first])
  stage.clock.advance(5)
  node.trace.msrp?.(false, ends, [second])
  const ladder = await node.trace.reader.ladder(node.centre, session, true)
  expect(ladder?.entries.map(({ id, at, content }) => [id, at - began, /^MSRP (\w+)/.exec(content)?.[1]])).toEqual([
    ['a:0', 0, 'aaaa1'],
    ['a:1', 5, 'cccc3'],
  ])
  expect(ladder?.entries[0]?.content).toContain('hello')
})

test('[TR-4] requests that do not name a session are those of the session the person is in', async () => {
  const stage = new Stage()
  const node = stage.node('a')
  const ask = (centre: string, person: string, callUUID: string | undefined) =>
    node.trace.tracer.request({
      ...{ tongue: 'ucajax', method: 'POST', path: '/cwa/x', status: 200, request: '', answer: '', ms: 1 },
      ...{ centre, person: person as PersonID, callUUID: callUUID as CallUUID | undefined },
    })
  stage.clock.advance(10)
  ask('demo', anna, undefined)
  ask('demo', anna, session)
  ask('demo', anna, 'S2')
  ask('demo', 'p-ben', undefined)
  ask('other', anna, session)
  expect(await titles(node)).toEqual(['POST x → 200', 'POST x → 200'])
})

test('[TR-4] and no longer those of that session when the person has begun another', async () => {
  const stage = new Stage()
  const node = stage.node('a')
  const store = node.trace.wrapStore('demo', node.store)
  const poll = (position: number) =>
    node.trace.tracer.delivered({
      ...{ tongue: 'ucajax', centre: 'demo', person: anna, client: 'session 1', callUUID: undefined, position },
      content: '<cwaEvents><messageReceived eid="1"/></cwaEvents>',
    })
  poll(1)
  await store.commit(change(text()))
  poll(2)
  await store.commit(change(text('S2' as CallUUID)))
  poll(3)
  const ladder = await node.trace.reader.ladder(node.centre, session, false)
  const polls = ladder?.entries.flatMap(({ content }) => /position (\d)/.exec(content)?.[1] ?? [])
  expect(polls).toEqual(['1', '2'])
})

test('[TR-10] a session of another contact centre is not found, whatever its name', async () => {
  const stage = new Stage()
  const { trace, store, centre } = stage.node('a')
  await trace.wrapStore('other', store).commit(change(text()))
  expect(await trace.reader.ladder(centre, session, false)).toBeUndefined()
  trace.bind('S9' as CallUUID, phone, { callID: 'mine' })
  trace.sip?.(false, udp, message('mine'))
  expect(await trace.reader.ladder(centre, 'S9' as CallUUID, false)).toBeUndefined()
})

test('[TR-3] a ladder says what gave way since its session began, and the state says all', async () => {
  const stage = new Stage()
  const node = stage.node('a', 20_000)
  node.trace.bind(session, phone, { callID: 'mine' })
  for (let i = 0; i < 100; i++) node.trace.sip?.(false, udp, message('mine', `${i}`.padStart(100, '.')))
  const ladder = await node.trace.reader.ladder(node.centre, session, false)
  const { entries, bytes: held, limit, discarded } = node.trace.reader.state()
  expect(limit).toBe(20_000)
  expect(held).toBeLessThanOrEqual(limit)
  expect(ladder?.entries).toHaveLength(entries)
  expect(ladder?.discarded).toEqual(discarded)
  expect(discarded.overwritten).toBe((100 - entries) * message('mine', '.'.repeat(100)).length)
})

test('[TR-2] of a session of very many texts the newest are shown, in slices, and what is left out is counted', async () => {
  const stage = new Stage()
  let pauses = 0
  const pause = async () => {
    pauses++
  }
  const node = stage.node('a', 32_000_000, pause)
  const store = node.trace.wrapStore('demo', node.store)
  for (let i = 0; i < 20_000; i++) await store.commit(change(text()))
  const ladder = await node.trace.reader.ladder(node.centre, session, false)
  const { entries = [], discarded = {} } = ladder ?? {}
  expect(entries.length).toBeGreaterThan(5_000)
  expect(entries.length).toBeLessThan(10_000)
  expect(entries.at(-1)?.id).toBe('a:19999')
  expect(discarded).toEqual({ leftOut: (20_000 - entries.length) * 305 })
  // Less than a millisecond of masking between two of them.
  expect(pauses).toBeGreaterThan(60)
})

test('[TR-7] what other nodes hold is in the ladder, masked where they hold it', async () => {
  const stage = new Stage()
  const [here, there] = [stage.node('a'), stage.node('b')]
  stage.clock.advance(10)
  await here.trace.wrapStore('demo', here.store).commit(change(text()))
  there.trace.bind(session, phone, { callID: 'mine' })
  stage.clock.advance(10)
  there.trace.sip?.(false, udp, message('mine', 'secret'))
  const kept: string[] = []
  const keep = there.store.keep.bind(there.store)
  there.store.keep = async (kind, id, value, ttl) => {
    kept.push(`${kind} ${value}`)
    return keep(kind, id, value, ttl)
  }
  const ladder = await stage.within(500, here.trace.reader.ladder(here.centre, session, false))
  expect(ladder?.entries.map(({ id, title }) => [id, title])).toEqual([
    ['a:0', 'EventACK at 7001'],
    ['b:0', 'MESSAGE sip:7001@demo'],
  ])
  expect(ladder?.silent).toEqual([])
  expect(kept).toHaveLength(1)
  expect(kept[0]).toMatch(/^trace /)
  expect(kept[0]).not.toContain('secret')
  const shown = await stage.within(500, here.trace.reader.ladder(here.centre, session, true))
  expect(shown?.entries[1]?.content).toContain('secret')
  expect(stage.errors).toEqual([])
})

test('[TR-7] a node that does not answer is named and not waited for beyond a moment; one that has left is neither', async () => {
  const stage = new Stage()
  const [here, , gone] = [stage.node('a'), stage.node('b'), stage.node('c')]
  stage.clock.advance(10)
  await here.trace.wrapStore('demo', here.store).commit(change(text()))
  gone.trace.close()
  stage.shared.loseHints(true)
  const asked = stage.clock.now()
  let answered: number | undefined
  const ladder = here.trace.reader.ladder(here.centre, session, false).finally(() => {
    answered = stage.clock.now()
  })
  expect((await stage.within(3_000, ladder))?.silent).toEqual(['b'])
  expect((answered ?? 0) - asked).toBeLessThan(2_000)
  // Silent for longer it is named at once, and in the end forgotten.
  stage.clock.advance(20_000)
  expect((await here.trace.reader.ladder(here.centre, session, false))?.silent).toEqual(['b'])
  stage.clock.advance(60_000)
  expect((await here.trace.reader.ladder(here.centre, session, false))?.silent).toEqual([])
})

test('[TR-2] more ladders at once than can be put together are refused', async () => {
  const stage = new Stage()
  const { trace, store, centre } = stage.node('a')
  await trace.wrapStore('demo', store).commit(change(text()))
  const asked = await Promise.allSettled(Array.from({ length: 40 }, () => trace.reader.ladder(centre, session, false)))
  expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(16)
  expect(await trace.reader.ladder(centre, session, false)).toBeDefined()
})

test('closed, a trace leaves nothing running', async () => {
  const stage = new Stage()
  const nodes = ['a', 'b'].map((name) => stage.node(name))
  for (const { trace } of nodes) trace.close()
  expect(stage.clock.pending).toBe(0)
})
