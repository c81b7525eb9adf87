import { afterAll, beforeAll } from 'vitest'
import { registrationsContract } from '../testing/registrations.contract.ts'
import { openRedisStore } from './redis-store.ts'
import { RedisServer } from './testing/redis-server.ts'

let server: RedisServer
let centres = 0

beforeAll(async () => {
  server = await RedisServer.start()
})
afterAll(() => server.stop())

registrationsContract('in Redis', async () => {
  const centre = `registrations ${centres++}`
  return (node) => openRedisStore({ connection: { url: server.url }, centre, node })
})
