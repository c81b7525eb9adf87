import { ManualClock } from '@ringdown/signalling/testing'
import { expect, test } from 'vitest'
import { PersonRate } from './person-rate.ts'

test('[SE-21] a person asks so often in a minute, and waits for its end; others do not', () => {
  const clock = new ManualClock()
  const rate = new PersonRate(3, clock)
  expect([1, 2, 3].map(() => rate.wait('anna'))).toEqual([0, 0, 0])
  clock.advance(20_000)
  expect(rate.wait('anna')).toBe(40_000)
  expect(rate.wait('ben')).toBe(0)
  clock.advance(40_000)
  expect(rate.wait('anna')).toBe(0)
})

test('[SE-21] without a limit nobody waits', () => {
  const rate = new PersonRate(0, new ManualClock())
  for (let i = 0; i < 1_000; i++) expect(rate.wait('anna')).toBe(0)
})
