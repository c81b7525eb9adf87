import { type DNumber, type FeedEntry, nodeFeed, type SessionStore } from '@ringdown/signalling'
import { ManualClock, memoryStore } from '@ringdown/signalling/testing'
import { expect, test } from 'vitest'
import { NodeFeed } from './node-feed.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

async function open({ feedLimit = 100 } = {}) {
  const clock = new ManualClock()
  const memory = memoryStore({ epoch: 'one', feedLimit, clock })
  const told: (number | 'gap')[] = []
  const errors: unknown[] = []
  const reads: (() => void)[] = []
  const state = { slow: false }
  const store: SessionStore = Object.assign(Object.create(memory), {
    readFeed: async (...args: Parameters<SessionStore['readFeed']>) => {
      const page = await memory.readFeed(...args)
      if (state.slow) await new Promise<void>((resolve) => reads.push(resolve))
      return page
    },
    feedEnd: memory.feedEnd.bind(memory),
    watchFeed: memory.watchFeed.bind(memory),
  })
  const feed = new NodeFeed({
    store,
    clock,
    node: 'n1',
    onEntry: ({ offset }: FeedEntry) => told.push(offset),
    onGap: () => told.push('gap'),
    onError: (error) => errors.push(error),
  })
  await feed.start()
  await turn()
  const append = () =>
    memory.commit({
      expect: [],
      put: [],
      claims: [],
      feeds: [{ person: nodeFeed('n1'), event: { event: 'EventRegistered', thisDN: '8001' as DNumber, time: 0 } }],
      timers: { set: [], cancel: [] },
    })
  return { clock, memory, feed, told, errors, reads, state, append }
}

test('[LG-2] each entry is told once and in order, whatever hints get lost', async () => {
  const { memory, feed, told, append } = await open()
  await append()
  memory.loseHints(true)
  await append()
  await append()
  memory.loseHints(false)
  await append()
  await turn()
  memory.loseHints(true)
  await append()
  feed.look()
  await turn()
  expect(told).toEqual([1, 2, 3, 4, 5])
})

test('[LG-2] a feed that cannot be read is read again, without another hint', async () => {
  const { memory, feed, told, errors, clock, append } = await open()
  memory.loseHints(true)
  await append()
  memory.outage('TERR_NO_SWITCH')
  feed.look()
  await turn()
  expect([told, errors.length]).toEqual([[], 1])
  // No doubt is told of: the connection was there all the time.
  memory.doubt = () => {}
  memory.outage(undefined)
  clock.advance(500)
  await turn()
  expect(told).toEqual([1])
})

test('[LG-2] what is hinted at while a reading comes to its end is read', async () => {
  const { told, feed, reads, state, append } = await open()
  state.slow = true
  feed.look()
  await turn()
  // The page is empty; the hint comes before the reader knows that it has ended.
  reads.shift()?.()
  await Promise.resolve()
  await append()
  for (let i = 0; i < 4; i++) {
    await turn()
    reads.shift()?.()
  }
  await turn()
  expect(told).toEqual([1])
})

test('[LG-2] a gap is told before anything that comes after it', async () => {
  const { memory, told, append } = await open({ feedLimit: 2 })
  memory.loseHints(true)
  for (let i = 0; i < 5; i++) await append()
  memory.loseHints(false)
  await append()
  await turn()
  await append()
  expect(told).toEqual(['gap', 7])
})

test('a feed that is stopped leaves no timer', async () => {
  const { memory, feed, clock } = await open()
  memory.outage('TERR_NO_SWITCH')
  feed.look()
  await turn()
  expect(clock.pending).toBe(1)
  feed.stop()
  expect(clock.pending).toBe(0)
})
