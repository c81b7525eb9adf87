import type { Change, CommitOutcome, FeedEntry } from '@ringdown/signalling'
import { ManualClock } from '@ringdown/signalling/testing'
import { expect, test } from 'vitest'
import { agentEvent, nothing, person } from '../testing/samples.ts'
import { Feeds } from './feeds.ts'

function setUp() {
  const clock = new ManualClock()
  const log: string[] = []
  const feeds = new Feeds({
    clock,
    subscribe: (id) => log.push(`+${Number(id)}`),
    unsubscribe: (id) => log.push(`-${Number(id)}`),
    onError: (error) => log.push(String(error)),
  })
  const watch = (n = 1) => {
    const heard = { offsets: [] as number[], calls: 0, doubts: 0, stop: () => {} }
    heard.stop = feeds.watch(
      person(n),
      (entries) => {
        heard.calls++
        heard.offsets.push(...entries.map(({ offset }) => offset))
      },
      () => heard.doubts++,
    )
    return heard
  }
  /** As the reply to one of our commits. */
  const own = (...offsets: number[]) => {
    const change: Change = {
      ...nothing,
      feeds: offsets.map((mark) => ({ person: person(1), event: agentEvent(1, mark) })),
    }
    const outcome: CommitOutcome & { outcome: 'committed' } = { outcome: 'committed', feeds: offsets }
    feeds.collect(change, outcome)
    feeds.deliver()
  }
  /** As another node publishes it. */
  const hint = (offset: number) => feeds.hint(person(1), `${offset} 0 ${JSON.stringify(agentEvent(1, offset))}`)
  return { clock, log, feeds, watch, own, hint }
}

test('[ST-R4] what one reply brought is told at once', () => {
  const { watch, own } = setUp()
  const heard = watch()
  own(7, 8, 9)
  expect([heard.offsets, heard.calls]).toEqual([[7, 8, 9], 1])
})

test('[ST-R4] an entry that has overtaken another waits for it', () => {
  const { clock, watch, own, hint } = setUp()
  const heard = watch()
  own(1)
  own(4)
  hint(3)
  expect(heard.offsets).toEqual([1])
  hint(2)
  expect(heard.offsets).toEqual([1, 2, 3, 4])
  expect(clock.pending).toBe(0)
})

test('[ST-R4] if the missing one does not come, the watcher sees the hole; later it is not told', () => {
  const { clock, watch, own, hint } = setUp()
  const heard = watch()
  own(1)
  own(3)
  clock.advance(24)
  expect(heard.offsets).toEqual([1])
  clock.advance(1)
  expect(heard.offsets).toEqual([1, 3])
  hint(2)
  hint(3)
  hint(4)
  expect(heard.offsets).toEqual([1, 3, 4])
})

test('[ST-R4] many that wait are let go at once', () => {
  const { clock, watch, hint } = setUp()
  const heard = watch()
  hint(1)
  for (let offset = 3; offset < 104; offset++) hint(offset)
  expect(heard.offsets).toHaveLength(102)
  expect(clock.pending).toBe(0)
})

test('[ST-R4] where the feed was read tells where hints must begin', () => {
  const { feeds, watch, own, hint } = setUp()
  const heard = watch()
  feeds.read(person(1), 5)
  own(7)
  expect(heard.offsets).toEqual([])
  hint(6)
  hint(5)
  expect(heard.offsets).toEqual([6, 7])
  feeds.read(person(1), 3)
  hint(4)
  expect(heard.offsets).toEqual([6, 7])
})

test('[ST-R3] in a new epoch offsets start again, and every watcher doubts', () => {
  const { clock, feeds, watch, own, hint } = setUp()
  const heard = watch()
  own(8)
  own(10)
  feeds.renew()
  clock.advance(100)
  expect(heard).toMatchObject({ offsets: [8], doubts: 1 })
  hint(1)
  expect(heard.offsets).toEqual([8, 1])
})

test('[ST-R12] doubts are spread, lest all watchers read at one moment', () => {
  const { clock, feeds, watch } = setUp()
  const heard = Array.from({ length: 250 }, (_, n) => watch(n))
  const doubts = () => heard.reduce((sum, one) => sum + one.doubts, 0)
  feeds.doubt(feeds.persons())
  feeds.doubt([person(1), person(1000)])
  expect(doubts()).toBe(0)
  clock.advance(0)
  expect(doubts()).toBe(100)
  clock.advance(5)
  expect(doubts()).toBe(200)
  clock.advance(5)
  expect(heard.every((one) => one.doubts === 1)).toBe(true)
  expect(clock.pending).toBe(0)
})

test('[ST-R12] one subscription for all watchers of a feed, as long as there is one', () => {
  const { log, watch } = setUp()
  const [first, second] = [watch(), watch()]
  watch(2)
  first.stop()
  first.stop()
  expect(log).toEqual(['+1', '+2'])
  second.stop()
  expect(log).toEqual(['+1', '+2', '-1'])
})

test('[ST-15] a watcher that throws keeps nothing from the others, and who stops within the news hears no more', () => {
  const { log, feeds, watch, own } = setUp()
  const stop = feeds.watch(
    person(1),
    () => {
      stop()
      throw new Error('oh')
    },
    () => {},
  )
  const heard = watch()
  own(1)
  own(2)
  expect(heard.offsets).toEqual([1, 2])
  expect(log).toEqual(['+1', 'Error: oh'])
})

test('[ST-26] after the end nobody hears anything', () => {
  const { clock, feeds, watch, own } = setUp()
  const heard = watch()
  own(1)
  own(3)
  feeds.doubt([person(1)])
  feeds.close()
  own(2)
  clock.advance(1000)
  expect(heard).toMatchObject({ offsets: [1], doubts: 0 })
})

test('[ST-8] entries carry the log position of their text', () => {
  const { feeds, own } = setUp()
  const heard: FeedEntry[] = []
  feeds.watch(
    person(1),
    (entries) => heard.push(...entries),
    () => {},
  )
  own(1)
  feeds.hint(person(1), `2 17 ${JSON.stringify(agentEvent(1, 2))}`)
  expect(heard).toEqual([
    { offset: 1, event: agentEvent(1, 1) },
    { offset: 2, event: agentEvent(1, 2), log: 17 },
  ])
})
