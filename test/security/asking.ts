import { imagesOf } from './images.ts'
import type { Objects } from './objects.ts'
import { headersOf, type Role, type Site } from './people.ts'
import { type Kind, type Owner, policy, type Rule } from './policy.ts'

/* How the table of `policy.ts` is asked of a site. */

/** The ids that stand in paths, by kind and by who asks. */
export type ObjectsFor = (kind: Kind, role: Role) => Objects

export interface Asked {
  role: Role
  owner: Owner
  id: string
}

export interface Told {
  status: number
  /** Without the id that was asked for. */
  body: string
  headers: readonly string[]
  /** What the stores were asked for. */
  north: readonly string[]
  south: readonly string[]
  changed: boolean
}

export async function ask(at: Site, key: string, rule: Rule, { role, id }: Asked): Promise<Told> {
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

function admits({ who }: Rule, role: Role): boolean {
  return who === 'public' || who.includes(role)
}

function findsOf({ finds = [] }: Rule, role: Role): readonly Owner[] {
  return Array.isArray(finds) ? finds : ((finds as Partial<Record<Role, readonly Owner[]>>)[role] ?? [])
}

/** The ids to try. A path without `:id` is asked once. */
export function idsFor(objects: ObjectsFor, rule: Rule, role: Role): Objects {
  return rule.kind === undefined ? { own: '' } : objects(rule.kind, role)
}

export function statusOf({ status = 200 }: Rule, role: Role): number {
  return typeof status === 'number' ? status : (status[role] ?? 200)
}

/** Undefined: let in and found. */
export function refusalOf(rule: Rule, { role, owner }: Asked): number | undefined {
  if (!admits(rule, role)) return role in proven ? 403 : 401
  if (rule.kind === undefined) return undefined
  return findsOf(rule, role).includes(owner) ? undefined : 404
}
const proven = { agent: 1, supervisor: 1, admin: 1, apiuser: 1, foreignAdmin: 1 }

/** The table with what goes without saying. */
export const rules = [...policy].flatMap(([key, rule]): [string, Rule][] =>
  key.startsWith('GET ')
    ? [
        [key, rule],
        [key.replace('GET', 'HEAD'), rule],
      ]
    : [[key, rule]],
)
