import { expect, test } from 'vitest'
import { grant, rangeLimit, rangesOf } from './ranges.ts'

test('[WH-23] what was given up is sent again by ranges, what is to be delivered anyway is not', () => {
  expect(rangesOf([1, 2, 3, 7, 9, 10])).toEqual([
    { from: 1, to: 3 },
    { from: 7, to: 7 },
    { from: 9, to: 10 },
  ])
  const granted = grant(
    { replays: [], givenUp: [9, 4, 5] },
    [{ from: 2, to: 500 }, { failed: true }, { failed: true }],
    100,
  )
  expect(granted).toEqual({
    replays: [
      { from: 2, to: 100 },
      { from: 4, to: 5 },
      { from: 9, to: 9 },
    ],
    givenUp: [],
  })
  expect(grant({ replays: [], givenUp: [] }, [{ from: 200, to: 300 }], 100).replays).toEqual([])
})

test('[WH-23] as many may wait as are remembered to have been given up', () => {
  const requests = Array.from({ length: rangeLimit + 50 }, (_, i) => ({ from: i, to: i }))
  expect(grant({ replays: [], givenUp: [] }, requests, 10_000).replays).toHaveLength(rangeLimit)
})

test('[WH-23] what was given up and finds no room is remembered until it is asked for again', () => {
  const replays = Array.from({ length: rangeLimit - 2 }, (_, i) => ({ from: i, to: i }))
  const granted = grant({ replays, givenUp: [900, 902, 904, 906] }, [{ failed: true }], 10_000)
  expect(granted.replays.slice(-2)).toEqual([
    { from: 900, to: 900 },
    { from: 902, to: 902 },
  ])
  expect(granted.givenUp).toEqual([904, 906])
})
