import { type SessionStore, TServerError } from '@ringdown/signalling'
import { afterEach, expect, test, vi } from 'vitest'
import { agentEvent, callUUID, nothing, person, putCall, sampleText, sendText } from '../testing/samples.ts'
import { openOn, watch } from './testing/open.ts'
import { RedisServer, type RedisServerOptions } from './testing/redis-server.ts'

const appendOne = { ...nothing, feeds: [{ person: person(1), event: agentEvent(1, 1) }] }
const soon = { timeout: 10_000, interval: 10 }
const stores: SessionStore[] = []
const servers: RedisServer[] = []

afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()))
  await Promise.all(servers.splice(0).map((server) => server.stop()))
})

async function start(options: RedisServerOptions): Promise<RedisServer> {
  const server = await RedisServer.start(options)
  servers.push(server)
  return server
}

async function open(server: RedisServer, node = 'n1') {
  const opened = await openOn(server, { node })
  stores.push(opened.store)
  return opened
}

async function restart(server: RedisServer, ...nodes: SessionStore[]): Promise<void> {
  await server.kill()
  await server.run()
  await vi.waitFor(() => expect(nodes.map((node) => node.healthy())).toEqual(nodes.map(() => true)), soon)
}

test('[ST-4] [ST-R1] appendfsync always: kill -9 at any moment loses nothing accepted, and the epoch stays', async () => {
  const server = await start({ appendfsync: 'always' })
  const { store } = await open(server)
  await store.commit({ ...nothing, ...putCall(1, 0) })
  const { epoch } = await store.feedEnd(person(1))
  const accepted = new Map<number, string>()
  let sent = 0
  for (let round = 0; round < 3; round++) {
    let over = false
    const senders = Array.from({ length: 16 }, async () => {
      while (!over) {
        const text = sampleText(`m${sent++}`)
        try {
          const outcome = await store.commit(sendText(1, 1, text))
          if (outcome.outcome === 'committed') accepted.set(outcome.log ?? 0, text.messageID)
        } catch (error) {
          expect(error).toBeInstanceOf(TServerError)
          over = true
        }
      }
    })
    await new Promise((resolve) => setTimeout(resolve, 150))
    await restart(server, store)
    over = true
    await Promise.all(senders)
  }
  expect(accepted.size).toBeGreaterThan(100)
  const log = new Map<number, string>()
  for (let page = await store.readLog(callUUID(1), 0, 5000); page.length > 0; ) {
    for (const { position, text } of page) log.set(position, text.messageID)
    page = await store.readLog(callUUID(1), log.size, 5000)
  }
  const lost = [...accepted].filter(([position, id]) => log.get(position) !== id)
  expect(lost.map(([position, id]) => `${position}: accepted ${id}, held ${log.get(position) ?? 'nothing'}`)).toEqual(
    [],
  )
  expect((await store.feedEnd(person(1))).epoch).toBe(epoch)
})

test.each(['everysec', 'off'] as const)(
  '[ST-R2] appendfsync %s: after a restart the epoch is another one, the same for all nodes, and watchers doubt',
  async (appendfsync) => {
    const server = await start({ appendfsync })
    const [a, b] = [await open(server), await open(server, 'n2')]
    await a.store.commit(appendOne)
    const { epoch } = await a.store.feedEnd(person(1))
    const seen = watch(b.store, 1)
    await vi.waitFor(() => expect(seen.doubts).toBe(1), soon)
    await restart(server, a.store, b.store)
    const after = await a.store.feedEnd(person(1))
    expect(after.epoch).not.toBe(epoch)
    expect((await b.store.feedEnd(person(1))).epoch).toBe(after.epoch)
    await vi.waitFor(() => expect(seen.doubts).toBeGreaterThan(1), soon)
    if (appendfsync === 'everysec') {
      expect(a.notices.concat(b.notices)).toContainEqual(expect.stringContaining('may have lost writes'))
    }
    // Later restarts are later epochs; without a restart it stays.
    expect((await b.store.feedEnd(person(1))).epoch).toBe(after.epoch)
    await restart(server, a.store, b.store)
    expect((await b.store.feedEnd(person(1))).epoch).not.toBe(after.epoch)
  },
)

test('[ST-R2] what counts is how the lost process wrote, not how the new one does', async () => {
  const server = await start({ appendfsync: 'always' })
  const { store } = await open(server)
  await server.admin.config('SET', 'appendfsync', 'everysec')
  const { epoch } = await store.feedEnd(person(1))
  // The probe notes it.
  await vi.waitFor(async () => expect(await server.admin.hget('rd:{centre}:memory', 'durable')).toBe('0'), soon)
  await restart(server, store)
  expect((await store.feedEnd(person(1))).epoch).not.toBe(epoch)
})

test('[ST-R3] FLUSHALL: a new epoch, offsets from 1, and every watcher is told', async () => {
  const server = await start({})
  const [a, b] = [await open(server), await open(server, 'n2')]
  for (let i = 0; i < 5; i++) await a.store.commit(appendOne)
  const { epoch } = await a.store.feedEnd(person(1))
  const seen = [watch(a.store, 1), watch(b.store, 1)]
  await vi.waitFor(() => expect(seen.map(({ doubts }) => doubts)).toEqual([1, 1]), soon)
  await server.admin.flushall()
  expect(await a.store.commit(appendOne)).toEqual({ outcome: 'committed', feeds: [1] })
  const page = await b.store.readFeed(person(1), 5, 10)
  expect(page.epoch).not.toBe(epoch)
  expect([page.first, page.last]).toEqual([1, 1])
  await vi.waitFor(() => expect(Math.min(...seen.map(({ doubts }) => doubts))).toBeGreaterThan(1), soon)
  expect(seen[0]?.entries.at(-1)?.offset).toBe(1)
})

test('[ST-R3] FLUSHALL while nobody writes: a reader learns of the new epoch', async () => {
  const server = await start({})
  const { store } = await open(server)
  await store.commit(appendOne)
  const { epoch } = await store.feedEnd(person(1))
  await server.admin.flushall()
  const page = await store.readFeed(person(1), 1, 10)
  expect(page.epoch).not.toBe(epoch)
  expect(page).toMatchObject({ first: 1, last: 0, entries: [] })
})
