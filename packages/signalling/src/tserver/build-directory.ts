import type { Problem } from './annex.ts'
import type { AgentLogin, CentreOptions, Directory, Person, Place, Role } from './directory.ts'
import { type DirectoryObjects, type DNObject, derivePersonID, type PersonObject } from './directory-objects.ts'
import { type DN, type DNType, dnTypes, readTServerOptions } from './dn.ts'
import type { DNumber, PersonID } from './ids.ts'
import { defaultUserDataLimit, largestUserDataLimit } from './user-data.ts'

/** The features a contact centre has when its configuration names none. */
export const defaultFeatures = [
  'api-voice-instant-messaging',
  'api-provisioning-read',
  'api-provisioning-write',
  'api-platform-configuration-read',
  'api-platform-configuration-write',
] as const

/** Limits and times of a contact centre whose configuration names none. */
export const defaultCentreOptions: CentreOptions = {
  userDataLimit: defaultUserDataLimit,
  textLimit: 16_384,
  retentionMs: 24 * 3_600_000,
}
const optionBounds = {
  userDataLimit: [1, largestUserDataLimit],
  textLimit: [1, 65_535],
  retentionMs: [1_000, 366 * 24 * 3_600_000],
} as const satisfies Record<keyof CentreOptions, readonly [number, number]>

/** Either a directory, with what is worth a warning, or everything that is wrong. */
export type DirectoryBuild =
  | { directory: Directory; warnings: readonly Problem[] }
  | { problems: readonly Problem[]; warnings: readonly Problem[] }

const roles = ['agent', 'supervisor', 'admin', 'apiuser'] as const satisfies readonly Role[]
// Where a person can sit: SPEC DN-10.
const placeable: readonly DNType[] = ['Extension', 'ACD Position']

/** The directory that plain objects describe. All mistakes are told at once; paths start at the objects. SPEC DN-8 to DN-13. */
export function buildDirectory(objects: DirectoryObjects): DirectoryBuild {
  const problems: Problem[] = []
  const warnings: Problem[] = []
  const wrong: Wrong = (path, message) => problems.push({ path, message })

  // It becomes part of store keys, where braces would move a centre to another cluster slot.
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(objects.id))
    wrong(['id'], `contact centre id '${objects.id}' must be 1 to 63 letters, digits, dots, dashes or underscores`)

  const switches = unique('switches', objects.switches, 'switch', (o) => o.name, wrong)
  const dns = buildDNs(objects.dns, switches, problems, warnings)
  const places = buildPlaces(objects, dns, wrong)
  const agentLogins = buildAgentLogins(objects.agentLogins, switches, wrong)
  const persons = buildPersons(objects, places, agentLogins, wrong)
  const options = buildOptions(objects.options ?? {}, wrong)
  if (problems.length > 0) return { problems, warnings }

  return {
    directory: {
      id: objects.id,
      name: objects.name ?? objects.id,
      features: new Set(objects.features ?? defaultFeatures),
      options,
      switches,
      dns,
      places,
      persons,
      personsByUserName: new Map([...persons.values()].map((person) => [person.userName, person])),
      agentLogins,
    },
    warnings,
  }
}

type Wrong = (path: Problem['path'], message: string) => void

// Names travel in URLs, logs and store keys. SPEC DN-8.
function nameProblem(what: string, name: string): string | undefined {
  if (name === '') return `a ${what} must not be empty`
  if (name.length > 64) return `${what} '${name.slice(0, 64)}…' is longer than 64 characters`
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (/[\u0000-\u001f\u007f]|^\s|\s$/.test(name))
    return `${what} ${JSON.stringify(name)} has control characters or blank ends`
  return undefined
}

/** The objects by key; names that cannot be used and keys that come twice are told and left out. */
function unique<T>(
  list: string,
  from: readonly T[],
  what: string,
  key: (object: T) => string,
  wrong: Wrong,
): Map<string, T> {
  const found = new Map<string, T>()
  from.forEach((object, i) => {
    const name = key(object)
    const problem = nameProblem(what, name)
    if (problem !== undefined) wrong([list, i], problem)
    else if (found.has(name)) wrong([list, i], `${what} ${name} is there twice`)
    else found.set(name, object)
  })
  return found
}

function buildDNs(
  from: readonly DNObject[],
  switches: ReadonlyMap<string, unknown>,
  problems: Problem[],
  warnings: Problem[],
): Map<DNumber, DN> {
  const wrong: Wrong = (path, message) => problems.push({ path, message })
  unique('dns', from, 'DN', (o) => o.number, wrong)
  const dns = new Map<DNumber, DN>()
  from.forEach((object, i) => {
    const { number, type = 'Extension', switch: owner, annex = {} } = object
    if (/\s/.test(number)) wrong(['dns', i, 'number'], `DN ${JSON.stringify(number)} has blanks`)
    if (!isDNType(type))
      wrong(
        ['dns', i, 'type'],
        `DN ${number}: type '${type}' is not one of ${Object.keys(dnTypes)
          .map((t) => `'${t}'`)
          .join(', ')}`,
      )
    if (!switches.has(owner)) wrong(['dns', i, 'switch'], `DN ${number}: there is no switch '${owner}'`)
    const { options, unknown, ...read } = readTServerOptions(annex, number)
    const within = ({ path, message }: Problem) => ({ path: ['dns', i, 'annex', ...path], message })
    problems.push(...read.problems.map(within))
    warnings.push(...read.warnings.map(within))
    if (isDNType(type))
      dns.set(number as DNumber, {
        number: number as DNumber,
        type,
        switch: owner,
        annex,
        options,
        unknownOptions: unknown,
      })
  })
  return dns
}

function isDNType(type: string): type is DNType {
  return Object.hasOwn(dnTypes, type)
}

function buildPlaces(objects: DirectoryObjects, dns: ReadonlyMap<string, DN>, wrong: Wrong): Map<string, Place> {
  const known = new Set(objects.dns.map((dn) => dn.number))
  const placeOf = new Map<string, string>()
  unique('places', objects.places, 'place', (o) => o.name, wrong)
  objects.places.forEach(({ name, dns: members }, i) => {
    members.forEach((number, j) => {
      const path = ['places', i, 'dns', j]
      const other = placeOf.get(number)
      const type = dns.get(number)?.type
      if (!known.has(number)) wrong(path, `place ${name}: there is no DN '${number}'`)
      else if (other !== undefined)
        wrong(
          path,
          other === name
            ? `place ${name}: DN ${number} is there twice`
            : `place ${name}: DN ${number} is already at place ${other}`,
        )
      else if (type !== undefined && !placeable.includes(type))
        wrong(path, `place ${name}: DN ${number} is of type ${type}, which cannot be at a place`)
      placeOf.set(number, other ?? name)
    })
  })
  return new Map(objects.places.map(({ name, dns: members }) => [name, { name, dns: members as readonly DNumber[] }]))
}

function buildAgentLogins(
  from: readonly AgentLogin[],
  switches: ReadonlyMap<string, unknown>,
  wrong: Wrong,
): Map<string, AgentLogin> {
  const found = unique('agentLogins', from, 'agent login', (o) => o.code, wrong)
  from.forEach(({ code, switch: owner }, i) => {
    if (!switches.has(owner)) wrong(['agentLogins', i, 'switch'], `agent login ${code}: there is no switch '${owner}'`)
  })
  return new Map([...found].map(([code, { switch: owner }]) => [code, { code, switch: owner }]))
}

function buildPersons(
  objects: DirectoryObjects,
  places: ReadonlyMap<string, Place>,
  agentLogins: ReadonlyMap<string, AgentLogin>,
  wrong: Wrong,
): Map<PersonID, Person> {
  const persons = new Map<PersonID, Person>()
  const userNames = new Set<string>()
  const loginOf = new Map<string, string>()
  objects.persons.forEach((object, i) => {
    const person = fillIn(object, objects.id)
    const at = (...path: readonly (string | number)[]) => ['persons', i, ...path]
    const who = `person ${person.userName}`
    const problem = nameProblem('user name', person.userName)
    if (problem !== undefined) wrong(at('userName'), problem)
    // RFC 7617 §2: a user name with a colon cannot log in.
    else if (person.userName.includes(':')) wrong(at('userName'), `${who}: a user name cannot hold a colon`)
    // Two names that differ only by case are one person to everybody but a computer.
    const name = person.userName.toLowerCase()
    if (userNames.has(name)) wrong(at('userName'), `${who} is there twice`)
    else if (persons.has(person.id)) wrong(at('id'), `${who}: id ${person.id} belongs to somebody else`)
    userNames.add(name)
    if (!/^[0-9a-f]{32}$/.test(person.id)) wrong(at('id'), `${who}: id '${person.id}' must be 32 lower-case hex digits`)

    if (person.roles.length === 0) wrong(at('roles'), `${who} has no role`)
    for (const [j, role] of person.roles.entries()) {
      if (!roles.includes(role)) wrong(at('roles', j), `${who}: role '${role}' is not one of ${roles.join(', ')}`)
    }
    if (person.place !== undefined && !places.has(person.place))
      wrong(at('place'), `${who}: there is no place '${person.place}'`)
    for (const [j, code] of person.agentLogins.entries()) {
      const other = loginOf.get(code)
      if (!agentLogins.has(code)) wrong(at('agentLogins', j), `${who}: there is no agent login '${code}'`)
      else if (other !== undefined)
        wrong(at('agentLogins', j), `${who}: agent login ${code} already belongs to ${other}`)
      loginOf.set(code, other ?? person.userName)
    }
    // The value is not quoted: what stands there may be a plain password.
    if (person.passwordHash !== undefined && !person.passwordHash.startsWith('$scrypt$'))
      wrong(at('passwordHash'), `${who}: passwordHash is not a $scrypt$ string`)
    persons.set(person.id, person)
  })
  return persons
}

function fillIn(object: PersonObject, centre: string): Person {
  const { id, userName, emailAddress, place, passwordHash } = object
  return {
    id: (id as PersonID | undefined) ?? derivePersonID(centre, userName),
    userName,
    firstName: object.firstName ?? '',
    lastName: object.lastName ?? '',
    ...(emailAddress !== undefined && { emailAddress }),
    roles: (object.roles ?? ['agent']) as readonly Role[],
    enabled: object.enabled ?? true,
    ...(place !== undefined && { place }),
    agentLogins: object.agentLogins ?? [],
    ...(passwordHash !== undefined && { passwordHash }),
    annex: object.annex ?? {},
  }
}

function buildOptions(given: Partial<CentreOptions>, wrong: Wrong): CentreOptions {
  const options = { ...defaultCentreOptions }
  for (const key of Object.keys(optionBounds) as (keyof CentreOptions)[]) {
    const [least, most] = optionBounds[key]
    const value = given[key] ?? options[key]
    if (!Number.isInteger(value) || value < least || value > most)
      wrong(['options', key], `option ${key} must be a whole number from ${least} to ${most}`)
    options[key] = value
  }
  return options
}
