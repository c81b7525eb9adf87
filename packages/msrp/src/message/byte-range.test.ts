import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ByteRange, parseByteRange, printByteRange } from './byte-range.ts'

describe('Byte-Range', () => {
  // biome-ignore format: read it as a table
  const good: [string, ByteRange][] = [
    ['1-5/5',   { start: 1, end: 5, total: 5 }],
    ['1-*/5',   { start: 1, end: null, total: 5 }],
    ['1-5/*',   { start: 1, end: 5, total: null }],
    ['1-*/*',   { start: 1, end: null, total: null }],
    ['6-11/11', { start: 6, end: 11, total: 11 }],
    ['12-*/11', { start: 12, end: null, total: 11 }],
    ['1-0/0',   { start: 1, end: 0, total: 0 }],
    ['1-0/*',   { start: 1, end: 0, total: null }],
    ['999999999999999-*/*', { start: 999_999_999_999_999, end: null, total: null }],
  ]
  for (const [value, range] of good)
    test(`[MS-7] ${value} is read, and printed as it was`, () => {
      expect(parseByteRange(value)).toEqual(range)
      expect(printByteRange(range)).toBe(value)
    })

  // biome-ignore format: read it as a table
  const bad = [
    '0-5/5', '0-0/0', '5-4/9', '1-6/5', '13-*/11', '1-0/5', '2-1/*', '1000000000000000-*/*', '1-99999999999999999/*',
    '', '1', '1-5', '1-5/', '-5/5', '*-5/5', '1-5/5 ', ' 1-5/5', '+1-5/5', '1-5/5\r\n', '1.0-5/5', '1-5/-1', '１-5/5', '1--5/5', '0x1-5/5',
  ]
  for (const value of bad)
    test(`[MS-8] ${JSON.stringify(value)} is refused`, () => {
      expect(parseByteRange(value)).toBeUndefined()
    })

  test('[MS-7] whatever is printed is read back', () => {
    const range = fc.tuple(fc.nat(), fc.nat(), fc.nat()).map(([before, inside, after]) => ({
      start: before + 1,
      end: before + 1 + inside,
      total: before + 1 + inside + after,
    }))
    fc.assert(
      fc.property(range, (given) => {
        expect(parseByteRange(printByteRange(given))).toEqual(given)
      }),
    )
  })

  test('[MS-8] no text makes the reader throw, and nothing it accepts contradicts itself', () => {
    const digits = fc.stringMatching(/^[0-9*/ -]{0,12}$/)
    fc.assert(
      fc.property(fc.oneof(fc.string(), digits), (value) => {
        const range = parseByteRange(value)
        if (range === undefined) return
        expect(range.start).toBeGreaterThanOrEqual(1)
        if (range.end !== null && range.total !== null) expect(range.end).toBeLessThanOrEqual(range.total)
      }),
    )
  })
})
