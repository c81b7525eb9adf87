import {
  type Call,
  type CallEnd,
  type CallState,
  type CallUUID,
  type Clock,
  type DNRole,
  type DNumber,
  type FeedEntry,
  type FeedEvent,
  type LegRecord,
  type LogEntry,
  legID,
  type MessageID,
  type Party,
  type Receipt,
  type SessionStore,
  type SipInput,
  type SipLeg,
  type SipText,
  type TextWants,
  type TServer,
  TServerError,
} from '@ringdown/signalling'
import { LegKeeper } from './leg-keeper.ts'
import { Outbox } from './outbox.ts'
import type { LegView, Report, Way } from './way.ts'

/** Inputs of a leg, without the names of the leg and the node. */
export type LegInput = SipInput extends infer I
  ? I extends { callUUID: CallUUID }
    ? Omit<I, 'callUUID' | 'dn' | 'node'>
    : never
  : never

export interface LegDeps {
  readonly node: string
  readonly store: SessionStore
  readonly tserver: TServer
  readonly clock: Clock
  readonly retentionMs: () => number
  /** Makes the way for a leg as its call says, when it does not come with one. */
  readonly makeWay: (leg: Leg, sip: SipLeg, record: LegRecord) => Way
  /** The leg is over or somebody else's: forget it. */
  readonly onGone: (leg: Leg) => void
  readonly onError: (error: unknown, leg: Leg) => void
}

/** How often an input the store could not take is tried again, ms; and how often. */
const inputRetryMs = 250
const inputTries = 20
/** Texts whose fate is remembered for their sender. */
const maxWants = 1000
/** How long texts have to get out before the goodbye, ms. */
const finishMs = 5_000

/**
 * A party's SIP side of one call at the node that owns it. It does what the events of the call say; the call's record and log are
 * the truth when events were missed.
 */
export class Leg implements LegView {
  readonly id: string
  readonly callUUID: CallUUID
  readonly dn: DNumber
  otherDN: DNumber
  sip: SipLeg
  role: DNRole
  /** The endpoint has written message/cpim in this session. */
  speaksCPIM = false
  readonly #deps: LegDeps
  readonly #inbox: FeedEntry[] = []
  /** Of texts of this leg, what their sender wants to hear. */
  readonly #wants = new Map<MessageID, TextWants>()
  #way: Way | undefined
  #outbox: Outbox | undefined
  #keeper: LegKeeper | undefined
  #gone = false
  #ending = false
  #connected = false

  constructor(deps: LegDeps, callUUID: CallUUID, dn: DNumber) {
    this.#deps = deps
    this.id = legID(callUUID, dn)
    this.callUUID = callUUID
    this.dn = dn
    this.otherDN = '' as DNumber
    this.role = 'Destination'
    this.sip = { owner: deps.node, mode: 'auto', trunk: null, uri: '' }
  }

  get gone(): boolean {
    return this.#gone
  }

  get way(): Way | undefined {
    return this.#way
  }

  /** Reads what the store knows of the leg and begins to act; with the way the peer has opened, where it has. */
  async open(way?: Way): Promise<void> {
    const { store } = this.#deps
    const { records } = await store.read({
      records: [
        { kind: 'call', id: this.callUUID },
        { kind: 'leg', id: this.id },
      ],
      claims: [],
    })
    const call = records[0]?.value as Call | undefined
    const found = records[1]
    const party = call && this.#party(call)
    if (!call || !party?.sip || party.sip.owner !== this.#deps.node || (call.end && !way)) return this.#forget()
    this.sip = party.sip
    this.role = party.role
    this.otherDN = other(call, party).dn
    const record = (found?.value as LegRecord | undefined) ?? this.#newRecord()
    this.#keeper = new LegKeeper(
      {
        store,
        clock: this.#deps.clock,
        retentionMs: this.#deps.retentionMs(),
        onLost: () => this.lose(),
        onError: (error) => this.#deps.onError(error, this),
      },
      { ...record, owner: this.#deps.node },
      found?.version ?? 0,
    )
    this.#use(way ?? this.#deps.makeWay(this, party.sip, record))
    for (const entry of this.#inbox.splice(0)) this.#act(entry.event, entry.log)
    // Events from before the leg was here are in the record and the log.
    this.#settle(call, party, found !== undefined)
  }

  /** An event of the node's feed. */
  handle(entry: FeedEntry): void {
    if (this.#way) this.#act(entry.event, entry.log)
    else this.#inbox.push(entry)
  }

  /** Events may have been missed: looks at the call and the log. */
  async resync(): Promise<void> {
    if (!this.#way) return
    const { records } = await this.#deps.store.read({ records: [{ kind: 'call', id: this.callUUID }], claims: [] })
    const call = records[0]?.value as Call | undefined
    const party = call && this.#party(call)
    if (!call || party?.sip?.owner !== this.#deps.node) return this.lose()
    this.#settle(call, party, true)
  }

  /** A text of this leg whose sender wants to hear what became of it. */
  note({ messageID, wants }: SipText): void {
    if (!wants?.imdnID) return
    this.#wants.set(messageID, wants)
    if (this.#wants.size <= maxWants) return
    const oldest = this.#wants.keys().next()
    if (!oldest.done) this.#wants.delete(oldest.value)
  }

  /** Another way for the same leg: MESSAGE instead of MSRP, or a renewed session. */
  change(way: Way): void {
    this.#use(way)
    if (this.#connected) way.established()
  }

  /** The way is open (again). */
  resume(): void {
    this.#outbox?.resume()
  }

  /** Keeps the dialog for another node. */
  async keepDialog(dialog: LegRecord['dialog']): Promise<void> {
    await this.#keeper?.keep({ dialog })
  }

  /**
   * Tells the core. What the store cannot take now is said again; a refusal rejects with TServerError.
   * A leg that is no longer this node's is lost by it.
   */
  async input(what: LegInput): Promise<void> {
    const { clock, node, tserver } = this.#deps
    for (let attempt = 1; ; attempt++) {
      try {
        await tserver.input({ ...what, callUUID: this.callUUID, dn: this.dn, node } as SipInput)
        return
      } catch (error) {
        const passing =
          error instanceof TServerError && (error.reason === 'TERR_NO_SWITCH' || error.reason === 'TERR_TIMEOUT')
        if (!passing || attempt === inputTries || this.#gone) throw error
        await new Promise<void>((resolve) => {
          clock.after(inputRetryMs * attempt, resolve)
        })
      }
    }
  }

  /** The same for those who cannot do anything about a refusal. */
  async tell(what: LegInput): Promise<void> {
    try {
      await this.input(what)
    } catch (error) {
      this.#deps.onError(error, this)
    }
  }

  report(messageID: MessageID, report: Report): Promise<void> {
    return this.tell({ input: 'report', messageID, ...report } as LegInput)
  }

  /** Gives the leg up without a word to the peer: another node has it. */
  lose(): void {
    if (this.#gone) return
    this.#way?.abandon()
    this.#keeper?.stop()
    this.#forget()
  }

  /** Writes down the position, and gives the leg up. */
  async stop(): Promise<void> {
    await this.#keeper?.flush()
    this.lose()
  }

  #use(way: Way): void {
    const delivered = this.#outbox?.delivered ?? this.#keeper?.record.delivered ?? 0
    this.#outbox?.close()
    this.#way = way
    this.#outbox = new Outbox({
      delivered,
      window: way.window,
      clock: this.#deps.clock,
      read: (after, limit) => this.#deps.store.readLog(this.callUUID, after, limit),
      wanted: (entry) => entry.text.from !== this.dn,
      send: (entry: LogEntry) => way.send(entry),
      onMoved: (position) => this.#keeper?.moved(position),
      onError: (error) => this.#deps.onError(error, this),
    })
    this.#outbox.catchUp()
  }

  #settle(call: Call, party: Party, missed: boolean): void {
    if (this.#gone) return
    if (call.end) {
      void this.#end(call.end, 'Ok')
      return
    }
    if (party.state === 'connected' && !this.#connected) this.#establish()
    if (missed) this.#outbox?.catchUp()
  }

  #act(event: FeedEvent, log: number | undefined): void {
    if (this.#gone) return
    switch (event.event) {
      case 'EventEstablished':
        this.#establish()
        return
      case 'EventPrivateInfo':
        if (log !== undefined) this.#outbox?.push({ position: log, text: event.extensions.text })
        return
      case 'EventReleased':
      case 'EventAbandoned':
        void this.#end(event.extensions.end, event.callState)
        return
      case 'EventUserEvent':
        this.#way?.composing(event.extensions.composing.state, event.extensions.composing.refreshSeconds)
        return
      case 'EventReturnReceipt':
        this.#receipt(event.extensions.receipt)
        return
      case 'EventDialing':
      case 'EventRinging':
      case 'EventDestinationBusy':
      case 'EventAttachedDataChanged':
      case 'EventACK':
      case 'EventAgentLogin':
      case 'EventAgentLogout':
      case 'EventAgentReady':
      case 'EventAgentNotReady':
      case 'EventRegistered':
      case 'EventUnregistered':
    }
  }

  #establish(): void {
    if (this.#connected) return
    this.#connected = true
    this.#way?.established()
  }

  /** The call is over: what was accepted before goes out before the goodbye, or its sender is told that it did not. */
  async #end(end: CallEnd, callState: CallState): Promise<void> {
    if (this.#ending) return
    this.#ending = true
    try {
      const left = (await this.#outbox?.finish(finishMs)) ?? []
      for (const { text } of left) {
        await this.report(text.messageID, { outcome: 'failed', status: 487, reason: 'the session has ended' })
      }
    } catch (error) {
      this.#deps.onError(error, this)
    }
    this.#way?.end(end, callState)
    const keeper = this.#keeper
    await keeper?.end()
    keeper?.stop()
    this.#forget()
  }

  #receipt({ messageID, outcome }: Receipt): void {
    const wants = this.#wants.get(messageID)
    if (!wants?.imdnID || !wants[outcome]) return
    this.#way?.receipt(wants.imdnID, outcome)
    if (outcome !== 'delivered') this.#wants.delete(messageID)
  }

  #forget(): void {
    this.#gone = true
    this.#outbox?.close()
    this.#deps.onGone(this)
  }

  #party(call: Call): Party | undefined {
    return call.parties.find((party) => party.dn === this.dn && party.sip)
  }

  #newRecord(): LegRecord {
    return { callUUID: this.callUUID, dn: this.dn, owner: this.#deps.node, delivered: 0, dialog: null }
  }
}

function other(call: Call, party: Party): Party {
  const found = call.parties.find(({ dn }) => dn !== party.dn)
  if (!found) throw new Error(`call ${call.callUUID} has lost a party`)
  return found
}
