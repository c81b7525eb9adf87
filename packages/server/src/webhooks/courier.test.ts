import { webhookFeed } from '@ringdown/signalling'
import { describe, expect, test } from 'vitest'
import { readRecord, writeRecord } from './ownership.ts'
import type { Answer } from './sender.ts'
import { courierBench, settle } from './testing/courier-bench.ts'
import { agentEvent, append, textEvent } from './testing/events.ts'

const hour = 3_600_000
const texts = (session: string, ...ids: string[]) => ids.map((id) => textEvent(session, id, 1_000))
const messages = ({ got }: { got: readonly { messageID: string | undefined }[] }) =>
  got.map(({ messageID }) => messageID)

describe('a courier', () => {
  test('[WH-12] [WH-13] delivers what happens from its first start on, and writes how far it is', async () => {
    const bench = courierBench()
    await append(bench.store, texts('s', 'before'))
    const courier = bench.courier('n1')
    await courier.start()
    await append(bench.store, texts('s', 'm1', 'm2', 'm3'))
    await bench.pass(1_000)
    expect(messages(bench)).toEqual(['m1', 'm2', 'm3'])
    expect(await bench.record()).toMatchObject({ owner: 'n1', position: 4, waiting: [], counts: { delivered: 3 } })
    expect(courier.state()).toEqual({ backlog: 0, oldestMs: 0, gone: false })
    await courier.close()
    expect(await bench.record()).toMatchObject({ owner: '', position: 4 })
    expect(bench.clock.pending).toBe(0)

    await append(bench.store, texts('s', 'm4'))
    const next = bench.courier('n1')
    await next.start()
    await bench.pass(100)
    expect(messages(bench)).toEqual(['m1', 'm2', 'm3', 'm4'])
    await next.close()
  })

  test('[WH-12] the position is not written before the answer: who dies meanwhile leaves it to the next', async () => {
    const bench = courierBench()
    const [first, second] = [bench.courier('n1'), bench.courier('n2')]
    await first.start()
    await second.start()
    bench.answer = ({ node }) => (node === 'n1' ? new Promise<Answer>(() => undefined) : { status: 204 })
    await append(bench.store, texts('s', 'm1', 'm2'))
    await bench.pass(5_000)
    expect(await bench.record()).toMatchObject({ owner: 'n1', position: 0 })
    // n1 is dead from here on: its store is closed, so nothing it does gets through.
    const record = await readRecord(bench.store, 'crm')
    if (!record) throw new Error('no record')
    await writeRecord(bench.store, 'crm', record.version, { ...record.value, until: bench.clock.now() })
    await bench.pass(4_000)
    const of = (node: string) => bench.got.filter((delivery) => delivery.node === node)
    expect(of('n1').map(({ messageID }) => messageID)).toEqual(['m1'])
    expect(of('n2').map(({ messageID }) => messageID)).toEqual(['m1', 'm2'])
    expect(of('n2')[0]?.id).toBe(of('n1')[0]?.id)
    expect(await bench.record()).toMatchObject({ owner: 'n2', position: 2 })
    await second.close()
    await Promise.all([first.close(), bench.pass(3_000)])
  })

  test('[WH-10] one node delivers, another takes over when it is silent, and at once when it stops', async () => {
    const bench = courierBench()
    const far = bench.store.connect('n1')
    const [first, second] = [bench.courier('n1', far), bench.courier('n2')]
    await first.start()
    await second.start()
    await append(bench.store, texts('s', 'm1'))
    await bench.pass(30_000, 500)
    expect(bench.got.map(({ node }) => node)).toEqual(['n1'])
    await far.close()
    await append(bench.store, texts('s', 'm2'))
    await bench.pass(7_000, 500)
    expect(bench.got.filter(({ node }) => node === 'n2')).toEqual([])
    await bench.pass(6_000, 500)
    expect(bench.got.at(-1)).toMatchObject({ node: 'n2', messageID: 'm2' })

    const third = bench.courier('n3')
    await third.start()
    await second.close()
    await append(bench.store, texts('s', 'm3'))
    await bench.pass(2_500)
    expect(bench.got.at(-1)).toMatchObject({ node: 'n3', messageID: 'm3' })
    await third.close()
    await Promise.all([first.close(), bench.pass(3_000)])
  })

  test('[WH-10] who is no owner any more moves no position', async () => {
    const bench = courierBench()
    const courier = bench.courier('n1')
    await courier.start()
    const found = await readRecord(bench.store, 'crm')
    if (!found) throw new Error('no record')
    const other = { ...found.value, owner: 'n2', until: bench.clock.now() + hour, position: 0 }
    await writeRecord(bench.store, 'crm', found.version, other)
    await append(bench.store, texts('s', 'm1'))
    await bench.pass(5_000)
    expect(await bench.record()).toEqual(other)
    expect(courier.state()).toBeUndefined()
    await courier.close()
    expect(await bench.record()).toEqual(other)
  })

  test('[WH-20] order is kept in a session while others go on, and so many requests at a time', async () => {
    const bench = courierBench({ parallel: 2 })
    let [now, most] = [0, 0]
    const waiting: (() => void)[] = []
    bench.answer = ({ messageID }) => {
      now++
      most = Math.max(most, now)
      if (messageID === 'a1') {
        now--
        return { status: 500 }
      }
      return new Promise((resolve) => {
        waiting.push(() => {
          now--
          resolve({ status: 200 })
        })
      })
    }
    const courier = bench.courier('n1')
    await courier.start()
    await append(bench.store, [
      ...texts('a', 'a1', 'a2'),
      ...texts('b', 'b1', 'b2'),
      ...texts('c', 'c1'),
      ...texts('d', 'd1'),
    ])
    await settle()
    for (let i = 0; i < 10; i++) {
      waiting.shift()?.()
      await settle()
    }
    expect(most).toBe(2)
    expect(messages(bench)).toEqual(
      ['a1', 'b1', 'c1', 'b2', 'd1'].sort((a, b) => messages(bench).indexOf(a) - messages(bench).indexOf(b)),
    )
    expect(messages(bench)).not.toContain('a2')
    await bench.pass(1_000)
    expect(await bench.record()).toMatchObject({
      position: 6,
      waiting: [
        { offset: 1, attempts: 1 },
        { offset: 2, attempts: 0 },
      ],
    })
    bench.answer = () => ({ status: 200 })
    await bench.pass(5_000)
    expect(messages(bench).slice(-2)).toEqual(['a1', 'a2'])
    await courier.close()
  })

  test('[WH-21] [WH-26] what fails is tried again by plan, then given up, counted and remembered', async () => {
    const bench = courierBench({ retry: { firstMs: 1_000, maxMs: 10_000, forMs: 60_000 } })
    bench.answer = ({ messageID }) => (messageID === 'm1' ? { failure: 'connection' } : { status: 200 })
    const courier = bench.courier('n1')
    await courier.start()
    const begun = bench.clock.now()
    await append(bench.store, texts('s', 'm1', 'm2'))
    await bench.pass(61_000, 500)
    const tries = bench.got.filter(({ messageID }) => messageID === 'm1')
    expect(tries.map(({ at }) => (at - begun) / 1000)).toEqual([0, 1, 5, 15, 25, 35, 45, 55, 60])
    expect(new Set(tries.map(({ id }) => id)).size).toBe(1)
    expect(messages(bench).at(-1)).toBe('m2')
    expect(await bench.record()).toMatchObject({
      givenUp: [1],
      position: 2,
      counts: { delivered: 1, failedAttempts: 9, givenUp: 1 },
    })
    expect(bench.outcomes).toEqual({ delivered: 1, failed: 9, givenUp: 1, missed: 0 })
    await courier.close()
  })

  test('[WH-12] [WH-21] what waits for its time waits on, on another node too', async () => {
    const bench = courierBench()
    bench.answer = ({ messageID }) => (messageID === 'm1' ? { status: 503 } : { status: 200 })
    const first = bench.courier('n1')
    await first.start()
    await append(bench.store, [...texts('s', 'm1', 'm2'), ...texts('t', 'm3')])
    await bench.pass(10_000, 500)
    await first.close()
    expect(messages(bench)).toEqual(['m1', 'm3', 'm1'])
    const second = bench.courier('n2')
    await second.start()
    await bench.pass(14_000, 500)
    expect(messages(bench)).toEqual(['m1', 'm3', 'm1'])
    bench.answer = () => ({ status: 200 })
    await bench.pass(12_000, 500)
    expect(messages(bench)).toEqual(['m1', 'm3', 'm1', 'm1', 'm2'])
    expect(new Set(bench.got.filter(({ messageID }) => messageID === 'm1').map(({ id }) => id)).size).toBe(1)
    await second.close()
  })

  test('[WH-22] a target that is busy is left alone as a whole for as long as it says', async () => {
    const bench = courierBench()
    bench.answer = () => ({ status: 429, retryAfterMs: 60_000 })
    const courier = bench.courier('n1')
    await courier.start()
    await append(bench.store, texts('s', 'm1'))
    await bench.pass(1_000)
    bench.answer = () => ({ status: 200 })
    await append(bench.store, texts('t', 'm2'))
    await bench.pass(58_000, 500)
    expect(messages(bench)).toEqual(['m1'])
    await bench.pass(3_000, 500)
    expect(messages(bench).slice(1).sort()).toEqual(['m1', 'm2'])
    await courier.close()
  })

  test('[WH-27] a target that is back gets what waits at once', async () => {
    const bench = courierBench()
    bench.answer = () => ({ failure: 'timeout' })
    const courier = bench.courier('n1')
    await courier.start()
    await append(
      bench.store,
      ['a', 'b', 'c', 'd'].flatMap((session) => texts(session, `${session}1`)),
    )
    await bench.pass(2 * hour, 60_000)
    const before = bench.got.length
    bench.answer = () => ({ status: 200 })
    await append(bench.store, texts('e', 'e1'))
    await bench.pass(3_000)
    expect(messages(bench).slice(before).sort()).toEqual(['a1', 'b1', 'c1', 'd1', 'e1'])
    await courier.close()
  })

  test('[WH-25] after a 410 nothing is sent until the node is started or configured anew', async () => {
    const bench = courierBench()
    bench.answer = () => ({ status: 410 })
    const courier = bench.courier('n1')
    await courier.start()
    await append(bench.store, texts('s', 'm1'))
    await bench.pass(1_000)
    await append(bench.store, texts('t', 'm2'))
    await bench.pass(hour, 60_000)
    expect(messages(bench)).toEqual(['m1'])
    expect(courier.state()).toMatchObject({ gone: true, backlog: 2 })
    const gone = (await bench.record())?.gone
    expect(gone).toBeTypeOf('number')
    bench.answer = () => ({ status: 200 })
    courier.tryAgain()
    await bench.pass(1_000)
    expect(messages(bench).sort()).toEqual(['m1', 'm1', 'm2'])
    expect((await bench.record())?.gone).toBeUndefined()
    await courier.close()
  })

  test('[WH-20] [WH-28] a dead target is owed its deliveries by the feed, not by our memory', async () => {
    const bench = courierBench({}, 10_000)
    bench.answer = () => ({ failure: 'connection' })
    const courier = bench.courier('n1')
    await courier.start()
    await append(
      bench.store,
      Array.from({ length: 2_000 }, (_, i) => textEvent(`s${i}`, `m${i}`)),
    )
    await bench.pass(10_000, 500)
    expect(courier.state()?.backlog).toBe(2_000)
    const record = await bench.record()
    expect(record?.waiting.length).toBeLessThanOrEqual(256)
    expect(record?.position).toBeLessThanOrEqual(256)
    bench.answer = () => ({ status: 200 })
    await bench.pass(hour, 5_000)
    expect(new Set(messages(bench)).size).toBe(2_000)
    expect(courier.state()?.backlog).toBe(0)
    await courier.close()
  })

  test('[WH-24] what the feed has let go of is told, in a delivery of its own', async () => {
    const bench = courierBench({}, 100)
    const first = bench.courier('n1')
    await first.start()
    await append(bench.store, texts('s', 'm1'))
    await bench.pass(1_000)
    await first.close()
    await append(
      bench.store,
      Array.from({ length: 300 }, (_, i) => textEvent('s', `n${i}`)),
    )
    const second = bench.courier('n1')
    let down = true
    bench.answer = ({ type }) => (down && type === 'webhook.gap' ? { status: 500 } : { status: 200 })
    await second.start()
    await bench.pass(2_000)
    const gaps = () => bench.got.filter(({ type }) => type === 'webhook.gap')
    expect(gaps()[0]?.data).toEqual({ epoch: 'e', from: 2, to: 201, reason: 'trimmed' })
    expect(bench.outcomes.missed).toBe(200)
    expect((await bench.record())?.waiting).toMatchObject([{ offset: 201, gap: { from: 2 } }])
    await second.close()
    down = false
    const third = bench.courier('n1')
    await third.start()
    await bench.pass(6_000)
    expect(gaps().map(({ id }) => id)).toEqual([gaps()[0]?.id, gaps()[0]?.id])
    expect(messages(bench).filter((id) => id?.startsWith('n'))).toEqual(
      Array.from({ length: 100 }, (_, i) => `n${i + 200}`),
    )
    expect(await bench.record()).toMatchObject({ waiting: [], counts: { missed: 200 } })
    await third.close()
  })

  test('[WH-24] a delivery that waited for its time until it was trimmed is told too', async () => {
    const bench = courierBench({}, 100)
    const first = bench.courier('n1')
    bench.answer = () => ({ status: 500 })
    await first.start()
    await append(bench.store, texts('s', 'm1'))
    await bench.pass(1_000)
    await first.close()
    await append(
      bench.store,
      Array.from({ length: 100 }, (_, i) => textEvent('t', `n${i}`)),
    )
    bench.answer = () => ({ status: 200 })
    const second = bench.courier('n1')
    await second.start()
    await bench.pass(1_000)
    expect(bench.got.find(({ type }) => type === 'webhook.gap')?.data).toMatchObject({ from: 1, to: 1 })
    expect(messages(bench).slice(-100)).toEqual(Array.from({ length: 100 }, (_, i) => `n${i}`).slice(0, 100))
    await second.close()
  })

  test('[WH-24] a store that counts anew: what may be lost is told, what is left comes once more', async () => {
    const bench = courierBench()
    const first = bench.courier('n1')
    await first.start()
    await append(bench.store, [textEvent('s', 'm1', 1_000), textEvent('s', 'm2', 50_000), textEvent('s', 'm3', 52_000)])
    await bench.pass(1_000)
    await first.close()
    const record = await readRecord(bench.store, 'crm')
    if (!record) throw new Error('no record')
    await writeRecord(bench.store, 'crm', record.version, { ...record.value, epoch: 'another' })
    const second = bench.courier('n1')
    await second.start()
    await bench.pass(1_000)
    expect(bench.got.find(({ type }) => type === 'webhook.gap')?.data).toMatchObject({
      epoch: 'another',
      from: 4,
      reason: 'storeReset',
    })
    expect(messages(bench)).toEqual(['m1', 'm2', 'm3', ...messages(bench).slice(3)])
    expect(
      messages(bench)
        .slice(3)
        .filter((id) => id !== undefined),
    ).toEqual(['m2', 'm3'])
    expect(await bench.record()).toMatchObject({ epoch: 'e', position: 3 })
    await second.close()
  })

  test('[WH-23] what was delivered is sent again, under the same ids, while new things go on', async () => {
    const bench = courierBench({}, 10_000)
    const courier = bench.courier('n1')
    await courier.start()
    await append(
      bench.store,
      Array.from({ length: 500 }, (_, i) => textEvent(`s${i % 7}`, `m${i + 1}`)),
    )
    await bench.pass(2_000)
    expect(bench.got).toHaveLength(500)
    await ask(bench, { from: 101, to: 400 })
    await bench.pass(3_000)
    await append(bench.store, texts('new', 'new'))
    await bench.pass(3_000)
    const again = bench.got.slice(500).filter(({ messageID }) => messageID !== 'new')
    expect(again).toHaveLength(300)
    const ids = new Map(bench.got.slice(0, 500).map(({ messageID, id }) => [messageID, id]))
    for (const { messageID, id } of again) expect(id).toBe(ids.get(messageID))
    for (const session of new Set(again.map((delivery) => delivery.session))) {
      const numbers = again
        .filter((one) => one.session === session)
        .map(({ messageID = '' }) => Number(messageID.slice(1)))
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
    }
    expect(messages(bench)).toContain('new')
    expect(await bench.record()).toMatchObject({ replays: [], requests: [], position: 501 })
    await courier.close()
  })

  test('[WH-23] what was given up is sent again', async () => {
    const bench = courierBench({ retry: { firstMs: 100, maxMs: 1_000, forMs: 1_000 } })
    bench.answer = () => ({ status: 400 })
    const courier = bench.courier('n1')
    await courier.start()
    await append(bench.store, [...texts('a', 'a1'), agentEvent('7001'), ...texts('b', 'b1')])
    await bench.pass(5_000)
    expect((await bench.record())?.givenUp.toSorted()).toEqual([1, 2, 3])
    bench.answer = () => ({ status: 200 })
    const before = bench.got.length
    await ask(bench, { failed: true })
    await bench.pass(5_000)
    expect(messages(bench).slice(before).toSorted()).toEqual(['a1', 'b1', undefined])
    expect(await bench.record()).toMatchObject({ givenUp: [], replays: [], counts: { delivered: 3 } })
    await courier.close()
  })

  test('[WH-12] lost hints and an outage of the store lose nothing', async () => {
    const bench = courierBench()
    const courier = bench.courier('n1')
    await courier.start()
    bench.store.loseHints(true)
    await append(bench.store, texts('s', 'm1'))
    await bench.pass(3_000)
    expect(messages(bench)).toEqual(['m1'])
    bench.store.loseHints(false)
    bench.store.outage('TERR_NO_SWITCH')
    await bench.pass(60_000, 500)
    bench.store.outage(undefined)
    await append(bench.store, texts('s', 'm2'))
    await bench.pass(5_000)
    expect(messages(bench)).toEqual(['m1', 'm2'])
    expect((await bench.store.readFeed(webhookFeed, 0, 10)).last).toBe(2)
    await courier.close()
  })
})

async function ask(
  { store }: ReturnType<typeof courierBench>,
  request: { from: number; to: number } | { failed: true },
) {
  for (;;) {
    const found = await readRecord(store, 'crm')
    if (!found) throw new Error('no record')
    const asked = { ...found.value, requests: [...found.value.requests, request] }
    if ((await writeRecord(store, 'crm', found.version, asked)) !== undefined) return
  }
}
