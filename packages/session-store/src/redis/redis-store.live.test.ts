import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll } from 'vitest'
import { sessionStoreContract } from '../testing/session-store.contract.ts'
import { openRedisStore } from './redis-store.ts'
import { RedisServer } from './testing/redis-server.ts'

let server: RedisServer
let centres = 0

beforeAll(async () => {
  server = await RedisServer.start()
})
afterAll(() => server.stop())

sessionStoreContract('in Redis', {
  open: async ({ feedLimit }) => {
    const common = { connection: { url: server.url }, centre: `contract ${centres++}`, feedLimit }
    const a = await openRedisStore({ ...common, node: 'n1' })
    const b = await openRedisStore({ ...common, node: 'n2' })
    return {
      a,
      b,
      names: { a: 'n1', b: 'n2' },
      pass: async (ms) => {
        await delay(ms)
      },
      close: async () => {
        await a.close()
        await b.close()
      },
    }
  },
})
