import { decideAgent } from './decide-agent.ts'
import { decideOnCall } from './decide-call.ts'
import { decideMakeCall } from './decide-offer.ts'
import { type Decision, noTimers, refuse } from './decision.ts'
import type { TRequest } from './t-request.ts'
import { userDataProblem } from './user-data.ts'
import { utf8Length } from './utf8.ts'
import type { FreshIDs, World } from './world.ts'

/**
 * The heart: what a T-request leads to, given what is known. Pure: the same arguments give the same decision. No I/O, no clock, no
 * randomness; `now` is in milliseconds since 1970.
 */
export function decide(request: TRequest, world: World, ids: FreshIDs, now: number): Decision {
  const { reasons } = request
  const tooMuch = reasons && userDataProblem(reasons, world.directory.options.userDataLimit)
  if (tooMuch) return refuse(tooMuch.reason, `reasons: ${tooMuch.detail}`)
  if ('callUUID' in request) return decideOnCall(request, world, ids, now)
  if (request.request === 'TMakeCall') return decideMakeCall(request, world, ids, now)
  if (request.request === 'TSendUserEvent') return userEvent(request, now)
  return decideAgent(request, world, now)
}

/** What one event for a client may take, bytes of UTF-8. */
const newsLimit = 65_536

/** SPEC IM-18: news for one client stand in the person's feed like any event. */
function userEvent(
  { person, client, referenceID }: Extract<TRequest, { request: 'TSendUserEvent' }>,
  now: number,
): Decision {
  if (utf8Length(client.id) + utf8Length(client.content) > newsLimit)
    return refuse('TERR_INVALID_ATTR', `news for a client may take ${newsLimit} bytes`)
  const event = {
    event: 'EventUserEvent',
    time: now,
    ...(referenceID !== undefined && { referenceID }),
    extensions: { client },
  } as const
  return { kind: 'change', change: { expect: [], put: [], claims: [], feeds: [{ person, event }], timers: noTimers } }
}
