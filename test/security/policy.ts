/** Who may do what with which object: the one table that the generated test compares the running routes with. */
import { people, type Role } from './people.ts'

/** Whose object: the asker's own, a colleague's, another contact centre's, nobody's. */
export const owners = ['own', 'colleague', 'foreign', 'none'] as const
export type Owner = (typeof owners)[number]

/** What stands at `:id` in a path. */
export type Kind =
  | 'session'
  | 'user'
  /** Not the asker. */
  | 'fellow'
  | 'loggedIn'
  | 'device'
  /** A load run, a lock-out: there is none. */
  | 'nothing'
  | 'feature'
  | 'dns'
  | 'places'
  | 'persons'
  | 'agent-logins'
  | 'switches'

export interface Rule {
  /** Whom the route lets in; `public`: everybody, with credentials or without. */
  who: readonly Role[] | 'public'
  /** What `:id` names, and whose are found. The others are as if they did not exist. */
  kind?: Kind
  finds?: readonly Owner[] | Partial<Record<Role, readonly Owner[]>>
  body?: object
  query?: string
  /** What is answered where the route lets in and finds the object, to everybody or by role. Default 200. */
  status?: number | Partial<Record<Role, number>>
}

const all = [...people, 'foreignAdmin'] as const satisfies readonly Role[]
const admins = ['admin', 'foreignAdmin'] as const
/** zoe is an agent and a supervisor as well. */
const talkers = ['agent', 'supervisor', 'foreignAdmin'] as const
const ours = ['own', 'colleague'] as const
const say = { operationName: 'SendMessage', text: 'hello' }

const own: readonly Owner[] = ['own']

/** By method and path; HEAD is as GET. A route that is not here fails the test. */
export const policy: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  // Ourselves
  ['GET /api/v2/me', { who: all }],
  ['POST /api/v2/me', { who: all, body: { operationName: 'NoSuchOperation' }, status: 403 }],
  ['POST /api/v2/me/channels/:channel', { who: all, body: { operationName: 'NoSuchOperation' }, status: 403 }],
  ['GET /api/v2/me/devices', { who: all }],
  ['GET /api/v2/me/devices/:id', { who: all, kind: 'device', finds: own }],
  // There is no SIP here: to who may ask, there is no phone.
  ['GET /api/v2/me/phone', { who: talkers, status: 404 }],
  ['GET /api/v2/me/ended-im-sessions', { who: talkers }],
  // Sessions are their parties' alone, whatever role somebody has
  ['GET /api/v2/me/im-sessions', { who: all }],
  ['GET /api/v2/im-sessions', { who: all }],
  [
    'POST /api/v2/me/im-sessions',
    { who: talkers, body: { operationName: 'InitiateIMSession', destination: { phoneNumber: 'nobody' } }, status: 400 },
  ],
  ['GET /api/v2/me/im-sessions/:id', { who: all, kind: 'session', finds: own }],
  ['GET /api/v2/im-sessions/:id', { who: all, kind: 'session', finds: own }],
  ['POST /api/v2/me/im-sessions/:id', { who: talkers, kind: 'session', finds: own, body: say }],
  ['POST /api/v2/im-sessions/:id', { who: talkers, kind: 'session', finds: own, body: say }],
  ['GET /api/v2/me/im-sessions/:id/messages', { who: all, kind: 'session', finds: own }],
  ['GET /api/v2/im-sessions/:id/messages', { who: all, kind: 'session', finds: own }],
  // The contact centre
  ['GET /api/v2/devices', { who: admins }],
  [
    'GET /api/v2/devices/:id',
    { who: all, kind: 'device', finds: { agent: own, supervisor: own, apiuser: own, admin: ours } },
  ],
  ['GET /api/v2/places', { who: talkers }],
  ['GET /api/v2/contacts', { who: talkers }],
  ['GET /api/v2/features', { who: all }],
  ['GET /api/v2/features/:id', { who: all, kind: 'feature', finds: ours }],
  ['GET /api/v2/system/features', { who: admins }],
  ['GET /api/v2/settings', { who: all }],
  ['GET /api/v2/settings/agent-states', { who: all }],
  ['GET /api/v2/diagnostics/version', { who: 'public' }],
  // Users
  ['GET /api/v2/users', { who: admins }],
  ['GET /api/v2/users/:id', { who: admins, kind: 'user', finds: ours, query: '?subresources=*' }],
  [
    'POST /api/v2/users',
    { who: admins, body: { firstName: 'N', lastName: 'N', userName: 'new', password: 'new', roles: ['agent'] } },
  ],
  ['PUT /api/v2/users/:id', { who: admins, kind: 'user', finds: ours, body: { firstName: 'Changed' } }],
  ['DELETE /api/v2/users/:id', { who: admins, kind: 'fellow', finds: ['colleague'] }],
  ['GET /api/v2/users/:id/devices', { who: admins, kind: 'user', finds: ours }],
  [
    'POST /api/v2/users/:id/devices',
    { who: admins, kind: 'fellow', finds: ['colleague'], body: { phoneNumber: '7999' } },
  ],
  [
    'POST /api/v2/users/:id/channels/:channel',
    {
      who: ['supervisor', 'admin', 'foreignAdmin'],
      kind: 'loggedIn',
      finds: ['colleague'],
      body: { operationName: 'Ready' },
    },
  ],
  ...configuration('dns', { number: '7555', switch: 'Switch_north' }),
  ...configuration('places', { name: 'Place_new' }),
  ...configuration('persons', { userName: 'newer', password: 'newer' }),
  ...configuration('agent-logins', { loginCode: '57555', switch: 'Switch_north' }),
  ...configuration('switches', { name: 'Switch_new' }),
  ['POST /api/v2/system', { who: admins, body: { operationName: 'ReloadConfiguration' } }],
  // The lab
  ...lab(
    'sessions',
    'agents',
    'dns',
    'nodes',
    'registrations',
    'history',
    'trace',
    'load-runs',
    'lock-outs',
    'audit',
    'audit.jsonl',
  ),
  // Flows belong to no contact centre, and this node serves two.
  ['GET /api/v2/lab/flows', { who: admins, status: 403 }],
  ['GET /api/v2/lab/sessions/:id/ladder', { who: admins, kind: 'session', finds: ours }],
  ['GET /api/v2/lab/sessions/:id/ladder.json', { who: admins, kind: 'session', finds: ours }],
  ['GET /api/v2/lab/sessions/:id/ladder.pcap', { who: admins, kind: 'session', finds: ours }],
  ['GET /api/v2/lab/sessions/:id/ladder.svg', { who: admins, kind: 'session', finds: ours }],
  // Out of bounds: who is let in hears of it, and nothing begins.
  [
    'POST /api/v2/lab/load-runs',
    { who: admins, body: { pairs: 1_000_000, textsPerSecond: 1, seconds: 1 }, status: 400 },
  ],
  ['DELETE /api/v2/lab/load-runs/:id', { who: admins, kind: 'nothing', finds: [] }],
  ['DELETE /api/v2/lab/lock-outs/:id', { who: admins, kind: 'nothing', finds: [] }],
  // What the server is, for everybody
  ...publicPages(
    '/api/v2/openapi.json',
    '/api/v2/docs',
    '/api/v2/docs/static/swagger-initializer.js',
    '/api/v2/docs/json',
    '/api/v2/docs/yaml',
    '/health/live',
    '/health/ready',
    '/metrics',
    '/',
    '/history',
    '/lab',
  ),
  ['GET /api/v2/docs/static/index.html', { who: 'public', status: 302 }],
  ['GET /api/v2/docs/static/*', { who: 'public', status: 404 }],
  ['GET /lab/*', { who: 'public' }],
])

/**
 * Routes with a language of their own, where "refused" is not an HTTP status; and the files of the desktop's build. Each pattern names the
 * test that asks them.
 */
export const elsewhere: readonly { routes: RegExp; test: string }[] = [
  { routes: /^(GET|HEAD|POST) \/api\/v2\/notifications(\/\*)?$/, test: 'cometd-access.test.ts' },
  { routes: /^POST \/forms\/logon[.]html$/, test: 'uc-ajax-access.test.ts' },
  { routes: /^(POST|GET) \/cwa\/(maincommandhandler|asyncdatachannel)[.]ashx$/, test: 'uc-ajax-access.test.ts' },
  { routes: /^(GET|HEAD) \/(favicon[.]svg|assets\/[\w.-]+)$/, test: 'pages.test.ts' },
]

function configuration(kind: Kind, body: object): [string, Rule][] {
  const path = `/api/v2/platform/configuration/${kind}`
  const one = { who: admins, kind, finds: ['colleague'] } as const
  return [
    [`GET ${path}`, { who: admins }],
    [`GET ${path}/:id`, one],
    // The switch belongs to the north: to an administrator of the south there is none of that name.
    [`POST ${path}`, { who: admins, body, ...('switch' in body && { status: { foreignAdmin: 400 } }) }],
    [`PUT ${path}/:id`, { ...one, body: { userProperties: {} } }],
    [`DELETE ${path}/:id`, one],
  ]
}

function lab(...names: string[]): [string, Rule][] {
  return names.map((name) => [`GET /api/v2/lab/${name}`, { who: admins }])
}

function publicPages(...paths: string[]): [string, Rule][] {
  return paths.map((path) => [`GET ${path}`, { who: 'public' }])
}
