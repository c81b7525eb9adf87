import { describe, expect, test } from 'vitest'
import { fuzz } from './fuzz.ts'
import { ucAjaxTargets } from './uc-ajax-targets.ts'

/** About a second on a busy machine; `main.ts` does the million. */
const count = 4_000

describe('bodies of the UC AJAX API', () => {
  for (const target of ucAjaxTargets)
    test(`[UC-16] ${count} changed inputs of ${target.name} are read`, () => {
      expect(fuzz(target, 1, count).failure).toBeUndefined()
    })
})
