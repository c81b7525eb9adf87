import type { Annex } from './annex.ts'
import type { AgentLogin, CentreOptions, Directory } from './directory.ts'
import type { PersonID } from './ids.ts'
import type { StoredObject } from './ports.ts'

/** A switch as it is written in configuration. */
export interface SwitchObject {
  name: string
}
/** A DN as it is written in configuration. */
export interface DNObject {
  number: string
  /** A name of `dnTypes`; Extension when absent. */
  type?: string
  switch: string
  annex?: Annex
}
/** A place as it is written in configuration. */
export interface PlaceObject {
  name: string
  dns: readonly string[]
}
/** A person as it is written in configuration. */
export interface PersonObject {
  /** 32 lower-case hex digits; derived from the contact centre and the user name when absent. */
  id?: string
  userName: string
  firstName?: string
  lastName?: string
  emailAddress?: string
  /** `agent` when absent. */
  roles?: readonly string[]
  enabled?: boolean
  place?: string
  agentLogins?: readonly string[]
  /** A PHC string, `$scrypt$…`. */
  passwordHash?: string
  annex?: Annex
}

/** One contact centre as plain data: what a file or the API says, before anything is checked. */
export interface DirectoryObjects {
  id: string
  /** The id when absent. */
  name?: string
  /** `defaultFeatures` when absent. */
  features?: readonly string[]
  options?: Partial<CentreOptions>
  switches: readonly SwitchObject[]
  dns: readonly DNObject[]
  places: readonly PlaceObject[]
  persons: readonly PersonObject[]
  agentLogins: readonly AgentLogin[]
}

/** Kinds of objects that can be changed through the API; `StoredObject.kind`. */
export const objectKinds = ['switch', 'dn', 'place', 'person', 'agentLogin'] as const
export type ObjectKind = (typeof objectKinds)[number]

/** `StoredObject.kind` of objects that are written, and go, all at once. */
export const bundleKind = 'bundle'
/** Objects that come and go together, as the value of one stored object. */
export type ObjectBundle = Pick<DirectoryObjects, 'switches' | 'dns' | 'places' | 'persons' | 'agentLogins'>

/** Stored in place of an object of the file that was removed through the API. */
export const removedObject = { removed: true } as const

/** The plain objects a directory was built from, defaults filled in. `buildDirectory` makes an equal directory of them. */
export function toObjects(directory: Directory): DirectoryObjects {
  return {
    id: directory.id,
    name: directory.name,
    features: [...directory.features],
    options: directory.options,
    switches: [...directory.switches.values()].map(({ name }) => ({ name })),
    dns: [...directory.dns.values()].map(({ number, type, switch: owner, annex }) => ({
      number,
      type,
      switch: owner,
      annex,
    })),
    places: [...directory.places.values()].map(({ name, dns }) => ({ name, dns })),
    persons: [...directory.persons.values()],
    agentLogins: [...directory.agentLogins.values()],
  }
}

/**
 * The objects with those changed through the API laid over them: by kind and id (a switch's or place's name, a DN's number,
 * a person's id, an agent login's code). A null or `removedObject` takes the object away. Kinds it does not know are left out.
 * SPEC DN-14. Bundles only add: what is there already, or was removed by itself, stays as it is. SPEC DN-18.
 */
export function applyStored(objects: DirectoryObjects, stored: readonly StoredObject[]): DirectoryObjects {
  const bundles = stored.flatMap(({ kind, value }) =>
    kind === bundleKind && !isRemoved(value) ? (value as ObjectBundle) : [],
  )
  const over = <T>(
    kind: ObjectKind,
    from: readonly T[],
    id: (object: T) => string,
    bundled: (bundle: ObjectBundle) => readonly T[],
  ): T[] => {
    const merged = new Map(from.map((object) => [id(object), object]))
    // Two objects of one id are a mistake that buildDirectory must get to see.
    const twice = from.filter((object) => merged.get(id(object)) !== object)
    const removed = new Set<string>()
    for (const change of stored) {
      if (change.kind !== kind) continue
      if (isRemoved(change.value)) {
        merged.delete(change.id)
        removed.add(change.id)
      } else merged.set(change.id, change.value as T)
    }
    for (const object of bundles.flatMap(bundled)) {
      const key = id(object)
      if (!merged.has(key) && !removed.has(key)) merged.set(key, object)
    }
    return [...merged.values(), ...twice]
  }
  return {
    ...objects,
    switches: over(
      'switch',
      objects.switches,
      (o) => o.name,
      (b) => b.switches,
    ),
    dns: over(
      'dn',
      objects.dns,
      (o) => o.number,
      (b) => b.dns,
    ),
    places: over(
      'place',
      objects.places,
      (o) => o.name,
      (b) => b.places,
    ),
    persons: over(
      'person',
      objects.persons,
      (o) => o.id ?? derivePersonID(objects.id, o.userName),
      (b) => b.persons,
    ),
    agentLogins: over(
      'agentLogin',
      objects.agentLogins,
      (o) => o.code,
      (b) => b.agentLogins,
    ),
  }
}

function isRemoved(value: unknown): boolean {
  return value === null || (typeof value === 'object' && 'removed' in value && value.removed === true)
}

/** The id of a person whose configuration gives none: the same on every node and after every restart. */
export function derivePersonID(centre: string, userName: string): PersonID {
  return [0, 1, 2, 3].map((lane) => hex(hash(`person\n${centre}\n${userName}`, lane))).join('') as PersonID
}

/**
 * Database ids (DBID, positive 31-bit integers) of objects of one kind, by their name, number or code. They stay the same from
 * node to node; where two keys fall on one number, the later in code unit order moves to the next free one.
 */
export function objectDBIDs(kind: ObjectKind, keys: Iterable<string>): ReadonlyMap<string, number> {
  const taken = new Set<number>()
  const ids = new Map<string, number>()
  for (const key of [...keys].sort()) {
    let id = hash(`${kind}\n${key}`, 0) & 0x7fff_ffff
    while (id === 0 || taken.has(id)) id = (id + 1) & 0x7fff_ffff
    taken.add(id)
    ids.set(key, id)
  }
  return ids
}

// FNV-1a over the UTF-16 code units, one start value per lane, mixed at the end so that near keys land far apart. Names things
// of one administrator; it need not withstand an enemy, and the core has no node:crypto.
function hash(text: string, lane: number): number {
  let h = 0x811c9dc5 ^ Math.imul(lane, 0x9e3779b1)
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    h = Math.imul(h ^ (unit & 0xff), 0x01000193)
    h = Math.imul(h ^ (unit >>> 8), 0x01000193)
  }
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

const hex = (value: number) => value.toString(16).padStart(8, '0')
