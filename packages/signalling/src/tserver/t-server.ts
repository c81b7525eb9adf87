import type { AgentRecord, DNRecord } from './agent.ts'
import type { Call, Party } from './call.ts'
import { CallCache } from './call-cache.ts'
import { optionsDN } from './call-change.ts'
import { decide } from './decide.ts'
import { cancel, decideTimer } from './decide-call.ts'
import { decideInput } from './decide-input.ts'
import { alreadyDelivered, decideIdle, decideMailbox } from './decide-mailbox.ts'
import { deliveryOf } from './decide-text.ts'
import { type Decision, type Delivery, noTimers } from './decision.ts'
import type { Directory } from './directory.ts'
import { TServerError } from './errors.ts'
import type { CallUUID, ConnID, DNumber, IdSource, MessageID, PersonID } from './ids.ts'
import type { ToldUndelivered, UndeliveredText } from './mailbox.ts'
import type { Change, Clock, CommitOutcome, LogEntry, Meter, Reachability, SessionStore, Versioned } from './ports.ts'
import type { SipInput } from './sip-input.ts'
import { type LegRecord, legID, nodeFeed } from './sip-leg.ts'
import type { TRequest, TTimer } from './t-request.ts'
import { Timers } from './timers.ts'
import type { FreshIDs } from './world.ts'
import { type Seen, Worlds } from './worlds.ts'

/** What an accepted request leads to. It is durable when the answer is given. */
export interface Accepted {
  /** The call the request made or worked on. */
  callUUID?: CallUUID
  /**
   * For a text: its id, its time (ms since 1970) and its position in the session's log. `repeated`: it had been accepted before, and
   * this is the answer of that time.
   */
  text?: { messageID: MessageID; sent: number; position: number; repeated?: true }
}

/** What an accepted input of SIP or MSRP leads to. */
export interface Taken extends Accepted {
  /** The call as it stands after the input, where the input has changed it. */
  call?: Call
  /**
   * Where a text has gone: `agent` has it in the feed (200), `leg`: it goes on over SIP and its fate is reported later (202),
   * `stored`: it waits in a mailbox, in no session yet (202).
   */
  delivery?: Delivery
}

/** The T-Server of one contact centre, as its clients see it. */
export interface TServer {
  /** Carries out one request. Rejects with TServerError when it is refused; then nothing has changed. */
  request(request: TRequest): Promise<Accepted>
  /**
   * Takes what SIP or MSRP brings in. Rejects with TServerError when it is refused; then nothing has changed. TERR_INV_CONNID:
   * the call, or the leg, is not this node's (any more).
   */
  input(input: SipInput): Promise<Taken>
  /** The call as it stands, whoever asks: for the owner of its legs, never for a client. */
  anyCall(callUUID: CallUUID): Promise<Call | undefined>
  /** Says that this node lives, for so many milliseconds; with 0, that it leaves. Who does not say so again has lost its legs. SPEC BR-8. */
  renewNode(forMs: number): Promise<void>
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
  /**
   * Says that a client without a connection was heard of, and is to be for so many milliseconds; with 0, that it leaves. `onLostClient`
   * is told of who is not heard of again, on some node. Clients are told apart by their names among those of the person.
   */
  watchClient(person: PersonID, client: string, forMs: number): Promise<void>
  /**
   * One listener. It says by `watchClient` what becomes of the client: more time, or 0. Until it has, it, or that of another node, is
   * told again.
   */
  onLostClient(listener: (person: PersonID, client: string) => Promise<void>): void
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
  /** This node's name, unlike that of any other on the same store. */
  node: string
  /** Where called numbers are reached over SIP; absent: nowhere. */
  reach?: Reachability
  /**
   * Told that a node did not renew its lease: its legs need a new owner. When it rejects, it, or another node, is told again; so
   * it may be told twice.
   */
  onLostNode?: (node: string) => Promise<void>
  /**
   * Told that the owner of a leg has not dealt with all texts of a call that has ended: to be delivered, or reported as failed.
   * When it rejects, it, or another node, is told again.
   */
  onUnfinished?: (callUUID: CallUUID, dn: DNumber) => Promise<void>
  /**
   * Asked to tell the sender of a text that has left a mailbox undelivered. It, or another node, is asked again later where it rejects, or
   * says that the sender could not be told; and where this node dies before the answer, so the sender may be told twice.
   */
  onUndelivered?: (text: UndeliveredText) => Promise<ToldUndelivered>
  meter?: Meter
  /** Told of what broke behind a timer, where nobody waits for an answer. */
  onError?: (error: unknown) => void
}

/** How often one request is decided anew before it is refused; two parties and their timers never come near it. */
const maxTries = 32
/** Texts of a log read at a time to find the last one. */
const logPage = 200

/** One request or input on its way through decide and commit. */
interface Task {
  fresh: FreshIDs
  see: (fresh: boolean) => Promise<Seen>
  decide: (seen: Seen, now: number) => Decision
  /** The text it brings, if it is one that may have been accepted before. */
  text?: RepeatableText
}

interface RepeatableText {
  messageID: MessageID
  contentType: string
  body: string
  isFrom: (party: Party) => boolean
}

interface Done {
  accepted: Accepted
  decision?: Decision & { kind: 'change' | 'nothing' }
}

/** Decide, commit, and again where somebody else was faster. */
export function createTServer(deps: TServerDeps): TServer {
  const { store, directory, clock, ids, node, meter } = deps
  const onError = (error: unknown) => deps.onError?.(error)
  const calls = new CallCache()
  const worlds = new Worlds({ store, directory, calls, node, reach: deps.reach ?? nowhere })
  const timers = new Timers({ store, clock, fire, onError })
  const takeOvers = new Set<Promise<void>>()
  let lostClient: ((person: PersonID, client: string) => Promise<void>) | undefined

  async function metered<T>(work: Promise<T>): Promise<T> {
    try {
      return await work
    } catch (error) {
      if (error instanceof TServerError) meter?.refused(error.reason)
      throw error
    }
  }

  async function request(r: TRequest): Promise<Accepted> {
    const calls = r.request === 'TMakeCall'
    const text = calls ? r.text : r.request === 'TPrivateService' ? r : undefined
    const fresh = freshIDs(ids, calls, text !== undefined && text.messageID === undefined)
    const done = await carryOut({
      fresh,
      see: (anew) => worlds.ofRequest(r, anew),
      decide: ({ world }, now) => decide(r, world, fresh, now),
      ...(r.request === 'TPrivateService' &&
        r.messageID !== undefined && { text: { ...r, messageID: r.messageID, isFrom: (p) => p.agent === r.person } }),
    })
    return done.accepted
  }

  async function input(i: SipInput): Promise<Taken> {
    const fresh = freshIDs(ids, i.input === 'offered', false)
    const isSender = (p: Party) => (i.input === 'offered' ? p.dn !== i.otherDN : p.dn === i.dn)
    const { accepted, decision } = await carryOut({
      fresh,
      see: (anew) => worlds.ofInput(i, anew),
      decide: ({ world }, now) => decideInput(i, world, fresh, now),
      ...('text' in i && i.text && { text: { ...i.text, isFrom: isSender } }),
    })
    const call = decision?.kind === 'change' ? decision.call?.value : undefined
    const delivery = decision ? decision.delivery : await deliveredBefore(accepted, isSender)
    return { ...accepted, ...(call && { call }), ...(delivery && { delivery }) }
  }

  async function deliveredBefore(
    { callUUID }: Accepted,
    isSender: (party: Party) => boolean,
  ): Promise<Delivery | undefined> {
    const call = callUUID && (await worlds.readCall(callUUID))
    const other = call?.value.parties.find((p) => !isSender(p))
    return other && deliveryOf(other)
  }

  async function carryOut({ see, decide: decideOn, text }: Task): Promise<Done> {
    let anew = false
    for (let attempt = 0; attempt < maxTries; attempt++) {
      const seen = await see(anew)
      const decision = decideOn(seen, clock.now())
      if (decision.kind === 'refused') {
        // A refusal must not rest on memory: another node may have moved the call on.
        if (seen.cached) {
          anew = true
          continue
        }
        const { call } = seen.world
        const before = text && call && (await acceptedBefore(text, call))
        if (before) return { accepted: before }
        throw new TServerError(decision.reason, decision.detail)
      }
      const named = decision.callUUID ? { callUUID: decision.callUUID } : {}
      if (decision.kind === 'nothing') return { accepted: named, decision }
      const outcome = await commit(decision.change)
      if (outcome.outcome === 'conflict') {
        anew = true
        continue
      }
      if (outcome.outcome === 'duplicate') return { accepted: await answeredBefore(text, decision.change, outcome) }
      if (decision.call) calls.remember(decision.call)
      const { log } = decision.change
      if (!log || outcome.log === undefined) return { accepted: named, decision }
      const { messageID, sent } = log.text
      return { accepted: { callUUID: log.callUUID, text: { messageID, sent, position: outcome.log } }, decision }
    }
    throw new TServerError('TERR_RES_UNAVAIL', 'others keep changing the session')
  }

  /** SPEC IM-13: a text that is repeated after its session has ended is answered as it was then. */
  async function acceptedBefore(text: RepeatableText, call: Versioned<Call>): Promise<Accepted | undefined> {
    const { callUUID, parties, end } = call.value
    const party = parties.find(text.isFrom)
    if (!end || !party) return undefined
    const { messageID, contentType, body } = text
    const change: Change = {
      ...nothing,
      // An ended call is never written again: this version does not exist, so nothing can come of it but `duplicate`.
      expect: [{ kind: 'call', id: callUUID, version: call.version + 1 }],
      log: { callUUID, text: { messageID, from: party.dn, sent: clock.now(), contentType, body }, once: true },
    }
    const outcome = await store.commit(change)
    return outcome.outcome === 'duplicate' ? answeredBefore(text, change, outcome) : undefined
  }

  /** SPEC IM-13: the answer of the first time, if this is the same text; another one under its id would be lost without a word. */
  async function answeredBefore(
    text: RepeatableText | undefined,
    { log }: Change,
    outcome: CommitOutcome & { outcome: 'duplicate' },
  ): Promise<Accepted> {
    if (!text || !log) throw new Error('what is no text cannot have been accepted before')
    const { callUUID } = log
    const [entry] = await store.readLog(callUUID, outcome.log - 1, 1)
    const call = entry && (await worlds.readCall(callUUID))
    const sender = call?.value.parties.find((p) => p.dn === entry?.text.from)
    const same = sender && text.isFrom(sender) && entry?.text.body === text.body
    if (!entry || !same || entry.text.contentType !== text.contentType)
      throw new TServerError('TERR_BAD_PARAM', `message id ${text.messageID} is that of another text`)
    return {
      callUUID,
      text: { messageID: entry.text.messageID, sent: outcome.sent, position: outcome.log, repeated: true },
    }
  }

  async function commit(change: Change): Promise<CommitOutcome> {
    const outcome = await measured(change)
    if (outcome.outcome !== 'committed') return outcome
    if (change.log) meter?.text()
    const { set } = change.timers
    if (set.length > 0) timers.wakeAt(Math.min(...set.map(({ due }) => due)))
    return outcome
  }

  async function measured(change: Change): Promise<CommitOutcome> {
    const done = meter?.commit()
    try {
      const outcome = await store.commit(change)
      done?.(outcome.outcome)
      return outcome
    } catch (error) {
      done?.()
      throw error
    }
  }

  async function callOf(person: PersonID, callUUID: CallUUID): Promise<Call | undefined> {
    const call = await worlds.readCall(callUUID)
    return call?.value.parties.some((p) => p.agent === person) ? call.value : undefined
  }

  /** Does what one timer means. */
  async function fire({ id, timer }: { id: string; timer: TTimer }): Promise<void> {
    switch (timer.timer) {
      case 'autoAnswer':
      case 'noAnswer':
        await settle(async () => decideTimer(timer, id, await callWorld(timer.callUUID), clock.now()))
        return
      case 'idle':
        await settle(async () => {
          const last = await lastText(timer)
          const world = await callWorld(timer.callUUID)
          const waits = world.call !== undefined && (await textsWait(world.call.value))
          return decideIdle(timer, last, waits, world, clock.now())
        })
        return
      case 'mailbox':
        for (let more = true; more; ) {
          const fresh = freshIDs(ids, true, false)
          const made = await settle(async () =>
            decideMailbox(timer.dn, await worlds.ofMailbox(timer.dn), fresh, clock.now()),
          )
          more = made?.delivery !== undefined
        }
        return
      case 'undelivered':
        dealWith(undelivered(id, timer))
        return
      case 'unfinished':
        unfinished(id, timer)
        return
      case 'client':
        if (lostClient) dealWith(lostClient(timer.person, timer.client))
        else await handBack(id, timer)
        return
      case 'lostNode':
        lost(id, timer.node)
    }
  }

  /** Decides until it is committed; what was committed, or undefined where others were always faster. */
  async function settle(decideNow: () => Promise<Decision>): Promise<(Decision & { kind: 'change' }) | undefined> {
    for (let attempt = 0; attempt < maxTries; attempt++) {
      const decision = await decideNow()
      if (decision.kind !== 'change') return undefined
      const outcome = await commit(decision.change)
      // Only a text that waited in a mailbox can have been accepted before.
      if (outcome.outcome === 'duplicate') await commit(alreadyDelivered(decision.change))
      if (outcome.outcome === 'conflict') continue
      if (decision.call) calls.remember(decision.call)
      return decision
    }
    return undefined
  }

  const callWorld = async (callUUID: CallUUID) => (await worlds.ofCall(callUUID, true)).world

  async function lastText({ callUUID, seen }: Extract<TTimer, { timer: 'idle' }>): Promise<typeof seen> {
    let last = seen
    for (;;) {
      const page = await store.readLog(callUUID, last.position, logPage)
      const end = page.at(-1)
      if (!end) return last
      last = { position: end.position, at: Math.max(last.at, end.text.sent) }
      if (page.length < logPage) return last
    }
  }

  /** Whether a text waits for an endpoint in pager mode whose DN keeps texts: its owner has not dealt with it. */
  async function textsWait({ callUUID, parties }: Call): Promise<boolean> {
    for (const party of parties) {
      if (party.sip?.mode !== 'pager' || !optionsDN(directory(), party)?.options.storeAndForward) continue
      const { records } = await store.read({ records: [{ kind: 'leg', id: legID(callUUID, party.dn) }], claims: [] })
      const { delivered = 0 } = (records[0]?.value ?? {}) as Partial<LegRecord>
      const texts = await store.readLog(callUUID, delivered, logPage)
      if (texts.some(({ text }) => text.from !== party.dn)) return true
    }
    return false
  }

  /**
   * For a node that has a listener. Were it due again after whole intervals of looking, the same node could be the first to look for ever;
   * so the time is an odd one, and another one each time.
   */
  async function handBack(id: string, timer: TTimer, forMs = handBackMs): Promise<void> {
    const now = clock.now()
    const due = now + forMs + (now % 487)
    await store.commit({ ...nothing, timers: { set: [{ id, due, timer }], cancel: [] } })
  }

  /** SPEC BR-19. The timer moves first: an endpoint may take longer to answer than a lease lasts, and two nodes would tell the sender. */
  async function undelivered(id: string, timer: Extract<TTimer, { timer: 'undelivered' }>): Promise<void> {
    if (clock.now() >= timer.text.until) return void (await settle(async () => cancel(id)))
    if (!deps.onUndelivered) return handBack(id, timer)
    await handBack(id, timer, tellMs)
    const told = await deps.onUndelivered(timer.text)
    if (told === 'told') await settle(async () => cancel(id))
    else await handBack(id, timer, told === 'elsewhere' ? handBackMs : tellAgainMs)
  }

  /** It may take its time; other timers do not wait for it. */
  function dealWith(deal: Promise<void>): void {
    const dealing = deal.catch(onError).finally(() => takeOvers.delete(dealing))
    takeOvers.add(dealing)
  }

  /** The same without a leg to take over. A call that is forgotten has nothing to deliver any more. */
  function unfinished(id: string, { callUUID, dn }: Extract<TTimer, { timer: 'unfinished' }>): void {
    const work = async () => {
      if (await worlds.readCall(callUUID)) {
        if (!deps.onUnfinished) return
        await deps.onUnfinished(callUUID, dn)
      }
      await settle(async () => cancel(id))
    }
    const running = work()
      .catch(onError)
      .finally(() => takeOvers.delete(running))
    takeOvers.add(running)
  }

  /** Taking over may take its time; other timers do not wait for it. A node that only was slow has moved its timer meanwhile. */
  function lost(id: string, name: string): void {
    if (name === node || !deps.onLostNode) return
    const taking = deps
      .onLostNode(name)
      .then(() => store.trimFeed(nodeFeed(name)))
      .then(() => settle(async () => cancel(id)))
      .then(() => undefined, onError)
      .finally(() => takeOvers.delete(taking))
    takeOvers.add(taking)
  }

  return {
    request: (r) => metered(request(r)),
    input: (i) => metered(input(i)),
    anyCall: async (callUUID) => (await worlds.readCall(callUUID))?.value,
    renewNode: async (forMs) => {
      const set = [{ id: `node:${node}`, due: clock.now() + forMs, timer: { timer: 'lostNode' as const, node } }]
      await store.commit({ ...nothing, timers: { set, cancel: [] } })
    },
    watchClient: async (person, client, forMs) => {
      const id = `client:${person}:${client}`
      const due = clock.now() + forMs
      const set = [{ id, due, timer: { timer: 'client' as const, client, person } }]
      await store.commit({ ...nothing, timers: forMs > 0 ? { set, cancel: [] } : { set: [], cancel: [id] } })
    },
    onLostClient: (listener) => {
      lostClient = listener
    },
    session: async (person) => {
      const [claim] = (await store.read({ records: [], claims: [person] })).claims
      return claim === undefined ? undefined : (await worlds.readCall(claim))?.value
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
    start: () => timers.start(),
    stop: async () => {
      await timers.stop()
      await Promise.all(takeOvers)
    },
  }
}

const nothing: Change = { expect: [], put: [], claims: [], feeds: [], timers: noTimers }
/** How long a timer rests that this node cannot deal with, milliseconds. */
const handBackMs = 2_000
/** How long a node may take to tell a sender (longer than a MESSAGE takes to fail), and until one who was not there is told again, ms. */
const tellMs = 45_000
const tellAgainMs = 30_000
const nowhere: Reachability = async () => undefined

/** New ids for what may be created; those that cannot be are left empty. */
function freshIDs(ids: IdSource, call: boolean, text: boolean): FreshIDs {
  return {
    callUUID: call ? ids.callUUID() : ('' as CallUUID),
    connID: call ? ids.connID() : ('' as ConnID),
    messageID: text ? ids.messageID() : ('' as MessageID),
  }
}
