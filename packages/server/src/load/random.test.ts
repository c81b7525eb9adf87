import { expect, test } from 'vitest'
import { exponential, seeded } from './random.ts'

const upTo = (count: number, from: () => number) => Array.from({ length: count }, from)
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

test('[LD-5] the random source is evenly spread, and the same for the same seed', () => {
  const values = upTo(10_000, seeded(1))
  expect(values.every((value) => value >= 0 && value < 1)).toBe(true)
  expect(mean(values)).toBeCloseTo(0.5, 1)
  expect(values).toEqual(upTo(10_000, seeded(1)))
  expect(values.slice(0, 5)).not.toEqual(upTo(5, seeded(2)))
})

test('[LD-5] exponential times are above 0 and have mean 1', () => {
  const random = seeded(3)
  const values = upTo(20_000, () => exponential(random))
  expect(Math.min(...values)).toBeGreaterThanOrEqual(0)
  expect(mean(values)).toBeCloseTo(1, 1)
})
