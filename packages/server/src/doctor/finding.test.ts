import { expect, test } from 'vitest'
import { bound, bytesText, type Finding, firstLimit, numberText, sorted } from './finding.ts'

const one = (severity: Finding['severity'], what: string, at?: number): Finding => ({
  check: 'x',
  severity,
  what,
  ...(at !== undefined && { at }),
})

test('[DR-1] what will bite first stands first: problems, then limits by the agents they bear, then the rest', () => {
  const findings = [
    one('ok', 'fine'),
    one('limit', 'at 900', 900),
    one('note', 'note'),
    one('limit', 'some day'),
    one('limit', 'at 80', 80),
    one('problem', 'broken'),
    one('problem', 'too few already', 5),
    one('ok', 'at 5000', 5_000),
  ]
  expect(sorted(findings).map(({ what }) => what)).toEqual([
    'too few already',
    'broken',
    'at 80',
    'at 900',
    'some day',
    'note',
    'at 5000',
    'fine',
  ])
  expect(firstLimit(findings)?.what).toBe('too few already')
  expect(firstLimit([one('note', 'none')])).toBeUndefined()
})

test.each([
  [99, 'problem'],
  [100, 'limit'],
  [199.9, 'limit'],
  [200, 'ok'],
  [-5, 'problem'],
] as const)('[DR-2] what bears %s agents, where there are to be 100, is a %s', (at, severity) => {
  const found = bound({ check: 'x', at, agents: 100, what: 'w', lift: 'l', measured: 1, needed: 2 })
  expect([found.severity, found.at]).toEqual([severity, Math.max(0, Math.floor(at))])
})

test('numbers as they are read', () => {
  expect([numberText(0), numberText(999), numberText(4_096), numberText(1_234_567.8)]).toEqual([
    '0',
    '999',
    '4 096',
    '1 234 568',
  ])
  expect([0, 1_023, 1_024, 1_536, 32 * 1024 ** 2, 5 * 1024 ** 4].map(bytesText)).toEqual([
    '0 bytes',
    '1023 bytes',
    '1 KiB',
    '1.5 KiB',
    '32 MiB',
    '5 TiB',
  ])
})
