import type { SessionStore } from '@ringdown/signalling'
import { afterEach, beforeEach, describe } from 'vitest'
import { changesContract } from './contract-changes.ts'
import { feedsContract } from './contract-feeds.ts'
import { modelContract } from './contract-model.ts'
import { sharedContract } from './contract-shared.ts'
import { textsContract } from './contract-texts.ts'
import { timersContract } from './contract-timers.ts'

/** Two nodes on one fresh memory. */
export interface OpenedStores {
  a: SessionStore
  b: SessionStore
  /** The names `signal` knows them by. */
  names: { a: string; b: string }
  /** Lets so many milliseconds pass by the stores' clock. */
  pass(ms: number): Promise<void>
  /** Closes both and throws their memory away. */
  close(): Promise<void>
}

export interface ContractHarness {
  open(options: { feedLimit: number }): Promise<OpenedStores>
}

/** How many entries of a feed the contract's stores hold. */
export const contractFeedLimit = 20

/** What a test asks for its stores with; it works only inside the test. */
export type Given = () => OpenedStores

/** The rules of SPEC.md every store keeps (ST-1 to ST-26), as a vitest suite. */
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
    sharedContract(given)
    modelContract(harness)
  })
}
