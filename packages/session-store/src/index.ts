export {
  checkEmbeddedFile,
  cleanEmbeddedFile,
  copyEmbeddedFile,
  type EmbeddedFile,
  isEmbeddedFileInUse,
  renewEmbeddedEpoch,
} from './embedded/file-care.ts'
export { type EmbeddedOptions, openEmbeddedStore } from './embedded/sqlite-store.ts'
export type { RedisConnection } from './redis/connection.ts'
export { examineRedis, type RedisExamination } from './redis/examine.ts'
export type { OnNotice } from './redis/link.ts'
export { openRedisStore, type RedisStoreOptions } from './redis/redis-store.ts'
export { type FileState, renewRedisEpoch, rewriteRedisFile } from './redis/server-care.ts'
export type { Address } from './redis/slot-connector.ts'
