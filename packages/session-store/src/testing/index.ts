export { RedisServer, type RedisServerOptions } from '../redis/testing/redis-server.ts'
export type { ContractHarness, OpenedStores } from './harness.ts'
export {
  type OpenForRace,
  type RaceOptions,
  type RaceReport,
  type RaceStore,
  runRaces,
} from './races.ts'
export { makeCall, releaseCall, sampleText, sendText } from './samples.ts'
export { sessionStoreContract } from './session-store.contract.ts'
export { systemClock } from './system-clock.ts'
