import fc from 'fast-check'
import { expect, test } from 'vitest'
import { firstByID } from './first-flows.ts'

const id = fc.stringMatching(/^[a-z0-9/]{0,4}$/)

test('[SF-23] what is first behind an id is what sorting all would give', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uniqueArray(id), { maxLength: 3 }),
      id,
      fc.integer({ min: 1, max: 5 }),
      (all, after, count) => {
        const lists = all.map((ids) => ids.map((one) => ({ id: one })))
        const sorted = all
          .flat()
          .filter((one) => one > after)
          .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
        expect(firstByID(lists, after, count).map((one) => one.id)).toEqual(sorted.slice(0, count))
      },
    ),
  )
})
