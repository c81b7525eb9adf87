/** What all decisions about calls are made of: parties that step, events for whoever has to learn, the change that writes it. Pure. */
import type { Call, CallEnd, CallState, Party } from './call.ts'
import { type Decision, noTimers, refuse } from './decision.ts'
import type { Directory } from './directory.ts'
import type { DN } from './dn.ts'
import type { CallUUID, DNumber, PersonID } from './ids.ts'
import { type PartyInput, step } from './im-party.ts'
import type { Change, LiveState, Versioned } from './ports.ts'
import { nodeFeed, pairClaim, unfinishedTimerID } from './sip-leg.ts'
import { type CallAttributes, type FeedEvent, mediaTypeChat } from './t-event.ts'
import type { CallRequest, TRequest } from './t-request.ts'

export type MakeCall = Extract<TRequest, { request: 'TMakeCall' }>
/** A request that an event may be the answer of. */
export type Asked = MakeCall | CallRequest
export type Feeds = Change['feeds'][number][]
export type TimerSet = Change['timers']['set'][number]

/** Puts an event for a party where it has to be seen: its agent's feed, and that of the node its SIP leg belongs to. SPEC BR-1. */
export function tell(feeds: Feeds, party: Party, event: FeedEvent): void {
  if (party.agent !== null) feeds.push({ person: party.agent, event })
  if (party.sip) feeds.push({ person: nodeFeed(party.sip.owner), event })
}

/** What comes with the steps of parties. */
export interface StepContext {
  callState?: CallState
  end?: CallEnd
  request?: Asked | undefined
}

/** Steps the named parties in their order by the party table and tells each step's event. */
export function move(
  call: Call,
  on: PartyInput,
  feeds: Feeds,
  now: number,
  order: readonly DNumber[],
  context: StepContext = {},
): Call {
  const parties = new Map(call.parties.map((p) => [p.dn, p]))
  for (const dn of order) {
    const party = parties.get(dn)
    const next = party && step(party.state, on)
    if (!party || !next) continue
    parties.set(dn, { ...party, state: next.to })
    const own = context.request?.person === party.agent ? context.request : undefined
    const base = attributes(call, party, context.callState ?? 'Ok', now, own)
    switch (next.emit) {
      case 'EventEstablished':
        tell(feeds, party, { event: next.emit, ...base })
        break
      case 'EventDestinationBusy':
      case 'EventReleased':
      case 'EventAbandoned':
        if (context.end) tell(feeds, party, { event: next.emit, ...base, extensions: { end: context.end } })
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

/** What every event about a call says, as the party sees it. */
export function attributes(
  call: Call,
  party: Party,
  callState: CallState,
  now: number,
  request?: Asked,
): CallAttributes {
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

/** The change that writes a call's next state. */
export function changed(
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

/** The ringing party's side is answered. */
export function answer(stored: Versioned<Call>, now: number, directory: Directory, request?: Asked): Decision {
  const feeds: Feeds = []
  const [caller, called] = pair(stored.value)
  const call = move(stored.value, 'answered', feeds, now, [called.dn, caller.dn], { request })
  return changed(stored, call, feeds, {
    timers: { set: idleTimer(call, directory, now), cancel: ringTimers(call.callUUID) },
    live: { callUUID: call.callUUID, from: 'dialing', to: 'talking', created: call.created },
  })
}

/** Who or what ends a call. */
export interface Ending {
  /** The party that ends it, or is given up. */
  dn: DNumber
  /** Given when it was not the party's own wish; what it means by itself depends on the party's state. */
  why?: CallEnd['why']
  /** The engine did it, not the party. */
  byEngine?: boolean
  /** How a callee that refuses ends the call; by default Busy. */
  callState?: CallState
  sip?: NonNullable<CallEnd['sip']>
  request?: Asked
}

/**
 * Ends a call from one party's side. What it means depends on where that party stands: a caller who dials gives up (the other is
 * abandoned), a callee who rings refuses, a talking party hangs up.
 */
export function endCall(stored: Versioned<Call>, ending: Ending, now: number, directory: Directory): Decision {
  const call = stored.value
  const { dn, why, request, sip } = ending
  const [caller, called] = pair(call)
  const party = caller.dn === dn ? caller : called
  const feeds: Feeds = []
  const endedFor = (reason: CallEnd['why']): CallEnd => ({
    by: ending.byEngine ? null : dn,
    why: why ?? reason,
    at: now,
    ...(sip && { sip }),
  })
  let next: Call
  if (party.state === 'dialing') {
    const end = endedFor('abandoned')
    const left = move(call, 'released', feeds, now, [caller.dn], { callState: 'Ok', end, request })
    next = { ...move(left, 'abandoned', feeds, now, [called.dn], { callState: 'Ok', end }), end }
  } else if (party.state === 'alerting') {
    const callState = ending.callState ?? (why === 'noAnswer' ? 'NoAnswer' : 'Busy')
    const end = endedFor('rejected')
    const left = move(call, 'released', feeds, now, [called.dn], { callState, end, request })
    const told = move(left, 'refused', feeds, now, [caller.dn], { callState, end })
    next = { ...move(told, 'released', feeds, now, [caller.dn], { callState, end }), end }
  } else {
    const end = endedFor('completed')
    const order = party === caller ? [caller.dn, called.dn] : [called.dn, caller.dn]
    next = { ...move(call, 'released', feeds, now, order, { callState: 'Ok', end, request }), end }
  }
  return changed(stored, next, feeds, {
    expireMs: directory.options.retentionMs,
    claims: claimants(call).map((person) => ({ person, from: call.callUUID, to: undefined })),
    timers: { set: [...mailboxTimers(call, directory, now), ...unfinishedTimers(call, now)], cancel: timersOf(call) },
    live: { callUUID: call.callUUID, from: liveState(call), to: null, created: call.created },
  })
}

/** Whose claims a call holds: its agents', or where it has none, that of its two endpoints as a pair. SPEC BR-9. */
export function claimants(call: Call): readonly PersonID[] {
  const agents = call.parties.flatMap((p) => (p.agent === null ? [] : [p.agent]))
  if (agents.length > 0) return agents
  const [caller, called] = pair(call)
  return [pairClaim(caller.dn, called.dn)]
}

/** Caller and called party; every IM call has both. */
export function pair(call: Call): [caller: Party, called: Party] {
  const [first, second] = call.parties
  if (!first || !second) throw new Error(`call ${call.callUUID} has lost a party`)
  return first.role === 'Origination' ? [first, second] : [second, first]
}

export function otherThan(call: Call, party: Party): Party {
  const [caller, called] = pair(call)
  return party.dn === caller.dn ? called : caller
}

export function liveState(call: Call): LiveState {
  return call.parties.some((p) => p.state === 'dialing') ? 'dialing' : 'talking'
}

/** The DN whose options hold for a party: its own, or the trunk it is reached through. */
export function optionsDN(directory: Directory, party: Pick<Party, 'dn' | 'sip'>): DN | undefined {
  return directory.dns.get(party.sip?.trunk ?? party.dn)
}

/** The timer that looks whether a session in pager mode is idle; none where nobody is in pager mode. SPEC BR-12. */
export function idleTimer(call: Call, directory: Directory, now: number): readonly TimerSet[] {
  const idleMs = idleTimeout(call, directory)
  if (idleMs === undefined) return []
  const { callUUID } = call
  return [
    {
      id: idleTimerID(callUUID),
      due: now + idleMs,
      timer: { timer: 'idle', callUUID, seen: { position: 0, at: now } },
    },
  ]
}

/** How long a session may be without a text, ms: the shortest time of its parties in pager mode. */
export function idleTimeout(call: Call, directory: Directory): number | undefined {
  const times = call.parties.flatMap((p) =>
    p.sip?.mode === 'pager' ? [(optionsDN(directory, p)?.options.imIdleTimeout ?? 600) * 1000] : [],
  )
  return times.length > 0 ? Math.min(...times) : undefined
}

export const idleTimerID = (callUUID: CallUUID): string => `idle:${callUUID}`
export const mailboxTimerID = (dn: DNumber): string => `mailbox:${dn}`

/** The timers of a call that rings. */
export function ringTimers(callUUID: CallUUID): readonly string[] {
  return [`answer:${callUUID}`, `noAnswer:${callUUID}`]
}

function timersOf(call: Call): readonly string[] {
  return [
    ...(liveState(call) === 'dialing' ? ringTimers(call.callUUID) : []),
    ...(call.parties.some((p) => p.sip?.mode === 'pager') ? [idleTimerID(call.callUUID)] : []),
  ]
}

// SPEC BR-14: what waits for an agent is delivered as soon as their session has ended.
function mailboxTimers(call: Call, directory: Directory, now: number): readonly TimerSet[] {
  const numbers = call.parties.flatMap(({ agent, dn }) => (agent === null ? [] : mailboxesNear(directory, dn)))
  return numbers.map((dn) => ({ id: mailboxTimerID(dn), due: now, timer: { timer: 'mailbox' as const, dn } }))
}

/** How long the owner of a leg has to deal with what was said before the end, ms. It takes 5 s at most; see the runner's SPEC LG-3. */
const unfinishedMs = 20_000

/** SPEC BR-18: texts were accepted for these legs, and their owner may die before they are out. */
function unfinishedTimers({ callUUID, parties, opening }: Call, now: number): readonly TimerSet[] {
  // SPEC BR-7, IM-19: a caller in pager mode, and a call that began with a text, said something before anybody has answered.
  if (opening === undefined && parties.some(({ state, sip }) => state === 'dialing' && sip?.mode !== 'pager')) return []
  return parties.flatMap(({ dn, sip }) =>
    sip
      ? [
          {
            id: unfinishedTimerID(callUUID, dn),
            due: now + unfinishedMs,
            timer: { timer: 'unfinished' as const, callUUID, dn },
          },
        ]
      : [],
  )
}

const near = new WeakMap<Directory, ReadonlyMap<DNumber, readonly DNumber[]>>()

/** DNs with mailboxes at the place of a DN: whoever works there is logged in nowhere else (AG-5). */
function mailboxesNear(directory: Directory, dn: DNumber): readonly DNumber[] {
  let known = near.get(directory)
  if (!known) {
    const found = new Map<DNumber, readonly DNumber[]>()
    for (const { dns } of directory.places.values()) {
      const keep = dns.filter((number) => directory.dns.get(number)?.options.storeAndForward)
      if (keep.length > 0) for (const number of dns) found.set(number, keep)
    }
    known = found
    near.set(directory, known)
  }
  return known.get(dn) ?? []
}

export function wrongState(party: Party, on: PartyInput): Decision {
  return refuse('TERR_DEST_INV_STATE', `${on} does not fit a party that is ${party.state}`)
}
