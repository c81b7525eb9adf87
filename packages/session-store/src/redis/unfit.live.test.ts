import type { SessionStore } from '@ringdown/signalling'
import { afterEach, expect, test, vi } from 'vitest'
import { agentEvent, nothing, person } from '../testing/samples.ts'
import { openRedisStore } from './redis-store.ts'
import { serverOfVersion } from './testing/fake-server.ts'
import { openOn, refusal } from './testing/open.ts'
import { RedisServer } from './testing/redis-server.ts'

const appendOne = { ...nothing, feeds: [{ person: person(1), event: agentEvent(1, 1) }] }
const common = { centre: 'centre', node: 'n1' }
const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

async function start(...config: string[]): Promise<RedisServer> {
  const server = await RedisServer.start({ config })
  stops.push(() => server.stop())
  return server
}

async function keep(store: SessionStore): Promise<SessionStore> {
  stops.push(() => store.close())
  return store
}

test('[ST-R9] a Redis that evicts is refused, at the start and later', async () => {
  const server = await start('--maxmemory-policy', 'allkeys-lru')
  await expect(openOn(server)).rejects.toThrow('maxmemory-policy is allkeys-lru, set it to noeviction')
  await server.admin.config('SET', 'maxmemory-policy', 'noeviction')
  const { store, notices } = await openOn(server)
  await keep(store)
  await server.admin.config('SET', 'maxmemory-policy', 'volatile-ttl')
  await vi.waitFor(() => expect(store.healthy()).toBe(false), { timeout: 1000, interval: 10 })
  expect((await refusal(store.commit(appendOne))).reason).toBe('TERR_NO_SWITCH')
  expect(notices).toContainEqual(expect.stringContaining('volatile-ttl'))
  await server.admin.config('SET', 'maxmemory-policy', 'noeviction')
  await vi.waitFor(() => expect(store.healthy()).toBe(true), { timeout: 1000, interval: 10 })
})

test.each([
  ['6.2.14', 0, 'Redis 7.0 or newer is needed, this one is 6.2'],
  ['5.0.3', 0, 'Redis 7.0 or newer is needed, this one is 5.0'],
  ['7.0.15', 1, 'waitReplicas needs Redis 7.2 or newer (WAITAOF), this one is 7.0'],
])('[ST-R9] Redis %s with waitReplicas %i is refused', async (version, waitReplicas, why) => {
  const { url, stop } = await serverOfVersion(version)
  stops.push(stop)
  await expect(openRedisStore({ ...common, connection: { url }, waitReplicas })).rejects.toThrow(why)
})

test('[ST-R9] [ST-R13] waitReplicas is refused by a real Redis that is too old for it', async () => {
  const server = await start()
  const version = /redis_version:(\d+)\.(\d+)/.exec(await server.admin.info('server'))
  const opening = openOn(server, { waitReplicas: 1 })
  if (Number(version?.[1]) > 7 || Number(version?.[2]) >= 2) await keep((await opening).store)
  else await expect(opening).rejects.toThrow('WAITAOF')
})

test('[ST-R13] with waitReplicas a commit is accepted only when so many replicas have it', async () => {
  const server = await serverOfVersion('7.2.5')
  stops.push(server.stop)
  const store = await keep(await openRedisStore({ ...common, connection: { url: server.url }, waitReplicas: 2 }))
  for (const replicas of [0, 1]) {
    server.replicas = replicas
    expect((await refusal(store.commit(appendOne))).reason).toBe('TERR_TIMEOUT')
  }
  server.replicas = 2
  expect(await store.commit(appendOne)).toEqual({ outcome: 'committed', feeds: [1] })
})

test('[ST-R9] a wrong password is refused at once, the right one works', async () => {
  const server = await start('--requirepass', 'right')
  const connection = { url: server.url }
  const since = performance.now()
  await expect(openRedisStore({ ...common, connection: { ...connection, password: 'wrong' } })).rejects.toThrow(
    'WRONGPASS',
  )
  await expect(openRedisStore({ ...common, connection })).rejects.toThrow('NOAUTH')
  expect(performance.now() - since).toBeLessThan(8_000)
  const store = await keep(await openRedisStore({ ...common, connection: { ...connection, password: 'right' } }))
  expect((await store.commit(appendOne)).outcome).toBe('committed')
})

test('[ST-R9] options that make no sense are refused before anything is tried', async () => {
  const connection = { url: 'redis://127.0.0.1:1' }
  await expect(openRedisStore({ ...common, connection, deadlineMs: 5000 })).rejects.toThrow(RangeError)
  await expect(openRedisStore({ ...common, connection, feedLimit: 0 })).rejects.toThrow(RangeError)
  await expect(openRedisStore({ ...common, connection, waitReplicas: -1 })).rejects.toThrow(RangeError)
  await expect(openRedisStore({ ...common, connection, centre: '' })).rejects.toThrow('needs a name')
})
