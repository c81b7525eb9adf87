import type { SessionStore } from '@ringdown/signalling'

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
