import type { AgentRecord, CallUUID, Directory, Person } from '@ringdown/signalling'
import { Type } from 'typebox'
import type { Centre } from '../login.ts'
import { dnsOfPlace } from '../web-services/devices.ts'
import { userStateFields } from '../web-services/schema/me.ts'
import { type UserState, userStateOf } from '../web-services/user-state.ts'
import { pageOf, sortedOnce } from './paging.ts'
import type { Page } from './ports.ts'

/** An agent or supervisor as the operator sees them. */
export interface LabAgent {
  userName: string
  firstName: string
  lastName: string
  enabled: boolean
  /** Where they are logged in; null: nowhere. */
  place: string | null
  dns: readonly string[]
  userState: UserState
  /** The session they are in. */
  session: CallUUID | null
}

const orNull = Type.Union([Type.String(), Type.Null()])

export const agentFields = {
  userName: Type.String(),
  firstName: Type.String(),
  lastName: Type.String(),
  enabled: Type.Boolean(),
  place: Type.Union([Type.String(), Type.Null()], { description: 'Where they are logged in' }),
  dns: Type.Array(Type.String(), { description: 'The DNs they hold there' }),
  userState: Type.Object(userStateFields),
  session: orNull,
}

const nameOf = ({ userName }: Person): string => userName
const sorted = sortedOnce(
  ({ persons }: Directory) =>
    [...persons.values()].filter(({ roles }) => roles.some((role) => role === 'agent' || role === 'supervisor')),
  nameOf,
)

/** Agents and supervisors by user name. SPEC LB-3: two reads of the store, however many there are. */
export async function agentPage(
  centre: Centre,
  after: string | undefined,
  limit: number,
  search: string,
): Promise<Page<LabAgent>> {
  const directory = centre.directory()
  const wanted = search.trim().toLowerCase()
  const fits = (person: Person) => wanted === '' || textOf(person, directory).includes(wanted)
  const { items: persons, next } = pageOf(sorted(directory), nameOf, after, limit, fits)
  const ids = persons.map(({ id }) => id)
  const { records, claims } = await centre.store.read({
    records: ids.map((id) => ({ kind: 'agent', id })),
    claims: ids,
  })
  const agents = records.map((record) => record?.value as AgentRecord | undefined)
  const held = await centre.tserver.logins(agents.flatMap((agent) => agent?.dns ?? []))
  const logins = new Map(held.flatMap((record) => (record ? [[record.dn, record.login]] : [])))
  const items = persons.map(({ id, userName, firstName, lastName, enabled }, i): LabAgent => {
    const { place = null, dns = [] } = agents[i] ?? {}
    const login = dns.map((dn) => logins.get(dn)).find((one) => one?.person === id)
    return {
      userName,
      firstName,
      lastName,
      enabled,
      place,
      dns,
      userState: userStateOf(login ?? null),
      session: claims[i] ?? null,
    }
  })
  return { items, ...(next !== undefined && { next }) }
}

function textOf({ userName, firstName, lastName, place }: Person, directory: Directory): string {
  const numbers = dnsOfPlace(directory, place).map(({ number }) => number)
  return [userName, `${firstName} ${lastName}`, place ?? '', ...numbers].join('\n').toLowerCase()
}
