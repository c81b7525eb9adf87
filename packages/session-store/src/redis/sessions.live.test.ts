import type { PersonID } from '@ringdown/signalling'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { callUUID, makeCall, releaseCall } from '../testing/samples.ts'
import { renewRedisEpoch, rewriteRedisFile } from './server-care.ts'
import { openOn } from './testing/open.ts'
import { RedisServer } from './testing/redis-server.ts'

let server: RedisServer
beforeAll(async () => {
  server = await RedisServer.start({ appendfsync: 'always' })
})
afterAll(() => server.stop())

test('[ST-29] sessions that a version without the list has written are in it', async () => {
  const { store } = await openOn(server, { centre: 'old' })
  for (const n of [1, 2, 3]) await store.commit(makeCall(n, 2 * n, 2 * n + 1, 10 - n))
  await store.commit(releaseCall(3, 6, 7, 60_000))
  await server.admin.del('rd:{old}:sessions', 'rd:{old}:passing', 'rd:{old}:sessions:known')
  const { sessions } = await store.listSessions({ limit: 10 })
  expect(sessions.map((call) => call.callUUID)).toEqual([2, 1, 3].map(callUUID))
  // What has ended leaves it again.
  expect(await server.admin.zrange('rd:{old}:passing', '0', '-1')).toEqual([callUUID(3)])
  await store.close()
})

test('[ST-R1] a new epoch is the next one for every node, and a file that is written anew has nothing of before', async () => {
  const { store } = await openOn(server, { centre: 'care' })
  const before = (await store.feedEnd('x' as PersonID)).epoch
  const epoch = await renewRedisEpoch({ url: server.url }, 'care')
  expect(epoch).not.toBe(before)
  expect((await store.feedEnd('x' as PersonID)).epoch).toBe(epoch)
  expect(await rewriteRedisFile({ url: server.url }, 'care')).toBe('anew')
  await store.close()
  await expect(renewRedisEpoch({ url: 'redis://127.0.0.1:1' }, 'care')).rejects.toThrow('ECONNREFUSED')
})
