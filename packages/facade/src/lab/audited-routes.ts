import type { Annex, Directory, PersonID } from '@ringdown/signalling'
import { type ConfigClass, configClasses, dbidTable } from '../web-services/configuration.ts'

/** What the words of an entry are made of. */
export interface AuditedRequest {
  /** The configuration before the request. */
  directory: Directory
  id: string
  body: Readonly<Record<string, unknown>>
}

/** How a request is told in the audit log. */
export interface AuditedRoute {
  what: string
  /** The words need the configuration as the store has it: another node may just have changed it. */
  fresh?: true
  object(request: AuditedRequest): string
  /** What of the object is concerned: names, and values that are no secret of anybody. */
  detail?(request: AuditedRequest): string
}

/**
 * The requests by which administrators change something, by method and path below the API's root. SPEC LB-21: a route that changes
 * something is here, or among those in `ownAffairs`.
 */
export const auditedRoutes: ReadonlyMap<string, AuditedRoute> = new Map<string, AuditedRoute>([
  ['POST /users', { what: 'create user', object: ({ body }) => word(body.userName), detail: names }],
  ['PUT /users/:id', { what: 'change user', fresh: true, object: userName, detail: userChanges }],
  ['DELETE /users/:id', { what: 'remove user', fresh: true, object: userName }],
  [
    'POST /users/:id/devices',
    { what: 'give device', fresh: true, object: userName, detail: ({ body }) => word(body.phoneNumber) },
  ],
  [
    'POST /users/:id/channels/:channel',
    { what: 'change agent state', object: userName, detail: ({ body }) => word(body.operationName) },
  ],
  ['POST /system', { what: 'reload configuration', object: () => 'file of this node' }],
  ['POST /lab/load-runs', { what: 'start load run', object: () => 'load run', detail: wantedLoad }],
  ['DELETE /lab/lock-outs/:id', { what: 'lift lock-out', object: ({ id }) => id }],
  ['DELETE /lab/load-runs/:id', { what: 'stop load run', object: ({ id }) => id }],
  ...configClasses.flatMap(rowsOf),
])

/** Where people change what is their own: beginnings of paths below the API's root. */
export const ownAffairs: readonly string[] = ['/me', '/im-sessions']

function rowsOf(of: ConfigClass): [string, AuditedRoute][] {
  const root = `/platform/configuration/${of.plural}`
  const before = ({ directory, id }: AuditedRequest) => dbidTable(of, directory).get(id)?.object
  const object = (request: AuditedRequest) => word(before(request)?.[of.key] ?? `DBID ${request.id}`)
  return [
    [`POST ${root}`, { what: `create ${of.singular}`, object: ({ body }) => word(body[of.key]), detail: names }],
    [
      `PUT ${root}/:id`,
      {
        what: `change ${of.singular}`,
        fresh: true,
        object,
        detail: (request) => changes(before(request) ?? {}, request.body),
      },
    ],
    [`DELETE ${root}/:id`, { what: `remove ${of.singular}`, fresh: true, object }],
  ]
}

function word(value: unknown): string {
  return typeof value === 'string' ? value : '?'
}

function userName({ directory, id }: AuditedRequest): string {
  return directory.persons.get(id as PersonID)?.userName ?? id
}

function names({ body }: AuditedRequest): string {
  return Object.keys(body).sort().join(', ')
}

function userChanges({ directory, id, body }: AuditedRequest): string {
  const { roles, ...person } = directory.persons.get(id as PersonID) ?? { roles: [] }
  const before = { ...person, roles: roles.map((role) => `ROLE_${role.toUpperCase()}`) }
  return changes(before, body)
}

function wantedLoad({ body: { pairs, textsPerSecond, seconds } }: AuditedRequest): string {
  return `pairs ${Number(pairs)}, texts per second ${Number(textsPerSecond)}, seconds ${Number(seconds)}`
}

/** Names of the properties that are given another value, and of the options of an Annex. */
function changes(before: object, given: Readonly<Record<string, unknown>>): string {
  const old = new Map<string, unknown>(Object.entries(before))
  return Object.entries(given)
    .flatMap(([name, value]) => {
      if (name === 'userProperties') return optionChanges((old.get(name) ?? {}) as Annex, value)
      return same(old.get(name), value) ? [] : [name]
    })
    .sort()
    .join(', ')
}

function optionChanges(before: Annex, given: unknown): string[] {
  const after = (typeof given === 'object' && given !== null ? given : {}) as Annex
  const sections = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...sections].flatMap((section) => {
    const [old, now] = [new Map(Object.entries(before[section] ?? {})), new Map(Object.entries(after[section] ?? {}))]
    const options = new Set([...old.keys(), ...now.keys()])
    return [...options].filter((name) => old.get(name) !== now.get(name)).map((name) => `${section}.${name}`)
  })
}

function same(old: unknown, now: unknown): boolean {
  return typeof old === 'string' && typeof now === 'boolean' ? old === String(now) : isEqual(old, now)
}

function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
