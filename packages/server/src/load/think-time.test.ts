import { expect, test } from 'vitest'
import { seeded } from './random.ts'
import { nextThought, type ThinkTime } from './think-time.ts'

const thoughts = (think: ThinkTime, seed: number) => {
  const random = seeded(seed)
  return Array.from({ length: 5_000 }, () => nextThought(think, random))
}

test('[LD-5] constant pauses are all the same', () => {
  expect(new Set(thoughts({ distribution: 'constant', mean: 800, spread: 500 }, 1))).toEqual(new Set([800]))
})

test('[LD-5] uniform pauses lie around the mean by the spread, and never below 0', () => {
  const pauses = thoughts({ distribution: 'uniform', mean: 1_000, spread: 400 }, 7)
  expect(Math.min(...pauses)).toBeGreaterThanOrEqual(600)
  expect(Math.max(...pauses)).toBeLessThan(1_400)
  expect(Math.max(...pauses) - Math.min(...pauses)).toBeGreaterThan(780)
  expect(Math.min(...thoughts({ distribution: 'uniform', mean: 10, spread: 400 }, 7))).toBe(0)
})

test('[LD-5] exponential pauses have the mean, and the same seed gives the same ones', () => {
  const think: ThinkTime = { distribution: 'exponential', mean: 2_000, spread: 0 }
  const pauses = thoughts(think, 4)
  expect(pauses.reduce((sum, one) => sum + one, 0) / pauses.length / 2_000).toBeCloseTo(1, 1)
  expect(thoughts(think, 4)).toEqual(pauses)
  expect(thoughts(think, 5)).not.toEqual(pauses)
})
