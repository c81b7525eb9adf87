import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Objects, objectsOf } from './objects.ts'
import { headersOf, openSite, type Role, roles, type Site } from './people.ts'
import { elsewhere, type Owner, policy, type Rule } from './policy.ts'

/*
 * Every route of the running app, for every role, with one's own object, a colleague's, another contact centre's and one that is nobody's.
 * What is expected stands in `policy.ts` alone.
 */

let site: Site
let objects: Awaited<ReturnType<typeof objectsOf>>
beforeAll(async () => {
  site = await openSite()
  objects = await objectsOf(site)
})
afterAll(() => site.close())

interface Asked {
  role: Role
  owner: Owner
  id: string
}

interface Told {
  status: number
  /** Without the id that was asked for. */
  body: string
  headers: readonly string[]
  /** What the stores were asked for. */
  north: readonly string[]
  south: readonly string[]
  changed: boolean
}

async function ask(at: Site, key: string, rule: Rule, { role, id }: Asked): Promise<Told> {
  const [method = '', path = ''] = key.split(' ')
  const url = path.replace(':id', id).replace(':channel', 'voice').replace('*', 'no-such-file') + (rule.query ?? '')
  const before = imagesOf(at)
  for (const centre of ['north', 'south']) at.takeAsked(centre)
  const reply = await at.inject({
    method,
    url,
    headers: headersOf(role, at.cookie),
    ...(rule.body && method !== 'GET' && method !== 'HEAD' && { payload: rule.body }),
  })
  return {
    status: reply.statusCode,
    body: reply.body.replaceAll(id, '<id>'),
    headers: Object.keys(reply.headers).sort(),
    north: at.takeAsked('north'),
    south: at.takeAsked('south'),
    changed: imagesOf(at) !== before,
  }
}

/** What both contact centres hold but their audit logs: those tell of refused deeds as well. */
function imagesOf(at: Site): string {
  return JSON.stringify(['north', 'south'].map((id) => without('audit', JSON.parse(at.image(id)))))
}

function without(name: string, maps: readonly unknown[]): unknown[] {
  return maps.map((map) =>
    Array.isArray(map) ? map.filter((entry) => !Array.isArray(entry) || entry[0] !== name) : map,
  )
}

function admits({ who }: Rule, role: Role): boolean {
  return who === 'public' || who.includes(role)
}

function findsOf({ finds = [] }: Rule, role: Role): readonly Owner[] {
  return Array.isArray(finds) ? finds : ((finds as Partial<Record<Role, readonly Owner[]>>)[role] ?? [])
}

/** The ids to try. A path without `:id` is asked once. */
function idsFor(rule: Rule, role: Role): Objects {
  return rule.kind === undefined ? { own: '' } : objects(rule.kind, role)
}

function statusOf({ status = 200 }: Rule, role: Role): number {
  return typeof status === 'number' ? status : (status[role] ?? 200)
}

/** Undefined: let in and found. */
function refusalOf(rule: Rule, { role, owner }: Asked): number | undefined {
  if (!admits(rule, role)) return role in proven ? 403 : 401
  if (rule.kind === undefined) return undefined
  return findsOf(rule, role).includes(owner) ? undefined : 404
}
const proven = { agent: 1, supervisor: 1, admin: 1, apiuser: 1, foreignAdmin: 1 }

const rules = [...policy].flatMap(([key, rule]): [string, Rule][] =>
  key.startsWith('GET ')
    ? [
        [key, rule],
        [key.replace('GET', 'HEAD'), rule],
      ]
    : [[key, rule]],
)

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
      for (const [owner, id] of Object.entries(idsFor(rule, role)) as [Owner, string][]) {
        const refused = refusalOf(rule, { role, owner, id })
        if (refused === undefined) continue
        const told = await ask(site, key, rule, { role, owner, id })
        expect({ role, owner, status: told.status, changed: told.changed }).toEqual({
          ...{ role, owner, status: refused, changed: false },
        })
      }
  })
})

describe("[SE-3] another contact centre's object is answered as one that does not exist", () => {
  const withObjects = rules.filter(([, { kind }]) => kind !== undefined && kind !== 'feature' && kind !== 'nothing')
  test.each(withObjects)('%s', async (key, rule) => {
    let compared = 0
    for (const role of roles) {
      const { foreign, none } = idsFor(rule, role)
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
      for (const [owner, id] of Object.entries(idsFor(rule, role)) as [Owner, string][]) {
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
