import type { HeaderLine, Reply, SipRequest, SipResponse } from '../message/message.ts'
import type { SipAnswer } from '../ports.ts'
import type { ServerTransaction } from '../transaction/ports.ts'
import { noBody, ownAnswer, receivedAnswer } from './answer.ts'
import { glareWait } from './dialog.ts'
import { after, Repeater, respond, tell, withDefaults } from './environment.ts'
import type { LiveDialog } from './live-dialog.ts'
import { afterTooSmall, answeredSession, leastInterval, requestHeaders } from './session-timer.ts'

/** Times an offer is sent before a peer that always says 491, or 422, has refused it. */
const maxTries = 8
/** A re-INVITE that is answered by provisional answers only is cancelled after so long, ms: nobody has to pick up for it. */
const patienceMs = 60_000

type Outcome = { sdp: Uint8Array } | { refused: SipAnswer }

/** What is asked for; `headers` are put after those of the session timer. */
interface Asking {
  readonly method: 'INVITE' | 'UPDATE'
  readonly body: Uint8Array | undefined
  readonly headers: readonly HeaderLine[]
}

/** Offers inside a dialog, both ways: one at a time (RFC 3261 §14, RFC 3311), and the refreshes of its session. */
export class Offers {
  readonly #dialog: LiveDialog
  /** The peer's INVITE, or UPDATE with an offer, that is not answered yet. */
  #incoming: ServerTransaction | undefined = undefined
  /** Ours is not answered yet. */
  #outgoing = false
  /** Our 2xx to an INVITE, until its ACK is there. */
  #unacknowledged: { readonly cseq: number; readonly asked: boolean; readonly repeater: Repeater } | undefined =
    undefined
  /** The last of those that wait for their turn. */
  #turn: Promise<unknown> = Promise.resolve()
  #wake: (() => void) | undefined = undefined

  constructor(dialog: LiveDialog) {
    this.#dialog = dialog
  }

  /** The dialog is over: nothing is waited for any more. */
  close(): void {
    const incoming = this.#incoming
    this.#incoming = undefined
    incoming?.respond({ status: 487 })
    this.#unacknowledged?.repeater.stop()
    this.#unacknowledged = undefined
    this.#wake?.()
  }

  // The peer asks.

  receive(transaction: ServerTransaction) {
    const { request } = transaction
    const isOffer = request.method === 'INVITE' || request.body.length > 0
    if (isOffer && this.#incoming) return transaction.respond({ status: 500, headers: [this.#retryAfter()] }) // RFC 3261 §14.2
    if (isOffer && this.#outgoing) return transaction.respond({ status: 491 })
    const session = this.#dialog.sessionFor(request)
    if ('tooSmall' in session) return transaction.respond({ status: 422, headers: session.tooSmall })
    if (isOffer) void this.#answer(transaction)
    else {
      this.#dialog.refreshed(request, session.session)
      transaction.respond({ status: 200, headers: this.#headers(transaction, session.headers) })
    }
  }

  acknowledge(ack: SipRequest): void {
    const waiting = this.#unacknowledged
    if (!waiting || ack.cseq.number !== waiting.cseq) return
    waiting.repeater.stop()
    this.#unacknowledged = undefined
    if (waiting.asked) tell(this.#dialog.env, () => this.#dialog.user?.onAnswer?.(ack.body))
  }

  async #answer(transaction: ServerTransaction): Promise<void> {
    const { request } = transaction
    this.#incoming = transaction
    transaction.onCancel = () => {
      if (this.#incoming !== transaction) return
      this.#incoming = undefined
      transaction.respond({ status: 487 })
    }
    const answer = await this.#askUser(request.body)
    if (this.#incoming !== transaction) return
    this.#incoming = undefined
    if (!(answer instanceof Uint8Array)) return respond(this.#dialog.env, transaction, answer)

    const session = this.#dialog.sessionFor(request)
    if ('tooSmall' in session) return
    this.#dialog.refreshed(request, session.session)
    const headers = this.#headers(transaction, [...session.headers, ['Content-Type', 'application/sdp']])
    const reply = { status: 200, headers, body: answer }
    transaction.respond(reply)
    if (request.method === 'INVITE') this.#repeat(transaction, reply)
  }

  async #askUser(offer: Uint8Array): Promise<Uint8Array | Reply> {
    try {
      return (await this.#dialog.user?.onOffer(offer)) ?? { status: 488 }
    } catch (error) {
      this.#dialog.env.onError(error)
      return { status: 500 } // SPEC SD-2
    }
  }

  /** RFC 3261 §13.3.1.4; without ACK the session is not what both think it is, and ends. */
  #repeat(transaction: ServerTransaction, reply: Reply): void {
    const { env } = this.#dialog
    this.#unacknowledged?.repeater.stop()
    const givenUp = () => {
      this.#unacknowledged = undefined
      this.#dialog.lose('SIP;cause=408;text="ACK missing"', 'lost')
    }
    this.#unacknowledged = {
      cseq: transaction.request.cseq.number,
      asked: transaction.request.body.length === 0,
      repeater: new Repeater(env, env.timers.t2, () => transaction.respond(reply), givenUp),
    }
  }

  #headers(transaction: ServerTransaction, more: readonly HeaderLine[]): HeaderLine[] {
    return [this.#dialog.contactOver(transaction), ...this.#dialog.env.capabilities, ...more]
  }

  #retryAfter(): HeaderLine {
    return ['Retry-After', String(Math.floor(this.#dialog.env.random() * 11))]
  }

  // We ask.

  offer(sdp: Uint8Array, headers: readonly HeaderLine[]): Promise<Outcome> {
    const more: HeaderLine[] = [...headers, ['Content-Type', 'application/sdp']]
    return this.#inTurn(() => this.#negotiate({ method: 'INVITE', body: sdp, headers: more }))
  }

  /** RFC 4028 §10: by UPDATE, which changes nothing else; by re-INVITE where the peer does not know that. */
  async refresh(interval: number): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#dialog.canUpdate) {
        const outcome = await this.#negotiate({ method: 'UPDATE', body: undefined, headers: [] }, interval)
        const status = 'refused' in outcome ? outcome.refused.status : 200
        if (status !== 405 && status !== 501) return
        this.#dialog.canUpdate = false
      }
      const sdp = await this.#askUser(noBody)
      if (!(sdp instanceof Uint8Array)) return
      const headers: HeaderLine[] = [['Content-Type', 'application/sdp']]
      await this.#negotiate({ method: 'INVITE', body: sdp, headers }, interval)
    })
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(run)
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  /** Asks until there is an answer that is neither a glare nor a question of the interval. */
  async #negotiate(asking: Asking, refreshInterval?: number): Promise<Outcome> {
    const { env } = this.#dialog
    let interval = refreshInterval ?? this.#dialog.kept.session?.interval
    let refused = ownAnswer(491)
    for (let tries = 0; tries < maxTries; tries++) {
      if (!this.#dialog.live) return { refused: ownAnswer(481) }
      if (!this.#incoming) {
        const answer = await this.#send(asking, interval)
        if ('sdp' in answer) return answer
        refused = answer.refused
        const raised = refused.status === 422 && interval !== undefined ? answer.minSE(interval) : undefined
        if (raised === undefined && refused.status !== 491) return { refused }
        if (raised !== undefined) {
          interval = raised
          continue
        }
      }
      await this.#sleep(glareWait(this.#dialog.kept.ownsCallID, env.random))
    }
    return { refused }
  }

  #send(
    { method, body, headers }: Asking,
    interval: number | undefined,
  ): Promise<{ sdp: Uint8Array } | { refused: SipAnswer; minSE(asked: number): number | undefined }> {
    const dialog = this.#dialog
    const { session } = dialog.kept
    // RFC 4028 §7.4: who refreshes stays the same.
    const refresher = session?.refresher === 'remote' ? 'uas' : 'uac'
    // RFC 4028 §7.3: after a 422, Min-SE is what the peer asked for; else ours, which is no more than the interval.
    const minSE = interval === session?.interval ? (dialog.env.sessionTimer?.minSE ?? leastInterval) : (interval ?? 0)
    const timer = interval === undefined ? [] : requestHeaders(interval, Math.min(minSE, interval), refresher)
    this.#outgoing = true
    return new Promise((resolve) => {
      const stopWaiting = after(dialog.env, patienceMs, () => sending.cancel())
      const done = () => {
        this.#outgoing = false
        stopWaiting()
      }
      let first = true
      const onResponse = (response: SipResponse) => {
        if (response.status < 200) return
        const again = !first
        first = false
        if (!again) done()
        if (response.status >= 300) {
          dialog.judge(response.status)
          return resolve({ refused: receivedAnswer(response), minSE: (asked) => afterTooSmall(response, asked) })
        }
        if (!again) dialog.refreshed(response, answeredSession(response))
        if (method === 'INVITE') dialog.acknowledge2xx(sending.cseq, undefined, sending.authorization)
        resolve({ sdp: response.body })
      }
      const onFailed = (status: number) => {
        done()
        dialog.judge(status)
        resolve({ refused: ownAnswer(status), minSE: () => undefined })
      }
      const sending = dialog.send(method, [...withDefaults(headers, dialog.env.capabilities), ...timer], body, {
        onResponse,
        onFailed,
      })
    })
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = after(this.#dialog.env, ms, resolve)
      this.#wake = () => {
        cancel()
        resolve()
      }
    })
  }
}
