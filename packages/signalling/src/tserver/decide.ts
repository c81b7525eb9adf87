import { decideAgent } from './decide-agent.ts'
import { decideOnCall } from './decide-call.ts'
import { decideMakeCall } from './decide-offer.ts'
import type { Decision } from './decision.ts'
import type { TRequest } from './t-request.ts'
import type { FreshIDs, World } from './world.ts'

/**
 * The heart: what a T-request leads to, given what is known. Pure: the same arguments give the same decision. No I/O, no clock, no
 * randomness; `now` is in milliseconds since 1970.
 */
export function decide(request: TRequest, world: World, ids: FreshIDs, now: number): Decision {
  if ('callUUID' in request) return decideOnCall(request, world, ids, now)
  if (request.request === 'TMakeCall') return decideMakeCall(request, world, ids, now)
  return decideAgent(request, world, now)
}
