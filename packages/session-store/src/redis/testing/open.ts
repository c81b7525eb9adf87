import type { FeedEntry, SessionStore, TServerError } from '@ringdown/signalling'
import { person } from '../../testing/samples.ts'
import { openRedisStore, type RedisStoreOptions } from '../redis-store.ts'
import type { RedisServer } from './redis-server.ts'

/** A store of one test, and what it told the operator. */
export interface Opened {
  store: SessionStore
  notices: string[]
}

/** Opens a node of the contact centre `centre` on a server. */
export async function openOn(server: RedisServer, options: Partial<RedisStoreOptions> = {}): Promise<Opened> {
  const notices: string[] = []
  const store = await openRedisStore({
    connection: { url: server.url },
    centre: 'centre',
    node: 'n1',
    onNotice: (text, fields) => notices.push(`${text} ${JSON.stringify(fields)}`),
    ...options,
  })
  return { store, notices }
}

/** What a watcher of the n-th person's feed hears. */
export function watch(store: SessionStore, n: number): { entries: FeedEntry[]; doubts: number; stop: () => void } {
  const heard = { entries: [] as FeedEntry[], doubts: 0, stop: () => {} }
  heard.stop = store.watchFeed(
    person(n),
    (entries) => heard.entries.push(...entries),
    () => heard.doubts++,
  )
  return heard
}

/** Why a promise was refused, and after how long. */
export async function refusal(promise: Promise<unknown>): Promise<{ reason: string; ms: number; error: TServerError }> {
  const since = performance.now()
  try {
    await promise
  } catch (error) {
    const refused = error as TServerError
    return { reason: refused.reason, ms: performance.now() - since, error: refused }
  }
  throw new Error('it was accepted')
}
