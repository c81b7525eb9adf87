import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask, idsFor, rules } from './asking.ts'
import { objectsOf } from './objects.ts'
import { openSite, roles, type Site } from './people.ts'

/* Whether an answer tells that another contact centre has an object of that id. */

let site: Site
let objects: Awaited<ReturnType<typeof objectsOf>>
beforeAll(async () => {
  site = await openSite()
  objects = await objectsOf(site)
})
afterAll(() => site.close())

describe("[SE-3] another contact centre's object is answered as one that does not exist", () => {
  const withObjects = rules.filter(([, { kind }]) => kind !== undefined && kind !== 'feature' && kind !== 'nothing')
  test.each(withObjects)('%s', async (key, rule) => {
    let compared = 0
    for (const role of roles) {
      const { foreign, none } = idsFor(objects, rule, role)
      if (foreign === undefined || none === undefined) throw new Error('the site has no such objects')
      const there = await ask(site, key, rule, { role, owner: 'foreign', id: foreign })
      const nowhere = await ask(site, key, rule, { role, owner: 'none', id: none })
      expect({ role, ...there }).toEqual({ role, ...nowhere })
      // The store of the contact centre that has it hears nothing: there is nothing to be read off the time either.
      expect({ role, asked: role === 'foreignAdmin' ? there.north : there.south }).toEqual({ role, asked: [] })
      compared++
    }
    expect(compared).toBe(roles.length)
  })
})
