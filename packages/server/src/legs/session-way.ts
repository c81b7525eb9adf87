import { createHash } from 'node:crypto'
import type { MsrpMessage, MsrpReport, MsrpSession, MsrpStack, OpenSession, Sent, Taken } from '@ringdown/msrp'
import {
  type CallEnd,
  type CallState,
  type DialogState,
  type DialogUser,
  type HeaderLine,
  howToSend,
  type IncomingInvite,
  isRefresh,
  type LocalMedia,
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
import { acceptedTypes, composingBody, readBody, receiptBody, textBody, wrappedTypes } from './bodies.ts'
import type { LegInput } from './leg.ts'
import type { Delivery } from './outbox.ts'
import type { Way, WayDeps } from './way.ts'

export interface SessionWayDeps extends WayDeps {
  readonly msrp: MsrpStack
  /** How each MSRP session is opened: the relay it goes through, its keep-alive. */
  readonly msrpOptions: Pick<OpenSession, 'relay' | 'keepAliveMs'>
  /** For SDP's session id. */
  readonly random: () => number
  /** Largest message taken, bytes. */
  readonly maxSize: number
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
}

/** Our end of an MSRP session, and what it says of itself in SDP. */
interface Media {
  session: MsrpSession
  local: LocalMedia
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

/** Session mode: an INVITE dialog and an MSRP session. RFC 4975 §8, RFC 3261. */
export class SessionWay implements Way {
  readonly window = 8
  readonly #deps: SessionWayDeps
  #media: Media | undefined
  #remote: RemoteMedia | undefined
  #dialog: SipDialog | undefined
  #invite: IncomingInvite | undefined
  #prepared: Promise<Prepared> | undefined
  #answer: Uint8Array | undefined
  #calls: OutgoingInvite[] = []
  #up = false
  #over = false
  #renewing = false
  /** Core ids of texts by MSRP Message-ID, for reports that come later. Bounded. */
  readonly #sent = new Map<string, LogEntry['text']['messageID']>()

  constructor(deps: SessionWayDeps) {
    this.#deps = deps
  }

  /** Rings for a peer's INVITE, and makes the answer ready. `cancelled`: it was given up while the call was made. */
  incoming(invite: IncomingInvite, transport: MediaTransport, cancelled: boolean): void {
    const gaveUp = () => {
      this.#invite = undefined
      this.#close()
      void this.#deps.tell({ input: 'released', why: 'abandoned' })
    }
    if (cancelled) {
      // The leg has to be there before it can be given up.
      this.#deps.clock.after(0, gaveUp)
      return
    }
    this.#invite = invite
    invite.onCancel = gaveUp
    invite.ring()
    this.#prepared = this.#prepare(invite, transport)
  }

  async #prepare(invite: IncomingInvite, transport: MediaTransport): Promise<Prepared> {
    const media = await this.#open(transport, true)
    this.#media = media
    if (invite.offer.length === 0) return { media, sdp: makeOffer({ ...media.local, cema: false }), remote: undefined }
    const answer = makeAnswer(invite.offer, media.local)
    if ('status' in answer) throw new Error(answer.warning)
    return { media, ...answer }
  }

  /** INVITEs the endpoint, at every contact at once; the first that answers has the call. */
  async dial(): Promise<void> {
    const { leg, sip, domain } = this.#deps
    const located = await this.#deps.locate()
    if (this.#over) return
    if (located.where !== 'here') {
      const reason = located.where === 'offline' ? 'not registered' : 'connected elsewhere'
      await this.#deps.tell({ input: 'refused', status: 480, reason })
      return
    }
    const media = await this.#open('tcp', false)
    this.#media = media
    const offer = makeOffer(media.local)
    const calls = located.destinations.map((to) =>
      sip.invite({
        to,
        from: `<sip:${encodeURIComponent(leg.otherDN)}@${domain}>`,
        toHeader: `<${leg.sip.uri}>`,
        headers: [allow],
        contentType: 'application/sdp',
        body: offer,
        ...(located.credentials && { credentials: located.credentials }),
      }),
    )
    this.#calls = calls
    await this.#awaitAnswer(calls, media)
  }

  /** Goes on with a dialog another node has begun: a re-INVITE with a new MSRP session. */
  async takeUp(state: DialogState): Promise<void> {
    this.#dialog = this.#deps.sip.restore(state)
    if (!this.#dialog) {
      await this.#deps.tell({ input: 'released', why: 'lost', reason: 'the dialog cannot be taken up' })
      return
    }
    this.#watch(this.#dialog)
    await this.#renew('taken over')
  }

  established(): void {
    if (this.#invite) void this.#accept(this.#invite)
  }

  async send({ text }: LogEntry): Promise<Delivery> {
    const { session } = this.#media ?? {}
    if (!this.#up || !session || !this.#remote) return 'later'
    const how = howToSend(this.#remote, text.contentType)
    if (!how) {
      await this.#deps.report(text.messageID, {
        outcome: 'failed',
        status: 415,
        reason: 'the endpoint takes no such type',
      })
      return 'done'
    }
    const wrap = how === 'wrapped' || (this.#deps.speaksCPIM() && this.#remote.acceptTypes.includes('message/cpim'))
    const body = textBody(text, wrap ? this.#ends() : undefined)
    const messageID = msrpMessageID(text.messageID)
    const wants = this.#deps.directory().dns.get(this.#deps.leg.dn)?.options.imDeliveryReports ?? true
    this.#remember(messageID, text.messageID)
    const sent = await session.send({
      messageID,
      contentType: body.contentType,
      body: body.bytes,
      successReport: wants,
    })
    return this.#sentOutcome(sent, text.messageID)
  }

  composing(state: 'active' | 'idle', refreshSeconds?: number): void {
    this.#sendAside(composingBody(state, refreshSeconds))
  }

  receipt(imdnID: string, outcome: 'delivered' | 'displayed' | 'failed'): void {
    this.#sendAside(receiptBody(imdnID, outcome, this.#ends(), this.#deps.clock.now()))
  }

  end(end: CallEnd, callState: CallState): void {
    if (this.#over) return
    this.#over = true
    this.#up = false
    if (this.#invite) this.#invite.reject(refusalOf(end, callState))
    else if (this.#dialog) void this.#dialog.bye(reasonOf(end))
    else for (const call of this.#calls) call.cancel(reasonOf(end))
    this.#close()
  }

  abandon(): void {
    this.#over = true
    this.#up = false
    if (this.#dialog) this.#dialog.user = undefined
    this.#close()
  }

  async #awaitAnswer(calls: readonly OutgoingInvite[], media: Media): Promise<void> {
    const refusals: SipAnswer[] = []
    const winner = await new Promise<{ dialog: SipDialog; sdp: Uint8Array } | undefined>((resolve) => {
      for (const call of calls)
        void call.answered.then((outcome) => {
          if ('dialog' in outcome) {
            for (const other of calls) if (other !== call) other.cancel('SIP;cause=200;text="Call completed elsewhere"')
            resolve(outcome)
          } else {
            refusals.push(outcome.refused)
            // One that declines for everybody ends the ringing of the others (RFC 3261 §16.7, 6xx).
            if (outcome.refused.status >= 600) for (const other of calls) other.cancel()
            if (refusals.length === calls.length) resolve(undefined)
          }
        })
    })
    this.#calls = []
    if (winner) await this.#answered(winner.dialog, winner.sdp, media)
    else await this.#refused(bestRefusal(refusals))
  }

  async #answered(dialog: SipDialog, sdp: Uint8Array, media: Media): Promise<void> {
    if (this.#over) {
      void dialog.bye()
      return
    }
    const reading = readAnswer(sdp, media.local)
    if ('problem' in reading) {
      void dialog.bye(`SIP;cause=488;text="${reading.problem}"`)
      await this.#refused({ status: 488, reason: reading.problem })
      return
    }
    this.#dialog = dialog
    this.#watch(dialog)
    try {
      await this.#deps.input({ input: 'answered', mode: 'session' })
    } catch {
      // The call has ended meanwhile: its event is on the way, and finds a dialog to end.
      return
    }
    await this.#deps.keepDialog(dialog.state() ?? null)
    await this.#start(media, reading.remote)
  }

  async #refused({ status, reason }: Pick<SipAnswer, 'status' | 'reason'>): Promise<void> {
    this.#close()
    if (this.#over) return
    if (this.#deps.leg.sip.mode !== 'auto' || !knowsNoMSRP.has(status)) {
      await this.#deps.tell({ input: 'refused', status, reason })
      return
    }
    try {
      await this.#deps.input({ input: 'answered', mode: 'pager' })
      this.#deps.onPager()
    } catch {
      // The call has ended meanwhile.
    }
  }

  async #accept(invite: IncomingInvite): Promise<void> {
    try {
      const { media, sdp, remote } = await (this.#prepared ?? Promise.reject(new Error('no answer was prepared')))
      if (this.#over || this.#invite !== invite) return
      this.#invite = undefined
      invite.onCancel = undefined
      this.#answer = sdp
      const { dialog, ack } = await invite.accept(sdp, [allow])
      if (this.#over) {
        void dialog.bye()
        return
      }
      this.#dialog = dialog
      this.#watch(dialog)
      const reading = remote ? { remote } : readAnswer(ack, media.local)
      if ('problem' in reading) throw new Error(reading.problem)
      await this.#deps.keepDialog(dialog.state() ?? null)
      await this.#start(media, reading.remote)
    } catch (error) {
      this.#invite?.reject({ status: 488 })
      this.#invite = undefined
      await this.#giveUp(wordOf(error))
    }
  }

  async #start(media: Media, remote: RemoteMedia): Promise<void> {
    this.#remote = remote
    try {
      await media.session.start({
        path: remote.path,
        role: remote.role,
        ...(remote.maxSize !== undefined && { maxSize: remote.maxSize }),
        ...(remote.connectTo && { connectTo: remote.connectTo }),
        ...(remote.fingerprints.length > 0 && { fingerprints: remote.fingerprints }),
      })
    } catch (error) {
      await this.#giveUp(`MSRP: ${wordOf(error)}`)
      return
    }
    if (this.#over || this.#media !== media) return
    this.#up = true
    this.#deps.onUp()
  }

  #watch(dialog: SipDialog): void {
    const user: DialogUser = {
      onOffer: (offer) => this.#onOffer(offer),
      onRequest: (request) => this.#onRequest(request),
      onEnd: ({ by, reason }) => {
        if (this.#over) return
        this.#over = true
        this.#up = false
        this.#close()
        void this.#deps.tell({
          input: 'released',
          why: by === 'peer' ? 'completed' : 'lost',
          ...(reason !== undefined && { reason }),
        })
      },
    }
    dialog.user = user
    dialog.onState = (state) => void this.#deps.keepDialog(state)
  }

  /** A re-INVITE or UPDATE of the peer. RFC 3264 §8, RFC 4975 §8.3. */
  async #onOffer(offer: Uint8Array): Promise<Uint8Array | Reply> {
    const media = this.#media
    if (!media) return { status: 488 }
    if (offer.length === 0) return makeOffer(media.local)
    if (this.#remote && isRefresh(offer, this.#remote.origin) && this.#answer) return this.#answer
    const renewed = await this.#open(media.local.transport, true)
    const answer = makeAnswer(offer, renewed.local)
    if ('status' in answer) {
      renewed.session.close()
      return { status: answer.status, headers: [['Warning', answer.warning]] }
    }
    this.#up = false
    media.session.close()
    this.#media = renewed
    this.#answer = answer.sdp
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

  async #sentOutcome(sent: Sent, id: LogEntry['text']['messageID']): Promise<Delivery> {
    if (sent.sent) {
      // Answered by the peer itself: it has it. Behind a relay only its report says so (RFC 4976 §6.3).
      const isDirect = this.#remote?.path.length === 1 && this.#media?.local.path.length === 1
      // Its report may have been faster.
      if (isDirect && this.#sent.delete(msrpMessageID(id))) await this.#deps.report(id, { outcome: 'delivered' })
      return 'done'
    }
    if (sessionFailures.has(sent.status)) {
      if (!this.#over) void this.#renew(sent.comment)
      return 'later'
    }
    await this.#deps.report(id, { outcome: 'failed', status: sent.status, reason: sent.comment })
    return 'done'
  }

  /** The MSRP session has failed: another one in the same dialog, once at a time (RFC 4975 §8.3 and §5.4). */
  async #renew(why: string): Promise<void> {
    const dialog = this.#dialog
    if (!dialog || this.#renewing || this.#over) return
    this.#renewing = true
    this.#up = false
    try {
      const before = this.#media
      const media = await this.#open(before?.local.transport ?? 'tcp', false)
      before?.session.close()
      this.#media = media
      const outcome = await dialog.offer(makeOffer(media.local))
      if ('refused' in outcome) {
        await this.#giveUp(`${why}; re-INVITE ${outcome.refused.status} ${outcome.refused.reason}`)
        return
      }
      const reading = readAnswer(outcome.sdp, media.local)
      if ('problem' in reading) {
        await this.#giveUp(`${why}; ${reading.problem}`)
        return
      }
      await this.#start(media, reading.remote)
    } finally {
      this.#renewing = false
    }
  }

  async #giveUp(reason: string): Promise<void> {
    if (this.#over) return
    this.#over = true
    this.#up = false
    void this.#dialog?.bye('SIP;cause=503;text="media session lost"')
    this.#close()
    await this.#deps.tell({ input: 'released', why: 'lost', reason })
  }

  async #open(transport: MediaTransport, cema: boolean): Promise<Media> {
    const { msrp, random, maxSize, leg, directory } = this.#deps
    const sessmatch = directory().dns.get(leg.dn)?.options.msrpSessmatch ?? false
    let session: MsrpSession | undefined
    session = await msrp.open({
      transport,
      maxSize,
      sessmatch,
      ...this.#deps.msrpOptions,
      user: {
        onMessage: (message: MsrpMessage) => this.#take(message.contentType, message.body, message.messageID),
        onReport: (report) => this.#onReport(report),
        onFailed: (why) => {
          if (this.#media?.session === session) void this.#renew(why)
        },
      },
    })
    const local: LocalMedia = {
      origin: { sessionID: String(Math.floor(random() * 2 ** 48)), version: 1 },
      transport,
      path: session.path,
      acceptTypes: acceptedTypes,
      acceptWrappedTypes: wrappedTypes,
      maxSize,
      // RFC 6135 §4.2.1: behind a relay we always connect, to the relay.
      reachable: true,
      cema,
      sessmatch,
      ...(msrp.fingerprint !== undefined && { fingerprint: msrp.fingerprint }),
    }
    return { session, local }
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
    return { from: `sip:${encodeURIComponent(leg.otherDN)}@${domain}`, to: leg.sip.uri }
  }

  #close(): void {
    this.#media?.session.close()
  }
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

function bestRefusal(refusals: readonly SipAnswer[]): Pick<SipAnswer, 'status' | 'reason'> {
  // RFC 3261 §16.7: 6xx first, then what says most of the endpoint itself.
  const rank = ({ status }: SipAnswer) => (status >= 600 ? 0 : status === 408 || status === 503 ? 2 : 1)
  const [best] = [...refusals].sort((a, b) => rank(a) - rank(b))
  return best ?? { status: 480, reason: 'nobody there' }
}

function wordOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 100) : 'failed'
}
