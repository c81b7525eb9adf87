import { describe, expect, test } from 'vitest'
import { userNames } from './logon.routes.ts'

describe('what a user name may mean', () => {
  for (const [given, configured, centres, names] of [
    ['anna', null, ['demo'], ['anna']],
    ['demo\\anna', null, ['demo'], ['demo\\anna', 'anna']],
    ['DEMO\\anna', null, ['demo'], ['DEMO\\anna', 'anna']],
    ['example\\anna', 'example.com', ['demo'], ['example\\anna', 'anna']],
    ['anna@example.com', 'example.com', ['demo'], ['anna@example.com', 'anna']],
    ['anna@elsewhere', null, ['demo'], ['anna@elsewhere', 'anna']],
    ['anna@home@demo', null, ['demo'], ['anna@home@demo', 'anna@home']],
    ['north\\anna', null, ['north', 'south'], ['north\\anna', 'anna@north']],
    ['anna@South', null, ['north', 'south'], ['anna@South', 'anna@south']],
    ['anna@im.example', 'im.example', ['north', 'south'], ['anna@im.example', 'anna']],
    ['a\\b\\c', null, ['demo'], ['a\\b\\c', 'b\\c']],
    ['\\anna', null, ['demo'], ['\\anna']],
    ['anna\\', null, ['demo'], ['anna\\']],
    ['@demo', null, ['demo'], ['@demo']],
    ['anna@', null, ['demo'], ['anna@']],
  ] as const)
    test(`[UC-41] ${given}, of ${centres.join(' and ')}`, () =>
      expect(userNames(given, { configured, centres })).toEqual(names))
})
