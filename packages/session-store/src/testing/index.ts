export {
  type OpenForRace,
  type RaceOptions,
  type RaceReport,
  type RaceStore,
  runRaces,
} from './races.ts'
export { type ContractHarness, type OpenedStores, sessionStoreContract } from './session-store.contract.ts'
