/** Who is called: an agent, an endpoint, or somebody behind a trunk. Pure. */
import { type Callee, modeOf } from './begin-call.ts'
import type { CallEnd, CallState, CallType, Party } from './call.ts'
import { type DN, imLeg, isTrunk } from './dn.ts'
import type { ErrorName } from './errors.ts'
import type { DNumber, PersonID } from './ids.ts'
import type { Change } from './ports.ts'
import type { World } from './world.ts'

/** What a called number comes to. */
export type Found =
  | { found: 'callee'; callee: Callee; callType: CallType; expect: Change['expect'] }
  /** An agent who is in a session already: `agent` has it. */
  | { found: 'busy'; dn: DN; agent: PersonID }
  /** Nobody is logged in there, or no endpoint can be reached. */
  | { found: 'nobody'; dn: DN; callState: CallState; why: CallEnd['why'] }
  | { found: 'noNumber' }
  | { found: 'refused'; reason: ErrorName; detail: string }

export interface Caller {
  dn: DNumber
  agent: PersonID | null
  /** Calls may go out by a trunk: nothing that came in by one does. */
  mayLeave: boolean
}

/** Finds whom a number leads to, as far as the world that was read tells. */
export function findCallee(number: DNumber, caller: Caller, world: World): Found {
  const to = world.directory.dns.get(number)
  if (!to) return behindTrunk(number, caller, world)
  const leg = imLeg(to)
  if (!leg || isTrunk(to))
    return {
      found: 'refused',
      reason: 'TERR_UNSUP_OPER',
      detail: `DN ${number} does not carry IM (multimedia is not true)`,
    }
  const record = world.dns.get(number)
  const agent = record?.value.login?.person ?? null
  if (agent === null && leg === 'tlibrary')
    return { found: 'nobody', dn: to, callState: 'SitVacant', why: 'unreachable' }
  if (agent !== null) {
    if (agent === caller.agent)
      return { found: 'refused', reason: 'TERR_BAD_PARAM', detail: 'both DNs are of the same agent' }
    if (world.claims.get(agent)) return { found: 'busy', dn: to, agent }
  }
  const party: Party = { dn: number, role: 'Destination', state: 'alerting', leg, agent }
  const expect: Change['expect'] = [{ kind: 'dn', id: number, version: record?.version ?? 0 }]
  if (leg === 'tlibrary') return { found: 'callee', callee: { party, dn: to }, callType: 'Internal', expect }
  return overSip(party, to, null, 'Internal', expect, world)
}

/** SPEC BR-4: a number that is none of ours goes out by a trunk that carries IM. */
function behindTrunk(number: DNumber, { mayLeave }: Caller, world: World): Found {
  const trunk = mayLeave && world.reached?.trunk ? world.directory.dns.get(world.reached.trunk) : undefined
  if (!trunk || imLeg(trunk) !== 'sip') return { found: 'noNumber' }
  const party: Party = { dn: number, role: 'Destination', state: 'alerting', leg: 'sip', agent: null }
  return overSip(party, trunk, trunk.number, 'Outbound', [], world)
}

/** SPEC BR-3: an endpoint that is not there gets MESSAGEs later, where its DN says so. */
function overSip(
  party: Party,
  dn: DN,
  trunk: DNumber | null,
  callType: CallType,
  expect: Change['expect'],
  { reached, node }: World,
): Found {
  const asked = modeOf(dn)
  const waits = reached?.reachable === false && dn.options.storeAndForward && asked !== 'session'
  if (!reached?.reachable && !waits) return { found: 'nobody', dn, callState: 'SitVacant', why: 'unreachable' }
  const sip = { owner: reached?.node ?? node, mode: waits ? 'pager' : asked, trunk, uri: reached?.uri ?? '' } as const
  return { found: 'callee', callee: { party: { ...party, sip }, dn }, callType, expect }
}

/** Whether it can be the number of somebody outside: it becomes part of store keys and of what clients show. */
export function isNumber(text: string): boolean {
  return /^[!#-;=?-~]{1,64}$/.test(text)
}
