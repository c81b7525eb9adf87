import type { SessionStore } from '@ringdown/signalling'
import { expect, test } from 'vitest'
import { delegateStore } from './delegate-store.ts'

test('[OT-2] a store that is looked at is the same but for its commits', async () => {
  class Store {
    readonly #kept = 'kept'
    commit = async () => ({ outcome: 'conflict' as const })
    healthy() {
      return this.#kept === 'kept'
    }
  }
  const store = new Store() as unknown as SessionStore
  const other = async () => ({ outcome: 'committed' as const, feeds: [] })
  const looked = delegateStore(store, other)
  expect(looked.healthy()).toBe(true)
  expect(looked.healthy).toBe(looked.healthy)
  expect(looked.commit).toBe(other)
})
