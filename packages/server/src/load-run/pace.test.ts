import { expect, test } from 'vitest'
import { Pace } from './pace.ts'

test('[LR-5] texts are due at even distances from the beginning, whatever became of those before', () => {
  const pace = new Pace({ pairs: 1, textsPerSecond: 4, seconds: 2 }, 100)
  expect(pace.total).toBe(8)
  expect([0, 1, 7].map((number) => pace.dueAt(number))).toEqual([100, 350, 1_850])
  expect([99, 100, 349, 350, 1_850, 9_999].map((now) => pace.dueBy(now))).toEqual([0, 1, 1, 2, 8, 8])
})
