import { type Annex, type Directory, type DN, type ObjectKind, objectDBIDs, type Person } from '@ringdown/signalling'
import type { ObjectChange } from './provisioning.ts'
import { ApiError } from './status.ts'
import { roleOf } from './user.ts'

/** A configuration object as web-services-api §4.6 shows it: values are strings, the Annex is `userProperties`. */
export type ConfigObject = Readonly<Record<string, string | readonly string[] | Annex>>

/** A class of configuration objects under `/platform/configuration`. */
export interface ConfigClass {
  /** Segment of the path and key of the list. */
  plural: string
  /** Key of one object. */
  singular: string
  kind: ObjectKind
  /** The property that names an object. It cannot be changed: others refer to it. */
  key: string
  /** The names of all objects, or what else the store knows them by, with the objects. */
  all(directory: Directory): ReadonlyMap<string, ConfigObject>
  /** The object to store for these properties, laid over the one that is there. `passwordHash` comes hashed. */
  toStored(given: GivenObject, before: ConfigObject | undefined, directory: Directory, id: string): object
}

/** Properties of a request's body. */
export interface GivenObject {
  [property: string]: unknown
  userProperties?: Annex
  /** Made of the password in the request. */
  passwordHash?: string
}

// SPEC WS-32: a password is taken and never shown, neither a person's nor a DN's.
function dn({ number, type, switch: owner, annex }: DN): ConfigObject {
  return { number, type, switch: owner, userProperties: shownAnnex(annex) }
}

/** A DN's Annex as it is shown: without its password. */
export function shownAnnex(annex: Annex): Annex {
  const { TServer, ...sections } = annex
  if (!TServer) return annex
  const { password: _, ...options } = TServer
  return { ...sections, TServer: options }
}

function person(person: Person): ConfigObject {
  const { htcc, ...annex } = person.annex
  return {
    userName: person.userName,
    firstName: person.firstName,
    lastName: person.lastName,
    emailAddress: person.emailAddress ?? '',
    enabled: String(person.enabled),
    place: person.place ?? '',
    agentLogins: person.agentLogins,
    // Web-services-api §1.2: the roles stand in the Annex.
    userProperties: { ...annex, htcc: { ...htcc, roles: person.roles.join(',') } },
  }
}

function mapped<T>(from: ReadonlyMap<string, T>, show: (object: T) => ConfigObject): ReadonlyMap<string, ConfigObject> {
  return new Map([...from].map(([id, object]) => [id, show(object)]))
}

export const configClasses: readonly ConfigClass[] = [
  {
    plural: 'dns',
    singular: 'dn',
    kind: 'dn',
    key: 'number',
    all: ({ dns }) => mapped(dns, dn),
    toStored(given, before, directory, id) {
      const { annex: kept = {} } = directory.dns.get(id as DN['number']) ?? {}
      return {
        number: text('number', given, before),
        type: text('type', given, before, 'Extension'),
        switch: text('switch', given, before),
        annex: given.userProperties ? withPassword(given.userProperties, kept) : kept,
      }
    },
  },
  {
    plural: 'places',
    singular: 'place',
    kind: 'place',
    key: 'name',
    all: ({ places }) => mapped(places, ({ name, dns }) => ({ name, DNs: dns })),
    toStored: (given, before) => ({ name: text('name', given, before), dns: list('DNs', given, before) }),
  },
  {
    plural: 'persons',
    singular: 'person',
    kind: 'person',
    key: 'userName',
    all: ({ persons }) => mapped(persons, person),
    toStored(given, before, directory, id) {
      const { passwordHash: kept } = directory.persons.get(id as Person['id']) ?? {}
      const passwordHash = given.passwordHash ?? kept
      const emailAddress = text('emailAddress', given, before, '')
      const place = text('place', given, before, '')
      const { annex, roles } = rolesOf((given.userProperties ?? before?.userProperties ?? {}) as Annex)
      return {
        id,
        userName: text('userName', given, before),
        firstName: text('firstName', given, before, ''),
        lastName: text('lastName', given, before, ''),
        ...(emailAddress && { emailAddress }),
        roles,
        enabled: flag('enabled', given, before),
        ...(place && { place }),
        agentLogins: list('agentLogins', given, before),
        ...(passwordHash !== undefined && { passwordHash }),
        annex,
      }
    },
  },
  {
    plural: 'agent-logins',
    singular: 'agent-login',
    kind: 'agentLogin',
    key: 'loginCode',
    all: ({ agentLogins }) => mapped(agentLogins, ({ code, switch: owner }) => ({ loginCode: code, switch: owner })),
    toStored: (given, before) => ({ code: text('loginCode', given, before), switch: text('switch', given, before) }),
  },
  {
    plural: 'switches',
    singular: 'switch',
    kind: 'switch',
    key: 'name',
    all: ({ switches }) => mapped(switches, ({ name }) => ({ name })),
    toStored: (given, before) => ({ name: text('name', given, before) }),
  },
]

/** An object of a class, and what the store knows it by. */
export interface Found {
  id: string
  object: ConfigObject
}

/** The objects of a class by their database ids. */
export function dbidTable(of: ConfigClass, directory: Directory): ReadonlyMap<string, Found> {
  const all = of.all(directory)
  const keyOf = (object: ConfigObject) => String(object[of.key])
  const dbids = objectDBIDs(of.kind, [...all.values()].map(keyOf))
  return new Map(
    [...all].map(([id, object]) => {
      const dbid = String(dbids.get(keyOf(object)))
      return [dbid, { id, object: { DBID: dbid, ...object } }]
    }),
  )
}

/** The change that creates an object or alters the one that is there. */
export function written(
  of: ConfigClass,
  given: GivenObject,
  directory: Directory,
  id: string,
  before?: ConfigObject,
): ObjectChange {
  const key = given[of.key]
  if (before && key !== undefined && key !== before[of.key])
    throw new ApiError(11, `${of.key} cannot be changed; others refer to it`)
  return { kind: of.kind, id, value: of.toStored(given, before, directory, id) }
}

/** Who reads an Annex, changes it and writes it back has not seen the DN's password; it stays until another one is given. */
function withPassword(given: Annex, kept: Annex): Annex {
  const password = given.TServer?.password ?? kept.TServer?.password
  return password === undefined ? given : { ...given, TServer: { ...given.TServer, password } }
}

function rolesOf(properties: Annex): { annex: Annex; roles: readonly string[] } {
  const { htcc, ...rest } = properties
  if (htcc?.roles === undefined) return { annex: properties, roles: ['agent'] }
  const { roles, ...others } = htcc
  const named = roles.split(',').map((name) => name.trim())
  const known = named.filter((name) => name !== '').map((name) => roleOf(name) ?? name) // buildDirectory names the unknown ones
  return { annex: Object.keys(others).length > 0 ? { ...rest, htcc: others } : rest, roles: known }
}

function text(name: string, given: GivenObject, before: ConfigObject | undefined, otherwise?: string): string {
  const value = given[name] ?? before?.[name] ?? otherwise
  if (value === undefined) throw new ApiError(1, `${name} is missing`)
  if (typeof value !== 'string') throw new ApiError(10, `${name} must be a string`)
  return value
}

function list(name: string, given: GivenObject, before: ConfigObject | undefined): readonly string[] {
  const value = given[name] ?? before?.[name] ?? []
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string'))
    throw new ApiError(10, `${name} must be a list of strings`)
  return value
}

function flag(name: string, given: GivenObject, before: ConfigObject | undefined): boolean {
  const value = given[name] ?? before?.[name] ?? true
  if (value === true || value === 'true') return true
  if (value === false || value === 'false') return false
  throw new ApiError(10, `${name} must be true or false`)
}
