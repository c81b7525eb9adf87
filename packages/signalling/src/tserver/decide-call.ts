/** T-requests and timers about a call that exists. Pure: time and ids come in, a change or a refusal comes out. */
import type { Call, Party } from './call.ts'
import { answer, attributes, changed, endCall, type Feeds, tell, wrongState } from './call-change.ts'
import { decideServiceRequest } from './decide-text.ts'
import { type Decision, refuse } from './decision.ts'
import { step } from './im-party.ts'
import type { Change, Versioned } from './ports.ts'
import type { CallEvent } from './t-event.ts'
import type { CallRequest, TTimer } from './t-request.ts'
import { attach, deletePair, type UserData, userDataProblem } from './user-data.ts'
import type { FreshIDs, World } from './world.ts'

/** Decides a request about a call that exists. SPEC IM-8 … IM-14. */
export function decideOnCall(request: CallRequest, world: World, ids: FreshIDs, now: number): Decision {
  const stored = world.call
  const party = stored && ownParty(stored.value, request)
  if (!stored || !party) return refuse('TERR_INV_CONNID', request.callUUID)
  const { directory } = world
  switch (request.request) {
    case 'TAnswerCall':
      if (party.state !== 'alerting') return wrongState(party, 'answered')
      if (party.sip) return refuse('TERR_UNSUP_OPER', `DN ${party.dn} is answered at its SIP endpoint`)
      return answer(stored, now, directory, request)
    case 'TReleaseCall':
      if (party.state === 'null') return wrongState(party, 'released')
      return endCall(stored, { dn: party.dn, request }, now, directory)
    case 'TAttachUserData':
    case 'TUpdateUserData':
      return changeData(stored, party, attach(stored.value.userData, request.userData), request, world, now)
    case 'TDeletePair':
      if (!Object.hasOwn(stored.value.userData, request.key)) return { kind: 'nothing', callUUID: request.callUUID }
      return changeData(stored, party, deletePair(stored.value.userData, request.key), request, world, now)
    case 'TDeleteUserData':
      return changeData(stored, party, {}, request, world, now)
    case 'TPrivateService':
      return decideServiceRequest(request, stored, party, world, ids, now)
  }
}

export type RingTimer = Extract<TTimer, { timer: 'autoAnswer' | 'noAnswer' }>

/** Decides what a timer means for its call. A call that went on in the meantime makes it mean nothing. */
export function decideTimer({ timer }: RingTimer, id: string, { call, directory }: World, now: number): Decision {
  const called = call?.value.parties.find((p) => p.role === 'Destination')
  if (!call || called?.state !== 'alerting') return cancel(id)
  switch (timer) {
    case 'autoAnswer':
      return answer(call, now, directory)
    case 'noAnswer':
      return endCall(call, { dn: called.dn, why: 'noAnswer', byEngine: true }, now, directory)
  }
}

/** A timer that means nothing any more, where that holds under these conditions. */
export function cancel(id: string, seen: Partial<Pick<Change, 'expect' | 'claims'>> = {}): Decision {
  const change: Change = { expect: [], put: [], claims: [], feeds: [], timers: { set: [], cancel: [id] }, ...seen }
  return { kind: 'change', change }
}

function changeData(
  stored: Versioned<Call>,
  author: Party,
  userData: UserData,
  request: CallRequest,
  world: World,
  now: number,
): Decision {
  if (!step(author.state, 'dataChanged')) return wrongState(author, 'dataChanged')
  const tooMuch = userDataProblem(userData, world.directory.options.userDataLimit)
  if (tooMuch) return refuse(tooMuch.reason, tooMuch.detail)
  const call: Call = { ...stored.value, userData }
  const feeds: Feeds = []
  for (const party of call.parties) {
    if (party.state === 'null') continue
    const event: CallEvent = {
      event: 'EventAttachedDataChanged',
      ...attributes(call, party, 'Ok', now, party.dn === author.dn ? request : undefined),
      thirdPartyDN: author.dn,
      partyState: party.state,
    }
    tell(feeds, party, event)
  }
  return changed(stored, call, feeds, {})
}

function ownParty(call: Call, request: CallRequest): Party | undefined {
  return call.parties.find(
    (p) => p.agent === request.person && (request.thisDN === undefined || p.dn === request.thisDN),
  )
}
