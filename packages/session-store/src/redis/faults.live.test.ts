import type { SessionStore } from '@ringdown/signalling'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { agentEvent, nothing, person, putCall, sampleText, sendText } from '../testing/samples.ts'
import { openOn, refusal, watch } from './testing/open.ts'
import { freePort, RedisServer } from './testing/redis-server.ts'

const appendOne = { ...nothing, feeds: [{ person: person(1), event: agentEvent(1, 1) }] }
const soon = { timeout: 5000, interval: 10 }

let server: RedisServer
const stores: SessionStore[] = []
beforeEach(async () => {
  server = await RedisServer.prepare()
})
afterEach(async () => {
  server.signal('SIGCONT')
  await Promise.all(stores.splice(0).map((store) => store.close()))
  await server.stop()
})

async function open(options: Parameters<typeof openOn>[1] = {}) {
  const opened = await openOn(server, options)
  stores.push(opened.store)
  return opened
}

/** Everything is refused in time, and told so by `healthy` within a second. */
async function expectRefused(store: SessionStore, ...reasons: string[]): Promise<void> {
  await vi.waitFor(() => expect(store.healthy()).toBe(false), { timeout: 1000, interval: 10 })
  const answers = await Promise.all([
    refusal(store.commit(appendOne)),
    refusal(store.read({ records: [], claims: [person(1)] })),
    refusal(store.readFeed(person(1), 0, 10)),
    refusal(store.keep('ticket', 'x', 'y', 1000)),
    refusal(store.count('attempts', 'x', 1000)),
  ])
  for (const { reason, ms } of answers) {
    expect(reasons).toContain(reason)
    expect(ms).toBeLessThan(8_000)
  }
}

async function expectRecovered(store: SessionStore): Promise<void> {
  await vi.waitFor(() => expect(store.healthy()).toBe(true), soon)
  expect((await store.commit(appendOne)).outcome).toBe('committed')
}

test('[ST-25] [ST-R8] Redis down at the start: the store opens, refuses, and works when Redis is there', async () => {
  const { store, notices } = await open()
  expect(notices).toContainEqual(expect.stringMatching(/the store cannot be reached yet.*ECONNREFUSED/))
  await expectRefused(store, 'TERR_NO_SWITCH')
  await server.run()
  await expectRecovered(store)
})

test('[ST-25] [ST-R8] Redis killed and restarted: refused meanwhile, and no restart of ours needed', async () => {
  await server.run()
  const { store } = await open()
  await store.commit(appendOne)
  await server.kill()
  await expectRefused(store, 'TERR_NO_SWITCH')
  await server.run()
  await expectRecovered(store)
})

test('[ST-25] [ST-R6] a frozen Redis: refused within 2 s, never accepted; a late answer is news all the same', async () => {
  await server.run()
  const { store } = await open()
  await store.commit({ ...nothing, ...putCall(1, 0) })
  const seen = watch(store, 1)
  await vi.waitFor(() => expect(seen.doubts).toBe(1), soon)
  server.signal('SIGSTOP')
  const caught = Array.from({ length: 20 }, (_, i) => refusal(store.commit(sendText(1, 1, sampleText(`m${i}`)))))
  await vi.waitFor(() => expect(store.healthy()).toBe(false), { timeout: 1000, interval: 10 })
  for (const { reason, ms } of await Promise.all(caught)) {
    expect(reason).toBe('TERR_TIMEOUT')
    expect(ms).toBeLessThan(8_000)
  }
  await expectRefused(store, 'TERR_TIMEOUT')
  server.signal('SIGCONT')
  await expectRecovered(store)
  // What the frozen server had in its ears it has done since. The watcher knows all that the feed holds.
  const { entries } = await store.readFeed(person(1), 0, 100)
  await vi.waitFor(() => expect(seen.entries).toEqual(entries), soon)
})

test('[ST-25] frozen for longer than anyone waits: the store finds its way back', async () => {
  await server.run()
  const { store } = await open()
  server.signal('SIGSTOP')
  await expectRefused(store, 'TERR_TIMEOUT')
  await new Promise((resolve) => setTimeout(resolve, 5000))
  await expectRefused(store, 'TERR_NO_SWITCH', 'TERR_TIMEOUT')
  server.signal('SIGCONT')
  await expectRecovered(store)
})

test('[ST-25] [ST-R2] a server made a replica refuses, and begins a new epoch when it is master again', async () => {
  await server.run()
  const { store } = await open()
  const { epoch } = await store.feedEnd(person(1))
  await server.admin.replicaof('127.0.0.1', await freePort())
  await expectRefused(store, 'TERR_NO_SWITCH')
  await server.admin.replicaof('NO', 'ONE')
  await expectRecovered(store)
  expect((await store.feedEnd(person(1))).epoch).not.toBe(epoch)
})

test('[ST-25] a full Redis refuses, nothing half done, and works again when there is room', async () => {
  await server.run()
  const { store } = await open()
  await server.admin.config('SET', 'maxmemory', '1')
  const { reason } = await refusal(
    store.commit({ ...nothing, ...putCall(1, 0), claims: [{ person: person(1), from: undefined, to: undefined }] }),
  )
  expect(reason).toBe('TERR_NO_SWITCH')
  await expectRefused(store, 'TERR_NO_SWITCH')
  await server.admin.config('SET', 'maxmemory', '0')
  await expectRecovered(store)
  expect((await store.feedEnd(person(1))).offset).toBe(1)
})

test('[ST-R6] forgotten scripts are said again, unnoticed', async () => {
  await server.run()
  const { store } = await open()
  for (let round = 0; round < 3; round++) {
    await server.admin.script('FLUSH')
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => store.commit(appendOne)))
    expect(outcomes.every(({ outcome }) => outcome === 'committed')).toBe(true)
    await server.admin.script('FLUSH')
    await store.read({ records: [], claims: [person(1)] })
  }
  expect((await store.feedEnd(person(1))).offset).toBe(300)
})

test('[ST-R6] a connection cut under load: what was refused is not repeated', async () => {
  await server.run()
  const { store } = await open()
  let accepted = 0
  let refused = 0
  const senders = Array.from({ length: 20 }, async () => {
    for (let i = 0; i < 100; i++) {
      await store.commit(appendOne).then(
        () => accepted++,
        async () => {
          refused++
          await vi.waitFor(() => expect(store.healthy()).toBe(true), soon)
        },
      )
    }
  })
  for (let cut = 0; cut < 5; cut++) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    await server.admin.call('CLIENT', 'KILL', 'TYPE', 'normal')
  }
  await Promise.all(senders)
  expect(accepted + refused).toBe(2000)
  const { offset } = await vi.waitFor(() => store.feedEnd(person(1)), soon)
  expect(offset).toBeGreaterThanOrEqual(accepted)
  expect(offset).toBeLessThanOrEqual(2000)
})

test('[ST-R7] more requests than may wait are refused at once', async () => {
  await server.run()
  const { store } = await open({ maxPending: 50 })
  server.signal('SIGSTOP')
  const answers = await Promise.all(Array.from({ length: 60 }, () => refusal(store.commit(appendOne))))
  expect(answers.filter(({ reason }) => reason === 'TERR_RES_UNAVAIL')).toHaveLength(10)
  expect(answers.filter(({ reason }) => reason === 'TERR_TIMEOUT')).toHaveLength(50)
  server.signal('SIGCONT')
  await expectRecovered(store)
})

test('[ST-R7] hundreds of changes and long ones go in several calls, each committed once', async () => {
  await server.run()
  const { store } = await open()
  await store.commit({ ...nothing, ...putCall(1, 0) })
  const long = 'é'.repeat(100_000)
  const texts = Array.from({ length: 200 }, (_, i) =>
    store.commit(sendText(1, 1, sampleText(`m${i}`, i % 50 === 0 ? long : 'short'))),
  )
  const outcomes = await Promise.all(texts)
  expect(outcomes).toEqual(outcomes.map((_, i) => ({ outcome: 'committed', feeds: [i + 1, i + 1], log: i + 1 })))
})

test('[ST-16] [ST-R12] a lost subscription puts every watcher in doubt, and hints come again', async () => {
  await server.run()
  const { store } = await open()
  const other = (await open({ node: 'n2' })).store
  const seen = [1, 2, 3].map((n) => watch(store, n))
  await vi.waitFor(() => expect(seen.map(({ doubts }) => doubts)).toEqual([1, 1, 1]), soon)
  await server.admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
  await vi.waitFor(() => expect(seen.map(({ doubts }) => doubts)).toEqual([2, 2, 2]), soon)
  await other.commit(appendOne)
  await vi.waitFor(() => expect(seen[0]?.entries).toHaveLength(1), soon)
})

test('[ST-R4] two nodes under load: each watcher hears every offset once and in order', async () => {
  await server.run()
  const nodes = [(await open()).store, (await open({ node: 'n2' })).store]
  const seen = nodes.map((node) => watch(node, 1))
  await vi.waitFor(() => expect(seen.map(({ doubts }) => doubts)).toEqual([1, 1]), soon)
  // Whoever watches reads where it begins.
  await Promise.all(nodes.map((node) => node.feedEnd(person(1))))
  await Promise.all(
    nodes.flatMap((node) =>
      Array.from({ length: 20 }, async () => {
        for (let i = 0; i < 50; i++) await node.commit(appendOne)
      }),
    ),
  )
  for (const { entries } of seen) {
    await vi.waitFor(() => expect(entries).toHaveLength(2000), soon)
    expect(entries.map(({ offset }) => offset)).toEqual(Array.from({ length: 2000 }, (_, i) => i + 1))
  }
})
