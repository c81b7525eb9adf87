import { optionTags } from '../sip/message/header-values.ts'
import type { Reply, SipRequest } from '../sip/message/message.ts'
import { reasonPhrase } from '../sip/message/status.ts'
import type { ServerTransaction } from '../sip/transaction/ports.ts'
import type { Headers, LibraryResponse } from './library.ts'
import type { Way } from './way.ts'
import { bodyText, fits, headersOf } from './wire.ts'

/** Via, Record-Route, RSeq and Content-Length are the server's; the rest it takes from the request. */
const leftOut = new Set([
  ...['via', 'record-route', 'rseq', 'content-length', 'from', 'to', 'call-id', 'cseq', 'route', 'timestamp'],
])

/** Who is told what became of an answer. */
export interface IncomingUser {
  /** `dialogId`: the dialog the server has made of our answer to an INVITE. */
  onAnswered(incoming: Incoming, status: number, dialogId: string | undefined): void
  /** The server could not send it: the peer is gone, or has cancelled. */
  onUnsent(incoming: Incoming, status: number): void
}

/** A request of a peer until it is answered. */
export class Incoming implements ServerTransaction {
  onCancel: (() => void) | undefined = undefined
  /** Never called: ACKs of refusals are the server's. */
  onEnd: ((acknowledged: boolean) => void) | undefined = undefined
  readonly request: SipRequest
  readonly flow: Way
  readonly toTag: string
  readonly #response: LibraryResponse
  readonly #user: IncomingUser
  #done = false
  /** The last provisional answer. */
  #rang = 0

  constructor(request: SipRequest, flow: Way, toTag: string, response: LibraryResponse, user: IncomingUser) {
    this.request = request
    this.flow = flow
    this.toTag = toTag
    this.#response = response
    this.#user = user
  }

  get answered(): boolean {
    return this.#done
  }

  /** The peer has cancelled, and the server answered for us. */
  cancelled(): void {
    if (this.#done) return
    this.#done = true
    this.#user.onUnsent(this, 487)
    this.onCancel?.()
  }

  /** There is no way to the peer any more. */
  lost(): void {
    if (this.#done) return
    this.#done = true
    this.onCancel?.()
  }

  respond(reply: Reply): void {
    const { status } = reply
    // 2xx are repeated by the server.
    if (this.#done) return
    if (status < 200 && (this.request.method !== 'INVITE' || status === 100)) return
    const headers = headersOf(reply.headers ?? [], leftOut)
    const body = bodyText(reply.body)
    if (!fits('', headers, body)) {
      if (status !== 500) this.respond({ status: 500, reason: 'Answer too large' })
      return
    }
    this.#complete(headers, status)
    if (status >= 200) this.#done = true
    this.#send(status, reply.reason ?? reasonPhrase(status), headers, body)
  }

  #complete(headers: Headers, status: number): void {
    if (this.request.to.tag === undefined) headers.to = `;tag=${this.toTag}`
    // The server can put its address only where there is a user before it; without Contact it writes one itself.
    if (headers.contact !== undefined && !headers.contact.includes('@')) delete headers.contact
    if (status >= 200) return
    // RFC 3262 §3. Repeating it and matching the PRACK is the server's.
    const { request } = this
    const reliable = optionTags(request, 'supported').has('100rel') || optionTags(request, 'require').has('100rel')
    if (reliable && status !== this.#rang) headers.require = '100rel'
    this.#rang = status
  }

  #send(status: number, reason: string, headers: Headers, body: string | undefined): void {
    const done = (error: unknown) => {
      if (error) this.#user.onUnsent(this, status)
      else this.#user.onAnswered(this, status, this.#response.stackDialogId)
    }
    const options = { headers, ...(body !== undefined && { body }) }
    try {
      this.#response.send(status, reason, options, done)
    } catch {
      // COMPAT drachtio-srf 5.0.29 knows the statuses of some years ago only: the first of the class means the same.
      this.#response.send(status < 200 ? 183 : Math.floor(status / 100) * 100, reason, options, done)
    }
  }
}
