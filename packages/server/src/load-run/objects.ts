import { derivePersonID, type ObjectBundle, toObjects } from '@ringdown/signalling'

/** Of every name a load run gives, so that nobody takes it for a person's. */
const loadName = (run: string, number: number): string => `load-${run}-${number}`

/** The id under which the objects of a run are stored. */
export const bundleOf = (run: string): string => `load-${run}`
/** The run whose objects are stored under that id; undefined for other bundles. */
export const runOfBundle = (id: string): string | undefined => /^load-([0-9a-f]+)$/.exec(id)?.[1]

/** What is stored for one agent. */
export interface LoadPerson {
  userName: string
  dn: string
  passwordHash: string
}

/** User name and DN of so many agents. */
export function namesOf(run: string, agents: number): readonly Omit<LoadPerson, 'passwordHash'>[] {
  return Array.from({ length: agents }, (_, i) => ({ userName: loadName(run, i + 1), dn: `load-${i + 1}` }))
}

/**
 * Switch, DNs, places and persons of a run. Everything but the user names is the same in every run, so that what the store keeps by
 * person and DN (feeds, login records) does not grow from run to run. SPEC LR-2.
 */
export function loadObjects(centre: string, run: string, persons: readonly LoadPerson[]): ObjectBundle {
  const annex = { TServer: { multimedia: 'true', 'sip-signaling-chat': 'none' } }
  return {
    switches: [{ name: 'load' }],
    dns: persons.map(({ dn }) => ({ number: dn, type: 'Extension', switch: 'load', annex })),
    places: persons.map(({ dn }) => ({ name: dn, dns: [dn] })),
    agentLogins: persons.map(({ dn }) => ({ code: dn, switch: 'load' })),
    persons: persons.map(({ userName, dn, passwordHash }) => ({
      id: derivePersonID(centre, dn),
      userName,
      firstName: 'Load',
      lastName: `run ${run}, ${dn.slice('load-'.length)}`,
      place: dn,
      agentLogins: [dn],
      passwordHash,
    })),
  }
}

/** Kind and id of every object of a bundle, as they would be stored by themselves. */
export function keysOf(centre: string, bundle: ObjectBundle): ReadonlySet<string> {
  return new Set([
    ...bundle.switches.map(({ name }) => keyOf('switch', name)),
    ...bundle.dns.map(({ number }) => keyOf('dn', number)),
    ...bundle.places.map(({ name }) => keyOf('place', name)),
    ...bundle.agentLogins.map(({ code }) => keyOf('agentLogin', code)),
    ...bundle.persons.map(({ id, userName }) => keyOf('person', id ?? derivePersonID(centre, userName))),
  ])
}

export const keyOf = (kind: string, id: string): string => `${kind} ${id}`

/** The objects of a directory but for those with these keys. */
export function without(
  directory: Parameters<typeof toObjects>[0],
  keys: ReadonlySet<string>,
): ReturnType<typeof toObjects> {
  const objects = toObjects(directory)
  const stays = (kind: string, id: string) => !keys.has(keyOf(kind, id))
  return {
    ...objects,
    switches: objects.switches.filter(({ name }) => stays('switch', name)),
    dns: objects.dns.filter(({ number }) => stays('dn', number)),
    places: objects.places.filter(({ name }) => stays('place', name)),
    agentLogins: objects.agentLogins.filter(({ code }) => stays('agentLogin', code)),
    persons: objects.persons.filter(({ id, userName }) => stays('person', id ?? derivePersonID(objects.id, userName))),
  }
}
