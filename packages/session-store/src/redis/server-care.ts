import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { infoField } from './append-file.ts'
import { connect, type RedisConnection } from './connection.ts'
import { bare } from './errors.ts'
import { storeKeys } from './keys.ts'

/** How long the server is waited for, and its rewriting of a file, milliseconds. */
const reachMs = 5_000
const rewriteMs = 120_000
const pauseMs = 50

/** What became of the server's append-only file. */
export type FileState = 'anew' | 'off'

/** Begins a new epoch for a contact centre: positions that clients hold say nothing to an older state. Answers it. */
export async function renewRedisEpoch(connection: RedisConnection, centre: string): Promise<string> {
  const keys = storeKeys(centre)
  return connected(connection, keys.epoch, async (redis) => {
    const epoch = randomBytes(8).toString('hex')
    await redis.set(keys.epoch, epoch)
    return epoch
  })
}

/**
 * Has the server write its append-only file anew: the old one still has what was written over or removed. Resolves when it is done; rejects
 * where the server refuses, cannot, or has not ended within two minutes.
 */
export async function rewriteRedisFile(connection: RedisConnection, centre: string): Promise<FileState> {
  return connected(connection, storeKeys(centre).epoch, async (redis) => {
    const state = async () => {
      const info = await redis.info('persistence')
      const busy =
        infoField(info, 'aof_rewrite_in_progress') === '1' || infoField(info, 'aof_rewrite_scheduled') === '1'
      return { busy, on: infoField(info, 'aof_enabled') === '1', status: infoField(info, 'aof_last_bgrewrite_status') }
    }
    if (!(await state()).on) return 'off'
    const until = performance.now() + rewriteMs
    const ended = async () => {
      for (;;) {
        const now = await state()
        if (!now.busy) return now
        if (performance.now() > until)
          throw new Error('Redis has not ended the rewriting of its file within two minutes')
        await delay(pauseMs)
      }
    }
    // One that is under way may have begun before the last write.
    await ended()
    await redis.bgrewriteaof()
    if ((await ended()).status !== 'ok')
      throw new Error('Redis could not rewrite its append-only file; its log says why')
    return 'anew'
  })
}

async function connected<T>(connection: RedisConnection, key: string, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = connect(connection, key, 'ringdown-care')
  let last: unknown
  redis.on('error', (error) => {
    last = error
  })
  try {
    if (redis.status !== 'ready') await once(redis, 'ready', { signal: AbortSignal.timeout(reachMs) })
    return await work(redis)
  } catch (error) {
    throw new Error(bare(error instanceof Error && error.name === 'AbortError' ? (last ?? error) : error).message)
  } finally {
    redis.disconnect()
  }
}
