import {
  type Annex,
  type Clock,
  type Directory,
  type DN,
  type DNRecord,
  imLeg,
  isTrunk,
  type Registration,
  readTServerOptions,
} from '@ringdown/signalling'
import { Type } from 'typebox'
import type { Centre } from '../login.ts'
import { shownAnnex } from '../web-services/configuration.ts'
import { type ImAccess, imAccess } from '../web-services/resource.ts'
import { imAccessField } from '../web-services/schema/me.ts'
import { pageOf, sortedOnce } from './paging.ts'
import type { Page } from './ports.ts'

/** A DN as the operator sees it. */
export interface LabDN {
  number: string
  type: string
  switch: string
  /** Sections of options, as the configuration's own routes show them: without the password. */
  annex: Annex
  imAccess: ImAccess
  /** Places it is part of. */
  places: readonly string[]
  /** User name of who is logged in there. */
  agent: string | null
  /** Addresses that are registered for it now. */
  contacts: number
  /** Why it cannot be used as its configuration seems to mean, in sentences. */
  problems: readonly string[]
}

export const dnFields = {
  number: Type.String(),
  type: Type.String(),
  switch: Type.String(),
  annex: Type.Unsafe<Annex>({
    type: 'object',
    additionalProperties: { type: 'object', additionalProperties: { type: 'string' } },
    description: 'Options by section, without the password',
  }),
  imAccess: imAccessField,
  places: Type.Array(Type.String()),
  agent: Type.Union([Type.String(), Type.Null()], { description: 'User name of who is logged in there' }),
  contacts: Type.Integer({ description: 'SIP addresses registered for it now' }),
  problems: Type.Array(Type.String(), { description: 'Why it cannot be used as it seems to be meant' }),
}

const numberOf = ({ number }: DN): string => number
const sorted = sortedOnce(({ dns }: Directory) => dns.values(), numberOf)

/** DNs by number. SPEC LB-4: one read of the store, however many there are. */
export async function dnPage(
  centre: Centre,
  clock: Pick<Clock, 'now'>,
  after: string | undefined,
  limit: number,
  search: string,
): Promise<Page<LabDN>> {
  const directory = centre.directory()
  const wanted = search.trim().toLowerCase()
  const fits = (dn: DN) => wanted === '' || textOf(dn).includes(wanted)
  const { items: dns, next } = pageOf(sorted(directory), numberOf, after, limit, fits)
  const { records } = await centre.store.read({
    records: dns.flatMap(({ number: id }) => [
      { kind: 'dn' as const, id },
      { kind: 'registration' as const, id },
    ]),
    claims: [],
  })
  const now = clock.now()
  const items = dns.map((dn, i) => {
    const record = records[2 * i]?.value as DNRecord | undefined
    const registration = records[2 * i + 1]?.value as Registration | undefined
    const contacts = registration?.bindings.filter(({ expires }) => expires > now).length ?? 0
    return shown(dn, directory, record?.login?.person, contacts)
  })
  return { items, ...(next !== undefined && { next }) }
}

function shown(dn: DN, directory: Directory, person: DNRecordPerson, contacts: number): LabDN {
  const { number, type, switch: owner, annex } = dn
  const places = placesOf(directory).get(number) ?? []
  const agent = person === undefined ? null : (directory.persons.get(person)?.userName ?? person)
  return {
    number,
    type,
    switch: owner,
    annex: shownAnnex(annex),
    imAccess: imAccess(imLeg(dn)),
    places,
    agent,
    contacts,
    problems: problemsOf(dn, places, contacts),
  }
}
type DNRecordPerson = NonNullable<DNRecord['login']>['person'] | undefined

/** SPEC LB-4. What contradicts itself is not in force at all; this is what is, and does nothing. */
function problemsOf(dn: DN, places: readonly string[], contacts: number): string[] {
  const { number, annex, options, unknownOptions } = dn
  const leg = imLeg(dn)
  const problems = readTServerOptions(annex, number).warnings.map(({ message }) => message)
  for (const option of unknownOptions) problems.push(`DN ${number}: nothing is known of option ${option}`)
  if (isTrunk(dn)) return problems
  if (leg === null) problems.push(`DN ${number} carries no IM: option multimedia is not true`)
  if (leg === 'tlibrary' && places.length === 0)
    problems.push(`DN ${number} is part of no place, so nobody can log in there`)
  if (leg === 'sip' && options.contact === null && contacts === 0)
    problems.push(`DN ${number} cannot be reached: no SIP endpoint is registered, and it has no contact`)
  return problems
}

const placesByDN = new WeakMap<Directory, ReadonlyMap<string, string[]>>()

function placesOf(directory: Directory): ReadonlyMap<string, readonly string[]> {
  const known = placesByDN.get(directory)
  if (known) return known
  const places = new Map<string, string[]>()
  for (const { name, dns } of directory.places.values())
    for (const dn of dns) places.set(dn, [...(places.get(dn) ?? []), name])
  placesByDN.set(directory, places)
  return places
}

function textOf({ number, type, annex }: DN): string {
  const options = Object.entries(shownAnnex(annex).TServer ?? {}).map(([name, value]) => `${name}=${value}`)
  return [number, type, ...options].join('\n').toLowerCase()
}
