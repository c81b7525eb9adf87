import { expect, test } from 'vitest'
import { Tally } from '../tally.ts'
import type { LoadResult } from './result.ts'
import { Tracker } from './tracker.ts'
import { verdictOf, warningsOf } from './verdict.ts'

const plan = { maxFailures: 0, limits: {} }
const talks = [] as never[]

/** What one second of one way comes to. */
function measured(change: (tally: Tally) => void, busy = 0.1) {
  const tally = new Tally()
  tally.counts = { ...tally.counts, due: 10, sent: 10, accepted: 10, delivered: 10 }
  for (let ms = 1; ms <= 10; ms++) tally.timings.delivery.record(ms * 1_000)
  change(tally)
  const steps = [{ from: 10, to: 10, ms: 1_000 }]
  const tracker = new Tracker({ talks: [{ steps, per: 'texts', textsPerSession: 0 } as never, ...talks] })
  tracker.add(0, { fromMs: 0, atMs: 1_000, ways: { 'a → b': tally.take() }, reasons: {}, busy, waiting: 0 })
  tracker.finish()
  const { totals, ways } = tracker.results()
  return { totals, ways, series: [...tracker.series], ended: 'done' } satisfies Partial<LoadResult>
}

test('[LD-15] nothing wrong passes', () => {
  expect(
    verdictOf(
      measured(() => undefined),
      plan,
    ),
  ).toEqual([])
})

test.each([
  ['lost', '1 text lost: accepted, and not delivered in time.'],
  ['duplicated', '1 delivery too many.'],
  ['outOfOrder', '1 text out of order.'],
  ['failed', '1 failure, and none may be.'],
  ['unsent', '1 failure, and none may be.'],
  ['undelivered', '1 failure, and none may be.'],
] as const)('[LD-15] one that is %s fails the run', (count, sentence) => {
  expect(
    verdictOf(
      measured(({ counts }) => counts[count]++),
      plan,
    ),
  ).toEqual([sentence])
})

test('[LD-15] failures may be as many as allowed; what is lost never may', () => {
  const three = measured(({ counts, sessions }) => {
    counts.failed += 2
    sessions.failed++
  })
  expect(verdictOf(three, { ...plan, maxFailures: 3 })).toEqual([])
  expect(verdictOf(three, { ...plan, maxFailures: 2 })).toEqual(['3 failures, and 2 may be.'])
  expect(
    verdictOf(
      measured(({ counts }) => (counts.lost += 2)),
      { ...plan, maxFailures: 99 },
    ),
  ).toEqual(['2 texts lost: accepted, and not delivered in time.'])
})

test('[LD-15] a time above its limit fails the run, on each way', () => {
  expect(
    verdictOf(
      measured(() => undefined),
      { ...plan, limits: { p50: 6, p99: 9, max: 10 } },
    ),
  ).toEqual(['a → b: p99 is 10.0 ms, above 9.00 ms.'])
})

test('[LD-15] a run in which nothing was delivered fails', () => {
  const nothing = measured((tally) => {
    tally.counts.delivered = 0
  })
  expect(verdictOf(nothing, plan)).toEqual(['Nothing was delivered.'])
})

test('[LD-16] a driver that was the limit says so: late texts, or no pause', () => {
  const far = { address: 'http://192.0.2.1', processes: 1 }
  expect(
    warningsOf(
      measured(() => undefined),
      far,
    ),
  ).toEqual([])
  expect(
    warningsOf(
      measured(({ timings }) => timings.send.record(80_000)),
      far,
    ),
  ).toEqual([
    expect.stringMatching(
      /^The driver was the limit: 1 % of the texts left it more than 80.0 ms after they were due; /,
    ),
  ])
  expect(
    warningsOf(
      measured(() => undefined, 0.97),
      far,
    ),
  ).toEqual([expect.stringMatching(/^The driver was the limit: a process of agents had no pause in 1 second of 1 /)])
  expect(
    warningsOf(
      measured(() => undefined),
      { ...far, address: 'http://127.0.0.1:8080' },
    ),
  ).toEqual([expect.stringMatching(/^The engine runs on this machine/)])
})
