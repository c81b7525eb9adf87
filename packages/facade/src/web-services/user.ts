import type { Person, Role } from '@ringdown/signalling'
import type { Login } from '../login.ts'
import { devicesOf, ownDNs } from './devices.ts'
import { featureList } from './features.ts'
import { namesIn } from './query.ts'
import { imSessionOfCall } from './resource.ts'
import { userStateOf } from './user-state.ts'

/** A person as Web Services shows it, web-services-api §4.1. */
export interface User {
  id: string
  userName: string
  firstName: string
  lastName: string
  emailAddress?: string
  roles: readonly string[]
  enabled: boolean
  changePasswordOnFirstLogin: false
  contactCenterId: string
  path: string
  uri: string
}

export function user(person: Person, centre: string, apiRoot: string): User {
  const path = `/users/${person.id}`
  return {
    id: person.id,
    userName: person.userName,
    firstName: person.firstName,
    lastName: person.lastName,
    ...(person.emailAddress !== undefined && { emailAddress: person.emailAddress }),
    roles: person.roles.map((role) => `ROLE_${role.toUpperCase()}`),
    enabled: person.enabled,
    changePasswordOnFirstLogin: false,
    contactCenterId: centre,
    path,
    uri: apiRoot + path,
  }
}

/** The role behind its JSON name, `ROLE_AGENT` or `agent`; undefined for any other. */
export function roleOf(name: string): Role | undefined {
  return roles.find((role) => role === name.replace(/^ROLE_/, '').toLowerCase())
}
const roles = ['agent', 'supervisor', 'admin', 'apiuser'] as const satisfies readonly Role[]

/** The user with the collections that `subresources` names, `*` for all; web-services-api §4.1. `login` may look at another person. */
export async function withSubresources(
  login: Login,
  shown: User,
  subresources: string | string[] | undefined,
  apiRoot: string,
): Promise<object> {
  if (subresources === undefined) return shown
  const names = namesIn(subresources)
  const wanted = collections.filter((name) => names.has(name) || names.has('*'))
  const made = await Promise.all(wanted.map(async (name) => [name, await subresource(name, login, apiRoot)] as const))
  return { ...shown, ...Object.fromEntries(made) }
}

const collections = [
  'devices',
  'skills',
  'channels',
  'channelStates',
  'interactions',
  'chats',
  'calls',
  'groups',
  'features',
  'settings',
  'imSessions',
] as const

async function subresource(name: (typeof collections)[number], login: Login, apiRoot: string): Promise<unknown> {
  const { centre, person } = login
  switch (name) {
    case 'devices':
      return devicesOf(login, await ownDNs(login), apiRoot)
    case 'channels':
    case 'channelStates':
      return channels(login)
    case 'features':
      return featureList(centre.directory().features, apiRoot)
    case 'settings':
      return person.annex // sections of strings: clients read it without a check
    case 'imSessions': {
      const call = await centre.tserver.session(person.id)
      const session = call && imSessionOfCall(call, person.id, centre.directory(), apiRoot)
      return session ? [session] : []
    }
    case 'skills':
    case 'interactions':
    case 'chats':
    case 'calls':
    case 'groups':
      return [] // media and objects this engine does not have
  }
}

/** IM rides on the voice channel, web-services-api §4.3; its state is that of the first device. */
async function channels({ centre, person }: Login): Promise<object[]> {
  const { dns } = await centre.tserver.agent(person.id)
  const [first] = await centre.tserver.logins(dns.slice(0, 1))
  return [{ channel: 'voice', userState: userStateOf(first?.login ?? null) }]
}
