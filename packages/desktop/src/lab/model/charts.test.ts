import { describe, expect, test } from 'vitest'
import type { Sample } from '../contract.ts'
import { chartsOf, summaryOf, withSamples } from './charts.ts'

const sample = (at: number, more: Partial<Sample> = {}): Sample => ({
  at,
  sessions: { dialing: 1, talking: 2 },
  texts: 50,
  delivery: { p50: 3, p99: null },
  refusals: {},
  queues: {},
  cpu: 0.25,
  memory: 2 ** 21,
  ...more,
})

describe('[DT-47] the last hour', () => {
  test('holds each value once, and nothing older than an hour', () => {
    const known = withSamples([], [sample(10_000), sample(20_000)])
    const more = withSamples(known, [sample(20_000), sample(3_610_001)])
    expect(more.map(({ at }) => at)).toEqual([20_000, 3_610_001])
    expect(withSamples(more, [sample(20_000)])).toBe(more)
  })

  test('is shown in units people know', () => {
    const charts = chartsOf([sample(10_000), sample(20_000, { sessions: null })])
    expect(charts.map(({ chart, series }) => [chart, series.map(({ values }) => values)])).toEqual([
      [
        'sessions',
        [
          [2, null],
          [1, null],
        ],
      ],
      ['texts', [[5, 5]]],
      [
        'delivery',
        [
          [3, 3],
          [null, null],
        ],
      ],
      ['refusals', []],
      ['queues', []],
      ['cpu', [[25, 25]]],
      ['memory', [[2, 2]]],
    ])
    expect(charts[0]?.times).toEqual([10, 20])
  })

  test('has the greatest names in lines of their own, and all others in one', () => {
    const refusals = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`reason ${i}`, i + 1]))
    const chart = chartsOf([sample(10_000, { refusals }), sample(20_000, { refusals: { 'reason 0': 100 } })])[3]
    expect(chart?.series.map(({ name, values }) => [name, ...values])).toEqual([
      ['reason 0', 1, 100],
      ['reason 8', 9, 0],
      ['reason 7', 8, 0],
      ['reason 6', 7, 0],
      ['reason 5', 6, 0],
      ['rest', 2 + 3 + 4 + 5, 0],
    ])
  })

  test('is told in numbers', () => {
    expect(summaryOf({ name: 'x', values: [1, 7, null, 3] })).toEqual({ latest: 3, greatest: 7 })
    expect(summaryOf({ name: 'x', values: [2, null] })).toEqual({ latest: null, greatest: 2 })
    expect(summaryOf({ name: 'x', values: [] })).toEqual({ latest: null, greatest: null })
  })
})
