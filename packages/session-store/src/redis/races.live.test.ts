import { afterAll, beforeAll, expect, test } from 'vitest'
import { killWhileWriting, lossesOf } from '../testing/crash.ts'
import { runRaces } from '../testing/races.ts'
import { openRedisStore } from './redis-store.ts'
import { RedisServer } from './testing/redis-server.ts'

const module = new URL('./testing/open-for-race.ts', import.meta.url)
let server: RedisServer
beforeAll(async () => {
  server = await RedisServer.start()
})
afterAll(() => server.stop())

const options = (centre: string) => ({ connection: { url: server.url }, centre, feedLimit: 1_000_000 })

test('[ST-5] ten thousand pairs of calls for eight agents from four processes: one winner each, no claim left over', async () => {
  const store = await openRedisStore({ ...options('races'), node: 'n0' })
  const racers = { module, options: options('races') }
  const race = { store: racers, processes: 4, pairs: 10_000, agents: 8, seed: 20261120 }
  const { winners, storm, faults } = await runRaces(store, race)
  await store.close()
  expect(faults).toEqual([])
  expect(winners).toEqual([0, 10_000, 0, 0, 0])
  expect(storm.won).toBeGreaterThan(100)
}, 120_000)

test('[ST-1] [ST-4] a node killed while it writes: what it reported is whole, and nothing is there by halves', async () => {
  const store = await openRedisStore({ ...options('crash'), node: 'n1' })
  const reported = []
  for (const run of [1, 2, 3])
    reported.push(...(await killWhileWriting({ module, options: options('crash') }, run, 500)))
  expect(reported.length).toBeGreaterThan(1000)
  expect(await lossesOf(store, reported)).toEqual([])
  await store.close()
})
