import { describe, expect, test } from 'vitest'
import type { PlanTalk } from '../plan/plan.ts'
import { Tally } from '../tally.ts'
import { Tracker } from './tracker.ts'

const talk = (ms: number) =>
  ({ per: 'texts', textsPerSession: 0, steps: [{ from: 2, to: 2, ms }] }) as unknown as PlanTalk

/** A second in which so many texts were delivered in so many milliseconds. */
function second(process: Tracker, number: number, fromMs: number, delivered: number, ms: number) {
  const tally = new Tally()
  tally.counts.due = delivered
  tally.counts.delivered = delivered
  for (let i = 0; i < delivered; i++) tally.timings.delivery.record(ms * 1_000)
  process.add(number, {
    fromMs,
    atMs: fromMs + 1_000,
    ways: { 'a → b': tally.take() },
    reasons: { why: 1 },
    busy: ms / 100,
    waiting: 1,
  })
}

describe('what processes tell', () => {
  test('[LD-17] is put together second by second, and as a whole', () => {
    const tracker = new Tracker({ talks: [talk(2_000)] })
    tracker.expect(2)
    second(tracker, 0, 1, 2, 10)
    second(tracker, 1, 2, 4, 20)
    expect(tracker.series).toEqual([])
    second(tracker, 0, 1_001, 1, 30)
    second(tracker, 1, 999.9, 1, 50)
    tracker.finish()
    expect(tracker.series).toMatchObject([
      { at: 1, wanted: 2, achieved: 6, p50: 20, max: 20, waiting: 2, busy: 0.2, failures: 0 },
      { at: 2, wanted: 2, achieved: 2, p50: expect.closeTo(30, 1), max: 50, ways: { 'a → b': { delivered: 2 } } },
    ])
    const { totals, ways } = tracker.results()
    expect(ways.map(({ way, counts }) => [way, counts.delivered])).toEqual([['a → b', 8]])
    expect(totals.delivery).toMatchObject({ count: 8, p50: expect.closeTo(20, 1), max: 50 })
    expect(totals.histogram.reduce((sum, [, , count]) => sum + count, 0)).toBe(8)
    expect(tracker.reasons.toJSON()).toEqual({ why: 4 })
  })

  test('[LD-17] holds nobody up where a process is gone', () => {
    const tracker = new Tracker({ talks: [talk(10_000)] })
    tracker.expect(2)
    second(tracker, 0, 0, 1, 1)
    second(tracker, 1, 0, 1, 1)
    for (let i = 1; i < 6; i++) second(tracker, 0, i * 1_000, 1, 1)
    expect(tracker.series).toHaveLength(3)
    tracker.finish()
    expect(tracker.results().totals.counts.delivered).toBe(7)
  })

  test('[LD-17] has 3 600 steps at most, whatever the run takes', () => {
    expect(new Tracker({ talks: [talk(3_600_000)] }).stepSeconds).toBe(1)
    expect(new Tracker({ talks: [talk(24 * 3_600_000)] }).stepSeconds).toBe(24)
  })
})
