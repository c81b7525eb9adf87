/** Which of their devices a person's conversations are on; clients of this API know of none. */
import { type Directory, type DN, type DNumber, imLeg } from '@ringdown/signalling'
import type { Who } from '../login.ts'
import { start } from '../web-services/contact-centre-session.ts'
import { dnsOfPlace } from '../web-services/devices.ts'
import { deviceID } from '../web-services/resource.ts'
import { CwaError } from './error.ts'

/** Logs the person in at their place, on all devices there. SPEC UC-80. Rejects with ApiError, TServerError. */
export async function logIn(who: Who): Promise<void> {
  const directory = who.centre.directory()
  const dns = dnsOfPlace(directory, who.person.place)
  const leading = firstForIM(dns) ?? dns[0]
  await start(who, leading ? { devicePath: `/devices/${deviceID(directory.id, leading.number)}` } : {})
}

/** Where the person's conversations begin: the first device they are logged in on that carries IM. SPEC UC-94. Rejects with CwaError. */
export async function ownDevice({ centre, person }: Who): Promise<DNumber> {
  const { dns } = await centre.tserver.agent(person.id)
  if (dns.length === 0)
    throw new CwaError('InvalidOperation', 'You are not logged in on a device; initiateSession does that')
  const device = firstForIM(dnsOf(centre.directory(), dns))
  if (!device) throw new CwaError('InvalidOperation', `Your device ${dns.join(', ')} does not carry IM by this API`)
  return device.number
}

function firstForIM(dns: readonly DN[]): DN | undefined {
  return dns.find((dn) => imLeg(dn) === 'tlibrary')
}

function dnsOf(directory: Directory, numbers: readonly DNumber[]): readonly DN[] {
  return numbers.flatMap((number) => directory.dns.get(number) ?? [])
}
