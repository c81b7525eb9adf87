import { webhookFeed } from '@ringdown/signalling'
import { ManualClock, memoryStore } from '@ringdown/signalling/testing'
import { expect, test } from 'vitest'
import { offsetAt } from './feed-search.ts'
import { agentEvent, append } from './testing/events.ts'

test('[WH-23] the first event at a time is found, whatever was trimmed', async () => {
  const store = memoryStore({ epoch: 'e', feedLimit: 50, clock: new ManualClock() })
  expect(await offsetAt(store, 5)).toBe(1)
  await append(
    store,
    Array.from({ length: 80 }, (_, i) => agentEvent('7001', 10 * (i + 1))),
  )
  const { first, last } = await store.readFeed(webhookFeed, 0, 0)
  expect([first, last]).toEqual([31, 80])
  expect(await offsetAt(store, 0)).toBe(31)
  expect(await offsetAt(store, 500)).toBe(50)
  expect(await offsetAt(store, 501)).toBe(51)
  expect(await offsetAt(store, 800)).toBe(80)
  expect(await offsetAt(store, 801)).toBe(81)
})
