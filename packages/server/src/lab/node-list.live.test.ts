import { openRedisStore } from '@ringdown/session-store'
import { RedisServer } from '@ringdown/session-store/testing'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { systemClock } from '../clock.ts'
import { NodeList } from './node-list.ts'

let redis: RedisServer
beforeAll(async () => {
  redis = await RedisServer.start()
})
afterAll(() => redis.stop())

test('[SV-62] nodes that begin at once on one Redis are all listed on each of them', async () => {
  const names = ['n1', 'n2', 'n3', 'n4']
  const nodes = await Promise.all(
    names.map(async (node) => {
      const connection = { url: redis.url }
      const store = await openRedisStore({ connection, centre: 'demo', node })
      const stores = new Map([['demo', store]])
      const holds = () => ({ legs: 0, clients: 0 })
      const onError = (error: unknown) => expect(error).toBeUndefined()
      return {
        store,
        list: new NodeList({ node, version: '1', stores, clock: systemClock, holds, random: Math.random, onError }),
      }
    }),
  )
  await Promise.all(nodes.map(({ list }) => list.start()))
  // Who lost its place to another that wrote the list at the same moment takes it again within five seconds.
  await vi.waitFor(
    async () => {
      for (const { list } of nodes) expect((await list.list('demo')).map(({ name }) => name)).toEqual(names)
    },
    { timeout: 30_000, interval: 200 },
  )
  await nodes[2]?.list.close()
  expect((await nodes[0]?.list.list('demo'))?.map(({ name }) => name)).toEqual(['n1', 'n2', 'n4'])
  await Promise.all(nodes.map(({ list }) => list.close()))
  await Promise.all(nodes.map(({ store }) => store.close()))
})
