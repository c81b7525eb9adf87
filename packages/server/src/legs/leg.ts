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
import { undelivered } from './answers.ts'
import { LegKeeper } from './leg-keeper.ts'
import { Naps } from './naps.ts'
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
  /** Makes the way for a leg as its call says, when it does not come with one; for an ended call one that can only be ended. */
  readonly makeWay: (leg: Leg, sip: SipLeg, record: LegRecord, ended: boolean) => Way
  /** The leg is over or somebody else's: forget it. Called once. */
  readonly onGone: (leg: Leg) => void
  readonly onError: (error: unknown, leg: Leg) => void
}

/** What the store could not take is said again after so long, ms, and after longer each time up to the most. */
const retryMs = 250
const maxRetryMs = 5_000
/** A text is given up before its sender gives up waiting for the answer (RFC 4975 §7.1.1: 30 s); who hears nothing may say it anew. */
const textTries = 12
/** Texts whose fate is remembered for their sender. */
const maxWants = 1000
/** Events that wait until the leg is read; what is beyond is found in the call and its log. */
const maxInbox = 256
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
  subject: string | undefined
  /** The endpoint has written message/cpim in this session. */
  speaksCPIM = false
  readonly #deps: LegDeps
  readonly #naps: Naps
  readonly #inbox: FeedEntry[] = []
  /** Of texts of this leg, what their sender wants to hear. */
  readonly #wants = new Map<MessageID, TextWants>()
  #way: Way | undefined
  #outbox: Outbox | undefined
  #keeper: LegKeeper | undefined
  /** Until the text that waits for the store is taken: those after it wait too, or they would overtake it. */
  #blocked: Promise<void> | undefined
  #gone = false
  #missed = false
  /** The next position is written at once. */
  #isUrgent = false
  #ending: Promise<void> | undefined
  #connected = false

  constructor(deps: LegDeps, callUUID: CallUUID, dn: DNumber) {
    this.#deps = deps
    this.#naps = new Naps(deps.clock)
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

  /** Begins to act for a call a peer has just opened, with its way. Nothing is read: nothing can be there. */
  begin(call: Call, way: Way): void {
    const party = this.#party(call)
    if (!party?.sip) throw new Error(`call ${call.callUUID} has no SIP leg ${this.dn}`)
    this.#become(call, party, party.sip)
    this.#keep({ callUUID: this.callUUID, dn: this.dn, owner: this.#deps.node, delivered: 0, dialog: null }, 0)
    this.#use(way)
    this.#settle(call, party)
  }

  /** Reads what the store knows of the leg and begins to act. Rejects where it cannot be read; it may be asked again. */
  async open(): Promise<void> {
    if (this.#gone) return
    if (this.#way) return this.#missed ? this.resync() : undefined
    const { records } = await this.#deps.store.read({
      records: [
        { kind: 'call', id: this.callUUID },
        { kind: 'leg', id: this.id },
      ],
      claims: [],
    })
    if (this.#gone) return
    const call = records[0]?.value as Call | undefined
    const found = records[1]?.value as LegRecord | undefined
    const party = call && this.#party(call)
    const owner = this.#deps.node
    if (!call || party?.sip?.owner !== owner) return this.#forget()
    const record = { callUUID: this.callUUID, dn: this.dn, delivered: 0, dialog: null, ...found, owner }
    this.#become(call, party, party.sip)
    this.#keep(record, records[1]?.version ?? 0)
    this.#use(this.#deps.makeWay(this, party.sip, record, call.end !== undefined))
    // The one before us learns from it that the leg is ours, should it live after all.
    if (found && found.owner !== owner) void this.#keeper?.keep({})
    if (!call.end) for (const entry of this.#inbox.splice(0)) this.#act(entry.event, entry.log)
    // Events from before the leg was here are in the call.
    this.#settle(call, party)
    if (this.#missed) await this.resync()
  }

  /** An event of the node's feed. */
  handle(entry: FeedEntry): void {
    if (this.#way) this.#act(entry.event, entry.log)
    else if (this.#inbox.length < maxInbox) this.#inbox.push(entry)
    else this.#missed = true
  }

  /** Events have been missed: what comes from now on is not the next. */
  missed(): void {
    this.#missed = true
    this.#outbox?.catchUp()
  }

  /** Events may have been missed: looks at the call and the log. Rejects where they cannot be read. */
  async resync(): Promise<void> {
    if (!this.#way || this.#gone) return
    this.#missed = false
    this.#outbox?.catchUp()
    const call = await this.#readCall()
    const party = call && this.#party(call)
    if (!call || party?.sip?.owner !== this.#deps.node) return this.lose()
    this.#settle(call, party)
  }

  /** Whether the leg still is this node's, as soon as the store can tell; when it is not, it is lost. */
  async isOurs(): Promise<boolean> {
    for (let attempt = 1; !this.#gone; attempt++) {
      try {
        await this.resync()
        break
      } catch (error) {
        this.#deps.onError(error, this)
        await this.#retry(attempt)
      }
    }
    return !this.#gone
  }

  /** A text of this leg whose sender wants to hear what became of it. */
  note({ messageID, wants }: SipText): void {
    if (!wants?.imdnID) return
    this.#wants.set(messageID, wants)
    if (this.#wants.size <= maxWants) return
    const oldest = this.#wants.keys().next()
    if (!oldest.done) this.#wants.delete(oldest.value)
  }

  /** MESSAGE instead of MSRP. Where the call is ending already, its end says what becomes of its texts. */
  change(way: Way): void {
    if (this.#gone || this.#ending !== undefined) {
      way.abandon()
      return
    }
    this.sip = { ...this.sip, mode: 'pager' }
    this.#use(way)
    if (this.#connected) way.established()
  }

  /** The way is open (again). */
  resume(): void {
    this.#way?.wake?.()
    this.#outbox?.resume()
  }

  /** Keeps the dialog for another node. Resolves when it is written, or the leg is gone. */
  async keepDialog(dialog: LegRecord['dialog']): Promise<void> {
    if (this.#ending === undefined) await this.#keeper?.keep({ dialog })
  }

  /**
   * Tells the core. What the store cannot take now is said again, a text for some seconds only, everything else until it is taken or
   * the leg is gone. A refusal rejects with TServerError; a leg that is no longer this node's is lost by it.
   */
  async input(what: LegInput): Promise<void> {
    if (what.input !== 'text') return this.#input(what)
    while (this.#blocked !== undefined) await this.#blocked
    await this.#input(what)
  }

  /** The same for those who cannot do anything about a refusal. */
  async tell(what: LegInput): Promise<void> {
    try {
      await this.input(what)
    } catch (error) {
      this.#deps.onError(error, this)
    }
  }

  async report(messageID: MessageID, report: Report): Promise<void> {
    await this.tell({ input: 'report', messageID, ...report } as LegInput)
    // Whoever was told that a text has failed must not see it delivered by the next owner.
    if (report.outcome === 'failed') this.#isUrgent = true
  }

  /** Writes down the position; resolves when that is done, or the leg is gone. */
  async flush(): Promise<void> {
    await this.#keeper?.flush()
  }

  /** Gives the leg up without a word to the peer: another node has it. */
  lose(): void {
    if (this.#gone) return
    this.#way?.abandon()
    this.#forget()
  }

  /** Writes down the position, ends what was ending, and gives the leg up. May take as long as the store. */
  async stop(): Promise<void> {
    this.#outbox?.hurry()
    await (this.#ending ?? this.#keeper?.flush())
    this.lose()
  }

  async #readCall(): Promise<Call | undefined> {
    try {
      const { records } = await this.#deps.store.read({ records: [{ kind: 'call', id: this.callUUID }], claims: [] })
      return records[0]?.value as Call | undefined
    } catch (error) {
      this.#missed = true
      throw error
    }
  }

  #become(call: Call, party: Party, sip: SipLeg): void {
    this.sip = sip
    this.role = party.role
    this.otherDN = other(call, party).dn
    const { Subject: subject } = call.userData
    this.subject = typeof subject === 'string' ? subject : undefined
  }

  #keep(record: LegRecord, version: number): void {
    const { store, clock, retentionMs, onError } = this.#deps
    const onLost = () => this.lose()
    const deps = { store, clock, retentionMs: retentionMs(), onLost, onError: (error: unknown) => onError(error, this) }
    this.#keeper = new LegKeeper(deps, record, version)
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
      onMoved: (position) => this.#moved(position),
      onError: (error) => this.#deps.onError(error, this),
    })
    this.#outbox.catchUp()
  }

  #moved(position: number): void {
    this.#keeper?.moved(position)
    if (this.#isUrgent) void this.flush()
    this.#isUrgent = false
  }

  #settle(call: Call, party: Party): void {
    if (this.#gone) return
    if (party.state === 'connected') this.#establish()
    if (call.end) this.#finish(call.end, 'Ok')
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
        this.#finish(event.extensions.end, event.callState)
        return
      case 'EventUserEvent':
        if ('composing' in event.extensions) {
          const { state, refreshSeconds } = event.extensions.composing
          this.#way?.composing(state, refreshSeconds)
        }
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
    if (this.#connected || this.#ending !== undefined) return
    this.#connected = true
    this.#way?.established()
  }

  #finish(end: CallEnd, callState: CallState): void {
    this.#ending ??= this.#end(end, callState).catch((error: unknown) => {
      this.#deps.onError(error, this)
      this.lose()
    })
  }

  /** The call is over: what was accepted before goes out before the goodbye, or its sender is told that it did not. */
  async #end(end: CallEnd, callState: CallState): Promise<void> {
    const left = (await this.#outbox?.finish(this.#way?.canSend ? finishMs : 0)) ?? []
    if (this.#gone) return
    this.#way?.end(end, callState)
    for (const { text, position } of left) {
      await this.report(text.messageID, undelivered(end))
      if (this.#gone) return
      this.#keeper?.moved(position)
    }
    await this.#keeper?.end()
    this.#forget()
  }

  async #input(what: LegInput): Promise<void> {
    const { node, tserver } = this.#deps
    const tries = triesOf(what)
    let unblock: (() => void) | undefined
    try {
      for (let attempt = 1; ; attempt++) {
        try {
          await tserver.input({ ...what, callUUID: this.callUUID, dn: this.dn, node } as SipInput)
          return
        } catch (error) {
          // SPEC BR-8: another node has it.
          if (error instanceof TServerError && error.reason === 'TERR_INV_CONNID') this.lose()
          if (!isPassing(error) || attempt === tries || this.#gone) throw error
        }
        if (what.input === 'text')
          this.#blocked ??= new Promise((resolve) => {
            unblock = resolve
          })
        await this.#retry(attempt)
      }
    } finally {
      if (unblock) this.#blocked = undefined
      unblock?.()
    }
  }

  #retry(attempt: number): Promise<void> {
    return this.#naps.take(Math.min(maxRetryMs, retryMs * attempt))
  }

  #receipt({ messageID, outcome, reason }: Receipt): void {
    const wants = this.#wants.get(messageID)
    // SPEC LG-10: a failure is shown, whatever was asked for.
    if (outcome === 'failed' && !wants?.failed) this.#way?.notDelivered(reason ?? 'the other side cannot be reached')
    if (!wants?.imdnID || !wants[outcome]) return
    this.#way?.receipt(wants.imdnID, outcome)
    if (outcome !== 'delivered') this.#wants.delete(messageID)
  }

  #forget(): void {
    if (this.#gone) return
    this.#gone = true
    this.#outbox?.close()
    this.#keeper?.stop()
    this.#naps.end()
    this.#deps.onGone(this)
  }

  #party(call: Call): Party | undefined {
    return call.parties.find((party) => party.dn === this.dn && party.sip)
  }
}

function other(call: Call, party: Party): Party {
  const found = call.parties.find(({ dn }) => dn !== party.dn)
  if (!found) throw new Error(`call ${call.callUUID} has lost a party`)
  return found
}

/** Whether the store may take the same a little later. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof TServerError)) return false
  return error.reason === 'TERR_NO_SWITCH' || error.reason === 'TERR_TIMEOUT' || error.reason === 'TERR_RES_UNAVAIL'
}

function triesOf({ input }: LegInput): number {
  if (input === 'text') return textTries
  // Who wrote a moment ago is no news later.
  return input === 'composing' ? 1 : Number.POSITIVE_INFINITY
}
