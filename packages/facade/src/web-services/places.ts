import { type DN, imLeg } from '@ringdown/signalling'
import type { Centre } from '../login.ts'
import { dnsOfPlace } from './devices.ts'
import { deviceID, type ImAccess, imAccess } from './resource.ts'

/** A place as somebody sees it who looks for one to work at. */
export interface PlaceResource {
  name: string
  devices: {
    phoneNumber: string
    type: string
    imAccess: ImAccess
    path: string
    /** User name of who is logged in there. */
    heldBy: string | null
  }[]
}

/** Places in an answer; who wants another one searches for it. */
export const placeLimit = 100

/** Places by name, the first ones in which the search is found: in the name, or in the number of a device. */
export async function places(centre: Centre, search: string): Promise<readonly PlaceResource[]> {
  const directory = centre.directory()
  const wanted = search.trim().toLowerCase()
  const found = [...directory.places.values()]
    .filter(({ name, dns }) => [name, ...dns].some((text) => text.toLowerCase().includes(wanted)))
    .sort((a, b) => compare(a.name, b.name))
    .slice(0, placeLimit)
    .map(({ name }) => ({ name, dns: dnsOfPlace(directory, name) }))
  const records = await centre.tserver.logins(found.flatMap(({ dns }) => dns.map(({ number }) => number)))
  const holders = new Map(records.flatMap((record) => (record?.login ? [[record.dn, record.login.person]] : [])))
  const device = ({ number, type, ...dn }: DN) => {
    const holder = holders.get(number)
    return {
      phoneNumber: number,
      type: type.replaceAll(' ', ''),
      imAccess: imAccess(imLeg({ number, type, ...dn })),
      path: `/devices/${deviceID(centre.id, number)}`,
      heldBy: (holder && directory.persons.get(holder)?.userName) ?? null,
    }
  }
  return found.map(({ name, dns }) => ({ name, devices: dns.map(device) }))
}

const { compare } = new Intl.Collator('en', { numeric: true })
