import { createHash } from 'node:crypto'
import type { MsrpMessage, MsrpReport, MsrpSession, Sent, SessionUser, Taken } from '@ringdown/msrp'
import {
  type CallEnd,
  type CallState,
  type DialogState,
  type DialogUser,
  type HeaderLine,
  howToSend,
  type IncomingInvite,
  isRefresh,
  type LogEntry,
  type MediaTransport,
  makeAnswer,
  makeOffer,
  type OutgoingInvite,
  type RemoteMedia,
  type Reply,
  readAnswer,
  type SipAnswer,
  type SipDialog,
  type SipRequest,
  type SipText,
  TServerError,
} from '@ringdown/signalling'
import { reasonOf, refusalOf } from './answers.ts'
import { acceptedTypes, composingBody, notDeliveredBody, readBody, receiptBody, textBody } from './bodies.ts'
import { firstAnswer } from './fork.ts'
import type { LegInput } from './leg.ts'
import { recordOf } from './locate.ts'
import { type Media, type MediaDeps, mediaTransports, openMedia } from './media.ts'
import { Naps } from './naps.ts'
import type { Delivery } from './outbox.ts'
import type { LegView, Way, WayDeps } from './way.ts'

export interface SessionWayDeps extends WayDeps, MediaDeps {
  /** An input that may be refused, and one whose refusal changes nothing. */
  readonly input: (what: LegInput) => Promise<void>
  readonly tell: (what: LegInput) => Promise<void>
  /** The peer has written message/cpim. */
  readonly heardCPIM: () => void
  readonly speaksCPIM: () => boolean
  readonly keepDialog: (dialog: DialogState | null) => Promise<void>
  /** A text whose sender wants to hear of it. */
  readonly note: (text: SipText) => void
  /** Texts can be sent (again). */
  readonly onUp: () => void
  /** The endpoint cannot do MSRP: go on with MESSAGE. */
  readonly onPager: () => void
  /** Asks the node that can reach the endpoint to take the leg over. */
  readonly handOver: (node: string) => void
  /** Whether the leg still is this node's, as soon as that can be known. */
  readonly isOurs: () => Promise<boolean>
}

/** An answer that waits for the call to be answered; without `remote`, it is an offer, and the ACK brings the peer's. */
interface Prepared {
  media: Media
  sdp: Uint8Array
  remote: RemoteMedia | undefined
}

/** What the peer refuses an INVITE with that offers nothing but m=message, when it does not know MSRP. */
const knowsNoMSRP = new Set([400, 405, 415, 420, 488, 501, 606])
/** Failures of a SEND that are about the session, not about the message. */
const sessionFailures = new Set([0, 408, 481, 503, 506])
const allow: HeaderLine = ['Allow', 'INVITE, ACK, CANCEL, BYE, OPTIONS, MESSAGE, UPDATE, PRACK, INFO']
/** Renewed sessions in a row over which nothing got through, before the endpoint is given up; and the wait before the second, ms. */
const maxRenewals = 4
const renewalWaitMs = 1_000
/** Until an endpoint that is connected elsewhere is looked for again, while the leg is handed over, ms. */
const elsewhereMs = 2_000

/** Session mode: an INVITE dialog and an MSRP session. RFC 4975 §8, RFC 3261. */
export class SessionWay implements Way {
  readonly window = 8
  readonly #deps: SessionWayDeps
  readonly #naps: Naps
  #media: Media | undefined
  #remote: RemoteMedia | undefined
  #dialog: SipDialog | undefined
  /** Another node could go on with the dialog. */
  #isKept = false
  #invite: IncomingInvite | undefined
  #prepared: Promise<Prepared> | undefined
  #calls: readonly OutgoingInvite[] = []
  #isAccepting = false
  #up = false
  /** The peer, or the way to it, cannot go on; the core is told, and its answer ends the dialog. */
  #failed = false
  #over = false
  /** A new MSRP session is being agreed on; with the reason why that one is no good either, where it is not. */
  #renewing: { again?: string } | undefined
  /** Renewals since anything got through. */
  #renewals = 0
  /** Core ids of texts by MSRP Message-ID, for reports that come later. Bounded. */
  readonly #sent = new Map<string, LogEntry['text']['messageID']>()

  constructor(deps: SessionWayDeps) {
    this.#deps = deps
    this.#naps = new Naps(deps.clock)
  }

  get canSend(): boolean {
    return !this.#over && !this.#failed && (this.#dialog !== undefined || this.#isAccepting)
  }

  /** Rings for a peer's INVITE, and makes the answer ready. `cancelled`: it was given up while the call was made. */
  incoming(invite: IncomingInvite, transport: MediaTransport, cancelled: boolean): void {
    if (cancelled) {
      this.#gaveUp()
      return
    }
    this.#invite = invite
    invite.onCancel = () => this.#gaveUp()
    invite.ring()
    if (!this.#invite) return
    const prepared = this.#prepare(invite, transport)
    this.#prepared = prepared
    prepared.catch((error: unknown) => this.#unanswerable(invite, error))
  }

  /** INVITEs the endpoint, at every contact at once; the first that answers has the call. */
  async dial(): Promise<void> {
    const { leg, sip, domain, handOver } = this.#deps
    let located = await this.#deps.locate()
    for (; located.where === 'elsewhere' && !this.#over; located = await this.#deps.locate()) {
      handOver(located.node)
      await this.#naps.take(elsewhereMs)
    }
    if (this.#over) return
    if (located.where !== 'here') return this.#deps.tell({ input: 'refused', status: 480, reason: 'not registered' })
    const [transport] = mediaTransports(this.#deps.msrp)
    if (!transport) return this.#refused({ status: 488, reason: 'MSRP is off' })
    const media = await this.#open(transport, false)
    if (this.#over) return media.session.close()
    this.#media = media
    const body = makeOffer(media.local)
    const { credentials } = located
    const calls = located.destinations.map((to) =>
      sip.invite({
        to,
        from: `<${recordOf(leg.otherDN, domain)}>`,
        toHeader: `<${leg.sip.uri}>`,
        headers: [allow, ...subjectOf(leg)],
        contentType: 'application/sdp',
        body,
        ...(credentials && { credentials }),
      }),
    )
    this.#calls = calls
    const outcome = await firstAnswer(calls)
    this.#calls = []
    if ('dialog' in outcome) await this.#answered(outcome.dialog, outcome.sdp, media)
    else await this.#refused(outcome.refused)
  }

  /** Goes on with a dialog another node has begun: a re-INVITE with a new MSRP session. */
  async takeUp(state: DialogState): Promise<void> {
    if (this.#restore(state)) await this.#renew('taken over')
    else await this.#giveUp('the dialog cannot be taken up')
  }

  /** A dialog of a call that has ended: there is nothing to do with it but to end it. */
  takeUpEnded(state: DialogState): void {
    this.#failed = true
    this.#restore(state)
  }

  established(): void {
    if (this.#invite) void this.#accept(this.#invite)
  }

  async send({ text }: LogEntry): Promise<Delivery> {
    const media = this.#media
    if (!this.#up || !media || !this.#remote || isOnHold(this.#remote)) return 'later'
    const how = howToSend(this.#remote, text.contentType)
    if (!how) return this.#undeliverable(text.messageID, { status: 415, comment: 'the endpoint takes no such type' })
    const wrap = how === 'wrapped' || (this.#deps.speaksCPIM() && this.#remote.acceptTypes.includes('message/cpim'))
    const messageID = msrpMessageID(text.messageID)
    let body: ReturnType<typeof textBody>
    try {
      body = textBody(text, wrap ? this.#ends() : undefined)
    } catch {
      return this.#undeliverable(text.messageID, { status: 500, comment: 'the text could not be sent' })
    }
    const successReport = this.#deps.directory().dns.get(this.#deps.leg.dn)?.options.imDeliveryReports ?? true
    this.#remember(messageID, text.messageID)
    const sent = await media.session.send({ messageID, contentType: body.contentType, body: body.bytes, successReport })
    if (sent.sent) this.#deps.onTaken?.(text.sent)
    return this.#sentOutcome(sent, text.messageID, media)
  }

  composing(state: 'active' | 'idle', refreshSeconds?: number): void {
    this.#sendAside(composingBody(state, refreshSeconds))
  }

  receipt(imdnID: string, outcome: 'delivered' | 'displayed' | 'failed'): void {
    this.#sendAside(receiptBody(imdnID, outcome, this.#ends(), this.#deps.clock.now()))
  }

  notDelivered(reason: string): void {
    this.#sendAside(notDeliveredBody(reason))
  }

  end(end: CallEnd, callState: CallState): void {
    if (this.#over) return
    this.#close()
    if (this.#invite) this.#invite.reject(refusalOf(end, callState))
    else if (this.#dialog) void this.#dialog.bye(reasonOf(end))
    else for (const call of this.#calls) call.cancel(reasonOf(end))
  }

  abandon(): void {
    if (this.#over) return
    this.#close()
    // What was not written down nobody else can go on with.
    if (this.#isKept) this.#dialog?.forget()
    else void this.#dialog?.bye()
    this.#invite?.reject({ status: 480 })
    for (const call of this.#calls) call.cancel()
  }

  async #prepare(invite: IncomingInvite, transport: MediaTransport): Promise<Prepared> {
    const media = await this.#open(transport, true)
    if (this.#over) media.session.close()
    else this.#media = media
    if (invite.offer.length === 0) return { media, sdp: makeOffer({ ...media.local, cema: false }), remote: undefined }
    const answer = makeAnswer(invite.offer, media.local)
    if ('status' in answer) throw new Error(answer.warning)
    return { media, ...answer }
  }

  #gaveUp(): void {
    this.#invite = undefined
    this.#failed = true
    this.#media?.session.close()
    void this.#deps.tell({ input: 'released', why: 'abandoned' })
  }

  #unanswerable(invite: IncomingInvite, error: unknown): void {
    if (this.#over || this.#invite !== invite) return
    this.#invite = undefined
    invite.onCancel = undefined
    invite.reject({ status: 488 })
    void this.#giveUp(wordOf(error))
  }

  async #answered(dialog: SipDialog, sdp: Uint8Array, media: Media): Promise<void> {
    if (this.#over) return void dialog.bye()
    const reading = readAnswer(sdp, media.local)
    if ('problem' in reading) {
      void dialog.bye(`SIP;cause=488;text="${reading.problem}"`)
      return this.#refused({ status: 488, reason: reading.problem })
    }
    this.#dialog = dialog
    this.#watch(dialog)
    try {
      await this.#deps.input({ input: 'answered', mode: 'session' })
    } catch {
      // The call has ended meanwhile: its event is on the way, and finds a dialog to end.
      return
    }
    // It may have ended without a refusal, and its event may be lost: then nothing is kept that nobody would look after.
    if (!(await this.#deps.isOurs()) || this.#over) return
    await this.#keep(dialog)
    await this.#start(media, reading.remote)
  }

  async #refused({ status, reason }: Pick<SipAnswer, 'status' | 'reason'>): Promise<void> {
    this.#media?.session.close()
    this.#media = undefined
    if (this.#over) return
    if (this.#deps.leg.sip.mode !== 'auto' || !knowsNoMSRP.has(status))
      return this.#deps.tell({ input: 'refused', status, reason })
    try {
      await this.#deps.input({ input: 'answered', mode: 'pager' })
    } catch {
      // The call has ended meanwhile.
      return
    }
    if (!this.#over) this.#deps.onPager()
  }

  async #accept(invite: IncomingInvite): Promise<void> {
    const prepared = await this.#prepared?.catch(() => undefined)
    // Where it could not be made ready, or was given up, that was said already.
    if (!prepared || this.#over || this.#invite !== invite) return
    const { media, sdp, remote } = prepared
    this.#invite = undefined
    invite.onCancel = undefined
    this.#isAccepting = true
    try {
      const { dialog, ack } = await invite.accept(sdp, [allow])
      if (this.#over) return void dialog.bye()
      this.#dialog = dialog
      this.#watch(dialog)
      const reading = remote ? { remote } : readAnswer(ack, media.local)
      if ('problem' in reading) throw new Error(reading.problem)
      await this.#keep(dialog)
      await this.#start(media, reading.remote)
    } catch (error) {
      await this.#giveUp(wordOf(error))
    } finally {
      this.#isAccepting = false
    }
  }

  async #start(media: Media, remote: RemoteMedia): Promise<void> {
    if (this.#over || this.#failed || this.#media !== media) return
    this.#remote = remote
    try {
      await media.session.start({
        path: remote.path,
        role: remote.role,
        acceptTypes: remote.acceptTypes,
        ...(remote.maxSize !== undefined && { maxSize: remote.maxSize }),
        ...(remote.connectTo && { connectTo: remote.connectTo }),
        ...(remote.fingerprints.length > 0 && { fingerprints: remote.fingerprints }),
      })
    } catch (error) {
      if (this.#media === media) await this.#giveUp(`MSRP: ${wordOf(error)}`)
      return
    }
    if (this.#over || this.#failed || this.#media !== media) return
    this.#up = true
    this.#deps.onUp()
  }

  #restore(state: DialogState): boolean {
    this.#dialog = this.#deps.sip.restore(state)
    if (!this.#dialog) return false
    this.#isKept = true
    this.#watch(this.#dialog)
    return true
  }

  async #keep(dialog: SipDialog): Promise<void> {
    const state = dialog.state()
    if (!state) return
    await this.#deps.keepDialog(state)
    this.#isKept = true
  }

  #watch(dialog: SipDialog): void {
    const { leg, bind } = this.#deps
    const callID = bind && dialog.state()?.callID
    if (callID !== undefined) bind?.(leg.callUUID, leg.dn, { callID })
    const user: DialogUser = {
      onOffer: (offer) => this.#onOffer(offer),
      onRequest: (request) => this.#onRequest(request),
      onEnd: ({ by, reason }) => {
        if (this.#over) return
        this.#close()
        void this.#deps.tell({
          input: 'released',
          why: by === 'peer' ? 'completed' : 'lost',
          ...(reason !== undefined && { reason }),
        })
      },
    }
    dialog.onState = (state) => {
      if (!this.#over) void this.#deps.keepDialog(state)
    }
    dialog.user = user
  }

  /** A re-INVITE or UPDATE of the peer. RFC 3264 §8, RFC 4975 §8.3. */
  async #onOffer(offer: Uint8Array): Promise<Uint8Array | Reply> {
    const media = this.#media
    if (!media) return { status: 488 }
    // RFC 3261 §14.2, also between our tries: what we have offered stands until it is answered.
    if (this.#renewing) return { status: 491 }
    if (offer.length === 0) return makeOffer(media.local)
    if (this.#remote && isRefresh(offer, this.#remote.origin)) {
      const same = makeAnswer(offer, media.local)
      return 'status' in same ? refusedOffer(same) : same.sdp
    }
    const renewed = await this.#open(media.local.transport, true)
    const answer = makeAnswer(offer, renewed.local)
    const isLate = this.#over || this.#failed || this.#media !== media
    if (isLate || 'status' in answer) {
      renewed.session.close()
      return isLate || !('status' in answer) ? { status: 491 } : refusedOffer(answer)
    }
    this.#replace(renewed)
    void this.#start(renewed, answer.remote)
    return answer.sdp
  }

  /** A MESSAGE inside the dialog belongs to its session (RFC 3428 §4). */
  async #onRequest(request: SipRequest): Promise<Reply> {
    if (request.method === 'INFO') return { status: 200 }
    if (request.method !== 'MESSAGE') return { status: 501 }
    const id = `${request.callID}.${request.cseq.number}`
    const taken = await this.#take(request.contentType, request.body, id)
    if (taken === 'accepted') return { status: 200 }
    return taken.status === 415
      ? { status: 415, headers: [['Accept', acceptedTypes.join(', ')]] }
      : { status: taken.status === 408 ? 503 : taken.status === 413 ? 513 : taken.status }
  }

  async #take(contentType: string | undefined, bytes: Uint8Array, id: string): Promise<Taken> {
    const body = readBody(contentType, bytes)
    this.#renewals = 0
    switch (body.kind) {
      case 'empty':
        return 'accepted'
      case 'unsupported':
        return { status: 415, comment: 'type not understood' }
      case 'composing':
        await this.#deps.tell({
          input: 'composing',
          state: body.state,
          ...(body.refreshSeconds !== undefined && { refreshSeconds: body.refreshSeconds }),
        })
        return 'accepted'
      case 'receipt':
        await this.#deps.report(body.messageID, body.report)
        return 'accepted'
      case 'text': {
        if (body.cpim) this.#deps.heardCPIM()
        try {
          const text = { ...body.text, messageID: peerMessageID(id, this.#deps.leg.dn) }
          this.#deps.note(text)
          await this.#deps.input({ input: 'text', text })
          return 'accepted'
        } catch (error) {
          return refusedText(error)
        }
      }
    }
  }

  #onReport({ messageID, status, comment, complete }: MsrpReport): void {
    const id = this.#sent.get(messageID)
    if (id === undefined) return
    if (status === 200 && complete) {
      this.#sent.delete(messageID)
      void this.#deps.report(id, { outcome: 'delivered' })
    } else if (status !== 200) {
      this.#sent.delete(messageID)
      void this.#deps.report(id, { outcome: 'failed', status, reason: comment })
    }
  }

  async #sentOutcome(sent: Sent, id: LogEntry['text']['messageID'], by: Media): Promise<Delivery> {
    if (sent.sent) {
      this.#renewals = 0
      // Answered by the peer itself: it has it. Behind a relay only its report says so (RFC 4976 §6.3).
      const isDirect = this.#remote?.path.length === 1 && by.local.path.length === 1
      // Its report may have been faster.
      if (isDirect && this.#sent.delete(msrpMessageID(id))) await this.#deps.report(id, { outcome: 'delivered' })
      return 'done'
    }
    if (!sessionFailures.has(sent.status)) return this.#undeliverable(id, sent)
    // A session that was replaced has failed because it was.
    if (this.#media === by) void this.#renew(sent.comment)
    return 'later'
  }

  async #undeliverable(
    id: LogEntry['text']['messageID'],
    { status, comment }: { status: number; comment: string },
  ): Promise<Delivery> {
    this.#sent.delete(msrpMessageID(id))
    await this.#deps.report(id, { outcome: 'failed', status, reason: comment })
    return 'done'
  }

  /** The MSRP session has failed: another one in the same dialog, once at a time (RFC 4975 §8.3 and §5.4). Never rejects. */
  async #renew(why: string): Promise<void> {
    const dialog = this.#dialog
    if (!dialog || this.#over || this.#failed) return
    if (this.#renewing) {
      this.#renewing.again = why
      return
    }
    const renewing: { again?: string } = {}
    this.#renewing = renewing
    this.#up = false
    let problem: string | undefined
    try {
      problem = await this.#agreeAnew(dialog)
    } catch (error) {
      problem = wordOf(error)
    }
    this.#renewing = undefined
    if (problem !== undefined) await this.#giveUp(`${why}; ${problem}`)
    else if (renewing.again !== undefined) void this.#renew(renewing.again)
  }

  /** Resolves with the reason why it did not work. */
  async #agreeAnew(dialog: SipDialog): Promise<string | undefined> {
    const tried = this.#renewals++
    if (tried >= maxRenewals) return 'nothing gets through'
    if (tried > 0) await this.#naps.take(renewalWaitMs * 2 ** (tried - 1))
    // SPEC BR-8: what looks like a failure may be that another node has taken the dialog over.
    if (this.#over || !(await this.#deps.isOurs()) || this.#over) return undefined
    const [first = 'tcp'] = mediaTransports(this.#deps.msrp)
    const media = await this.#open(this.#media?.local.transport ?? first, false)
    if (this.#over || this.#failed) {
      media.session.close()
      return undefined
    }
    this.#replace(media)
    const outcome = await dialog.offer(makeOffer(media.local))
    if (this.#over || this.#failed) return undefined
    if ('refused' in outcome) return `re-INVITE ${outcome.refused.status} ${outcome.refused.reason}`
    const reading = readAnswer(outcome.sdp, media.local)
    if ('problem' in reading) return reading.problem
    await this.#start(media, reading.remote)
    return undefined
  }

  /** The core ends the call; its event ends the dialog, where it is still ours. */
  async #giveUp(reason: string): Promise<void> {
    if (this.#over || this.#failed) return
    this.#failed = true
    this.#up = false
    this.#media?.session.close()
    await this.#deps.tell({ input: 'released', why: 'lost', reason })
  }

  #replace(media: Media): void {
    const before = this.#media
    this.#up = false
    this.#media = media
    before?.session.close()
  }

  async #open(transport: MediaTransport, cema: boolean): Promise<Media> {
    const { leg, directory } = this.#deps
    const sessmatch = directory().dns.get(leg.dn)?.options.msrpSessmatch ?? false
    let session: MsrpSession | undefined
    const user: SessionUser = {
      onMessage: (message: MsrpMessage) => this.#take(message.contentType, message.body, message.messageID),
      onReport: (report) => this.#onReport(report),
      onFailed: (why) => {
        if (session && this.#media?.session === session) void this.#renew(why)
      },
    }
    const media = await openMedia(this.#deps, { transport, sessmatch, cema }, user)
    session = media.session
    // An INVITE of ours is known by it too: its SDP names it.
    this.#deps.bind?.(leg.callUUID, leg.dn, { msrp: sessionIDOf(session.path) })
    return media
  }

  #sendAside(body: { contentType: string; bytes: Uint8Array }): void {
    if (!this.#up || !this.#remote || !this.#media || !howToSend(this.#remote, body.contentType)) return
    const messageID = msrpMessageID(`${this.#deps.leg.callUUID}.${this.#deps.random()}`)
    void this.#media.session.send({ messageID, contentType: body.contentType, body: body.bytes, failureReport: 'no' })
  }

  #remember(messageID: string, id: LogEntry['text']['messageID']): void {
    this.#sent.set(messageID, id)
    if (this.#sent.size <= 1000) return
    const oldest = this.#sent.keys().next()
    if (!oldest.done) this.#sent.delete(oldest.value)
  }

  #ends() {
    const { leg, domain } = this.#deps
    return { from: recordOf(leg.otherDN, domain), to: leg.sip.uri }
  }

  #close(): void {
    this.#over = true
    this.#up = false
    this.#naps.end()
    this.#media?.session.close()
  }
}

/** Of a subject, characters that an INVITE carries: over UDP it should stay within 1300 bytes. */
const longestSubject = 200

/** What the session is about. RFC 3261 §20.36. */
function subjectOf({ subject = '' }: LegView): readonly HeaderLine[] {
  return subject.trim() === '' ? [] : [['Subject', subject.trim().slice(0, longestSubject)]]
}

/** The same text has the same Message-ID from whatever node and session; RFC 4975's ident takes 4 to 32 characters. */
function msrpMessageID(id: string): string {
  return createHash('sha256').update(id).digest('hex').slice(0, 32)
}

/** A peer's id of a text in our log, apart from everybody else's. */
export function peerMessageID(id: string, dn: string): LogEntry['text']['messageID'] {
  const short = id.length <= 80 ? id : createHash('sha256').update(id).digest('base64url')
  return `${short}.${dn}`.slice(0, 128) as LogEntry['text']['messageID']
}

function refusedText(error: unknown): Taken {
  if (!(error instanceof TServerError)) return { status: 400, comment: 'not accepted' }
  switch (error.reason) {
    case 'TERR_INVALID_ATTR':
      return { status: 413, comment: 'text too long' }
    case 'TERR_INV_CONNID':
    case 'TERR_DEST_INV_STATE':
      return { status: 481, comment: 'the session is over' }
    case 'TERR_NO_SWITCH':
    case 'TERR_TIMEOUT':
    case 'TERR_RES_UNAVAIL':
      return { status: 408, comment: 'not accepted in time' }
    default:
      return { status: 403, comment: 'not accepted' }
  }
}

function refusedOffer({ status, warning }: { status: number; warning: string }): Reply {
  return { status, headers: [['Warning', warning]] }
}

/** The peer takes nothing now; with its next offer it may again. RFC 3264 §8.4. */
function isOnHold({ direction }: RemoteMedia): boolean {
  return direction === 'sendonly' || direction === 'inactive'
}

function wordOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 100) : 'failed'
}

/** The session id in the last URI of our path. */
function sessionIDOf(path: readonly string[]): string {
  return /^[^/]*\/\/[^/]*\/([^;]*)/.exec(path.at(-1) ?? '')?.[1] ?? ''
}
