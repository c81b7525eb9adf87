/** T-requests about a device and the agent on it: registration, login, work state. Pure. */
import { type AgentInput, type AgentRecord, agentStep, type DNRecord } from './agent.ts'
import { endCall, mailboxTimerID } from './call-change.ts'
import { type Decision, noTimers, refuse } from './decision.ts'
import type { Directory } from './directory.ts'
import type { DN } from './dn.ts'
import type { DNumber, PersonID } from './ids.ts'
import type { Change, Versioned } from './ports.ts'
import type { AgentEvent } from './t-event.ts'
import type { DNRequest } from './t-request.ts'
import type { World } from './world.ts'

type AgentRequest = Exclude<DNRequest, { request: 'TMakeCall' }>

/** Decides a request about one device. SPEC AG-2 … AG-8. */
export function decideAgent(request: AgentRequest, world: World, now: number): Decision {
  const dn = world.directory.dns.get(request.thisDN)
  if (!dn) return refuse('TERR_NOT_CONFIGURED', request.thisDN)
  switch (request.request) {
    case 'TRegisterAddress':
      return register(request, world, now)
    case 'TUnregisterAddress':
      return unregister(request, world, now)
    case 'TAgentLogin':
      return login(request, dn, world, now)
    case 'TAgentLogout':
      return logout(request, world, now)
    case 'TAgentSetReady':
      return setState(request, 'ready', world, now)
    case 'TAgentSetNotReady':
      return setState(request, 'notReady', world, now)
  }
}

function register(request: AgentRequest, world: World, now: number): Decision {
  const found = world.dns.get(request.thisDN)
  const owner = found?.value.registered ?? null
  // SPEC AG-2: an address has one client; the same one may register again.
  if (owner !== null && owner !== request.person) return refuse('TERR_RESOURCE_SEIZED', `DN ${request.thisDN}`)
  if (owner === request.person) return { kind: 'nothing' }
  const value: DNRecord = { dn: request.thisDN, registered: request.person, login: null }
  return writeDN(found, value, request.person, [
    { event: 'EventRegistered', thisDN: request.thisDN, time: now, ...answerTo(request) },
  ])
}

function unregister(request: AgentRequest, world: World, now: number): Decision {
  const found = world.dns.get(request.thisDN)
  if (found?.value.registered !== request.person) return refuse('TERR_NOT_REGISTERED', `DN ${request.thisDN}`)
  if (found.value.login) return refuse('TERR_SET_WRONG_STATE', `an agent is logged in on DN ${request.thisDN}`)
  return writeDN(found, { ...found.value, registered: null }, request.person, [
    { event: 'EventUnregistered', thisDN: request.thisDN, time: now, ...answerTo(request) },
  ])
}

function login(request: AgentRequest & { request: 'TAgentLogin' }, dn: DN, world: World, now: number): Decision {
  const { directory } = world
  const person = directory.persons.get(request.person)
  if (!person?.enabled) return refuse('TERR_AGENT_ID_INV', 'the person is not configured or not enabled')
  const place = directory.places.get(request.place)
  if (!place) return refuse('TERR_NOT_CONFIGURED', `place ${request.place}`)
  if (!place.dns.includes(dn.number)) return refuse('TERR_BAD_PARAM', `DN ${dn.number} is not at place ${place.name}`)

  const agentID = chooseLogin(directory, person.agentLogins, dn, request.agentID)
  if (agentID === undefined)
    return refuse('TERR_AGENT_ID_INV', request.agentID ?? `no agent login on switch ${dn.switch}`)

  const found = world.dns.get(dn.number)
  if (found?.value.registered !== request.person) {
    const seized = found !== undefined && found.value.registered !== null
    return refuse(seized ? 'TERR_RESOURCE_SEIZED' : 'TERR_NOT_REGISTERED', `DN ${dn.number}`)
  }
  const before = found.value.login
  // SPEC AG-4: another agent id on a device in use is rejected.
  if (before && before.agentID !== agentID)
    return refuse('TERR_SET_WRONG_STATE', `agent ${before.agentID} is logged in`)
  const agent = world.agent?.value ?? { person: request.person, place: null, dns: [] }
  // SPEC AG-5: one place at a time.
  if (agent.place !== null && agent.place !== place.name)
    return refuse('TERR_SET_WRONG_STATE', `the agent is logged in at place ${agent.place}`)

  const next = agentStep(before?.state ?? 'null', 'login')
  if (!next) return refuse('TERR_SET_WRONG_STATE', `DN ${dn.number}`)
  const value: DNRecord = {
    ...found.value,
    login: {
      person: request.person,
      agentID,
      place: place.name,
      state: next.to,
      since: before?.since ?? now,
      ...(request.workMode && { workMode: request.workMode }),
    },
  }
  const dns = agent.dns.includes(dn.number) ? agent.dns : [...agent.dns, dn.number]
  const out = writeDN(found, value, request.person, [agentEvent(next.emit, value, request, now)], {
    stored: world.agent,
    value: { ...agent, place: place.name, dns },
  })
  // SPEC BR-14: what waited for somebody at this DN can be delivered.
  if (out.kind !== 'change' || !dn.options.storeAndForward) return out
  const { number } = dn
  const look = { id: mailboxTimerID(number), due: now, timer: { timer: 'mailbox' as const, dn: number } }
  return { ...out, change: { ...out.change, timers: { set: [look], cancel: [] } } }
}

function logout(request: AgentRequest, world: World, now: number): Decision {
  const found = world.dns.get(request.thisDN)
  const held = found?.value.login
  if (!found || held?.person !== request.person) return refuse('TERR_ACD_LOGOFF', `DN ${request.thisDN}`)
  const next = agentStep(held.state, 'logout')
  if (!next) return refuse('TERR_ACD_LOGOFF', `DN ${request.thisDN}`)

  const agent = world.agent?.value ?? { person: request.person, place: null, dns: [] }
  const dns = agent.dns.filter((dn) => dn !== request.thisDN)
  const event = agentEvent(next.emit, found.value, request, now)
  const out = writeDN(found, { ...found.value, login: null }, request.person, [{ ...event, state: 'null' }], {
    stored: world.agent,
    value: { ...agent, dns, place: dns.length === 0 ? null : agent.place },
  })

  // SPEC AG-6: the session goes with the login, in the same commit; an agent without a device is in no session.
  const claim = world.claims.get(request.person)
  const inCall = world.call?.value.parties.some((p) => p.dn === request.thisDN && p.state !== 'null')
  if (world.call && inCall) {
    const release = endCall(world.call, { dn: request.thisDN, why: 'loggedOut' }, now, world.directory)
    return merge(release, out)
  }
  // No call may come in between the look and the commit.
  return merge(out, {
    kind: 'change',
    change: { ...empty, claims: [{ person: request.person, from: claim, to: claim }] },
  })
}

function setState(
  request: AgentRequest & { request: 'TAgentSetReady' | 'TAgentSetNotReady' },
  on: AgentInput,
  world: World,
  now: number,
): Decision {
  const found = world.dns.get(request.thisDN)
  const held = found?.value.login
  if (!found || held?.person !== request.person) return refuse('TERR_ACD_LOGOFF', `DN ${request.thisDN}`)
  const next = agentStep(held.state, on)
  if (!next) return refuse('TERR_ACD_LOGOFF', `DN ${request.thisDN}`)
  const { workMode: _before, ...rest } = held
  const value: DNRecord = {
    ...found.value,
    login: { ...rest, state: next.to, ...(request.workMode && { workMode: request.workMode }) },
  }
  return writeDN(found, value, request.person, [agentEvent(next.emit, value, request, now)])
}

/** The asked login code if it is the person's and on the DN's switch; without one, the person's first on that switch. */
function chooseLogin(directory: Directory, codes: readonly string[], dn: DN, asked?: string): string | undefined {
  return codes.find(
    (code) => (asked === undefined || code === asked) && directory.agentLogins.get(code)?.switch === dn.switch,
  )
}

function agentEvent(
  event: 'EventAgentLogin' | 'EventAgentLogout' | 'EventAgentReady' | 'EventAgentNotReady',
  record: DNRecord,
  request: AgentRequest,
  now: number,
): Extract<AgentEvent, { agentID: string }> {
  const login = record.login
  return {
    event,
    thisDN: record.dn,
    agentID: login?.agentID ?? '',
    state: login?.state ?? 'null',
    ...(login?.workMode && { workMode: login.workMode }),
    time: now,
    ...answerTo(request),
  }
}

function answerTo(request: AgentRequest) {
  return {
    ...(request.referenceID !== undefined && { referenceID: request.referenceID }),
    ...(request.reasons && { reasons: request.reasons }),
  }
}

const empty: Change = { expect: [], put: [], claims: [], feeds: [], timers: noTimers }

function writeDN(
  stored: Versioned<DNRecord> | undefined,
  value: DNRecord,
  person: PersonID,
  events: readonly AgentEvent[],
  agent?: { stored: Versioned<AgentRecord> | undefined; value: AgentRecord },
): Decision {
  const dn: DNumber = value.dn
  return {
    kind: 'change',
    change: {
      ...empty,
      expect: [
        { kind: 'dn', id: dn, version: stored?.version ?? 0 },
        ...(agent ? [{ kind: 'agent' as const, id: person, version: agent.stored?.version ?? 0 }] : []),
      ],
      put: [
        { kind: 'dn', id: dn, value },
        ...(agent ? [{ kind: 'agent' as const, id: person, value: agent.value }] : []),
      ],
      feeds: events.map((event) => ({ person, event })),
    },
  }
}

/** Two changes as one: both, or none. */
function merge(first: Decision, second: Decision): Decision {
  if (first.kind !== 'change') return first.kind === 'nothing' ? second : first
  if (second.kind !== 'change') return second.kind === 'nothing' ? first : second
  const a = first.change
  const b = second.change
  return {
    ...first,
    change: {
      ...a,
      expect: [...a.expect, ...b.expect],
      put: [...a.put, ...b.put],
      claims: [...a.claims, ...b.claims],
      feeds: [...a.feeds, ...b.feeds],
      timers: { set: [...a.timers.set, ...b.timers.set], cancel: [...a.timers.cancel, ...b.timers.cancel] },
    },
  }
}
