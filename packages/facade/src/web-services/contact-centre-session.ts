import {
  type DN,
  type DNumber,
  type Person,
  type PersonID,
  type Place,
  TServerError,
  type WorkMode,
} from '@ringdown/signalling'
import type { Centre, Who } from '../login.ts'
import { dnOfDevicePath, dnsOfPlace } from './devices.ts'
import { deviceID } from './resource.ts'
import { ApiError } from './status.ts'

/** Parameters of StartContactCenterSession, web-services-api §4.3. */
export interface StartParameters {
  place?: string
  devicePath?: string
  loginCode?: string
}

/**
 * Logs the person in on every device of the place, all or none. SPEC WS-20: the place must have one device, or one ACD position among
 * several, or `devicePath` must name one; a device in somebody else's hands fails it all.
 */
export async function start({ centre, person }: Who, { place, devicePath, loginCode }: StartParameters): Promise<void> {
  const directory = centre.directory()
  const name = place ?? person.place
  if (name === undefined) throw new ApiError(1, 'place is missing; you have no default place')
  const at = directory.places.get(name)
  if (!at) throw new ApiError(6, `There is no place ${name}`)
  const first = leadingDevice(centre, at, devicePath)
  const order = [first, ...at.dns.filter((dn) => dn !== first)]
  const { dns: before } = await centre.tserver.agent(person.id)

  const done: DNumber[] = []
  try {
    for (const thisDN of order) {
      await centre.tserver.request({ request: 'TRegisterAddress', person: person.id, thisDN })
      done.push(thisDN)
      await centre.tserver.request({
        request: 'TAgentLogin',
        person: person.id,
        thisDN,
        place: name,
        ...(loginCode !== undefined && { agentID: loginCode }),
      })
    }
  } catch (error) {
    // What was held before the request stays: a refused request changes nothing. The first error is the one to tell.
    const taken = done.filter((dn) => !before.includes(dn))
    await leave(centre, person.id, taken).catch(() => undefined)
    throw error
  }
}

/** Logs the person out everywhere; IM sessions end with it. The devices are free for others. */
export async function end({ centre, person }: { centre: Centre; person: Pick<Person, 'id' | 'place'> }): Promise<void> {
  const { dns, place } = await centre.tserver.agent(person.id)
  // Logging out and giving a device free are two steps; a node that dies between them leaves a device with nobody at it.
  const near = dnsOfPlace(centre.directory(), place ?? person.place).map(({ number }) => number)
  const records = await centre.tserver.logins(near)
  const left = near.filter((dn, i) => records[i]?.registered === person.id && !dns.includes(dn))
  await leave(centre, person.id, [...dns, ...left])
}

/** Carries out an agent-state operation, web-services-api §4.4. */
export async function agentState(
  login: Who,
  operation: 'Ready' | 'NotReady' | 'AfterCallWork' | 'Offline',
): Promise<void> {
  switch (operation) {
    case 'Ready':
      return setState(login, { request: 'TAgentSetReady' })
    case 'NotReady':
      return setState(login, { request: 'TAgentSetNotReady' })
    case 'AfterCallWork':
      return setState(login, { request: 'TAgentSetNotReady', workMode: 'AfterCallWork' })
    case 'Offline':
      return end(login)
  }
}

async function setState(
  { centre, person }: Who,
  state: { request: 'TAgentSetReady' | 'TAgentSetNotReady'; workMode?: WorkMode },
): Promise<void> {
  const { dns } = await centre.tserver.agent(person.id)
  if (dns.length === 0) throw new ApiError(2, 'You are not logged in; StartContactCenterSession comes first')
  for (const thisDN of dns) await centre.tserver.request({ ...state, person: person.id, thisDN })
}

async function leave(centre: Centre, person: PersonID, dns: readonly DNumber[]): Promise<void> {
  for (const thisDN of dns) {
    await unless('TERR_ACD_LOGOFF', centre.tserver.request({ request: 'TAgentLogout', person, thisDN }))
    await unless('TERR_NOT_REGISTERED', centre.tserver.request({ request: 'TUnregisterAddress', person, thisDN }))
  }
}

/** Leaving twice, or at two nodes at once, is leaving. */
async function unless(already: 'TERR_ACD_LOGOFF' | 'TERR_NOT_REGISTERED', request: Promise<unknown>): Promise<void> {
  await request.catch((error: unknown) => {
    if (!(error instanceof TServerError) || error.reason !== already) throw error
  })
}

function leadingDevice({ id, directory }: Centre, place: Place, devicePath: string | undefined): DNumber {
  const dns = place.dns.flatMap((number) => directory().dns.get(number) ?? [])
  const choice = (of: readonly DN[]) =>
    of.map(({ number }) => `/devices/${deviceID(id, number)} (${number})`).join(', ')
  if (devicePath !== undefined) {
    const dn = dnOfDevicePath(directory(), devicePath)
    if (!dn || !dns.includes(dn)) throw new ApiError(6, `devicePath: place ${place.name} has no device ${devicePath}`)
    return dn.number
  }
  const positions = dns.filter(({ type }) => type === 'ACD Position')
  const [only, ...more] = dns.length === 1 ? dns : positions
  if (dns.length === 0) throw new ApiError(2, `Place ${place.name} has no device`)
  if (!only || more.length > 0) {
    const what = positions.length === 0 ? 'no ACD position' : 'several ACD positions'
    throw new ApiError(1, `devicePath is missing; place ${place.name} has ${what}: ${choice(dns)}`)
  }
  return only.number
}
