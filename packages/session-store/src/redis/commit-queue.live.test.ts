import type { SessionStore } from '@ringdown/signalling'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { agentEvent, makeCall, nothing, person, putCall, sampleText, sendText } from '../testing/samples.ts'
import { openOn, watch } from './testing/open.ts'
import { RedisServer } from './testing/redis-server.ts'

const appendOne = { ...nothing, feeds: [{ person: person(1), event: agentEvent(1, 1) }] }
const soon = { timeout: 5000, interval: 10 }
let server: RedisServer
beforeAll(async () => {
  server = await RedisServer.start()
})
afterAll(() => server.stop())

const stores: SessionStore[] = []
beforeEach(() => server.admin.flushall())
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()))
})
async function open(node = 'n1'): Promise<SessionStore> {
  const { store } = await openOn(server, { node })
  stores.push(store)
  return store
}

/** How often a command was called while `run` ran, the probes' own calls left out. */
async function callsOf(command: string, run: () => Promise<unknown>): Promise<number> {
  await server.admin.config('RESETSTAT')
  await run()
  const stats = await server.admin.info('commandstats')
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0)
}

test('[ST-R10] what comes in together is one call, each change with its own outcome', async () => {
  const store = await open()
  await store.commit({ ...nothing, ...putCall(1, 0) })
  await store.commit(sendText(1, 1, sampleText('seen'), true))
  let outcomes: unknown
  // XADD counts the changes, EVALSHA the calls; a probe or two may fall in between.
  const calls = await callsOf('evalsha', async () => {
    outcomes = await Promise.all([
      store.commit(makeCall(2, 3, 4)),
      store.commit(makeCall(3, 4, 5)),
      store.commit(sendText(1, 1, sampleText('new'), true)),
      store.commit(sendText(1, 1, sampleText('seen'), true)),
      store.commit(sendText(1, 7, sampleText('stale'))),
      store.commit(sendText(1, 1, sampleText('new'), true)),
    ])
  })
  expect(outcomes).toEqual([
    { outcome: 'committed', feeds: [1, 1] },
    { outcome: 'conflict' },
    { outcome: 'committed', feeds: [2, 2], log: 2 },
    { outcome: 'duplicate', log: 1, sent: sampleText('').sent },
    { outcome: 'conflict' },
    { outcome: 'duplicate', log: 2, sent: sampleText('').sent },
  ])
  expect(calls).toBeLessThanOrEqual(2)
})

test('[ST-R10] under load calls carry many changes', async () => {
  const store = await open()
  const calls = await callsOf('evalsha', () =>
    Promise.all(
      Array.from({ length: 50 }, async () => {
        for (let i = 0; i < 20; i++) await store.commit(appendOne)
      }),
    ),
  )
  expect(calls).toBeLessThan(1000 / 10)
})

test('[ST-R14] a node that is alone publishes nothing; as soon as there is another, it does', async () => {
  const a = await open()
  const seen = watch(a, 1)
  await vi.waitFor(() => expect(seen.doubts).toBe(1), soon)
  expect(await callsOf('spublish', () => a.commit(appendOne))).toBe(0)
  expect(seen.entries).toHaveLength(1)
  const b = await open('n2')
  const other = watch(b, 1)
  await vi.waitFor(() => expect(other.doubts).toBe(1), soon)
  expect(await callsOf('spublish', () => a.commit(appendOne))).toBe(1)
  await vi.waitFor(() => expect(other.entries).toHaveLength(1), soon)
  expect(seen.entries.map(({ offset }) => offset)).toEqual([1, 2])
  await b.close()
  expect(await callsOf('spublish', () => a.commit(appendOne))).toBe(0)
})

test('[ST-R14] two nodes of one name hear each other all the same', async () => {
  const [a, b] = [await open('same'), await open('same')]
  const seen = watch(b, 1)
  await vi.waitFor(() => expect(seen.doubts).toBe(1), soon)
  await a.commit(appendOne)
  await vi.waitFor(() => expect(seen.entries).toHaveLength(1), soon)
})

test('[ST-10] texts of a call that is to expire go with it', async () => {
  const store = await open()
  await store.commit({ ...nothing, ...putCall(1, 0, 60_000) })
  await store.commit(sendText(1, 1, sampleText('m1'), true))
  const keys = (await server.admin.keys('*')).filter((key) => /:(call|log|ids):/.test(key))
  expect(keys).toHaveLength(3)
  for (const key of keys) expect(await server.admin.pttl(key)).toBeGreaterThan(0)
})
