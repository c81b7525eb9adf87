import { erasureSignal } from '@ringdown/facade'
import { webhookFeed } from '@ringdown/signalling'
import { ManualClock, type MemoryStore, memoryStore } from '@ringdown/signalling/testing'
import { describe, expect, test } from 'vitest'
import { readRecord, writeRecord } from './ownership.ts'
import type { Answer } from './sender.ts'
import { courierBench, settle } from './testing/courier-bench.ts'
import { anna, append, textEvent } from './testing/events.ts'

const hour = 3_600_000
const messages = ({ got }: { got: readonly { messageID: string | undefined }[] }) =>
  got.flatMap(({ messageID }) => (messageID === undefined ? [] : [messageID]))
const never = () => new Promise<Answer>(() => undefined)

/** A store with some of its methods in other hands. */
function instead(store: MemoryStore, methods: () => Partial<MemoryStore>): MemoryStore {
  return new Proxy(store, {
    get(target, name) {
      const own = Reflect.get(methods(), name)
      const value = own ?? Reflect.get(target, name, target)
      return typeof value === 'function' && own === undefined ? value.bind(target) : value
    },
  })
}

/** What a store is that has lost its memory. */
const forgetful = () => memoryStore({ epoch: 'f', feedLimit: 1_000, clock: new ManualClock() })

async function change(
  { store }: ReturnType<typeof courierBench>,
  to: (record: NonNullable<Awaited<ReturnType<typeof readRecord>>>['value']) => object,
) {
  const found = await readRecord(store, 'crm')
  if (!found) throw new Error('no record')
  await writeRecord(store, 'crm', found.version, { ...found.value, ...to(found.value) })
}

describe('what a courier has promised survives', () => {
  test('[WH-12] a store that fails while what waits is read again', async () => {
    const bench = courierBench()
    let failing = 0
    const readFeed: MemoryStore['readFeed'] = (...asked) =>
      asked[2] === 1 && failing > 0 && --failing === 0
        ? Promise.reject(new Error('the store is out'))
        : bench.store.readFeed(...asked)
    const courier = bench.courier(
      'n1',
      instead(bench.store, () => ({ readFeed })),
    )
    bench.answer = () => ({ status: 500 })
    await courier.start()
    await append(
      bench.store,
      ['a', 'b', 'c'].map((session) => textEvent(session, `${session}1`)),
    )
    await bench.pass(1_000)
    expect((await bench.record())?.waiting).toHaveLength(3)
    failing = 2
    await bench.store.signal('*', erasureSignal('0'.repeat(16), anna))
    await bench.pass(4_000)
    expect(failing).toBe(0)
    expect((await bench.record())?.waiting).toHaveLength(3)
    bench.answer = () => ({ status: 200 })
    const before = bench.got.length
    await bench.pass(40_000, 500)
    expect(messages(bench).slice(before).sort()).toEqual(['a1', 'b1', 'c1'])
    await courier.close()
  })

  test('[WH-12] an outage of the store when it starts', async () => {
    const bench = courierBench()
    const courier = bench.courier('n1')
    bench.store.outage('TERR_NO_SWITCH')
    await expect(courier.start()).rejects.toThrow()
    bench.store.outage(undefined)
    await bench.pass(3_000)
    await append(bench.store, [textEvent('s', 'm1')])
    await bench.pass(1_000)
    expect(messages(bench)).toEqual(['m1'])
    await courier.close()
  })

  test('[WH-24] a store that counts anew while the position is being written', async () => {
    const bench = courierBench()
    const anew = forgetful()
    let isNew = false
    let gate: Promise<void> | undefined
    const on = instead(bench.store, () => ({
      ...(isNew && { readFeed: anew.readFeed.bind(anew), feedEnd: anew.feedEnd.bind(anew) }),
      ...(gate && {
        commit: async (one) => {
          await gate
          return bench.store.commit(one)
        },
      }),
    }))
    const courier = bench.courier('n1', on)
    await courier.start()
    await append(
      bench.store,
      Array.from({ length: 10 }, (_, i) => textEvent('s', `m${i}`)),
    )
    await bench.pass(1_000)
    expect(await bench.record()).toMatchObject({ position: 10 })
    await append(
      anew,
      ['x', 'y', 'z'].map((session) => textEvent(session, `${session}1`)),
    )
    let open = () => {}
    gate = new Promise((resolve) => {
      open = resolve
    })
    await bench.pass(2_500)
    isNew = true
    bench.answer = never
    bench.store.doubt()
    await settle()
    gate = undefined
    open()
    await bench.pass(5_000, 500)
    expect(await bench.record()).toMatchObject({ epoch: 'f', position: 0 })
    await Promise.all([courier.close(), bench.pass(3_000)])
  })

  test('[WH-24] a store that has lost its record of the webhook too: the notice is told, by another node if need be', async () => {
    const bench = courierBench()
    const anew = forgetful()
    const first = bench.courier('n1')
    const far = instead(bench.store, () => (lost ? (own(anew) as Partial<MemoryStore>) : {}))
    let lost = false
    const courier = bench.courier('n2', far)
    await courier.start()
    await append(
      bench.store,
      Array.from({ length: 10 }, (_, i) => textEvent('s', `m${i}`)),
    )
    await bench.pass(1_000)
    lost = true
    bench.answer = ({ type }) => (type === 'webhook.gap' ? { status: 500 } : { status: 200 })
    await append(anew, [textEvent('s', 'n1'), textEvent('t', 'n2')])
    await bench.pass(5_000)
    expect(messages(bench).slice(10)).toEqual(['n1', 'n2'])
    await courier.close()
    bench.answer = () => ({ status: 200 })
    const before = bench.got.length
    const next = bench.courier('n3', anew)
    await next.start()
    await bench.pass(60_000, 500)
    expect(bench.got.slice(before)).toMatchObject([
      { type: 'webhook.gap', node: 'n3', data: { epoch: 'e', from: 11, reason: 'storeReset' } },
    ])
    expect((await readRecord(anew, 'crm'))?.value).toMatchObject({ waiting: [], position: 2 })
    await next.close()
    await first.close()
  })

  test('[WH-24] a notice that was not taken yet when the store counts anew', async () => {
    const bench = courierBench({}, 100)
    const first = bench.courier('n1')
    await first.start()
    await first.close()
    await append(
      bench.store,
      Array.from({ length: 150 }, (_, i) => textEvent('s', `m${i}`)),
    )
    bench.answer = ({ type }) => (type === 'webhook.gap' ? { status: 500 } : { status: 200 })
    const second = bench.courier('n1')
    await second.start()
    await bench.pass(5_000)
    await second.close()
    await change(bench, () => ({ epoch: 'before' }))
    bench.answer = () => ({ status: 200 })
    const third = bench.courier('n1')
    await third.start()
    await bench.pass(60_000, 500)
    const gaps = bench.got.filter(({ type }) => type === 'webhook.gap').map(({ data }) => data)
    expect(gaps).toContainEqual({ epoch: 'e', from: 1, to: 50, reason: 'trimmed' })
    expect(gaps).toContainEqual(expect.objectContaining({ epoch: 'before', reason: 'storeReset' }))
    await third.close()
  })

  test('[WH-24] what waited for its time when the node stopped, and the store counts anew before it starts', async () => {
    const bench = courierBench()
    const first = bench.courier('n1')
    bench.answer = ({ messageID }) => ({ status: messageID === 'a1' ? 500 : 200 })
    await first.start()
    await append(
      bench.store,
      ['a', 'b', 'c'].map((session) => textEvent(session, `${session}1`, 60_000)),
    )
    await bench.pass(1_000)
    await first.close()
    await change(bench, () => ({ epoch: 'before', reached: 600_000 }))
    const second = bench.courier('n1')
    await second.start()
    await bench.pass(1_000)
    const gap = bench.got.find(({ type }) => type === 'webhook.gap')
    expect(gap?.data).toEqual({ epoch: 'before', from: 1, to: 3, reason: 'storeReset' })
    await second.close()
  })

  test('[WH-23] what is sent again beside a notice that bears its number', async () => {
    const bench = courierBench()
    const first = bench.courier('n1')
    await first.start()
    await append(
      bench.store,
      Array.from({ length: 10 }, (_, i) => textEvent(`s${i}`, `m${i + 1}`, bench.clock.now())),
    )
    await bench.pass(1_000)
    await first.close()
    bench.answer = ({ type }) => (type === 'webhook.gap' ? { status: 500 } : { status: 200 })
    await change(bench, () => ({
      waiting: [{ offset: 5, attempts: 1, since: 1, next: bench.clock.now() + hour, gap: gapBefore }],
      requests: [{ from: 4, to: 6 }],
    }))
    const before = bench.got.length
    const second = bench.courier('n1')
    await second.start()
    await bench.pass(3_000)
    expect(messages(bench).slice(before)).toEqual(['m4', 'm5', 'm6'])
    await second.close()
  })
})

const gapBefore = { epoch: 'before', from: 3, reason: 'storeReset' } as const

function own(store: MemoryStore) {
  return Object.fromEntries(
    (['read', 'commit', 'readFeed', 'feedEnd', 'watchFeed'] as const).map((name) => [name, store[name].bind(store)]),
  )
}

describe('a courier is not misled', () => {
  test('[WH-13] [WH-24] a store that counts anew before a new webhook was told anything: nothing from before it is sent', async () => {
    const bench = courierBench()
    bench.clock.advance(hour)
    await append(bench.store, [textEvent('s', 'old', bench.clock.now() - hour / 2)])
    const first = bench.courier('n1')
    await first.start()
    await first.close()
    await change(bench, () => ({ epoch: 'another' }))
    await append(bench.store, [textEvent('s', 'new', bench.clock.now())])
    const second = bench.courier('n1')
    await second.start()
    await bench.pass(2_000)
    expect(messages(bench)).toEqual(['new'])
    await second.close()
  })

  test('[WH-10] a lease of a clock that was far ahead ends when its node is not heard of', async () => {
    const bench = courierBench()
    const first = bench.courier('n1')
    await first.start()
    await first.close()
    await change(bench, () => ({ owner: 'dead', until: bench.clock.now() + 300 * hour }))
    const second = bench.courier('n2')
    await second.start()
    await append(bench.store, [textEvent('s', 'm1')])
    await bench.pass(13_000, 500)
    expect(messages(bench)).toEqual(['m1'])
    await second.close()
  })

  test('[WH-10] a lease of a clock that is ahead holds while its node is heard of', async () => {
    const bench = courierBench()
    const first = bench.courier('n1')
    await first.start()
    await first.close()
    const ahead = () => change(bench, () => ({ owner: 'ahead', until: bench.clock.now() + 300 * hour }))
    await ahead()
    const second = bench.courier('n2')
    await second.start()
    for (let i = 0; i < 10; i++) {
      await bench.pass(2_000, 500)
      await ahead()
    }
    expect(await bench.record()).toMatchObject({ owner: 'ahead' })
    await second.close()
  })

  test('[WH-10] a node that starts again goes on at once; its earlier run, should it live, does not take that back', async () => {
    const bench = courierBench()
    const first = bench.courier('n1~1')
    await first.start()
    const second = bench.courier('n1~2')
    await second.start()
    expect(await bench.record()).toMatchObject({ owner: 'n1~2' })
    const other = bench.courier('n2~3')
    await other.start()
    await append(bench.store, [textEvent('s', 'm1')])
    await bench.pass(20_000, 500)
    expect(await bench.record()).toMatchObject({ owner: 'n1~2', position: 1 })
    await Promise.all([first.close(), second.close(), other.close(), bench.pass(3_000)])
  })

  test('[WH-21] a time for the next attempt that a clock ahead has made is brought back', async () => {
    const bench = courierBench()
    const first = bench.courier('n1')
    bench.answer = () => ({ status: 500 })
    await first.start()
    await append(bench.store, [textEvent('s', 'm1')])
    await bench.pass(1_000)
    await first.close()
    await change(bench, ({ waiting }) => ({
      waiting: waiting.map((one) => ({ ...one, next: bench.clock.now() + 9_000 * hour })),
    }))
    bench.answer = () => ({ status: 200 })
    const second = bench.courier('n1')
    await second.start()
    await bench.pass(5 * hour, 5_000)
    expect(messages(bench)).toEqual(['m1', 'm1'])
    await second.close()
  })

  test('[WH-20] [WH-26] an event that cannot be told holds up its session alone, and is given up', async () => {
    const bench = courierBench({ retry: { firstMs: 1_000, maxMs: 2_000, forMs: 10_000 } })
    const courier = bench.courier('n1')
    await courier.start()
    // There is no such time in ISO 8601.
    await append(bench.store, [textEvent('s', 'bad', 1e17), textEvent('s', 'm1'), textEvent('t', 'm2')])
    await bench.pass(1_000)
    expect(messages(bench)).toEqual(['m2'])
    await bench.pass(15_000, 500)
    expect(messages(bench)).toEqual(['m2', 'm1'])
    expect(await bench.record()).toMatchObject({ givenUp: [1], position: 3 })
    await courier.close()
  })

  test('[WH-10] a node that stops while it takes a webhook over lets go of it', async () => {
    const bench = courierBench()
    let open = () => {}
    let gate: Promise<void> | undefined = new Promise((resolve) => {
      open = resolve
    })
    const commit: MemoryStore['commit'] = async (one) => {
      await gate
      return bench.store.commit(one)
    }
    const courier = bench.courier(
      'n1',
      instead(bench.store, () => ({ commit })),
    )
    const started = courier.start()
    await settle()
    const closed = courier.close()
    gate = undefined
    open()
    await Promise.all([started, closed])
    expect(await bench.record()).toMatchObject({ owner: '' })
    expect((await bench.store.readFeed(webhookFeed, 0, 1)).last).toBe(0)
  })
})
