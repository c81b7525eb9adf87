import { expect, test } from 'vitest'
import type { Check } from './check.ts'
import { allChecks, examine } from './examine.ts'
import { contextOf, fakeSystem } from './testing/context.ts'

test('[DR-15] checks run at once; one that fails or does not end is a note, and the others are told', async () => {
  const started: string[] = []
  let end: (() => void) | undefined
  const system = fakeSystem(
    {},
    {
      clock: {
        now: () => 0,
        after: (_, run) => {
          end = run
          return () => undefined
        },
      },
    },
  )
  const check = (name: string, look: Check['look']): Check => ({
    name,
    look: (context) => {
      started.push(name)
      return look(context)
    },
  })
  const never = check('never', () => new Promise(() => undefined))
  const broken = check('broken', () => {
    throw new Error('what nobody thought of')
  })
  const good = check('good', () => [{ check: 'good', severity: 'problem', what: 'Found.' }])
  const found = examine(contextOf('', system), [good, broken, never])
  await Promise.resolve()
  await Promise.resolve()
  expect(started).toEqual(['good', 'broken', 'never'])
  end?.()
  expect((await found).map(({ severity, check, what }) => `${severity} ${check}: ${what}`)).toEqual([
    'problem good: Found.',
    'note broken: This could not be told (what nobody thought of).',
    'note never: This could not be told within 10 s.',
  ])
})

test('[DR-15] every check has a name of its own', () => {
  expect(new Set(allChecks.map(({ name }) => name)).size).toBe(allChecks.length)
})
