import { expect, test } from 'vitest'
import { Latencies } from './latencies.ts'

test('[LR-5] percentiles are right to 3 %, the longest time exactly; none without a text', () => {
  const latencies = new Latencies()
  expect([latencies.percentile(50), latencies.percentile(99), latencies.max]).toEqual([null, null, null])
  for (let ms = 1; ms <= 1000; ms++) latencies.record(ms / 10)
  latencies.record(0)
  latencies.record(3_600_000)
  for (const [percent, ms] of [
    [50, 50],
    [99, 99],
  ] as const) {
    expect(latencies.percentile(percent)).toBeGreaterThanOrEqual(ms)
    expect(latencies.percentile(percent)).toBeLessThan(ms * 1.03)
  }
  expect([latencies.percentile(100), latencies.max]).toEqual([expect.any(Number), 3_600_000])
})

test('[LR-5] no percentile exceeds the longest time', () => {
  const latencies = new Latencies()
  latencies.record(7.001)
  expect([latencies.percentile(50), latencies.percentile(99)]).toEqual([7.001, 7.001])
})
