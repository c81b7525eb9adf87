import { type Directory, type DN, type DNumber, imLeg } from '@ringdown/signalling'
import type { Who } from '../login.ts'
import { type Device, device, deviceID } from './resource.ts'
import { ApiError } from './status.ts'

const byID = new WeakMap<Directory, ReadonlyMap<string, DN>>()

/** The DN behind a device id. The table is made once for each configuration. */
export function dnOfDevice(directory: Directory, id: string): DN | undefined {
  let table = byID.get(directory)
  if (!table) {
    table = new Map([...directory.dns.values()].map((dn) => [deviceID(directory.id, dn.number), dn]))
    byID.set(directory, table)
  }
  return table.get(id)
}

/** The DN that a `devicePath` names. Clients write it as `path` or as the whole `uri`. */
export function dnOfDevicePath(directory: Directory, path: string): DN | undefined {
  const id = /(?:^|\/)devices\/([^/?#]+)\/?$/.exec(path)?.[1]
  return id === undefined ? undefined : dnOfDevice(directory, id)
}

/** A person's devices: those of the place they are logged in at, or else of their own place. */
export async function ownDNs({ centre, person }: Who): Promise<readonly DN[]> {
  const directory = centre.directory()
  const { place } = await centre.tserver.agent(person.id)
  return dnsOfPlace(directory, place ?? person.place)
}

export function dnsOfPlace(directory: Directory, place: string | undefined): readonly DN[] {
  const dns = place === undefined ? [] : (directory.places.get(place)?.dns ?? [])
  return dns.flatMap((number) => directory.dns.get(number) ?? [])
}

/** The device resources of DNs, with who is logged in there. Another person's login shows as it is to an administrator. */
export async function devicesOf({ centre }: Who, dns: readonly DN[], apiRoot: string): Promise<Device[]> {
  const records = await centre.tserver.logins(dns.map(({ number }) => number))
  return dns.map((dn, i) => device(dn, records[i]?.login ?? null, centre.id, apiRoot))
}

/**
 * The DN an IM session is started from. SPEC WS-25: the one IM-capable device the person is logged in on; `devicePath` decides
 * between several. None, several without a choice, or somebody else's: refused with the reason.
 */
export async function imDevice(login: Who, devicePath: string | undefined): Promise<DNumber> {
  const { centre, person } = login
  const directory = centre.directory()
  const { dns: held, place } = await centre.tserver.agent(person.id)
  if (devicePath !== undefined) {
    const dn = dnOfDevicePath(directory, devicePath)
    const own = dn && (held.includes(dn.number) || dnsOfPlace(directory, place ?? person.place).includes(dn))
    if (!dn || !own) throw new ApiError(6, `devicePath: you have no device ${devicePath}`)
    if (imLeg(dn) !== 'tlibrary') throw new ApiError(2, `devicePath: device ${dn.number} ${lacking(dn)}`)
    return dn.number
  }
  if (held.length === 0)
    throw new ApiError(2, 'No suitable device: you are not logged in; StartContactCenterSession comes first')
  const dns = held.flatMap((number) => directory.dns.get(number) ?? [])
  const [only, ...more] = dns.filter((dn) => imLeg(dn) === 'tlibrary')
  if (!only) throw new ApiError(2, `No suitable device: ${dns.map((dn) => `${dn.number} ${lacking(dn)}`).join('; ')}`)
  if (more.length > 0) {
    const choice = [only, ...more].map((dn) => `/devices/${deviceID(directory.id, dn.number)} (${dn.number})`)
    throw new ApiError(1, `devicePath is missing; several devices can do IM: ${choice.join(', ')}`)
  }
  return only.number
}

function lacking(dn: DN): string {
  return dn.options.multimedia
    ? 'has a SIP endpoint for its texts ([TServer] sip-signaling-chat is not none)'
    : 'does not carry IM ([TServer] multimedia is not true)'
}
