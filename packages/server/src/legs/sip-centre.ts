import type { MsrpStack, OpenSession } from '@ringdown/msrp'
import {
  type CallUUID,
  type Clock,
  type Directory,
  type DNumber,
  type IncomingInvite,
  type IncomingRequest,
  type LegRecord,
  legID,
  type MediaTransport,
  type MessageID,
  makeAnswer,
  type ReceiptEvent,
  type Reply,
  readMessageMedia,
  type SessionStore,
  type SipLeg,
  type SipPort,
  type ToldUndelivered,
  type TServer,
  TServerError,
  type UndeliveredText,
} from '@ringdown/signalling'
import type { Log } from '../log.ts'
import type { Bind } from '../trace/bindings.ts'
import { refusal } from './answers.ts'
import { acceptedTypes, readBody, wrappedTypes } from './bodies.ts'
import { finishLeg } from './finish-leg.ts'
import type { Leg } from './leg.ts'
import { Legs } from './legs.ts'
import { mediaTransports } from './media.ts'
import { PagerQueue } from './pager-queue.ts'
import { PagerWay } from './pager-way.ts'
import { nodeOf } from './run.ts'
import { peerMessageID, SessionWay } from './session-way.ts'
import { tellUndelivered } from './tell-undelivered.ts'
import type { LegView, Located, Report, Way } from './way.ts'

/** Who sends a request, after authentication. */
export interface SipCaller {
  /** A DN of ours, or the number a trunk names. */
  dn: DNumber
  uri: string
  trunk: DNumber | null
}

export interface SipCentreDeps {
  id: string
  /** Names this run of this node. */
  node: string
  store: SessionStore
  tserver: TServer
  clock: Clock
  directory: () => Directory
  sip: SipPort
  /** Absent: MSRP is off, and endpoints get MESSAGEs. */
  msrp: MsrpStack | undefined
  msrpOptions: Pick<OpenSession, 'relay' | 'keepAliveMs'>
  domain: string
  locate: (dn: DNumber, sip: SipLeg) => Promise<Located>
  random: () => number
  bind?: Bind | undefined
  /** An endpoint has taken a text, so many ms after it was accepted. For metrics. */
  onTaken?: ((ms: number) => void) | undefined
  log: Log
}

/** How often legs whose texts wait are tried again, whatever hints got lost; and how soon after a leg was handed over, ms. */
const retryMs = 10_000
const handOverMs = 1_000
const adopt = 'sipAdopt'

/** What SIP brings to one contact centre, and the legs it leads to. */
export class SipCentre {
  readonly legs: Legs
  readonly #deps: SipCentreDeps
  readonly #queue = new PagerQueue()
  readonly #finishing = new Map<string, Promise<void>>()
  #stopped = false
  #stopRetry: (() => void) | undefined
  #stopSignals: (() => void) | undefined

  constructor(deps: SipCentreDeps) {
    this.#deps = deps
    const { node, store, tserver, clock, directory } = deps
    this.legs = new Legs({
      node,
      store,
      tserver,
      clock,
      retentionMs: () => directory().options.retentionMs,
      makeWay: (leg, sip, record, ended) => this.#makeWay(leg, sip, record, ended),
      onLateReceipt: (event) => void this.#tellLate(event).catch((error: unknown) => this.#failed(error, {})),
      onError: (error, about) => this.#failed(error, about),
    })
  }

  async start(): Promise<void> {
    await this.legs.start()
    if (this.#stopped) return
    this.#stopSignals = this.#deps.store.onSignal((message) => this.#onSignal(message))
    const retry = () => {
      this.#stopRetry = this.#deps.clock.after(retryMs, () => {
        this.legs.resume()
        retry()
      })
    }
    retry()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#stopRetry?.()
    this.#stopSignals?.()
    await this.legs.stop()
  }

  /** Texts of a call that has ended are left, and their owner is gone; or it is this node, and still at it. SPEC LG-8. */
  async finish(callUUID: CallUUID, dn: DNumber): Promise<void> {
    if (this.legs.find(callUUID, dn)) throw new Error('the leg is being finished')
    const id = legID(callUUID, dn)
    // The timer comes again while this takes its time.
    const running = this.#finishing.get(id) ?? this.#finish(callUUID, dn).finally(() => this.#finishing.delete(id))
    this.#finishing.set(id, running)
    await running
  }

  async #finish(callUUID: CallUUID, dn: DNumber): Promise<void> {
    const { store, node, directory } = this.#deps
    await finishLeg(
      {
        store,
        node,
        retentionMs: directory().options.retentionMs,
        pagerWay: (leg) => this.#pagerWayOf(leg),
        report: (call, party, messageID, report) => this.#report(call, party, messageID, report),
        sayGoodbye: (dialog) => void this.#deps.sip.restore(dialog)?.bye(),
      },
      callUUID,
      dn,
    )
  }

  /** SPEC LG-10: a text that was accepted and has failed after the end of its call is told to its sender by a MESSAGE. */
  async #tellLate({ callUUID, thisDN, extensions: { receipt } }: ReceiptEvent): Promise<void> {
    if (receipt.outcome !== 'failed') return
    const call = await this.#deps.tserver.anyCall(callUUID)
    const party = call?.parties.find(({ dn }) => dn === thisDN)
    const other = call?.parties.find(({ dn }) => dn !== thisDN)
    if (party?.sip?.owner !== this.#deps.node || !other) return
    const way = this.#pagerWayOf({ callUUID, dn: thisDN, otherDN: other.dn, sip: party.sip })
    way.notDelivered(receipt.reason ?? 'the other side cannot be reached')
  }

  /** The sender of a text that has left a mailbox undelivered is told. SPEC BR-19. */
  tellUndelivered(text: UndeliveredText): Promise<ToldUndelivered> {
    return tellUndelivered({ ...this.#deps, queue: this.#queue }, text)
  }

  async #report(callUUID: CallUUID, dn: DNumber, messageID: MessageID, report: Report): Promise<void> {
    const { node, tserver } = this.#deps
    await tserver.input({ input: 'report', callUUID, dn, node, messageID, ...report })
  }

  #pagerWayOf(leg: LegView): Way {
    const { sip, clock, directory, domain } = this.#deps
    return new PagerWay({
      leg,
      sip,
      clock,
      directory,
      domain,
      locate: () => this.#deps.locate(leg.dn, leg.sip),
      report: (messageID, report) => this.#report(leg.callUUID, leg.dn, messageID, report),
      queue: this.#queue,
      cpim: () => false,
      handOver: () => {},
      onError: (error) => this.#failed(error, leg),
    })
  }

  /** An endpoint can be reached: what waits for it goes out. */
  onRegistered(dn: DNumber): void {
    for (const leg of this.legs.of(dn)) leg.resume()
  }

  /** A MESSAGE outside dialogs. RFC 3428 §7: 200 when an agent has it, 202 when it is on its way. */
  async onMessage({ request }: IncomingRequest, caller: SipCaller, otherDN: DNumber): Promise<Reply> {
    const body = readBody(request.contentType, request.body)
    const leg = this.legs.of(caller.dn).find((each) => each.otherDN === otherDN && !each.gone)
    if (leg) this.#deps.bind?.(leg.callUUID, leg.dn, { callID: request.callID })
    switch (body.kind) {
      case 'empty':
        // COMPAT: some phones send it as a personal alert; there is nothing in it to deliver.
        return { status: 200 }
      case 'unsupported':
        return { status: 415, headers: [['Accept', acceptedTypes.join(', ')]] }
      case 'composing': {
        const { state, refreshSeconds } = body
        await leg?.tell({ input: 'composing', state, ...(refreshSeconds !== undefined && { refreshSeconds }) })
        return { status: 200 }
      }
      case 'receipt':
        await leg?.report(body.messageID, body.report)
        return { status: 200 }
      case 'text': {
        const text = {
          ...body.text,
          messageID: peerMessageID(`${request.callID}.${request.cseq.number}`, caller.dn),
        }
        // What became of it may be heard before the answer is.
        leg?.note(text)
        try {
          const accepted = await this.legs.offer(caller.dn, () =>
            this.#deps.tserver.input({
              input: 'offered',
              mode: 'pager',
              node: this.#deps.node,
              ...caller,
              otherDN,
              text,
              ...subjectOf(request.header('subject')),
            }),
          )
          if (accepted.callUUID) this.#deps.bind?.(accepted.callUUID, caller.dn, { callID: request.callID })
          const session = accepted.callUUID && this.legs.find(accepted.callUUID, caller.dn)
          if (session) {
            if (session !== leg) session.note(text)
            session.speaksCPIM ||= body.cpim
          }
          return { status: accepted.delivery === 'agent' ? 200 : 202 }
        } catch (error) {
          this.#refused(error, caller, otherDN)
          return refusal(error)
        }
      }
    }
  }

  /** An INVITE for an MSRP session. */
  async onInvite(invite: IncomingInvite, caller: SipCaller, otherDN: DNumber): Promise<void> {
    const transport = this.#transport(invite.offer)
    if (typeof transport !== 'string') {
      invite.reject(transport)
      return
    }
    let cancelled = false
    invite.onCancel = () => {
      cancelled = true
    }
    try {
      await this.legs.offer(caller.dn, async () => {
        const { call } = await this.#deps.tserver.input({
          input: 'offered',
          mode: 'session',
          node: this.#deps.node,
          ...caller,
          otherDN,
          ...subjectOf(invite.request.header('subject')),
        })
        if (!call) throw new Error('an INVITE has made no call')
        this.#deps.bind?.(call.callUUID, caller.dn, { callID: invite.request.callID })
        this.legs.take(call, caller.dn, (leg) => {
          const way = this.#sessionWay(leg)
          way.incoming(invite, transport, cancelled)
          return way
        })
      })
    } catch (error) {
      this.#refused(error, caller, otherDN)
      if (!cancelled) invite.reject(refusal(error))
    }
  }

  #makeWay(leg: Leg, sip: SipLeg, { dialog }: LegRecord, ended: boolean): Way {
    if (sip.mode === 'pager') return this.#pagerWay(leg)
    const way = this.#sessionWay(leg)
    if (ended) {
      if (dialog) way.takeUpEnded(dialog)
    } else if (dialog) void this.#run(leg, way.takeUp(dialog))
    else if (leg.role === 'Destination') void this.#run(leg, way.dial())
    // The peer's INVITE was another process's, and is gone with it.
    else void leg.tell({ input: 'released', why: 'lost', reason: 'the node that rang is gone' })
    return way
  }

  /** What broke where nobody expected it ends the leg, and says so. */
  async #run(leg: Leg, work: Promise<void>): Promise<void> {
    try {
      await work
    } catch (error) {
      this.#failed(error, leg)
      const reason = 'the session could not be opened'
      if (leg.role === 'Destination') await leg.tell({ input: 'refused', status: 500, reason })
      else await leg.tell({ input: 'released', why: 'lost', reason })
    }
  }

  #sessionWay(leg: Leg): SessionWay {
    const { msrp, msrpOptions, random } = this.#deps
    return new SessionWay({
      ...this.#wayDeps(leg),
      msrp,
      msrpOptions,
      random,
      maxSize: this.#deps.directory().options.textLimit * 2,
      input: (what) => leg.input(what),
      tell: (what) => leg.tell(what),
      note: (text) => leg.note(text),
      heardCPIM: () => {
        leg.speaksCPIM = true
      },
      speaksCPIM: () => leg.speaksCPIM,
      keepDialog: (dialog) => leg.keepDialog(dialog),
      onUp: () => leg.resume(),
      onPager: () => leg.change(this.#pagerWay(leg)),
      isOurs: () => leg.isOurs(),
    })
  }

  #pagerWay(leg: Leg): PagerWay {
    return new PagerWay({
      ...this.#wayDeps(leg),
      queue: this.#queue,
      cpim: () => leg.speaksCPIM,
      onError: (error) => this.#failed(error, leg),
    })
  }

  #wayDeps(leg: Leg) {
    const { sip, clock, directory, domain, bind, onTaken } = this.#deps
    return {
      leg,
      sip,
      clock,
      directory,
      domain,
      bind,
      onTaken: onTaken && ((sent: number) => onTaken(clock.now() - sent)),
      locate: () => this.#deps.locate(leg.dn, leg.sip),
      report: (messageID: Parameters<Leg['report']>[0], report: Parameters<Leg['report']>[1]) =>
        leg.report(messageID, report),
      handOver: (node: string) => this.#handOver(leg, node),
    }
  }

  /** Which of our transports answers the offer; a refusal where none can. */
  #transport(offer: Uint8Array): MediaTransport | Reply {
    const ours = mediaTransports(this.#deps.msrp)
    const [first] = ours
    if (!first) return { status: 488, headers: [['Warning', '305 ringdown "MSRP is off"']] }
    if (offer.length === 0) return first
    const media = readMessageMedia(offer, ours)
    if ('problem' in media) return { status: 488, headers: [['Warning', `305 ringdown "${media.problem}"`]] }
    const trial = makeAnswer(offer, {
      origin: { sessionID: '0', version: 0 },
      transport: media.transport,
      path: [`msrp${media.transport === 'tls' ? 's' : ''}://127.0.0.1:2855/trial;tcp`],
      acceptTypes: acceptedTypes,
      acceptWrappedTypes: wrappedTypes,
      maxSize: 1,
      reachable: true,
      cema: true,
    })
    if ('status' in trial) return { status: trial.status, headers: [['Warning', trial.warning]] }
    return media.transport
  }

  /** Hints get lost, and the other node may be gone: a leg that still is ours after a while tries again. */
  #handOver(leg: Leg, to: string): void {
    const { store, clock, node } = this.#deps
    // The other node begins where we say that we are.
    leg
      .flush()
      .then(() => store.signal(nodeOf(to), `${adopt} ${to} ${leg.callUUID} ${node} ${leg.dn}`))
      .catch((error: unknown) => this.#failed(error, leg))
    clock.after(handOverMs, () => {
      if (leg.gone) return
      leg.resync().then(
        () => leg.resume(),
        (error: unknown) => this.#failed(error, leg),
      )
    })
  }

  #onSignal(message: string): void {
    const [name, to, callUUID, from, dn] = message.split(' ')
    if (name !== adopt || to !== this.#deps.node || !callUUID || !from || !dn) return
    void this.legs.takeOver(callUUID as CallUUID, dn as DNumber, from)
  }

  #refused(error: unknown, { dn }: SipCaller, otherDN: DNumber): void {
    const { log } = this.#deps
    if (error instanceof TServerError) log.info({ thisDN: dn, otherDN, reason: error.reason }, 'SIP request refused')
    else log.error({ thisDN: dn, otherDN, err: error }, 'SIP request failed')
  }

  #failed(error: unknown, { callUUID, dn }: { callUUID?: CallUUID; dn?: DNumber }): void {
    const fields = { centre: this.#deps.id, callUUID, thisDN: dn }
    if (error instanceof TServerError) this.#deps.log.info({ ...fields, reason: error.reason }, 'a leg was refused')
    else this.#deps.log.error({ ...fields, err: error }, 'a leg failed')
  }
}

/** A Subject header is the session's subject. RFC 3261 §20.36. */
function subjectOf(subject: string | undefined) {
  return subject ? { userData: { Subject: subject.slice(0, 1000) } } : {}
}
