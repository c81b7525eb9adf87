import { describe, expect, test } from 'vitest'
import { Histogram } from './histogram.ts'

const filled = (values: Iterable<number>) => {
  const histogram = new Histogram()
  for (const value of values) histogram.record(value)
  return histogram
}
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1)

describe('Histogram', () => {
  test('is empty at first', () => {
    const histogram = new Histogram()
    expect([histogram.count, histogram.mean, histogram.max, histogram.percentile(99)]).toEqual([0, 0, 0, 0])
  })

  test('small values are exact', () => {
    const histogram = filled(upTo(1000))
    expect(histogram.percentile(50)).toBe(500)
    expect(histogram.percentile(99)).toBe(990)
    expect(histogram.percentile(100)).toBe(1000)
    expect(histogram.mean).toBe(500.5)
  })

  test('any value is kept with an error below 0.1 %', () => {
    for (const value of [2047, 2048, 2049, 4095, 4096, 123_456, 9_999_999, 2 ** 31 + 12_345, 2 ** 35]) {
      const seen = filled([value, value + 1e9]).percentile(50)
      expect(seen).toBeGreaterThanOrEqual(value)
      expect((seen - value) / value).toBeLessThan(0.001)
    }
  })

  test('the highest percentile is never above the highest value', () => {
    expect(filled([1_000_003]).percentile(99.9)).toBe(1_000_003)
  })

  test('fractions are rounded, negative values count as 0, huge ones as 19 hours', () => {
    const histogram = filled([0.4, -5, 1e20])
    expect(histogram.percentile(50)).toBe(0)
    expect(histogram.max).toBe(2 ** 36 - 1)
    expect(histogram.count).toBe(3)
  })

  test('merging two is the same as recording into one', () => {
    const values = upTo(5000).map((n) => n * 37)
    const halves = [filled(values.filter((n) => n % 2 === 0)), filled(values.filter((n) => n % 2 === 1))]
    const merged = new Histogram()
    for (const half of halves) merged.merge(JSON.parse(JSON.stringify(half)))
    expect(merged.toJSON()).toEqual(filled(values).toJSON())
    expect(Histogram.from(merged.toJSON()).percentile(90)).toBe(merged.percentile(90))
  })
})
