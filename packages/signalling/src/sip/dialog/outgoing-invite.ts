import { optionTags, parseRSeq } from '../message/header-values.ts'
import type { HeaderLine, SipRequest, SipResponse } from '../message/message.ts'
import type { OutgoingInvite, SipAnswer, SipDialog } from '../ports.ts'
import type { ServerTransaction } from '../transaction/ports.ts'
import type { Flow } from '../transport/flow.ts'
import { ownAnswer, receivedAnswer } from './answer.ts'
import type { Credentials } from './credentials.ts'
import { contactOf, isBehindNat, isInOrder, needsFlow, refreshTarget, type SentInvite, uacDialog } from './dialog.ts'
import { contactHeader, type Environment, type TagOwner, tell, userPart, withDefaults } from './environment.ts'
import { LiveDialog } from './live-dialog.ts'
import { type NextHop, Sending, type SendingUser } from './sending.ts'
import { afterTooSmall, answeredSession, requestHeaders } from './session-timer.ts'

/** Early dialogs of one INVITE: as many as a proxy may have forked it to, in our eyes. */
const maxForks = 16

/** What is asked for. `sent.remote` is the value of To. */
export interface Inviting {
  readonly sent: Omit<SentInvite, 'cseq'>
  readonly routes: readonly HeaderLine[]
  readonly hop: NextHop
  readonly firstCSeq: number
  readonly headers: readonly HeaderLine[]
  readonly body: Uint8Array | undefined
  readonly credentials: Credentials | undefined
}

/** A branch of the INVITE whose peer has a tag: a dialog of which it is not known yet whether it will be. RFC 3261 §12.1. */
interface Early {
  readonly dialog: LiveDialog
  /** The last reliable provisional answer; they are acknowledged in order (RFC 3262 §4). */
  rseq: number | undefined
  remoteCSeq: number
}

type Answered = { dialog: SipDialog; sdp: Uint8Array } | { refused: SipAnswer }

/** An INVITE of ours, until it is answered; and after it as long as its transactions live, for the 2xx of other branches. SPEC SD-8 to SD-11. */
export class Invitation implements TagOwner, SendingUser {
  readonly #env: Environment
  #inviting: Inviting
  readonly #early = new Map<string, Early>()
  /** What whoever invites holds; let go when it is settled, for the answer holds a whole message. */
  #handle: OutgoingInvite | undefined
  #resolve: ((answered: Answered) => void) | undefined
  #sending: Sending | undefined
  #cseq: number
  #interval: number | undefined
  #minSE: number
  #cancelled = false
  #dialog: LiveDialog | undefined

  constructor(env: Environment, inviting: Inviting) {
    this.#env = env
    this.#inviting = inviting
    this.#cseq = inviting.firstCSeq - 1
    this.#interval = env.sessionTimer?.interval
    this.#minSE = env.sessionTimer?.minSE ?? 0
  }

  start(): OutgoingInvite {
    const answered = new Promise<Answered>((resolve) => {
      this.#resolve = resolve
    })
    const handle: OutgoingInvite = { onProgress: undefined, answered, cancel: (reason) => this.#cancel(reason) }
    this.#handle = handle
    this.#env.tags.set(this.#inviting.sent.localTag, this)
    this.#send()
    return handle
  }

  #cancel(reason?: string): void {
    if (this.#cancelled) return
    if (this.#dialog) return void this.#dialog.bye(reason)
    if (!this.#resolve) return
    this.#cancelled = true
    if (!this.#sending?.cancel(reason === undefined ? undefined : [['Reason', reason]])) this.#refuse(ownAnswer(487))
  }

  #send(): void {
    const { sent, routes, hop, headers, body, credentials } = this.#inviting
    const timer = this.#interval === undefined ? [] : requestHeaders(this.#interval, this.#minSE)
    this.#early.clear()
    this.#sending = new Sending(
      this.#env,
      {
        method: 'INVITE',
        uri: sent.uri,
        headers: [
          ...routes,
          ['From', `${sent.local};tag=${sent.localTag}`],
          ['To', sent.remote],
          ['Call-ID', sent.callID],
          ...withDefaults(headers, this.#env.capabilities),
          ...timer,
        ],
        hop,
        contact: { user: userPart(sent.local), secure: /^sips:/i.test(sent.uri) },
        nextCSeq: () => ++this.#cseq,
        credentials,
        ...(body && { body }),
      },
      this,
    )
    this.#sending.start()
  }

  // What the INVITE is answered.

  onResponse(response: SipResponse, flow: Flow): void {
    if (response.status < 200) this.#onProgress(response, flow)
    else if (response.status < 300) this.#onAccepted(response, flow)
    else this.#onRefused(response)
  }

  onFailed(status: number): void {
    // The timer after a CANCEL counts as what the CANCEL was for (RFC 3261 §9.1).
    this.#refuse(ownAnswer(this.#cancelled ? 487 : status))
  }

  #onProgress(response: SipResponse, flow: Flow): void {
    if (response.status === 100 || !this.#resolve) return
    const early = this.#earlyOf(response, flow)
    if (early && isReliable(response) && !this.#acknowledge(early, response)) return
    if (!this.#cancelled) tell(this.#env, () => this.#handle?.onProgress?.(response.status))
  }

  /** PRACK for a reliable provisional answer; false: it was seen before, or one before it is missing. RFC 3262 §4. */
  #acknowledge(early: Early, response: SipResponse): boolean {
    const rseq = parseRSeq(response.header('rseq') ?? '')
    if (rseq === undefined) return false
    if (early.rseq !== undefined && rseq !== early.rseq + 1) return false
    early.rseq = rseq
    const rack: HeaderLine = ['RAck', `${rseq} ${response.cseq.number} ${response.cseq.method}`]
    early.dialog.send('PRACK', [rack], undefined, { onResponse: () => undefined, onFailed: () => undefined })
    return true
  }

  #onAccepted(response: SipResponse, flow: Flow) {
    const early = this.#earlyOf(response, flow)
    if (!early) return
    const { dialog } = early
    if (dialog === this.#dialog) return this.#acknowledge2xx(dialog)
    // RFC 3261 §13.2.2.4: a later 2xx makes a dialog of its own, and so does one that crossed our CANCEL. Both are ended at once.
    if (this.#dialog || this.#cancelled || !this.#resolve) return this.#decline(dialog, response)
    this.#dialog = dialog
    dialog.onAccepted(response, answeredSession(response))
    this.#env.tags.set(this.#inviting.sent.localTag, dialog)
    this.#acknowledge2xx(dialog)
    this.#settle({ dialog, sdp: response.body })
  }

  #decline(dialog: LiveDialog, response: SipResponse): void {
    this.#acknowledge2xx(dialog)
    if (!dialog.live) return
    dialog.onAccepted(response, null)
    const reason = this.#cancelled
      ? 'SIP;cause=487;text="Request Terminated"'
      : 'SIP;cause=200;text="Call completed elsewhere"'
    void dialog.bye(reason)
    if (this.#cancelled) this.#refuse(ownAnswer(487))
  }

  #acknowledge2xx(dialog: LiveDialog): void {
    dialog.acknowledge2xx(this.#cseq, undefined, this.#sending?.authorization)
  }

  #onRefused(response: SipResponse) {
    if (response.status === 422 && this.#interval !== undefined && !this.#cancelled) {
      const raised = afterTooSmall(response, this.#interval)
      if (raised !== undefined) {
        this.#interval = raised
        this.#minSE = raised
        return this.#send() // RFC 4028 §7.3
      }
    }
    this.#refuse(receivedAnswer(response))
  }

  #refuse(refused: SipAnswer): void {
    if (this.#env.tags.get(this.#inviting.sent.localTag) === this) this.#env.tags.delete(this.#inviting.sent.localTag)
    this.#settle({ refused })
  }

  #settle(answered: Answered): void {
    const resolve = this.#resolve
    // What is needed for later 2xx only: the transaction that waits for them lives 32 s.
    this.#inviting = { ...this.#inviting, routes: [], headers: [], body: undefined }
    this.#resolve = undefined
    this.#handle = undefined
    resolve?.(answered)
  }

  /** The branch a response came from; undefined without a tag, or where there are too many of them. */
  #earlyOf(response: SipResponse, flow: Flow): Early | undefined {
    const { tag } = response.to
    const known = this.#early.get(tag ?? '')
    if (known) return known
    const { sent, hop, credentials } = this.#inviting
    // COMPAT peers of RFC 2543 answer 2xx without a tag (RFC 3261 §12.1.2); their provisional answers make no dialog.
    if (response.status < 200 && (tag === undefined || this.#early.size >= maxForks)) return undefined
    if (this.#early.size >= 2 * maxForks) return undefined
    // A peer that can only be reached over its own flow was reached over it.
    const needed = flow.reliable
      ? needsFlow(contactOf(response) ?? sent.uri)
      : isBehindNat(response, flow.remote.address)
    const own = hop.flow !== undefined || needed
    const state = uacDialog({ ...sent, cseq: this.#cseq }, response, own ? flow.id : undefined)
    const early = { dialog: new LiveDialog(this.#env, state, this.#cseq, credentials), rseq: undefined, remoteCSeq: 0 }
    this.#early.set(state.remoteTag, early)
    return early
  }

  // What comes in on early dialogs.

  receive(transaction: ServerTransaction) {
    const { request } = transaction
    const early = this.#early.get(request.from.tag ?? '')
    if (!early) return transaction.respond({ status: 481 })
    if (!isInOrder(early.remoteCSeq, request)) return transaction.respond({ status: 500 })
    early.remoteCSeq = request.cseq.number
    const { capabilities } = this.#env
    if (request.method === 'OPTIONS') return transaction.respond({ status: 200, headers: capabilities })
    if (request.method !== 'UPDATE') return transaction.respond({ status: 500, headers: [['Retry-After', '1']] })
    // RFC 3311 §5.2: our offer is not answered yet, so there can be no other.
    if (request.body.length > 0) return transaction.respond({ status: 491 })
    early.dialog.change(refreshTarget(early.dialog.kept, request))
    const { local, uri } = this.#inviting.sent
    const contact = contactHeader(transaction.flow, userPart(local), /^sips:/i.test(uri))
    transaction.respond({ status: 200, headers: [contact, ...capabilities] })
  }

  acknowledge(_ack: SipRequest): void {
    // Nothing of ours waits for an ACK.
  }

  close(): void {
    // Its request is told.
  }

  repeated(response: SipResponse): void {
    const early = this.#early.get(response.to.tag ?? '')
    if (early) this.#acknowledge2xx(early.dialog)
  }
}

function isReliable(response: SipResponse): boolean {
  return optionTags(response, 'require').has('100rel')
}
