import {
  type AgentRecord,
  applyStored,
  buildDirectory,
  type Call,
  type CallUUID,
  type Change,
  type Clock,
  createTServer,
  type DNRecord,
  type DNumber,
  type FeedEvent,
  type LogEntry,
  type MailboxRecord,
  type PersonID,
  type RecordRef,
  type StoredRecords,
  type TServer,
  TServerError,
  type Versioned,
} from '@ringdown/signalling'
import { CommandError } from '../../cli/io.ts'
import { processIDs } from '../../ids.ts'
import { sessionsOf } from '../export-sessions.ts'
import type { OpenCentre } from '../open-centres.ts'
import { type Erased, erasedCall, erasedDeed, erasedEvent, erasedText, isTheirs } from './erased.ts'
import { forgetKept, namesOf } from './kept-values.ts'
import { ErasedObject } from './person-object.ts'
import { type Counts, type EraseReport, noCounts } from './report.ts'
import { tellNodes } from './tell-nodes.ts'

export interface EraseDeps {
  centre: OpenCentre
  clock: Clock
  /** Hex digits nobody can guess. */
  random: () => string
}

export interface EraseOptions {
  /** Ends a session they are in; without, that refuses the erasure. */
  end: boolean
  /** Only finds out what there is. */
  dryRun: boolean
}

/** Whose feed the audit log is. */
const auditFeed = 'audit' as PersonID
/** Entries read at a time, and written over at a time: one step of the store takes no more. */
const pageSize = 500
const mostWritten = 2_000
/** How often a record is tried again that others keep changing. */
const maxTries = 20
/** A record of nobody is forgotten after so many milliseconds. */
const soonMs = 1_000
const skewMs = 60_000

/**
 * Erases what a person wrote and what is known of them, step by step: each step is whole or not done at all, and what finds the others is
 * erased last, so that an erasure that was cut off is finished by doing it again. Rejects with CommandError where they are in a session
 * that is not to be ended, and with TServerError. SPEC RC-10 to RC-16.
 */
export async function erasePerson(deps: EraseDeps, person: PersonID, options: EraseOptions): Promise<EraseReport> {
  return new Erasure(deps, person, options).run()
}

class Erasure {
  readonly #deps: EraseDeps
  readonly #person: PersonID
  readonly #options: EraseOptions
  readonly #counts: Counts = { ...noCounts }
  readonly #userName: string | undefined
  readonly #pseudonym: string

  constructor(deps: EraseDeps, person: PersonID, options: EraseOptions) {
    this.#deps = deps
    this.#person = person
    this.#options = options
    this.#userName = deps.centre.people.get(person)?.userName
    this.#pseudonym = `erased-${deps.random().slice(0, 8)}`
  }

  async run(): Promise<EraseReport> {
    const { centre, clock, random } = this.#deps
    const { store } = centre
    const object = new ErasedObject(centre, this.#person)
    const began = clock.now()
    const { dryRun } = this.#options
    const logins = await this.#loginsNow()
    await this.#endSession(object)
    await this.#eraseWaiting(logins)
    await this.#logOut([...logins.keys()])
    // What was being accepted while they were logged out.
    if (!dryRun) await this.#eraseWaiting(logins)
    const erased: Erased = { person: this.#person, sessions: await this.#sessions() }
    this.#counts.sessions = erased.sessions.size
    for (const [call] of erased.sessions) await this.#eraseLog(call, erased)
    for await (const feed of namesOf(store, { feeds: true }))
      if (feed !== this.#person && feed !== auditFeed) await this.#eraseCopies(feed as PersonID, erased)
    this.#counts.kept = await forgetKept(store, { person: this.#person, userName: this.#userName }, dryRun)
    await this.#eraseAudit()
    for (const [call] of erased.sessions) await this.#eraseCall(call)
    await this.#refuseNew(began)
    await this.#eraseLogins([...logins.keys()])
    // What was found by it is erased by now.
    await this.#eraseFeed()
    this.#counts.objects = dryRun ? await object.count() : await object.remove()
    const makeID = () => random().slice(0, 16)
    const nodes = dryRun ? { confirmed: [], silent: [] } : await tellNodes({ store, clock, makeID }, this.#person)
    if (!dryRun) {
      // Until it was told, a server may have written some of it again.
      this.#counts.kept += await forgetKept(store, { person: this.#person, userName: this.#userName }, dryRun)
      await this.#refuseNew(began)
      await this.#writeDown()
    }
    return {
      ...{ centre: centre.id, person: this.#person, userName: this.#userName ?? null, dryRun },
      pseudonym: this.#counts.audit > 0 ? this.#pseudonym : null,
      ...{ erased: this.#counts, nodes, left: object.left() },
    }
  }

  /** Where they are logged in now, and since when (ms since 1970): what was sent from there since may wait for somebody. */
  async #loginsNow(): Promise<ReadonlyMap<DNumber, number>> {
    const dns = await this.#dnsNow()
    const records = await this.#read(dns.map((id) => ({ kind: 'dn', id })))
    return new Map(
      dns.map((dn, i) => {
        const { login } = (records[i]?.value ?? {}) as Partial<DNRecord>
        return [dn, login?.person === this.#person ? login.since : Number.POSITIVE_INFINITY]
      }),
    )
  }

  async #dnsNow(): Promise<readonly DNumber[]> {
    const [agent] = await this.#read([{ kind: 'agent', id: this.#person }])
    return (agent?.value as AgentRecord | undefined)?.dns ?? []
  }

  /** They are in no session afterwards, and cannot log in where the configuration is ours to change. */
  async #endSession(object: ErasedObject): Promise<void> {
    const inSession = () => this.#inSession()
    const call = await inSession()
    const { end, dryRun } = this.#options
    if (call !== undefined && !end)
      throw new CommandError(
        `${this.#userName ?? this.#person} is in session ${call}: nothing was erased. Wait for its end, or end it with --end`,
      )
    if (dryRun) return
    await object.disable()
    const tserver = await this.#tserver()
    for (let tries = 0, callUUID = call; callUUID !== undefined; callUUID = await inSession()) {
      if (++tries > maxTries) throw new CommandError(`${this.#person} begins sessions faster than they are ended`)
      await ifRefused(tserver.request({ request: 'TReleaseCall', person: this.#person, callUUID }))
    }
  }

  async #inSession(): Promise<CallUUID | undefined> {
    return (await this.#deps.centre.store.read({ records: [], claims: [this.#person] })).claims[0]
  }

  /** Who logs in again and begins a session while they are erased has not been erased. Clocks may differ by `skewMs`. */
  async #refuseNew(began: number): Promise<void> {
    if (this.#options.dryRun) return
    const living = await this.#inSession()
    if (living !== undefined) throw this.#begunMeanwhile(living)
    for await (const { callUUID, parties } of sessionsOf(this.#deps.centre.store, { from: began - skewMs }))
      if (parties.some(({ agent }) => agent === this.#person)) throw this.#begunMeanwhile(callUUID)
  }

  #begunMeanwhile(call: CallUUID): CommandError {
    const name = this.#userName ?? this.#person
    return new CommandError(`${name} has begun session ${call} meanwhile, which is not erased: run it again`)
  }

  async #logOut(dns: readonly DNumber[]): Promise<void> {
    if (this.#options.dryRun) return
    const tserver = await this.#tserver()
    for (const thisDN of dns) {
      await ifRefused(tserver.request({ request: 'TAgentLogout', person: this.#person, thisDN }))
      await ifRefused(tserver.request({ request: 'TUnregisterAddress', person: this.#person, thisDN }))
    }
  }

  async #tserver(): Promise<TServer> {
    const { centre, clock } = this.#deps
    const { objects } = await centre.store.readObjects()
    const built = buildDirectory(applyStored(centre.file, objects))
    if ('problems' in built)
      throw new CommandError(`contact centre ${centre.id}: the file contradicts what was changed through the API`)
    const { directory } = built
    const ids = processIDs(clock.now())
    return createTServer({
      store: centre.store,
      directory: () => directory,
      clock,
      ids,
      node: `erase-${this.#pseudonym}`,
    })
  }

  /** Sessions they took part in, with their DNs there: from the records of sessions, and from their own feed. */
  async #sessions(): Promise<Map<CallUUID, Set<DNumber>>> {
    const found = new Map<CallUUID, Set<DNumber>>()
    const add = (call: CallUUID, dn: DNumber) => found.set(call, (found.get(call) ?? new Set()).add(dn))
    for await (const { callUUID, parties } of sessionsOf(this.#deps.centre.store, {}))
      for (const { agent, dn } of parties) if (agent === this.#person) add(callUUID, dn)
    for await (const { event } of this.#entries(this.#person))
      if ('callUUID' in event) add(event.callUUID, event.thisDN)
    return found
  }

  async #eraseLog(call: CallUUID, erased: Erased): Promise<void> {
    const { store } = this.#deps.centre
    for (let after = 0; ; ) {
      const page = await store.readLog(call, after, mostWritten)
      const theirs: LogEntry[] = page
        .filter(({ text }) => !text.erased && isTheirs(erased, call, text))
        .map(({ position, text }) => ({ position, text: erasedText(text) }))
      this.#counts.texts += theirs.length
      if (!this.#options.dryRun && theirs.length > 0) await store.rewriteLog(call, theirs)
      const last = page.at(-1)
      if (!last) return
      after = last.position
    }
  }

  async #eraseCopies(feed: PersonID, erased: Erased): Promise<void> {
    this.#counts.copies += await this.#rewrite(feed, (event) => erasedEvent(event, erased))
  }

  async #eraseAudit(): Promise<void> {
    const name = this.#userName
    if (name === undefined) return
    this.#counts.audit = await this.#rewrite(auditFeed, (event) => {
      if (event.event !== 'EventUserEvent' || !('client' in event.extensions)) return undefined
      const { client } = event.extensions
      const content = erasedDeed(client.content, name, this.#pseudonym)
      return content === undefined ? undefined : { ...event, extensions: { client: { ...client, content } } }
    })
  }

  /** Writes over the entries of a feed that a change is found for; how many. */
  async #rewrite(feed: PersonID, change: (event: FeedEvent) => FeedEvent | undefined): Promise<number> {
    const { store } = this.#deps.centre
    let count = 0
    let changed: { offset: number; event: FeedEvent }[] = []
    const write = async () => {
      count += changed.length
      if (!this.#options.dryRun && changed.length > 0) await store.rewriteFeed(feed, changed)
      changed = []
    }
    for await (const { offset, event } of this.#entries(feed)) {
      const left = change(event)
      if (left) changed.push({ offset, event: left })
      if (changed.length >= mostWritten) await write()
    }
    await write()
    return count
  }

  /** Texts from where they are logged in that wait in a mailbox: before, somebody else may have worked there. */
  async #eraseWaiting(logins: ReadonlyMap<DNumber, number>): Promise<void> {
    if (logins.size === 0) return
    const { store } = this.#deps.centre
    for await (const id of namesOf(store, { records: 'mailbox' })) {
      await this.#change('mailbox', id as DNumber, ({ dn, texts }: MailboxRecord) => {
        const theirs = texts.filter(
          ({ text }) => !text.erased && text.sent >= (logins.get(text.from) ?? Number.POSITIVE_INFINITY),
        )
        this.#counts.waiting += theirs.length
        if (theirs.length === 0) return undefined
        return {
          dn,
          texts: texts.map((kept) => (theirs.includes(kept) ? { ...kept, text: erasedText(kept.text) } : kept)),
        }
      })
    }
  }

  /** The records of their sessions. One that lives was begun since, and would never end without them. */
  async #eraseCall(call: CallUUID): Promise<void> {
    await this.#change('call', call, (value: Call) => {
      if (!value.end && !this.#options.dryRun) throw this.#begunMeanwhile(call)
      const left = erasedCall(value, this.#person)
      if (JSON.stringify(left) === JSON.stringify(value)) return undefined
      this.#counts.calls++
      return left
    })
  }

  async #eraseLogins(before: readonly DNumber[]): Promise<void> {
    this.#counts.logins += before.length
    for await (const id of namesOf(this.#deps.centre.store, { records: 'dn' })) {
      await this.#change('dn', id as DNumber, (record: DNRecord) => {
        if (record.registered !== this.#person && record.login?.person !== this.#person) return undefined
        if (!before.includes(record.dn)) this.#counts.logins++
        return { dn: record.dn, registered: null, login: null }
      })
    }
    const gone: AgentRecord = { person: this.#person, place: null, dns: [] }
    await this.#change('agent', this.#person, () => gone, soonMs)
  }

  async #eraseFeed(): Promise<void> {
    const { store } = this.#deps.centre
    const { first, last } = await store.readFeed(this.#person, 0, 1)
    this.#counts.feed = last - first + 1
    if (!this.#options.dryRun && this.#counts.feed > 0) await store.trimFeed(this.#person, last)
  }

  /** That somebody was erased is in the audit log, and not who. */
  async #writeDown(): Promise<void> {
    const deed = { who: 'ringdown erase', address: '', what: 'erase', object: this.#pseudonym, outcome: 'done' }
    const client = { id: 'audit', content: JSON.stringify(deed) }
    const event: FeedEvent = { event: 'EventUserEvent', time: this.#deps.clock.now(), extensions: { client } }
    await this.#deps.centre.store.commit({ ...nothing, feeds: [{ person: auditFeed, event }] })
  }

  /** Writes a record anew, unless there is nothing to change, and again where somebody else was faster. */
  async #change<K extends 'call' | 'dn' | 'agent' | 'mailbox'>(
    kind: K,
    id: string,
    change: (value: never) => StoredRecords[K] | undefined,
    expireMs: number | 'asBefore' = 'asBefore',
  ): Promise<void> {
    const { store } = this.#deps.centre
    const ref = { kind, id } as unknown as RecordRef
    const counted = { ...this.#counts }
    for (let tries = 0; tries < maxTries; tries++) {
      const [record] = await this.#read([ref])
      Object.assign(this.#counts, counted)
      const value = record && change(record.value as never)
      if (!value || this.#options.dryRun) return
      const put = [{ kind, id, value, expireMs }] as unknown as Change['put']
      // Nobody is logged out by this while they are in a session.
      const claims = kind === 'dn' || kind === 'agent' ? [{ person: this.#person, from: undefined, to: undefined }] : []
      const { outcome } = await store.commit({ ...nothing, expect: [{ ...ref, version: record.version }], put, claims })
      if (outcome === 'committed') return
    }
    throw new TServerError('TERR_RES_UNAVAIL', `others keep changing ${kind} ${id}`)
  }

  async #read(records: readonly RecordRef[]): Promise<readonly (Versioned<unknown> | undefined)[]> {
    if (records.length === 0) return []
    return (await this.#deps.centre.store.read({ records, claims: [] })).records
  }

  async *#entries(feed: PersonID) {
    const { store } = this.#deps.centre
    for (let after = 0; ; ) {
      const { entries } = await store.readFeed(feed, after, pageSize)
      yield* entries
      const last = entries.at(-1)
      if (!last) return
      after = last.offset
    }
  }
}

const nothing: Change = { expect: [], put: [], claims: [], feeds: [], timers: { set: [], cancel: [] } }

/** What is refused was so already. */
async function ifRefused(request: Promise<unknown>): Promise<void> {
  try {
    await request
  } catch (error) {
    const outOfReach = ['TERR_NO_SWITCH', 'TERR_TIMEOUT', 'TERR_RES_UNAVAIL', 'TERR_INTERNAL']
    if (!(error instanceof TServerError) || outOfReach.includes(error.reason)) throw error
  }
}
