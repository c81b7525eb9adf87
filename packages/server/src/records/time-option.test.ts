import { expect, test } from 'vitest'
import { readTime } from './time-option.ts'

const now = Date.parse('2026-03-01T12:00:00Z')

test.each([
  ['90s', '2026-03-01T11:58:30.000Z'],
  ['5m', '2026-03-01T11:55:00.000Z'],
  ['24h', '2026-02-28T12:00:00.000Z'],
  ['7d', '2026-02-22T12:00:00.000Z'],
  ['2w', '2026-02-15T12:00:00.000Z'],
  ['2026-01-31', '2026-01-31T00:00:00.000Z'],
  ['2026-01-31T08:00', '2026-01-31T08:00:00.000Z'],
  ['2026-01-31T08:00:30.5Z', '2026-01-31T08:00:30.500Z'],
  ['2026-01-31T08:00+01:00', '2026-01-31T07:00:00.000Z'],
])('[RC-3] %s is %s', (text, at) => {
  expect(new Date(readTime(text, now) ?? 0).toISOString()).toBe(at)
})

test.each([
  '',
  'soon',
  '24',
  '-1h',
  '1.5h',
  '2026-02-30',
  '2026-13-01',
  '2026-01-31T25:00',
  '20260131',
  '1h ago',
  '31.1.2026',
])('[RC-5] %j is no time', (text) => {
  expect(readTime(text, now)).toBeUndefined()
})
