export { type ContractHarness, type OpenedStores, sessionStoreContract } from './session-store.contract.ts'
