import type { Directory } from '../tserver/directory.ts'
import type { DNObject } from '../tserver/directory-objects.ts'
import type { DNumber } from '../tserver/ids.ts'
import type { Reachability, Reached } from '../tserver/ports.ts'
import { demoDirectory, demoObjects } from './demo-objects.ts'

type Options = Readonly<Record<string, string>>
const over = (chat: string, more: Options = {}) => ({
  TServer: { multimedia: 'true', 'sip-signaling-chat': chat, ...more },
})

/**
 * The demo contact centre with endpoints: 8001 leaves the mode open, 8002 is `msrp`, 8003 `message`, 8004 `message` with carl on it;
 * trunk T takes numbers that begin with 0. Options given by number are laid over those of the DN.
 */
export function sipDirectory(options: Readonly<Record<string, Options>> = {}): Directory {
  const objects = demoObjects()
  const sip = { switch: 'SIP_Switch', type: 'Extension' }
  const dns = [
    { ...sip, number: '7001', annex: over('none') },
    { ...sip, number: '7002', annex: over('none') },
    { ...sip, number: '8001', annex: over('auto') },
    { ...sip, number: '8002', annex: over('msrp') },
    { ...sip, number: '8003', annex: over('message') },
    { ...sip, number: '8004', annex: over('message') },
    { ...sip, number: 'T', type: 'Trunk', annex: over('auto', { contact: 'sip:gw.example', prefix: '0' }) },
  ]
  return demoDirectory({
    ...objects,
    dns: dns.map((dn): DNObject => ({ ...dn, annex: { TServer: { ...dn.annex.TServer, ...options[dn.number] } } })),
    places: [...objects.places, { name: 'Place_8004', dns: ['8004'] }],
    agentLogins: [...objects.agentLogins, { code: '5003', switch: 'SIP_Switch' }],
    persons: [...objects.persons, { userName: 'carl', place: 'Place_8004', agentLogins: ['5003'] }],
  })
}

/** Endpoints and the trunk of that centre are reachable anywhere, but for the numbers that are told otherwise. */
export function sipReach(told: ReadonlyMap<string, Partial<Reached>> = new Map()): Reachability {
  return async (number, dn) => {
    const trunk = dn ? null : number.startsWith('0') ? ('T' as DNumber) : undefined
    if (trunk === undefined) return undefined
    return { reachable: true, trunk, node: null, uri: `sip:${number}@im.example`, ...told.get(number) }
  }
}
