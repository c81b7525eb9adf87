import type { AgentRecord, DNRecord } from './agent.ts'
import type { Call } from './call.ts'
import { decide } from './decide.ts'
import { decideTimer } from './decide-call.ts'
import { type Decision, noTimers } from './decision.ts'
import type { Directory } from './directory.ts'
import { TServerError } from './errors.ts'
import type { CallUUID, ConnID, DNumber, IdSource, MessageID, PersonID } from './ids.ts'
import type {
  Change,
  Clock,
  CommitOutcome,
  LogEntry,
  Meter,
  ReadReply,
  RecordRef,
  SessionStore,
  Versioned,
} from './ports.ts'
import type { DNRequest, TRequest, TTimer } from './t-request.ts'
import type { FreshIDs, World } from './world.ts'

/** What an accepted request leads to. It is durable when the answer is given. */
export interface Accepted {
  /** The call the request made or worked on. */
  callUUID?: CallUUID
  /** For a text: its id, its time (ms since 1970) and its position in the session's log. */
  text?: { messageID: MessageID; sent: number; position: number }
}

/** The T-Server of one contact centre, as its clients see it. */
export interface TServer {
  /** Carries out one request. Rejects with TServerError when it is refused; then nothing has changed. */
  request(request: TRequest): Promise<Accepted>
  /** The one IM session the agent is in now. */
  session(person: PersonID): Promise<Call | undefined>
  /** A session the person takes or took part in; ended ones as long as they are retained. */
  call(person: PersonID, callUUID: CallUUID): Promise<Call | undefined>
  /** Texts of a session after a position, in the order of acceptance; undefined if the session is not the person's. */
  transcript(
    person: PersonID,
    callUUID: CallUUID,
    after: number,
    limit: number,
  ): Promise<readonly LogEntry[] | undefined>
  /** Who is logged in on these DNs, in their order. */
  logins(dns: readonly DNumber[]): Promise<readonly (DNRecord | undefined)[]>
  /** The place the person is logged in at and the DNs of it they hold. */
  agent(person: PersonID): Promise<{ place: string | null; dns: readonly DNumber[] }>
  /** Looks for due timers until `stop`. */
  start(): void
  stop(): Promise<void>
}

export interface TServerDeps {
  store: SessionStore
  /** The configuration now; asked for at every request, so a reload takes effect at once. */
  directory: () => Directory
  clock: Clock
  ids: IdSource
  meter?: Meter
  /** Told of what broke behind a timer, where nobody waits for an answer. */
  onError?: (error: unknown) => void
}

/** How often the store is asked for due timers of other nodes, and for how long one is ours, in ms. */
const timerPollMs = 500
const timerLeaseMs = 5_000
/** How often one request is decided anew before it is refused; two parties and their timers never come near it. */
const maxTries = 32
/** Calls whose state is kept in memory. A stale one costs a second round trip, never a wrong answer. */
const maxCached = 20_000

/** Decide, commit, and again where somebody else was faster. */
export function createTServer({ store, directory, clock, ids, meter, onError }: TServerDeps): TServer {
  const calls = new Map<CallUUID, Versioned<Call>>()
  let stopPolling: (() => void) | undefined
  let running: Promise<void> | undefined
  let stopped = true

  async function request(r: TRequest): Promise<Accepted> {
    try {
      return await carryOut(r)
    } catch (error) {
      if (error instanceof TServerError) meter?.refused(error.reason)
      throw error
    }
  }

  async function carryOut(r: TRequest): Promise<Accepted> {
    const fresh = freshIDs(r, ids)
    let look: Look = { fresh: false }
    for (let attempt = 0; attempt < maxTries; attempt++) {
      const now = clock.now()
      const { world, cached } = await worldFor(r, look)
      const decision = decide(r, world, fresh, now)
      if (decision.kind === 'refused') {
        // A refusal must not rest on memory: another node may have moved the call on.
        if (cached) {
          look = { fresh: true }
          continue
        }
        const before = world.call && (await acceptedBefore(r, world.call, now))
        if (before) return before
        throw new TServerError(decision.reason, decision.detail)
      }
      if (decision.kind === 'nothing') return decision.callUUID ? { callUUID: decision.callUUID } : {}
      const outcome = await commit(decision.change)
      if (outcome.outcome === 'conflict') {
        look = { fresh: true }
        continue
      }
      if (outcome.outcome === 'duplicate') return answeredBefore(r, outcome)
      if (decision.call) remember(decision.call)
      return answer(decision, outcome)
    }
    throw new TServerError('TERR_RES_UNAVAIL', 'others keep changing the session')
  }

  /** SPEC IM-13: a text that is repeated after its session has ended is answered as it was then. */
  async function acceptedBefore(r: TRequest, call: Versioned<Call>, now: number): Promise<Accepted | undefined> {
    if (r.request !== 'TPrivateService' || r.messageID === undefined || !call.value.end) return undefined
    const party = call.value.parties.find((p) => p.agent === r.person)
    if (!party) return undefined
    const { messageID, contentType, body } = r
    const outcome = await store.commit({
      ...nothing,
      // An ended call is never written again: this version does not exist, so nothing can come of it but `duplicate`.
      expect: [{ kind: 'call', id: r.callUUID, version: call.version + 1 }],
      log: { callUUID: r.callUUID, text: { messageID, from: party.dn, sent: now, contentType, body }, once: true },
    })
    return outcome.outcome === 'duplicate' ? answeredBefore(r, outcome) : undefined
  }

  /** SPEC IM-13: the answer of the first time, if this is the same text; another one under its id would be lost without a word. */
  async function answeredBefore(r: TRequest, outcome: CommitOutcome & { outcome: 'duplicate' }): Promise<Accepted> {
    if (r.request !== 'TPrivateService') throw new Error(`${r.request} cannot have been accepted before`)
    const [entry] = await store.readLog(r.callUUID, outcome.log - 1, 1)
    const call = entry && (await readCall(r.callUUID))
    const sender = call?.value.parties.find((p) => p.dn === entry?.text.from)
    if (!entry || sender?.agent !== r.person || entry.text.body !== r.body || entry.text.contentType !== r.contentType)
      throw new TServerError('TERR_BAD_PARAM', `message id ${entry?.text.messageID} is that of another text`)
    return {
      callUUID: r.callUUID,
      text: { messageID: entry.text.messageID, sent: outcome.sent, position: outcome.log },
    }
  }

  async function commit(change: Change): Promise<CommitOutcome> {
    const done = meter?.commit()
    const outcome = await store.commit(change).finally(done)
    if (outcome.outcome !== 'committed') return outcome
    if (change.log) meter?.text()
    if (change.timers.set.length > 0) wakeFor(change)
    return outcome
  }

  function answer(
    decision: Decision & { kind: 'change' },
    outcome: CommitOutcome & { outcome: 'committed' },
  ): Accepted {
    const { log } = decision.change
    const callUUID = decision.callUUID
    if (!log || outcome.log === undefined) return callUUID ? { callUUID } : {}
    const { messageID, sent } = log.text
    return { callUUID: log.callUUID, text: { messageID, sent, position: outcome.log } }
  }

  /** Keeps a living call in memory, and no ended one. */
  function remember(call: Versioned<Call>): void {
    const { callUUID, end } = call.value
    calls.delete(callUUID)
    if (end) return
    calls.set(callUUID, call)
    if (calls.size <= maxCached) return
    const oldest = calls.keys().next()
    if (!oldest.done) calls.delete(oldest.value)
  }

  async function worldFor(r: TRequest, look: Look): Promise<{ world: World; cached: boolean }> {
    const current = directory()
    if ('callUUID' in r) {
      const held = look.fresh ? undefined : calls.get(r.callUUID)
      const call = held ?? (await readCall(r.callUUID))
      return { world: { directory: current, dns: none, claims: none, call }, cached: held !== undefined }
    }
    if (r.request === 'TMakeCall') return { world: await worldOfMakeCall(r, current, look), cached: false }
    return { world: await worldOfAgent(r, current), cached: false }
  }

  async function worldOfMakeCall(
    r: Extract<TRequest, { request: 'TMakeCall' }>,
    current: Directory,
    look: Look,
  ): Promise<World> {
    const known = current.dns.has(r.otherDN)
    const refs: RecordRef[] = [{ kind: 'dn', id: r.thisDN }]
    if (known) refs.push({ kind: 'dn', id: r.otherDN })
    const reply = await store.read({ records: refs, claims: [r.person] })
    const claims = new Map<PersonID, CallUUID | undefined>([[r.person, reply.claims[0]]])
    const dns = dnRecords(reply.records)
    // At first the callee is taken to be free, and the commit finds out; after a conflict it is worth a second look.
    const callee = dns.get(r.otherDN)?.value.login?.person
    if (look.fresh && callee !== undefined) {
      const [claim] = (await store.read({ records: [], claims: [callee] })).claims
      claims.set(callee, claim)
    }
    return { directory: current, dns, claims }
  }

  async function worldOfAgent(r: DNRequest, current: Directory): Promise<World> {
    const reply = await store.read({
      records: [
        { kind: 'dn', id: r.thisDN },
        { kind: 'agent', id: r.person },
      ],
      claims: [r.person],
    })
    const [claim] = reply.claims
    const call = r.request === 'TAgentLogout' && claim ? await readCall(claim) : undefined
    return {
      directory: current,
      dns: dnRecords(reply.records.slice(0, 1)),
      agent: reply.records[1] as Versioned<AgentRecord> | undefined,
      claims: new Map([[r.person, claim]]),
      call,
    }
  }

  async function readCall(callUUID: CallUUID): Promise<Versioned<Call> | undefined> {
    const { records } = await store.read({ records: [{ kind: 'call', id: callUUID }], claims: [] })
    const call = records[0] as Versioned<Call> | undefined
    if (call) remember(call)
    else calls.delete(callUUID)
    return call
  }

  async function callOf(person: PersonID, callUUID: CallUUID): Promise<Call | undefined> {
    const call = await readCall(callUUID)
    return call?.value.parties.some((p) => p.agent === person) ? call.value : undefined
  }

  /** Runs one timer that is ours for the length of its lease; a node that dies leaves it to the next one. */
  async function fire({ id, timer }: { id: string; timer: TTimer }): Promise<void> {
    for (let attempt = 0; attempt < maxTries; attempt++) {
      const call = await readCall(timer.callUUID)
      const decision = decideTimer(timer, id, { directory: directory(), dns: none, claims: none, call }, clock.now())
      if (decision.kind !== 'change') return
      const outcome = await commit(decision.change)
      if (outcome.outcome === 'conflict') continue
      if (decision.call) remember(decision.call)
      return
    }
  }

  async function runTimers(): Promise<void> {
    for (;;) {
      const due = await store.claimTimers(clock.now(), 100, timerLeaseMs)
      await Promise.all(due.map(fire))
      if (due.length < 100 || stopped) return
    }
  }

  function look(): void {
    if (stopped || running !== undefined) return
    running = runTimers()
      .catch((error: unknown) => onError?.(error))
      .finally(() => {
        running = undefined
      })
  }

  function poll(): void {
    stopPolling = clock.after(timerPollMs, () => {
      look()
      if (!stopped) poll()
    })
  }

  /** Our own timers need not wait for the next poll. */
  function wakeFor(change: Change): void {
    if (stopped) return
    const wait = Math.min(...change.timers.set.map((t) => t.due)) - clock.now()
    if (wait < timerPollMs) clock.after(Math.max(0, wait), look)
  }

  return {
    request,
    session: async (person) => {
      const [claim] = (await store.read({ records: [], claims: [person] })).claims
      return claim === undefined ? undefined : (await readCall(claim))?.value
    },
    call: callOf,
    transcript: async (person, callUUID, after, limit) =>
      (await callOf(person, callUUID)) && (await store.readLog(callUUID, after, limit)),
    logins: async (dns) => {
      const { records } = await store.read({ records: dns.map((id) => ({ kind: 'dn' as const, id })), claims: [] })
      return records.map((r) => r?.value as DNRecord | undefined)
    },
    agent: async (person) => {
      const { records } = await store.read({ records: [{ kind: 'agent', id: person }], claims: [] })
      const record = records[0]?.value as AgentRecord | undefined
      return { place: record?.place ?? null, dns: record?.dns ?? [] }
    },
    start: () => {
      if (!stopped) return
      stopped = false
      poll()
    },
    stop: async () => {
      stopped = true
      stopPolling?.()
      await running
    },
  }
}

/** Whether what was read for the last attempt may have come from memory. */
interface Look {
  fresh: boolean
}
const none = new Map<never, never>()
const nothing: Change = { expect: [], put: [], claims: [], feeds: [], timers: noTimers }

function dnRecords(records: ReadReply['records']): Map<DNumber, Versioned<DNRecord>> {
  const found = records.filter((r) => r !== undefined) as Versioned<DNRecord>[]
  return new Map(found.map((r) => [r.value.dn, r]))
}

/** New ids for what this request may create; those it cannot create are left empty. */
function freshIDs(r: TRequest, ids: IdSource): FreshIDs {
  const makes = r.request === 'TMakeCall'
  return {
    callUUID: makes ? ids.callUUID() : ('' as CallUUID),
    connID: makes ? ids.connID() : ('' as ConnID),
    messageID: r.request === 'TPrivateService' && r.messageID === undefined ? ids.messageID() : ('' as MessageID),
  }
}
