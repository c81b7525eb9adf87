import type { AgentRecord, DNRecord } from './agent.ts'
import type { Call } from './call.ts'
import type { CallCache } from './call-cache.ts'
import { isNumber } from './callee.ts'
import { partyOf } from './decide-offer.ts'
import type { Directory } from './directory.ts'
import { imLeg, isTrunk } from './dn.ts'
import type { CallUUID, DNumber, PersonID } from './ids.ts'
import type { MailboxRecord } from './mailbox.ts'
import type { Reachability, Reached, ReadReply, RecordRef, SessionStore, Versioned } from './ports.ts'
import type { SipInput } from './sip-input.ts'
import { pairClaim } from './sip-leg.ts'
import type { DNRequest, TRequest } from './t-request.ts'
import type { World } from './world.ts'

/** A world, and whether some of it came from memory: a refusal must not rest on that. */
export interface Seen {
  world: World
  cached: boolean
}

export interface WorldDeps {
  store: SessionStore
  directory: () => Directory
  calls: CallCache
  node: string
  reach: Reachability
}

type Offered = Extract<SipInput, { input: 'offered' }>

/** Reads what decisions look at: as little as each one needs, from memory where the commit finds out that it was stale. */
export class Worlds {
  readonly #deps: WorldDeps

  constructor(deps: WorldDeps) {
    this.#deps = deps
  }

  /** For a T-request; `fresh`: nothing from memory. */
  async ofRequest(r: TRequest, fresh: boolean): Promise<Seen> {
    if ('callUUID' in r) return this.ofCall(r.callUUID, fresh)
    if (r.request === 'TMakeCall') return { world: await this.#ofMakeCall(r, fresh), cached: false }
    if (r.request === 'TSendUserEvent') return { world: this.#empty(), cached: false }
    return { world: await this.#ofAgent(r), cached: false }
  }

  /** For an input of SIP or MSRP. */
  ofInput(input: SipInput, fresh: boolean): Promise<Seen> {
    if (input.input === 'offered') return this.#ofOffered(input, fresh)
    // SPEC BR-8: whose the leg is has changed, or this would not be asked; that it is ours already must not rest on memory.
    return this.ofCall(input.callUUID, fresh || input.input === 'takenOver')
  }

  /** For what is about one call. */
  async ofCall(callUUID: CallUUID, fresh: boolean): Promise<Seen> {
    const held = fresh ? undefined : this.#deps.calls.get(callUUID)
    return { world: { ...this.#empty(), call: held ?? (await this.readCall(callUUID)) }, cached: held !== undefined }
  }

  /** For a DN's mailbox: who is there, what they are in, and the same of the first sender. */
  async ofMailbox(dn: DNumber): Promise<World> {
    const { store } = this.#deps
    const read = await store.read({
      records: [
        { kind: 'mailbox', id: dn },
        { kind: 'dn', id: dn },
      ],
      claims: [],
    })
    const mailbox = read.records[0] as Versioned<MailboxRecord> | undefined
    const dns = dnRecords(read.records.slice(1))
    const first = mailbox?.value.texts[0]
    if (first?.trunk === null) {
      const { from } = first.text
      for (const [key, value] of dnRecords(
        (await store.read({ records: [{ kind: 'dn', id: from }], claims: [] })).records,
      ))
        dns.set(key, value)
    }
    const claims = await this.#claimsOf(dns)
    const agent = dns.get(dn)?.value.login?.person
    const claim = agent && claims.get(agent)
    const call = claim === undefined ? undefined : await this.readCall(claim)
    return { ...this.#empty(), dns, claims, mailbox, call }
  }

  /** The call as the store has it now. */
  async readCall(callUUID: CallUUID): Promise<Versioned<Call> | undefined> {
    const { store, calls } = this.#deps
    const { records } = await store.read({ records: [{ kind: 'call', id: callUUID }], claims: [] })
    const call = records[0] as Versioned<Call> | undefined
    if (call) calls.remember(call)
    else calls.forget(callUUID)
    return call
  }

  async #ofMakeCall(r: Extract<TRequest, { request: 'TMakeCall' }>, fresh: boolean): Promise<World> {
    const { store, directory } = this.#deps
    const refs: RecordRef[] = [{ kind: 'dn', id: r.thisDN }]
    if (directory().dns.has(r.otherDN)) refs.push({ kind: 'dn', id: r.otherDN })
    const reply = await store.read({ records: refs, claims: [r.person] })
    const claims = new Map<PersonID, CallUUID | undefined>([[r.person, reply.claims[0]]])
    const dns = dnRecords(reply.records)
    // At first the callee is taken to be free, and the commit finds out; after a conflict it is worth a second look.
    const callee = dns.get(r.otherDN)?.value.login?.person
    if (fresh && callee !== undefined) {
      const [claim] = (await store.read({ records: [], claims: [callee] })).claims
      claims.set(callee, claim)
    }
    return { ...this.#empty(), dns, claims, reached: await this.#reached(r.otherDN, true) }
  }

  async #ofAgent(r: DNRequest): Promise<World> {
    const reply = await this.#deps.store.read({
      records: [
        { kind: 'dn', id: r.thisDN },
        { kind: 'agent', id: r.person },
      ],
      claims: [r.person],
    })
    const [claim] = reply.claims
    const call = r.request === 'TAgentLogout' && claim ? await this.readCall(claim) : undefined
    return {
      ...this.#empty(),
      dns: dnRecords(reply.records.slice(0, 1)),
      agent: reply.records[1] as Versioned<AgentRecord> | undefined,
      claims: new Map([[r.person, claim]]),
      call,
    }
  }

  async #ofOffered(input: Offered, fresh: boolean): Promise<Seen> {
    const { store, directory, calls } = this.#deps
    const { dn, otherDN, trunk, text } = input
    const called = directory().dns.get(otherDN)
    const keeps = text !== undefined && called?.options.storeAndForward === true
    // A mailbox may hold older texts of the sender: where there is one, it has to be read.
    if (text && !keeps && !fresh) {
      const call = calls.between(dn, otherDN)
      if (call && partyOf(call.value, input)) return { world: { ...this.#empty(), call }, cached: true }
    }
    const numbers = [...(trunk === null ? [dn] : []), ...(called ? [otherDN] : [])]
    const records: RecordRef[] = numbers.map((id) => ({ kind: 'dn', id }))
    if (keeps) records.push({ kind: 'mailbox', id: otherDN })
    const both = pairClaim(dn, otherDN)
    const reply = await store.read({ records, claims: [both] })
    const dns = dnRecords(reply.records.slice(0, numbers.length))
    const claims = await this.#claimsOf(dns)
    claims.set(both, reply.claims[0])
    const claim = [...claims.values()].find((uuid) => uuid !== undefined)
    const held = text && claim && !fresh ? calls.get(claim) : undefined
    const world: World = {
      ...this.#empty(),
      dns,
      claims,
      call: held ?? (text && claim ? await this.readCall(claim) : undefined),
      mailbox: keeps ? (reply.records[numbers.length] as Versioned<MailboxRecord> | undefined) : undefined,
      reached: await this.#reached(otherDN, trunk === null),
    }
    return { world, cached: held !== undefined }
  }

  async #claimsOf(dns: ReadonlyMap<DNumber, Versioned<DNRecord>>): Promise<Map<PersonID, CallUUID | undefined>> {
    const agents = [...new Set([...dns.values()].flatMap(({ value }) => value.login?.person ?? []))]
    if (agents.length === 0) return new Map()
    const { claims } = await this.#deps.store.read({ records: [], claims: agents })
    return new Map(agents.map((person, i) => [person, claims[i]]))
  }

  /** Asked only where a call would go out over SIP. */
  async #reached(number: DNumber, mayLeave: boolean): Promise<Reached | undefined> {
    const { directory, reach } = this.#deps
    const to = directory().dns.get(number)
    const over = to ? imLeg(to) === 'sip' && !isTrunk(to) : mayLeave && isNumber(number)
    return over ? reach(number, to) : undefined
  }

  #empty(): World {
    return { directory: this.#deps.directory(), node: this.#deps.node, dns: none, claims: none }
  }
}

const none = new Map<never, never>()

function dnRecords(records: ReadReply['records']): Map<DNumber, Versioned<DNRecord>> {
  const found = records.filter((r) => r !== undefined) as Versioned<DNRecord>[]
  return new Map(found.map((r) => [r.value.dn, r]))
}
