import type { Directory, PersonID } from '@ringdown/signalling'
import type { Centre } from '../login.ts'
import { changeObject, type ObjectChange } from './provisioning.ts'
import { ApiError } from './status.ts'

/** A device to give to a person; `type` is that of a DN which does not exist yet. */
export interface NewDevice {
  phoneNumber: string
  type?: string
}

/**
 * Gives a device to a person, web-services-api §4.6: a DN that is missing is created able to chat, it leaves its previous place,
 * comes to the person's own place (made for them if they have none), and the person gets an agent login for its switch.
 * One object at a time; each step leaves a configuration that holds together, and doing it again finishes what broke off.
 */
export async function assignDevice(centre: Centre, id: PersonID, { phoneNumber, type }: NewDevice): Promise<void> {
  for (const step of [
    (now: Directory) => createDN(now, phoneNumber, type),
    (now: Directory) => leaveOtherPlaces(now, id, phoneNumber),
    (now: Directory) => joinPlace(now, id, phoneNumber),
    (now: Directory) => createLogin(now, id, phoneNumber),
    (now: Directory) => equip(now, id, phoneNumber),
  ])
    await changeObject(centre, step)
}

function createDN(now: Directory, number: string, type = 'Extension'): ObjectChange | undefined {
  if (dnOf(now, number)) return undefined
  const [owner] = now.switches.keys()
  if (owner === undefined) throw new ApiError(2, 'There is no switch for a new device')
  const annex = { TServer: { multimedia: 'true', 'sip-signaling-chat': 'none' } }
  return { kind: 'dn', id: number, value: { number, type, switch: owner, annex } }
}

function leaveOtherPlaces(now: Directory, id: PersonID, number: string): ObjectChange | undefined {
  const place = placeOf(now, number)
  if (!place || place.name === homeOf(now, id)) return undefined
  return { kind: 'place', id: place.name, value: { name: place.name, dns: place.dns.filter((dn) => dn !== number) } }
}

function joinPlace(now: Directory, id: PersonID, number: string): ObjectChange | undefined {
  if (placeOf(now, number)) return undefined
  const name = homeOf(now, id)
  const { dns = [] } = now.places.get(name) ?? {}
  return { kind: 'place', id: name, value: { name, dns: [...dns, number] } }
}

function createLogin(now: Directory, id: PersonID, number: string): ObjectChange | undefined {
  const owner = dnOf(now, number)?.switch
  if (owner === undefined || hasLogin(now, id, owner)) return undefined
  const code = loginCode(now, id, number)
  return now.agentLogins.has(code) ? undefined : { kind: 'agentLogin', id: code, value: { code, switch: owner } }
}

function equip(now: Directory, id: PersonID, number: string): ObjectChange | undefined {
  const person = personOf(now, id)
  const owner = dnOf(now, number)?.switch
  const place = homeOf(now, id)
  const equipped = owner === undefined || hasLogin(now, id, owner)
  if (equipped && person.place === place) return undefined
  const agentLogins = equipped ? person.agentLogins : [...person.agentLogins, loginCode(now, id, number)]
  return { kind: 'person', id, value: { ...person, place, agentLogins } }
}

/** The code of a login made for a person: the number, unless that is taken. */
function loginCode(now: Directory, id: PersonID, number: string): string {
  const taken = new Set([...now.persons.values()].flatMap((person) => (person.id === id ? [] : person.agentLogins)))
  const owner = dnOf(now, number)?.switch
  const free = (code: string) => !taken.has(code) && (now.agentLogins.get(code)?.switch ?? owner) === owner
  return [number, `${number}-${id.slice(0, 8)}`].find(free) ?? `${number}-${id}`
}

function homeOf(now: Directory, id: PersonID): string {
  const { place, userName } = personOf(now, id)
  return place ?? `Place_${userName}`.slice(0, 64)
}

function hasLogin(now: Directory, id: PersonID, owner: string): boolean {
  return personOf(now, id).agentLogins.some((code) => now.agentLogins.get(code)?.switch === owner)
}

function personOf(now: Directory, id: PersonID) {
  const person = now.persons.get(id)
  if (!person) throw new ApiError(6, `There is no user ${id}`)
  return person
}

function dnOf(now: Directory, number: string) {
  return [...now.dns.values()].find((dn) => dn.number === number)
}

function placeOf(now: Directory, number: string) {
  return [...now.places.values()].find(({ dns }) => dns.some((dn) => dn === number))
}
