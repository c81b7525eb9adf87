import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask, idsFor, refusalOf, rules } from './asking.ts'
import { objectsOf } from './objects.ts'
import { openSite, roles, type Site } from './people.ts'
import { elsewhere, type Owner } from './policy.ts'

/* Every route of the running app, for every role: who is not let in, or asks for what is not theirs, is refused, and nothing changes. */

let site: Site
let objects: Awaited<ReturnType<typeof objectsOf>>
beforeAll(async () => {
  site = await openSite()
  objects = await objectsOf(site)
})
afterAll(() => site.close())

test('[SE-1] every route of the app is in the table, and nothing else is', () => {
  const known = new Set(rules.map(([key]) => key))
  const there = [...new Set(site.routes.map(({ method, url }) => `${method} ${url}`))]
  const others = there.filter((key) => !known.has(key) && !elsewhere.some(({ routes }) => routes.test(key)))
  expect(others, 'routes without a rule').toEqual([])
  // HEAD is there where the framework makes it.
  const gone = [...known].filter((key) => !there.includes(key) && !key.startsWith('HEAD '))
  expect(gone, 'rules without a route').toEqual([])
})

describe('[SE-2] who is not let in is refused, and nothing changes', () => {
  test.each(rules)('%s', async (key, rule) => {
    for (const role of roles)
      for (const [owner, id] of Object.entries(idsFor(objects, rule, role)) as [Owner, string][]) {
        const refused = refusalOf(rule, { role, owner, id })
        if (refused === undefined) continue
        const told = await ask(site, key, rule, { role, owner, id })
        expect({ role, owner, status: told.status, changed: told.changed }).toEqual({
          ...{ role, owner, status: refused, changed: false },
        })
      }
  })
})
