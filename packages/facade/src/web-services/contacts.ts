import { type AgentRecord, type Directory, type DNumber, imLeg, type Person } from '@ringdown/signalling'
import type { Who } from '../login.ts'
import { dnsOfPlace } from './devices.ts'
import { type UserState, userStateOf } from './user-state.ts'

/** Somebody of the contact centre, as their fellow agents see them. */
export interface Contact {
  userName: string
  firstName: string
  lastName: string
  /** Where they are logged in, else the device of their own place that can do IM; null: none. */
  phoneNumber: string | null
  userState: UserState
  /** They are in an IM session now. */
  inSession: boolean
}

/** Contacts in an answer; who wants another one searches for it. */
export const contactLimit = 50

/** Agents and supervisors by name, without the one who asks: the first ones in whose name or number the search is found. */
export async function contacts(
  { centre, person }: Who,
  search: string,
): Promise<{ contacts: Contact[]; more: boolean }> {
  const directory = centre.directory()
  const wanted = search.trim().toLowerCase()
  const found = sorted(directory).filter((one) => one !== person && textOf(one, directory).includes(wanted))
  const shown = found.slice(0, contactLimit)
  const ids = shown.map(({ id }) => id)
  const { records, claims } = await centre.store.read({
    records: ids.map((id) => ({ kind: 'agent', id })),
    claims: ids,
  })
  const numbers = shown.map((one, i) => numberOf(one, records[i]?.value as AgentRecord | undefined, directory))
  const logins = await centre.tserver.logins(numbers.flatMap(({ held }) => held ?? []))
  const byDN = new Map(logins.flatMap((record) => (record ? [[record.dn, record.login]] : [])))
  return {
    contacts: shown.map(({ userName, firstName, lastName }, i) => {
      const { held, own } = numbers[i] ?? {}
      const login = held === undefined ? null : (byDN.get(held) ?? null)
      return {
        userName,
        firstName,
        lastName,
        phoneNumber: held ?? own ?? null,
        userState: userStateOf(login),
        inSession: claims[i] !== undefined,
      }
    }),
    more: found.length > contactLimit,
  }
}

/** The number they are reached at now, if they are logged in; and the one of their own place. */
function numberOf(person: Person, record: AgentRecord | undefined, directory: Directory) {
  const canIm = (numbers: readonly DNumber[]) =>
    numbers.find((number) => {
      const dn = directory.dns.get(number)
      return dn !== undefined && imLeg(dn) !== null
    })
  const held = record?.dns ?? []
  const own = dnsOfPlace(directory, person.place).map(({ number }) => number)
  return { held: canIm(held) ?? held[0], own: canIm(own) }
}

// A reload makes a new directory; until then the order is made once.
const orders = new WeakMap<Directory, readonly Person[]>()
const { compare } = new Intl.Collator('en', { sensitivity: 'base', numeric: true })

function sorted(directory: Directory): readonly Person[] {
  let order = orders.get(directory)
  if (!order) {
    const agents = [...directory.persons.values()].filter(
      ({ enabled, roles }) => enabled && roles.some((role) => role === 'agent' || role === 'supervisor'),
    )
    order = agents.sort((a, b) => compare(nameOf(a), nameOf(b)))
    orders.set(directory, order)
  }
  return order
}

function nameOf({ firstName, lastName, userName }: Person): string {
  return `${lastName} ${firstName} ${userName}`
}

function textOf(person: Person, directory: Directory): string {
  const { userName, firstName, lastName, place } = person
  const numbers = dnsOfPlace(directory, place).map(({ number }) => number)
  return [userName, `${firstName} ${lastName}`, ...numbers].join('\n').toLowerCase()
}
