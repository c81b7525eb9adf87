import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openEmbeddedStore, openRedisStore, type RedisConnection } from '@ringdown/session-store'
import type { Clock, SessionStore } from '@ringdown/signalling'
import type { Config } from './config/load-config.ts'
import type { Log } from './log.ts'

export interface StoreDeps {
  config: Config
  node: string
  clock: Clock
  log: Log
  /** Told of what the log is told of by a Redis store; for metrics. */
  onNotice?: (notice: string) => void
}

type RedisConfig = NonNullable<Config['store']['redis']>

/** A store that is not one, or not ours; the message says where it is and why. */
export class StoreUnusable extends Error {
  constructor(what: string, cause: unknown) {
    super(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
    this.name = 'StoreUnusable'
  }
}

/** Opens the store of each contact centre, by its id; all of them or none. */
export async function openStores(deps: StoreDeps): Promise<ReadonlyMap<string, SessionStore>> {
  const stores = new Map<string, SessionStore>()
  try {
    for (const { objects } of deps.config.contactCentres) stores.set(objects.id, await openNamed(objects.id, deps))
    return stores
  } catch (error) {
    await closeStores(stores)
    throw error
  }
}

/** Closes them all, whatever becomes of one. */
export async function closeStores(stores: ReadonlyMap<string, SessionStore>): Promise<void> {
  await Promise.allSettled([...stores.values()].map((store) => store.close()))
}

async function openNamed(centre: string, deps: StoreDeps): Promise<SessionStore> {
  const { redis, embedded } = deps.config.store
  const directory = embedded?.directory ?? defaultDirectory
  const file = join(directory, `${centre}.sqlite`)
  try {
    if (redis) return await openRedis(centre, redis, deps)
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const { node, clock, config } = deps
    return await openEmbeddedStore({ file, centre, node, feedLimit: config.store.feedLimit, clock })
  } catch (error) {
    throw new StoreUnusable(`${redis ? 'Redis' : file} cannot be used for contact centre ${centre}`, error)
  }
}

function openRedis(
  centre: string,
  redis: RedisConfig,
  { config, node, clock, log, onNotice }: StoreDeps,
): Promise<SessionStore> {
  return openRedisStore({
    connection: connectionOf(redis),
    centre,
    node,
    feedLimit: config.store.feedLimit,
    deadlineMs: redis.deadlineMs,
    waitReplicas: redis.waitReplicas,
    clock,
    onNotice: (notice, fields) => {
      log.warn({ ...fields, centre }, notice)
      onNotice?.(notice)
    },
  })
}

/** Where the embedded store lives when nothing is said. */
export const defaultDirectory = 'ringdown-data'

/**
 * TLS to Redis. The files are read at each connection, so that a renewed certificate is shown from the next one on; one that is not there
 * fails the connection, which is tried again.
 */
function tlsOf({ tls, url, caFile, certFile, keyFile }: RedisConfig): Pick<RedisConnection, 'tls'> {
  if (!tls && url?.startsWith('rediss:') !== true) return {}
  const read = (file: string) => ({ enumerable: true, get: () => readFileSync(file) })
  const files = {
    ...(caFile !== undefined && { ca: read(caFile) }),
    ...(certFile !== undefined && { cert: read(certFile) }),
    ...(keyFile !== undefined && { key: read(keyFile) }),
  }
  return { tls: Object.defineProperties({ minVersion: 'TLSv1.2' }, files) }
}

/** How the Redis of a configuration is reached. */
export function connectionOf(redis: RedisConfig): RedisConnection {
  const common = {
    ...(redis.username !== undefined && { username: redis.username }),
    ...(redis.password && { password: redis.password.reveal() }),
    ...tlsOf(redis),
  }
  if (redis.url !== undefined) return { ...common, url: redis.url }
  if (redis.cluster) return { ...common, cluster: redis.cluster }
  if (!redis.sentinels || redis.sentinelName === undefined) throw new Error('a checked configuration names a Redis')
  return {
    ...common,
    sentinels: redis.sentinels,
    name: redis.sentinelName,
    ...(redis.sentinelPassword && { sentinelPassword: redis.sentinelPassword.reveal() }),
  }
}
