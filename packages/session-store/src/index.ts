export { type EmbeddedOptions, openEmbeddedStore } from './embedded/sqlite-store.ts'
export type { Address, RedisConnection } from './redis/connection.ts'
export type { OnNotice } from './redis/link.ts'
export { openRedisStore, type RedisStoreOptions } from './redis/redis-store.ts'
