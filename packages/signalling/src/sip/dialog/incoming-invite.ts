import { optionTags, parseRAck } from '../message/header-values.ts'
import type { HeaderLine, Reply, SipRequest } from '../message/message.ts'
import type { AcceptedInvite, IncomingInvite, SipSource } from '../ports.ts'
import type { ServerTransaction } from '../transaction/ports.ts'
import { isBehindNat, isInOrder, refreshTarget, uasDialog } from './dialog.ts'
import {
  after,
  contactHeader,
  type Environment,
  Repeater,
  respond,
  type TagOwner,
  tell,
  userPart,
  withDefaults,
} from './environment.ts'
import { LiveDialog } from './live-dialog.ts'
import { answerSession } from './session-timer.ts'

/** RFC 3261 §13.3.1.1: proxies count an INVITE as dead when they hear nothing for so long; ms. */
const ringAgainMs = 60_000
/** An INVITE nobody answers, ms. Whoever takes calls has a shorter time of their own. */
const patienceMs = 600_000

/** A provisional answer that is repeated until its PRACK is there. RFC 3262 §3. */
interface Reliable {
  readonly rseq: number
  readonly repeater: Repeater
}

/** An INVITE of a peer, until its ACK is there. SPEC SD-6, SD-7, SD-12. */
export class Ringing implements IncomingInvite, TagOwner {
  onCancel: (() => void) | undefined = undefined
  readonly request: SipRequest
  readonly source: SipSource
  readonly #env: Environment
  readonly #transaction: ServerTransaction
  #dialog: LiveDialog
  #answered = false
  #remoteCSeq: number
  #rseq: number
  #reliable: Reliable | undefined = undefined
  #reliably = false
  /** What rang while a reliable answer waited for its PRACK. */
  #next: (180 | 183) | undefined = undefined
  #stopRinging: (() => void) | undefined = undefined
  readonly #stopWaiting: () => void
  #waiting: { repeater: Repeater; resolve(accepted: AcceptedInvite): void; reject(error: Error): void } | undefined =
    undefined

  constructor(env: Environment, transaction: ServerTransaction, source: SipSource) {
    this.#env = env
    this.#transaction = transaction
    this.request = transaction.request
    this.source = source
    const { flow } = transaction
    const own = flow.reliable || isBehindNat(this.request, flow.remote.address)
    const state = uasDialog(this.request, transaction.toTag, own ? flow.id : undefined)
    this.#dialog = new LiveDialog(env, state, 0, undefined)
    this.#remoteCSeq = state.remoteCSeq
    // RFC 3262 §3: anywhere from 1 to 2³¹-1.
    this.#rseq = 1 + Math.floor(env.random() * 1_000_000)
    env.tags.set(transaction.toTag, this)
    this.#stopWaiting = after(env, patienceMs, () => this.#abandon({ status: 480 }))
    transaction.onCancel = () => this.#abandon({ status: 487 })
    if (source.flow !== undefined) ringingOver(env, source.flow).add(this)
  }

  get offer(): Uint8Array {
    return this.request.body
  }

  ring(status: 180 | 183 = 180): void {
    if (this.#answered) return
    if (this.#reliable) {
      // RFC 3262 §3: the next reliable answer waits for the PRACK of the one before.
      this.#next = status
      return
    }
    const contact = this.#contact()
    if (this.#wantsReliable()) {
      const rseq = this.#rseq++
      this.#reliably = true
      const headers: HeaderLine[] = [contact, ['Require', '100rel'], ['RSeq', String(rseq)]]
      const send = () => this.#transaction.respond({ status, headers })
      // RFC 3262 §3: intervals that only grow, and 5xx when nobody acknowledges.
      const repeater = new Repeater(this.#env, Number.POSITIVE_INFINITY, send, () => this.#abandon({ status: 504 }))
      this.#reliable = { rseq, repeater }
      send()
    } else this.#transaction.respond({ status, headers: [contact] })
    this.#stopRinging?.()
    this.#stopRinging = after(this.#env, ringAgainMs, () => this.ring(status))
  }

  accept(sdp: Uint8Array, headers: readonly HeaderLine[] = []): Promise<AcceptedInvite> {
    if (this.#answered) return Promise.reject(new Error('the INVITE is answered already'))
    const session = answerSession(this.request, this.#env.sessionTimer)
    if ('tooSmall' in session) return Promise.reject(new Error('the session interval was too small'))
    this.#finish()
    const dialog = this.#dialog
    dialog.onRinging(this.request, this.#remoteCSeq, this.#reliably ? this.#rseq - 1 : 0, session.session)
    const reply: Reply = {
      status: 200,
      headers: [
        this.#contact(),
        ...withDefaults(headers, this.#env.capabilities),
        ...session.headers,
        ['Content-Type', 'application/sdp'],
      ],
      body: sdp,
    }
    return new Promise((resolve, reject) => {
      const again = () => this.#transaction.respond(reply)
      const repeater = new Repeater(this.#env, this.#env.timers.t2, again, () => this.#unacknowledged())
      this.#waiting = { repeater, resolve, reject }
      respond(this.#env, this.#transaction, reply)
    })
  }

  reject(reply: Reply): void {
    if (this.#answered) return
    this.#finish()
    this.#env.tags.delete(this.#transaction.toTag)
    respond(this.#env, this.#transaction, reply)
  }

  /** The flow the INVITE came over is gone: no answer can reach the peer any more. */
  flowClosed(): void {
    this.#abandon({ status: 480 })
  }

  /** Ends what is not answered yet, and says so. */
  #abandon(reply: Reply): void {
    if (this.#answered) return
    this.reject(reply)
    tell(this.#env, () => this.onCancel?.())
  }

  #finish(): void {
    this.#answered = true
    this.#stopWaiting()
    this.#stopRinging?.()
    this.#reliable?.repeater.stop()
    this.#reliable = undefined
    this.#transaction.onCancel = undefined
    const { flow } = this.source
    const ringing = flow === undefined ? undefined : this.#env.ringing.get(flow)
    ringing?.delete(this)
    if (flow !== undefined && ringing?.size === 0) this.#env.ringing.delete(flow)
  }

  // After the 200.

  acknowledge(ack: SipRequest): void {
    const waiting = this.#waiting
    if (!waiting) return
    this.#waiting = undefined
    waiting.repeater.stop()
    this.#env.tags.set(this.#transaction.toTag, this.#dialog)
    waiting.resolve({ dialog: this.#dialog, ack: ack.body })
  }

  /** RFC 3261 §13.3.1.4: without ACK the dialog stands, but the session does not. */
  #unacknowledged(): void {
    this.#lost('no ACK came')
    void this.#dialog.bye('SIP;cause=408;text="ACK missing"')
  }

  #lost(why: string): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.repeater.stop()
    // Over already where the peer hung up; else its BYE, or the answer to ours, is still to come.
    if (this.#dialog.live) this.#env.tags.set(this.#transaction.toTag, this.#dialog)
    else this.#env.tags.delete(this.#transaction.toTag)
    waiting?.reject(new Error(why))
  }

  receive(transaction: ServerTransaction) {
    const { request } = transaction
    if (this.#answered) {
      // The peer has our 200 though its ACK is still on the way; a BYE makes an ACK needless.
      this.#dialog.receive(transaction)
      if (!this.#dialog.live) this.#lost('the peer hung up before its ACK')
      return
    }
    if (request.from.tag !== this.request.from.tag) return transaction.respond({ status: 481 })
    if (!isInOrder(this.#remoteCSeq, request)) return transaction.respond({ status: 500 })
    this.#remoteCSeq = request.cseq.number
    switch (request.method) {
      case 'PRACK':
        return this.#onPrack(transaction)
      case 'BYE': // RFC 3261 §15.1.2
        transaction.respond({ status: 200 })
        return this.#abandon({ status: 487 })
      case 'OPTIONS':
        return transaction.respond({ status: 200, headers: this.#env.capabilities })
      case 'UPDATE':
        return this.#onUpdate(transaction)
      default:
        return transaction.respond({ status: 500, headers: [['Retry-After', '1']] })
    }
  }

  repeated(): void {
    // No INVITE of ours.
  }

  close(): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.reject(new Error('the stack closes'))
  }

  #onPrack(transaction: ServerTransaction) {
    const { cseq } = this.request
    const rack = parseRAck(transaction.request.header('rack') ?? '')
    const fits = rack?.rseq === this.#reliable?.rseq && rack?.cseq === cseq.number && rack.method === cseq.method
    if (!this.#reliable || !fits) return transaction.respond({ status: 481 }) // RFC 3262 §3
    this.#reliable.repeater.stop()
    this.#reliable = undefined
    transaction.respond({ status: 200 })
    const next = this.#next
    this.#next = undefined
    if (next !== undefined) this.ring(next)
  }

  #onUpdate(transaction: ServerTransaction) {
    const { request } = transaction
    // RFC 3311 §5.2: the INVITE's offer has to be answered first.
    if (request.body.length > 0) return transaction.respond({ status: 500, headers: [['Retry-After', '5']] })
    this.#dialog.change(refreshTarget(this.#dialog.kept, request))
    transaction.respond({ status: 200, headers: [this.#contact(), ...this.#env.capabilities] })
  }

  #wantsReliable(): boolean {
    if (this.#env.delegates) return false
    return optionTags(this.request, 'require').has('100rel') || optionTags(this.request, 'supported').has('100rel')
  }

  #contact(): HeaderLine {
    const secure = /^sips:/i.test(this.request.uri)
    return contactHeader(this.#transaction.flow, userPart(this.request.uri), secure)
  }
}

function ringingOver({ ringing }: Environment, flow: string): Set<{ flowClosed(): void }> {
  let set = ringing.get(flow)
  if (!set) {
    set = new Set()
    ringing.set(flow, set)
  }
  return set
}
