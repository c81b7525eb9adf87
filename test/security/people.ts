import { fileURLToPath } from 'node:url'
import type { DirectoryObjects } from '@ringdown/signalling'
import { accessSite, cheapHash } from '../../packages/server/src/testing/access-site.ts'

const chat = { TServer: { multimedia: 'true', 'sip-signaling-chat': 'none' } }

interface SetUp {
  id: string
  /** What its numbers begin with, so that no two contact centres share a name of anything. */
  prefix: string
  people: readonly { name: string; roles: readonly string[]; enabled?: boolean }[]
}

/** Stands for the build of the desktop: the names are as the build makes them. */
const desktopFolder = fileURLToPath(new URL('desktop', import.meta.url))

/** All there are, so that no route hides behind one that is off. */
const features = [
  'api-voice-instant-messaging',
  'api-supervisor-agent-control',
  'api-provisioning-read',
  'api-provisioning-write',
  'api-platform-configuration-read',
  'api-platform-configuration-write',
]

/** A contact centre in which everybody has a DN, a place and a login code, and their name for a password. */
async function centre({ id, prefix, people }: SetUp): Promise<DirectoryObjects> {
  const number = (i: number) => `${prefix}00${i + 1}`
  return {
    id,
    features,
    switches: [{ name: `Switch_${id}` }, { name: `Spare_${id}` }],
    dns: [
      ...people.map((_, i) => ({ number: number(i), switch: `Switch_${id}`, annex: chat })),
      { number: `${prefix}999`, switch: `Switch_${id}`, annex: chat },
    ],
    places: [
      ...people.map((_, i) => ({ name: `Place_${number(i)}`, dns: [number(i)] })),
      { name: `Place_spare_${id}`, dns: [] },
    ],
    agentLogins: [
      ...people.map((_, i) => ({ code: `5${number(i)}`, switch: `Switch_${id}` })),
      { code: `5${prefix}999`, switch: `Switch_${id}` },
    ],
    persons: await Promise.all(
      people.map(async ({ name, roles, enabled = true }, i) => ({
        userName: name,
        roles,
        enabled,
        passwordHash: await cheapHash(name),
        place: `Place_${number(i)}`,
        agentLogins: [`5${number(i)}`],
      })),
    ),
  }
}

const objects = await Promise.all([
  centre({
    id: 'north',
    prefix: '7',
    people: [
      { name: 'anna', roles: ['agent'] },
      { name: 'ben', roles: ['agent'] },
      { name: 'carl', roles: ['supervisor'] },
      { name: 'gina', roles: ['agent'] },
      { name: 'ada', roles: ['admin'] },
      { name: 'apis', roles: ['apiuser'] },
      { name: 'dora', roles: ['agent', 'admin'], enabled: false },
      { name: 'fred', roles: ['agent'] },
    ],
  }),
  centre({
    id: 'south',
    prefix: '8',
    people: [
      { name: 'xena', roles: ['agent'] },
      { name: 'yuri', roles: ['agent'] },
      { name: 'zoe', roles: ['admin', 'supervisor', 'agent'] },
    ],
  }),
])

/** Whoever may ask for something. All but the last are of the contact centre `north`. */
export const roles = [
  'nobody',
  'wrongPassword',
  'expiredSession',
  'disabled',
  'agent',
  'supervisor',
  'admin',
  'apiuser',
  'foreignAdmin',
] as const
export type Role = (typeof roles)[number]

/** Those who have proved who they are. */
export const people = ['agent', 'supervisor', 'admin', 'apiuser'] as const satisfies readonly Role[]

export const userNames = {
  agent: 'anna',
  supervisor: 'carl',
  admin: 'ada',
  apiuser: 'apis',
  foreignAdmin: 'zoe',
} as const

export function basic(user: string, password = user): { authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` }
}

export type Site = Awaited<ReturnType<typeof openSite>>

/**
 * Two contact centres on one node, with sessions in both: anna with ben, carl with gina, and in the south xena with yuri. `cookie` is that of
 * an HTTP session which has ended.
 */
export async function openSite() {
  const site = await accessSite({ centres: objects, desktop: desktopFolder, token: 'the-token-of-metrics' })
  const ask = async (user: string, method: 'GET' | 'POST', path: string, payload?: object) => {
    const url = `/api/v2${path}`
    const reply = await site.inject({ method, url, headers: basic(user), ...(payload && { payload }) })
    if (reply.statusCode !== 200) throw new Error(`${user} ${method} ${path}: ${reply.body}`)
    return reply
  }
  const first = await ask('ada', 'GET', '/me')
  const cookie = String(first.headers['set-cookie']).split(';')[0] ?? ''
  site.clock.advance(4 * 3_600_000)

  const begin = async (from: string, to: string, number: string): Promise<string> => {
    for (const user of [from, to])
      await ask(user, 'POST', '/me', { operationName: 'StartContactCenterSession', channels: ['voice'] })
    await ask(from, 'POST', '/me/im-sessions', {
      operationName: 'InitiateIMSession',
      destination: { phoneNumber: number },
    })
    const { imSessions } = (await ask(from, 'GET', '/me/im-sessions?fields=*')).json()
    return imSessions[0].id
  }
  const sessions = {
    agent: await begin('anna', 'ben', '7002'),
    supervisor: await begin('carl', 'gina', '7004'),
    foreign: await begin('xena', 'yuri', '8002'),
  }
  // Everybody's HTTP session is there: what opens one is not what is looked at.
  for (const user of Object.values(userNames)) await ask(user, 'GET', '/me')
  for (const id of ['north', 'south']) site.takeAsked(id)
  return { ...site, ask, sessions, cookie }
}

/** The headers by which a role shows who it is. */
export function headersOf(role: Role, cookie: string): Readonly<Record<string, string>> {
  switch (role) {
    case 'nobody':
      return {}
    case 'wrongPassword':
      return basic('ada', 'not the password')
    case 'expiredSession':
      return { cookie }
    case 'disabled':
      return basic('dora')
    default:
      return basic(userNames[role])
  }
}
