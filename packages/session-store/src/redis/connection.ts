import type { ConnectionOptions } from 'node:tls'
import { Redis } from 'ioredis'
import { type Address, type ClientOptions, slotConnector } from './slot-connector.ts'

/** Where Redis is: one server, whoever Sentinel calls the master, or a cluster's node for the contact centre's slot. */
export type RedisConnection = (
  | { /** `redis://`, `rediss://` or the path of a unix socket. */ url: string }
  | { sentinels: readonly Address[] /** The master's name. */; name: string; sentinelPassword?: string }
  | { /** Any nodes of the cluster, to start from. */ cluster: readonly Address[] }
) & {
  username?: string
  password?: string
  /** TLS to the servers (and to Sentinels); `{}` for the system's certificate authorities. */
  tls?: ConnectionOptions
}

/**
 * A connection that reconnects by itself and never says a command twice: what was under way when it broke is refused, for a
 * commit repeated might be committed twice.
 */
export function connect(connection: RedisConnection, key: string, name: string): Redis {
  const common: ClientOptions = {
    connectionName: name,
    connectTimeout: 1000,
    disconnectTimeout: 100,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    autoResubscribe: false,
    enableAutoPipelining: false,
    // Our own attune.lua looks at the server instead, at every reconnect and ever after.
    enableReadyCheck: false,
    retryStrategy: (times) => Math.min(50 * times, 500),
    ...(connection.username !== undefined && { username: connection.username }),
    ...(connection.password !== undefined && { password: connection.password }),
    ...(connection.tls && { tls: connection.tls }),
  }
  if ('url' in connection) return new Redis(connection.url, common)
  if ('cluster' in connection) {
    return new Redis({ ...common, Connector: slotConnector(connection.cluster, key, common) })
  }
  const { sentinels, sentinelPassword, tls } = connection
  return new Redis({
    ...common,
    sentinels: [...sentinels],
    name: connection.name,
    role: 'master',
    sentinelRetryStrategy: (times) => Math.min(50 * times, 500),
    ...(sentinelPassword !== undefined && { sentinelPassword }),
    ...(tls && { enableTLSForSentinelMode: true, sentinelTLS: tls }),
  })
}
