import { afterEach, beforeEach, describe } from 'vitest'
import { changesContract } from './contract-changes.ts'
import { feedsContract } from './contract-feeds.ts'
import { legsContract } from './contract-legs.ts'
import { modelContract } from './contract-model.ts'
import { recordsContract } from './contract-records.ts'
import { sharedContract } from './contract-shared.ts'
import { textsContract } from './contract-texts.ts'
import { timersContract } from './contract-timers.ts'
import { type ContractHarness, contractFeedLimit, type Given, type OpenedStores } from './harness.ts'

/** The rules of SPEC.md every store keeps (ST-1 to ST-31), as a vitest suite. */
export function sessionStoreContract(name: string, harness: ContractHarness): void {
  describe(`SessionStore: ${name}`, () => {
    let stores: OpenedStores | undefined
    beforeEach(async () => {
      stores = await harness.open({ feedLimit: contractFeedLimit })
    })
    afterEach(async () => {
      await stores?.close()
      stores = undefined
    })
    const given: Given = () => {
      if (!stores) throw new Error('the stores are not open')
      return stores
    }
    changesContract(given)
    textsContract(given)
    feedsContract(given, harness)
    timersContract(given)
    legsContract(given, harness)
    sharedContract(given)
    recordsContract(given, harness)
    modelContract(harness)
  })
}
