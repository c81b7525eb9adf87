import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask, idsFor, refusalOf, rules, statusOf } from './asking.ts'
import { objectsOf } from './objects.ts'
import { openSite, roles, type Site } from './people.ts'
import type { Owner, Rule } from './policy.ts'

/* The other side of the table: who is let in gets what they asked for, or the table would be right about a server that refuses everything. */

let site: Site
let objects: Awaited<ReturnType<typeof objectsOf>>
beforeAll(async () => {
  site = await openSite()
  objects = await objectsOf(site)
})
afterAll(() => site.close())

describe('[SE-4] who is let in gets what is theirs', () => {
  const reading = rules.filter(([key]) => !/^(POST|PUT|DELETE)/.test(key))
  const changing = rules.filter(([key]) => /^(POST|PUT|DELETE)/.test(key))

  test.each(reading)('%s', async (key, rule) => {
    await letIn(site, key, rule)
  })
  test.each(changing)('%s', async (key, rule) => {
    // On a site of its own: what it changes must not change what others find.
    const own = await openSite()
    try {
      await letIn(own, key, rule)
    } finally {
      await own.close()
    }
  })

  async function letIn(at: Site, key: string, rule: Rule) {
    let asked = 0
    for (const role of roles)
      for (const [owner, id] of Object.entries(idsFor(objects, rule, role)) as [Owner, string][]) {
        if (refusalOf(rule, { role, owner, id }) !== undefined) continue
        const told = await ask(at, key, rule, { role, owner, id })
        expect({ role, owner, status: told.status, body: told.status >= 400 ? told.body : '' }).toMatchObject({
          ...{ role, owner, status: statusOf(rule, role) },
        })
        asked++
      }
    if (rule.kind !== 'nothing') expect(asked).toBeGreaterThan(0)
  }
})
