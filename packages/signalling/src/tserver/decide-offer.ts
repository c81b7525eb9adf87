/** Calls that begin: TMakeCall of an agent, an INVITE or a MESSAGE of an endpoint or trunk. Pure. */
import { type Beginning, begin, newCall } from './begin-call.ts'
import type { Call, CallEnd, CallState, Party } from './call.ts'
import { attributes, type Feeds, type MakeCall, mailboxTimerID, move, pair } from './call-change.ts'
import { type Caller, type Found, findCallee, isNumber } from './callee.ts'
import { acceptedText, sipText, sipTextProblem, textProblem } from './decide-text.ts'
import { type Decision, noTimers, refuse } from './decision.ts'
import { imLeg, isTrunk } from './dn.ts'
import { nextLook, type StoredText, withText } from './mailbox.ts'
import type { Change } from './ports.ts'
import type { SipInput } from './sip-input.ts'
import { pairClaim } from './sip-leg.ts'
import { userDataProblem } from './user-data.ts'
import type { FreshIDs, World } from './world.ts'

type Offered = Extract<SipInput, { input: 'offered' }>

/** Of a calling party, characters. */
const longestURI = 1_024

/** Decides TMakeCall. SPEC IM-2 … IM-7, BR-2 … BR-4. */
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
  const userData = request.userData ?? {}
  const tooMuch = userDataProblem(userData, directory.options.userDataLimit)
  if (tooMuch) return refuse(tooMuch.reason, tooMuch.detail)
  const wrong = request.text && textProblem(request.text, directory)
  if (wrong) return wrong

  const caller: Party = {
    dn: from.number,
    role: 'Origination',
    state: 'dialing',
    leg: 'tlibrary',
    agent: request.person,
  }
  // Both logins must still stand: a logout in between would leave a session without an agent.
  const expect: Change['expect'] = [{ kind: 'dn', id: from.number, version: own.version }]
  const to = findCallee(request.otherDN, { dn: from.number, agent: request.person, mayLeave: true }, world)
  switch (to.found) {
    case 'callee':
      return begin(
        {
          caller,
          ...to,
          userData,
          expect: [...expect, ...to.expect],
          request,
          ...(request.text && { text: acceptedText({ messageID: ids.messageID, ...request.text }, caller, now) }),
        },
        world,
        ids,
        now,
      )
    case 'busy':
      return refuse('TERR_DEST_INV_STATE', `DN ${to.dn.number} is in an IM session`)
    case 'nobody':
      return unreached(request, caller, expect, world, ids, now, to.callState, to.why)
    case 'noNumber':
      return unreached(request, caller, expect, world, ids, now, 'SitInvalidnum', 'invalidNumber')
    case 'refused':
      return refuse(to.reason, to.detail)
  }
}

/** SPEC IM-6: the request succeeded, the call did not; the bad news comes as events (t-server §9, last paragraph). */
function unreached(
  request: MakeCall,
  caller: Party,
  expect: Change['expect'],
  world: World,
  ids: FreshIDs,
  now: number,
  callState: CallState,
  why: CallEnd['why'],
): Decision {
  const party: Party = { dn: request.otherDN, role: 'Destination', state: 'null', leg: 'tlibrary', agent: null }
  const userData = request.userData ?? {}
  const dialed = newCall({ caller, callee: { party }, callType: 'Internal', userData }, ids, now)
  const end: CallEnd = { by: null, why, at: now }
  const dialing = attributes(dialed, caller, 'Ok', now, request)
  const feeds: Feeds = [{ person: request.person, event: { event: 'EventDialing', ...dialing } }]
  const refused = move(dialed, 'refused', feeds, now, [caller.dn], { callState, end })
  const call: Call = { ...move(refused, 'released', feeds, now, [caller.dn], { callState, end }), end }
  const { callUUID } = call
  return {
    kind: 'change',
    call: { version: 1, value: call },
    callUUID,
    change: {
      expect: [{ kind: 'call', id: callUUID, version: 0 }, ...expect],
      put: [{ kind: 'call', id: callUUID, value: call, expireMs: world.directory.options.retentionMs }],
      claims: [{ person: request.person, from: undefined, to: undefined }],
      feeds,
      timers: noTimers,
    },
  }
}

/** Decides an INVITE, or a MESSAGE outside any session. SPEC BR-5 … BR-9, BR-13. */
export function decideOffered(input: Offered, world: World, ids: FreshIDs, now: number): Decision {
  const wrong = unwelcome(input, world)
  if (wrong) return wrong
  // SPEC BR-13: what is kept goes first, or the order would be lost.
  const kept = world.mailbox?.value.texts.filter((other) => isFrom(other, input)) ?? []
  if (input.text && kept.length > 0) {
    if (kept.some(({ text }) => text.messageID === input.text?.messageID))
      return { kind: 'nothing', delivery: 'stored' }
    return store(input, world, [], [], now)
  }
  const shared = world.call
  const sender = shared && partyOf(shared.value, input)
  if (input.text && shared && sender) return sipText(shared, sender, input.text, world, now)

  const own = world.dns.get(input.dn)
  const agent = input.trunk === null ? (own?.value.login?.person ?? null) : null
  if (agent !== null && world.claims.get(agent)) return refuse('TERR_DEST_INV_STATE', 'the caller is in an IM session')
  const to = findCallee(input.otherDN, { dn: input.dn, agent, mayLeave: input.trunk === null }, world)
  switch (to.found) {
    case 'callee':
      return offer(input, agent, to, world, ids, now)
    case 'busy': {
      const claim = world.claims.get(to.agent)
      const full = refuse('TERR_DEST_INV_STATE', `DN ${to.dn.number} is in an IM session`)
      // The agent must still be busy, and still be the one who is logged in there.
      const seen = { kind: 'dn' as const, id: to.dn.number, version: world.dns.get(to.dn.number)?.version ?? 0 }
      return keepable(input, to)
        ? store(input, world, [seen], [{ person: to.agent, from: claim, to: claim }], now, full)
        : full
    }
    case 'nobody': {
      const sip = imLeg(to.dn) === 'sip'
      const full = refuse(sip ? 'TERR_OUT_OF_SERVICE' : 'TERR_ACD_LOGOFF', `DN ${to.dn.number}`)
      const seen = { kind: 'dn' as const, id: to.dn.number, version: world.dns.get(to.dn.number)?.version ?? 0 }
      return keepable(input, to) ? store(input, world, [seen], [], now, full) : full
    }
    case 'noNumber':
      return refuse('TERR_NOT_CONFIGURED', input.otherDN)
    case 'refused':
      return refuse(to.reason, to.detail)
  }
}

/** What is wrong with an offer wherever it leads to. SPEC BR-6. */
function unwelcome(input: Offered, { directory }: World): Decision | undefined {
  const { dn, otherDN, trunk, text, uri } = input
  if (!isNumber(dn) || !isNumber(otherDN)) return refuse('TERR_BAD_PARAM', 'not a number')
  if (uri.length > longestURI) return refuse('TERR_BAD_PARAM', 'the URI is too long')
  if (dn === otherDN) return refuse('TERR_BAD_PARAM', 'a DN cannot call itself')
  const from = directory.dns.get(trunk ?? dn)
  if (!from) return refuse('TERR_NOT_CONFIGURED', trunk ?? dn)
  if (imLeg(from) !== 'sip' || isTrunk(from) !== (trunk !== null))
    return refuse('TERR_UNSUP_OPER', `DN ${from.number} does not carry IM over SIP`)
  if (trunk !== null && directory.dns.has(dn))
    return refuse('TERR_NOT_REGISTERED', `DN ${dn} is one of ours; trunk ${trunk} cannot speak for it`)
  const tooMuch = userDataProblem(input.userData ?? {}, directory.options.userDataLimit)
  if (tooMuch) return refuse(tooMuch.reason, tooMuch.detail)
  return text && sipTextProblem(text, directory)
}

function offer(
  input: Offered,
  agent: Caller['agent'],
  to: Found & { found: 'callee' },
  world: World,
  ids: FreshIDs,
  now: number,
): Decision {
  const { dn, otherDN, node, mode, trunk, uri, text } = input
  const caller: Party = {
    dn,
    role: 'Origination',
    state: 'dialing',
    leg: 'sip',
    agent,
    sip: { owner: node, mode, trunk, uri },
  }
  // SPEC BR-9: two endpoints have one session with each other at most, or a MESSAGE could not tell which it is for.
  if (agent === null && to.callee.party.agent === null && world.claims.get(pairClaim(dn, otherDN)))
    return refuse('TERR_DEST_INV_STATE', `${dn} and ${otherDN} are in a session with each other`)
  const own = trunk === null ? [{ kind: 'dn' as const, id: dn, version: world.dns.get(dn)?.version ?? 0 }] : []
  const beginning: Beginning = {
    caller,
    callee: to.callee,
    callType: trunk === null ? to.callType : 'Inbound',
    userData: input.userData ?? {},
    expect: [...own, ...to.expect],
    ...(text && { text: acceptedText(text, caller, now) }),
  }
  return begin(beginning, world, ids, now)
}

function keepable(input: Offered, { dn }: Found & { found: 'busy' | 'nobody' }): boolean {
  return input.text !== undefined && dn.options.storeAndForward && imLeg(dn) === 'tlibrary'
}

/** Keeps a text until the agent can be reached. SPEC BR-13. */
function store(
  input: Offered,
  world: World,
  expect: Change['expect'],
  claims: Change['claims'],
  now: number,
  full: Decision = refuse('TERR_DEST_INV_STATE', `the mailbox of DN ${input.otherDN} is full`),
): Decision {
  const { text, dn, uri, trunk, otherDN } = input
  const stored = world.mailbox
  if (!text) return full
  const box = withText(stored?.value ?? { dn: otherDN, texts: [] }, {
    text: acceptedText(text, { dn }, now),
    uri,
    trunk,
  })
  if (!box) return full
  // Behind older texts it goes when they go, and they go as soon as they can.
  const due = expect.length === 0 ? now : nextLook(box, world.directory.options.retentionMs, now)
  return {
    kind: 'change',
    delivery: 'stored',
    change: {
      expect: [...expect, { kind: 'mailbox', id: otherDN, version: stored?.version ?? 0 }],
      put: [{ kind: 'mailbox', id: otherDN, value: box }],
      claims,
      feeds: [],
      timers: { set: [{ id: mailboxTimerID(otherDN), due, timer: { timer: 'mailbox', dn: otherDN } }], cancel: [] },
    },
  }
}

function isFrom({ text, trunk }: StoredText, input: Offered): boolean {
  return text.from === input.dn && trunk === input.trunk
}

/**
 * The sender's party in a living call with the called number. Numbers of different trunks are different people; behind the same
 * one, somebody may answer under the number the trunk was asked for, which `replace-prefix` has made another than the dialled one.
 */
export function partyOf(
  call: Call,
  { dn, otherDN, trunk }: Pick<Offered, 'dn' | 'otherDN' | 'trunk'>,
): Party | undefined {
  if (call.end) return undefined
  const [caller, called] = pair(call)
  const [mine, other] = caller.dn === otherDN ? [called, caller] : [caller, called]
  if (other.dn !== otherDN || !mine.sip || mine.sip.trunk !== trunk) return undefined
  return mine.dn === dn || (trunk !== null && userOf(mine.sip.uri) === dn) ? mine : undefined
}

function userOf(uri: string): string | undefined {
  const user = /^sips?:([^@:;?]+)(?:[:;?][^@]*)?@/i.exec(uri)?.[1]
  try {
    return user && decodeURIComponent(user)
  } catch {
    return user // a percent sign that escapes nothing
  }
}
