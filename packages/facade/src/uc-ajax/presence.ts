/** Presence is the agent's state, uc-ajax-api §2.2, §2.5. */
import type { DNRecord, DNumber, PersonID } from '@ringdown/signalling'
import type { Centre } from '../login.ts'
import type { agentState } from '../web-services/contact-centre-session.ts'
import type { Addresses } from './addresses.ts'
import type { Presence } from './event.ts'

/** What CWA calls the states of an agent. */
export const availabilities = { online: 3500, busy: 6500, beRightBack: 12_500, away: 15_500, offline: 18_500 } as const

/** The availability of an agent with this login; `talks`: in an IM session. SPEC UC-37. */
export function availabilityOf(
  login: Pick<NonNullable<DNRecord['login']>, 'state' | 'workMode'> | null,
  talks: boolean,
) {
  if (!login || login.state === 'null') return availabilities.offline
  if (talks) return availabilities.busy
  if (login.state === 'ready') return availabilities.online
  // After-call work ends by itself: the agent is about to come back, which "away" does not say.
  return login.workMode === 'AfterCallWork' ? availabilities.beRightBack : availabilities.away
}

/**
 * The agent-state operation that an availability asks for; undefined where it asks for none: nobody is logged out by showing as
 * offline. What lies between the documented values counts as the next one below. SPEC UC-38.
 */
export function agentOperation(availability: number): Parameters<typeof agentState>[1] | undefined {
  return operations.find(([from]) => availability >= from)?.[1]
}

// biome-ignore format: read it as a table
const operations = [
  // from, operation
  [18_500, undefined],        // offline
  [15_500, 'NotReady'],       // away
  [12_500, 'AfterCallWork'],  // be right back
  [6_500,  'NotReady'],       // busy, busy-idle, do not disturb
  [3_500,  'Ready'],          // online, online-idle
] as const

/** The presence of those of the URIs that are ours, in their order, each once. Each costs three reads. */
export async function presencesOf(
  centre: Centre,
  addresses: Addresses,
  uris: readonly string[],
): Promise<readonly Presence[]> {
  const found = uris.map((uri) => addresses.resolve(uri)).filter((one) => one.found !== 'invalid')
  const each = new Map(found.map((one) => [one.uri, one]))
  const presences = await Promise.all(
    [...each.values()].map(async (one): Promise<Presence | undefined> => {
      const { uri } = one
      if (one.found === 'person') return { uri, ...(await ofPerson(centre, one.person.id)) }
      const isOurs = one.found === 'number' && centre.directory().dns.has(one.dn)
      // A stranger's presence is not known, which is not the same as offline.
      return isOurs ? { uri, ...(await ofDN(centre, one.dn)) } : undefined
    }),
  )
  return presences.filter((one) => one !== undefined)
}

async function ofPerson({ tserver }: Centre, person: PersonID): Promise<Omit<Presence, 'uri'>> {
  const { dns } = await tserver.agent(person)
  const [first] = await tserver.logins(dns.slice(0, 1))
  return ofLogin(first?.login ?? null, (await tserver.session(person)) !== undefined)
}

async function ofDN({ tserver }: Centre, dn: DNumber): Promise<Omit<Presence, 'uri'>> {
  const [record] = await tserver.logins([dn])
  const login = record?.login ?? null
  return ofLogin(login, login !== null && (await tserver.session(login.person)) !== undefined)
}

function ofLogin(login: DNRecord['login'], talks: boolean): Omit<Presence, 'uri'> {
  // Nobody writes down when a state began; the login is the earliest it can have been.
  return { availability: availabilityOf(login, talks), since: login?.since ?? 0 }
}
