/** T-requests and timers about a call. Pure: time and ids come in, a change or a refusal comes out. */
import type { DNRecord } from './agent.ts'
import type { Call, CallEnd, CallState, Party, Text } from './call.ts'
import { type Decision, noTimers, refuse } from './decision.ts'
import type { Directory } from './directory.ts'
import { type DN, imLeg } from './dn.ts'
import type { DNumber, PersonID } from './ids.ts'
import { type PartyInput, step } from './im-party.ts'
import type { Change, LiveState, Versioned } from './ports.ts'
import { type CallAttributes, type CallEvent, mediaTypeChat, textService } from './t-event.ts'
import type { CallRequest, TRequest, TTimer } from './t-request.ts'
import { attach, deletePair, type UserData, userDataProblem } from './user-data.ts'
import { utf8Length } from './utf8.ts'
import type { FreshIDs, World } from './world.ts'

type MakeCall = Extract<TRequest, { request: 'TMakeCall' }>
type Request = MakeCall | CallRequest
type Feeds = Change['feeds'][number][]

/** Decides TMakeCall. SPEC IM-2 … IM-7. */
export function decideMakeCall(request: MakeCall, world: World, ids: FreshIDs, now: number): Decision {
  const { directory } = world
  const from = directory.dns.get(request.thisDN)
  if (!from) return refuse('TERR_NOT_CONFIGURED', request.thisDN)
  if (imLeg(from) !== 'tlibrary')
    return refuse(
      'TERR_UNSUP_OPER',
      `DN ${from.number} is not set up for IM (multimedia=true, sip-signaling-chat=none)`,
    )
  const own = world.dns.get(from.number)
  if (own?.value.registered !== request.person) return refuse('TERR_NOT_REGISTERED', `DN ${from.number}`)
  if (own.value.login?.person !== request.person) return refuse('TERR_SET_WRONG_STATE', `DN ${from.number}`)
  // SPEC IM-2: one IM session per agent (G6).
  if (world.claims.get(request.person)) return refuse('TERR_DEST_INV_STATE', 'the agent is in an IM session')
  if (request.otherDN === request.thisDN) return refuse('TERR_BAD_PARAM', 'a DN cannot call itself')
  const tooMuch = problemOf(request.userData ?? {}, directory)
  if (tooMuch) return tooMuch

  const to = directory.dns.get(request.otherDN)
  if (!to) return unreached(request, own, world, ids, now, 'SitInvalidnum', 'invalidNumber')
  const leg = imLeg(to)
  if (!leg) return refuse('TERR_UNSUP_OPER', `DN ${to.number} does not carry IM (multimedia is not true)`)
  const other = world.dns.get(to.number)
  const callee = other?.value.login
  if (!other || !callee || leg !== 'tlibrary')
    return unreached(request, own, world, ids, now, 'SitVacant', 'unreachable')
  if (callee.person === request.person) return refuse('TERR_BAD_PARAM', 'both DNs are of the same agent')
  if (world.claims.get(callee.person)) return refuse('TERR_DEST_INV_STATE', `DN ${to.number} is in an IM session`)
  return connectable(request, own, other, to, callee.person, ids, now)
}

function connectable(
  request: MakeCall,
  own: Versioned<DNRecord>,
  other: Versioned<DNRecord>,
  to: DN,
  callee: PersonID,
  ids: FreshIDs,
  now: number,
): Decision {
  const { autoAnswer, autoAnswerDelay, noAnswerTimeout } = to.options
  const offered = dial(request, ids, now, {
    dn: to.number,
    role: 'Destination',
    state: 'alerting',
    leg: 'tlibrary',
    agent: callee,
  })
  const [caller, called] = pair(offered)
  const feeds: Feeds = [
    { person: request.person, event: { event: 'EventDialing', ...attributes(offered, caller, 'Ok', now, request) } },
    {
      person: callee,
      event: { event: 'EventRinging', ...attributes(offered, called, 'Ok', now), extensions: { autoAnswer } },
    },
  ]
  // SPEC IM-5: without a delay the whole sequence is one commit; nobody ever sees a session half answered.
  const at = autoAnswer && autoAnswerDelay === 0
  const call = at ? move(offered, 'answered', feeds, now, [called.dn, caller.dn]) : offered
  const timers: Change['timers']['set'][number][] = []
  if (autoAnswer && !at)
    timers.push({
      id: `answer:${call.callUUID}`,
      due: now + autoAnswerDelay,
      timer: { timer: 'autoAnswer', callUUID: call.callUUID },
    })
  if (!at)
    timers.push({
      id: `noAnswer:${call.callUUID}`,
      due: now + noAnswerTimeout * 1000,
      timer: { timer: 'noAnswer', callUUID: call.callUUID },
    })
  return {
    kind: 'change',
    call: { version: 1, value: call },
    callUUID: call.callUUID,
    change: {
      expect: [
        { kind: 'call', id: call.callUUID, version: 0 },
        // Both logins must still stand: a logout in between would leave a session without an agent.
        { kind: 'dn', id: own.value.dn, version: own.version },
        { kind: 'dn', id: other.value.dn, version: other.version },
      ],
      put: [{ kind: 'call', id: call.callUUID, value: call }],
      claims: [
        { person: request.person, from: undefined, to: call.callUUID },
        { person: callee, from: undefined, to: call.callUUID },
      ],
      feeds,
      timers: { set: timers, cancel: [] },
      live: { callUUID: call.callUUID, from: null, to: at ? 'talking' : 'dialing', created: now },
    },
  }
}

/** SPEC IM-6: the request succeeded, the call did not; the bad news comes as events (t-server §9, last paragraph). */
function unreached(
  request: MakeCall,
  own: Versioned<DNRecord>,
  world: World,
  ids: FreshIDs,
  now: number,
  callState: CallState,
  why: CallEnd['why'],
): Decision {
  const dialed = dial(request, ids, now, {
    dn: request.otherDN,
    role: 'Destination',
    state: 'null',
    leg: 'tlibrary',
    agent: null,
  })
  const end: CallEnd = { by: null, why, at: now }
  const [caller] = pair(dialed)
  const feeds: Feeds = [
    { person: request.person, event: { event: 'EventDialing', ...attributes(dialed, caller, 'Ok', now, request) } },
  ]
  const refused = move(dialed, 'refused', feeds, now, [caller.dn], { callState, end })
  const call: Call = { ...move(refused, 'released', feeds, now, [caller.dn], { callState, end }), end }
  return {
    kind: 'change',
    call: { version: 1, value: call },
    callUUID: call.callUUID,
    change: {
      expect: [
        { kind: 'call', id: call.callUUID, version: 0 },
        { kind: 'dn', id: own.value.dn, version: own.version },
      ],
      put: [{ kind: 'call', id: call.callUUID, value: call, expireMs: world.directory.options.retentionMs }],
      claims: [{ person: request.person, from: undefined, to: undefined }],
      feeds,
      timers: noTimers,
    },
  }
}

/** A new call whose caller dials. */
function dial(request: MakeCall, ids: FreshIDs, now: number, called: Party): Call {
  return {
    callUUID: ids.callUUID,
    connID: ids.connID,
    callType: 'Internal',
    created: now,
    userData: request.userData ?? {},
    parties: [
      { dn: request.thisDN, role: 'Origination', state: 'dialing', leg: 'tlibrary', agent: request.person },
      called,
    ],
  }
}

/** Decides a request about a call that exists. SPEC IM-8 … IM-14. */
export function decideOnCall(request: CallRequest, world: World, ids: FreshIDs, now: number): Decision {
  const stored = world.call
  const party = stored && ownParty(stored.value, request)
  if (!stored || !party) return refuse('TERR_INV_CONNID', request.callUUID)
  switch (request.request) {
    case 'TAnswerCall':
      if (party.state !== 'alerting') return wrongState(party, 'answered')
      return answer(stored, now, request)
    case 'TReleaseCall':
      if (party.state === 'null') return wrongState(party, 'released')
      return releaseParty(stored, party.dn, undefined, now, world.directory.options.retentionMs, request)
    case 'TAttachUserData':
    case 'TUpdateUserData':
      return changeData(stored, party, attach(stored.value.userData, request.userData), request, world, now)
    case 'TDeletePair':
      if (!Object.hasOwn(stored.value.userData, request.key)) return { kind: 'nothing', callUUID: request.callUUID }
      return changeData(stored, party, deletePair(stored.value.userData, request.key), request, world, now)
    case 'TDeleteUserData':
      return changeData(stored, party, {}, request, world, now)
    case 'TPrivateService':
      return text(stored, party, request, world, ids, now)
  }
}

/** Decides what a timer means for its call. A call that went on in the meantime makes it mean nothing. */
export function decideTimer(timer: TTimer, id: string, world: World, now: number): Decision {
  const stored = world.call
  const called = stored?.value.parties.find((p) => p.role === 'Destination')
  if (!stored || called?.state !== 'alerting')
    return { kind: 'change', change: { expect: [], put: [], claims: [], feeds: [], timers: { set: [], cancel: [id] } } }
  switch (timer.timer) {
    case 'autoAnswer':
      return answer(stored, now)
    case 'noAnswer':
      return releaseParty(stored, called.dn, 'noAnswer', now, world.directory.options.retentionMs)
  }
}

function answer(stored: Versioned<Call>, now: number, request?: Request): Decision {
  const feeds: Feeds = []
  const [caller, called] = pair(stored.value)
  const call = move(stored.value, 'answered', feeds, now, [called.dn, caller.dn], { request })
  return changed(stored, call, feeds, {
    timers: { set: [], cancel: timerIDs(call) },
    live: { callUUID: call.callUUID, from: 'dialing', to: 'talking', created: call.created },
  })
}

/**
 * Ends a call from one party's side. What it means depends on where that party stands: a caller who dials gives up (the other is
 * abandoned), a callee who rings refuses, a talking party hangs up. `why` is given when it was not the party's own request.
 */
export function releaseParty(
  stored: Versioned<Call>,
  dn: DNumber,
  why: 'loggedOut' | 'noAnswer' | undefined,
  now: number,
  retentionMs: number,
  request?: Request,
): Decision {
  const call = stored.value
  const [caller, called] = pair(call)
  const party = caller.dn === dn ? caller : called
  const by = why === 'noAnswer' ? null : dn
  const feeds: Feeds = []
  let next: Call
  if (party.state === 'dialing') {
    const end: CallEnd = { by, why: why ?? 'abandoned', at: now }
    const left = move(call, 'released', feeds, now, [caller.dn], { callState: 'Ok', end, request })
    next = { ...move(left, 'abandoned', feeds, now, [called.dn], { callState: 'Ok', end }), end }
  } else if (party.state === 'alerting') {
    const callState: CallState = why === 'noAnswer' ? 'NoAnswer' : 'Busy'
    const end: CallEnd = { by, why: why ?? 'rejected', at: now }
    const left = move(call, 'released', feeds, now, [called.dn], { callState, end, request })
    const told = move(left, 'refused', feeds, now, [caller.dn], { callState, end })
    next = { ...move(told, 'released', feeds, now, [caller.dn], { callState, end }), end }
  } else {
    const end: CallEnd = { by, why: why ?? 'completed', at: now }
    const order = party === caller ? [caller.dn, called.dn] : [called.dn, caller.dn]
    next = { ...move(call, 'released', feeds, now, order, { callState: 'Ok', end, request }), end }
  }
  const agents = call.parties.flatMap((p) => (p.agent === null ? [] : [p.agent]))
  return changed(stored, next, feeds, {
    expireMs: retentionMs,
    claims: agents.map((person) => ({ person, from: call.callUUID, to: undefined })),
    timers: { set: [], cancel: liveState(call) === 'dialing' ? timerIDs(call) : [] },
    live: { callUUID: call.callUUID, from: liveState(call), to: null, created: call.created },
  })
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
  const tooMuch = problemOf(userData, world.directory)
  if (tooMuch) return tooMuch
  const call: Call = { ...stored.value, userData }
  const feeds: Feeds = []
  for (const party of call.parties) {
    if (party.agent === null || party.state === 'null') continue
    const event: CallEvent = {
      event: 'EventAttachedDataChanged',
      ...attributes(call, party, 'Ok', now, party.dn === author.dn ? request : undefined),
      thirdPartyDN: author.dn,
      partyState: party.state,
    }
    feeds.push({ person: party.agent, event })
  }
  return changed(stored, call, feeds, {})
}

/** SPEC IM-12: a text goes to the log and to both feeds; the call itself is not written. */
function text(
  stored: Versioned<Call>,
  sender: Party,
  request: Extract<CallRequest, { request: 'TPrivateService' }>,
  world: World,
  ids: FreshIDs,
  now: number,
): Decision {
  if (request.serviceID !== textService) return refuse('TERR_UNSUP_OPER', `private service ${request.serviceID}`)
  if (!step(sender.state, 'text')) return wrongState(sender, 'text')
  if (request.body === '') return refuse('TERR_BAD_PARAM', 'the text is empty')
  const limit = world.directory.options.textLimit
  // A UTF-16 unit is at most 3 bytes of UTF-8; short texts need not be measured.
  if (request.body.length * 3 > limit && utf8Length(request.body) > limit)
    return refuse('TERR_INVALID_ATTR', `a text may take ${limit} bytes`)
  const id = request.messageID
  if (id !== undefined && (id.length === 0 || id.length > 128))
    return refuse('TERR_BAD_PARAM', 'a message id has 1 to 128 characters')
  const call = stored.value
  const accepted: Text = {
    messageID: id ?? ids.messageID,
    from: sender.dn,
    sent: now,
    contentType: request.contentType,
    body: request.body,
  }
  const feeds: Feeds = []
  for (const party of call.parties) {
    if (party.agent === null) continue
    const own = party.dn === sender.dn
    feeds.push({
      person: party.agent,
      event: {
        event: own ? 'EventACK' : 'EventPrivateInfo',
        thisDN: party.dn,
        otherDN: otherThan(call, party).dn,
        connID: call.connID,
        callUUID: call.callUUID,
        privateEvent: textService,
        extensions: { text: accepted },
        time: now,
        ...(own && request.referenceID !== undefined && { referenceID: request.referenceID }),
      },
    })
  }
  return {
    kind: 'change',
    callUUID: call.callUUID,
    change: {
      expect: [{ kind: 'call', id: call.callUUID, version: stored.version }],
      put: [],
      claims: [],
      feeds,
      log: { callUUID: call.callUUID, text: accepted, once: id !== undefined },
      timers: noTimers,
    },
  }
}

/** The change that writes a call's next state. */
function changed(
  stored: Versioned<Call>,
  call: Call,
  feeds: Feeds,
  more: Partial<Pick<Change, 'claims' | 'timers' | 'live'>> & { expireMs?: number },
): Decision {
  const { expireMs, ...rest } = more
  return {
    kind: 'change',
    call: { version: stored.version + 1, value: call },
    callUUID: call.callUUID,
    change: {
      expect: [{ kind: 'call', id: call.callUUID, version: stored.version }],
      put: [{ kind: 'call', id: call.callUUID, value: call, ...(expireMs !== undefined && { expireMs }) }],
      claims: [],
      feeds,
      timers: noTimers,
      ...rest,
    },
  }
}

/** Steps the named parties in their order by the party table and adds each step's event to the party's feed. */
function move(
  call: Call,
  on: PartyInput,
  feeds: Feeds,
  now: number,
  order: readonly DNumber[],
  with_: { callState?: CallState; end?: CallEnd; request?: Request | undefined } = {},
): Call {
  const parties = new Map(call.parties.map((p) => [p.dn, p]))
  for (const dn of order) {
    const party = parties.get(dn)
    const next = party && step(party.state, on)
    if (!party || !next) continue
    parties.set(dn, { ...party, state: next.to })
    if (party.agent === null) continue
    const own = with_.request?.person === party.agent ? with_.request : undefined
    const base = attributes(call, party, with_.callState ?? 'Ok', now, own)
    switch (next.emit) {
      case 'EventEstablished':
        feeds.push({ person: party.agent, event: { event: next.emit, ...base } })
        break
      case 'EventDestinationBusy':
      case 'EventReleased':
      case 'EventAbandoned':
        if (with_.end)
          feeds.push({ person: party.agent, event: { event: next.emit, ...base, extensions: { end: with_.end } } })
        break
      case 'EventDialing':
      case 'EventRinging':
      case 'EventAttachedDataChanged':
      case 'EventPrivateInfo':
        throw new Error(`${next.emit} carries more than a step knows`)
    }
  }
  return { ...call, parties: call.parties.map((p) => parties.get(p.dn) ?? p) }
}

function attributes(call: Call, party: Party, callState: CallState, now: number, request?: Request): CallAttributes {
  const [caller, called] = pair(call)
  const other = party.dn === caller.dn ? called : caller
  return {
    thisDN: party.dn,
    thisDNRole: party.role,
    otherDN: other.dn,
    otherDNRole: other.role,
    connID: call.connID,
    callUUID: call.callUUID,
    callType: call.callType,
    mediaType: mediaTypeChat,
    callState,
    ani: caller.dn,
    dnis: called.dn,
    userData: call.userData,
    time: now,
    ...(request?.referenceID !== undefined && { referenceID: request.referenceID }),
    ...(request?.reasons && { reasons: request.reasons }),
  }
}

function ownParty(call: Call, request: CallRequest): Party | undefined {
  return call.parties.find(
    (p) => p.agent === request.person && (request.thisDN === undefined || p.dn === request.thisDN),
  )
}

/** Caller and called party; every IM call has both. */
function pair(call: Call): [caller: Party, called: Party] {
  const [first, second] = call.parties
  if (!first || !second) throw new Error(`call ${call.callUUID} has lost a party`)
  return first.role === 'Origination' ? [first, second] : [second, first]
}

function otherThan(call: Call, party: Party): Party {
  const [caller, called] = pair(call)
  return party.dn === caller.dn ? called : caller
}

function liveState(call: Call): LiveState {
  return call.parties.some((p) => p.state === 'dialing') ? 'dialing' : 'talking'
}

function timerIDs(call: Call): readonly string[] {
  return [`answer:${call.callUUID}`, `noAnswer:${call.callUUID}`]
}

function wrongState(party: Party, on: PartyInput): Decision {
  return refuse('TERR_DEST_INV_STATE', `${on} does not fit a party that is ${party.state}`)
}

function problemOf(userData: UserData, directory: Directory): Decision | undefined {
  const problem = userDataProblem(userData, directory.options.userDataLimit)
  return problem && refuse(problem.reason, problem.detail)
}
