import { describe, expect, test } from 'vitest'
import { fuzz } from './fuzz.ts'
import { fuzzSessions } from './msrp-sessions.ts'
import { msrpTargets } from './msrp-targets.ts'

/** About a second each on a busy machine; `main.ts` and `msrp-sessions.ts` do the million. */
const count = 3_000

describe('MSRP and its bodies', () => {
  for (const target of msrpTargets)
    test(`[MS-15, MS-48, MS-52] ${count} changed inputs of ${target.name} are read`, () => {
      expect(fuzz(target, 1, count).failure).toBeUndefined()
    })

  test(`[MS-15, MS-24, MS-36] ${count} changed inputs leave a session as it should be`, async () => {
    await expect(fuzzSessions(1, count)).resolves.toBeUndefined()
  })
})
