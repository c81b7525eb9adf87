/** How a racing process opens the store: the module `runRaces` is given. */
import type { SessionStore } from '@ringdown/signalling'
import { openRedisStore, type RedisStoreOptions } from '../redis-store.ts'

export function open(options: unknown): Promise<SessionStore> {
  return openRedisStore({ ...(options as RedisStoreOptions), node: `n${process.pid}` })
}
