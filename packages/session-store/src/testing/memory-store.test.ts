import { ManualClock, memoryStore } from '@ringdown/signalling/testing'
import { expect, test } from 'vitest'
import { agentEvent, nothing, person } from './samples.ts'
import { sessionStoreContract } from './session-store.contract.ts'

let opened = 0

sessionStoreContract('in memory', {
  open: async ({ feedLimit }) => {
    const clock = new ManualClock()
    const a = memoryStore({ epoch: `memory-${opened++}`, feedLimit, clock })
    const b = a.connect('n2')
    return {
      a,
      b,
      names: { a: a.node, b: b.node },
      pass: async (ms) => clock.advance(ms),
      close: async () => {
        await a.close()
        await b.close()
      },
    }
  },
})

test('[ST-16] [ST-25] in memory, an outage refuses everything, and watchers are in doubt when it ends', async () => {
  const store = memoryStore({ epoch: 'e', feedLimit: 10, clock: new ManualClock() })
  let doubts = 0
  let told = 0
  store.watchFeed(
    person(1),
    () => told++,
    () => doubts++,
  )
  store.outage('TERR_TIMEOUT')
  await expect(store.commit(nothing)).rejects.toThrow(expect.objectContaining({ reason: 'TERR_TIMEOUT' }))
  expect(store.healthy()).toBe(false)
  store.outage(undefined)
  expect([store.healthy(), doubts]).toEqual([true, 1])
  store.loseHints(true)
  await store.commit({ ...nothing, feeds: [{ person: person(1), event: agentEvent(1, 1) }] })
  expect(told).toBe(0)
  store.loseHints(false)
  await store.commit({ ...nothing, feeds: [{ person: person(1), event: agentEvent(1, 2) }] })
  expect(told).toBe(1)
})
