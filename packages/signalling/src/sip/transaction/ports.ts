import type { Reply, RequestParts, SipRequest, SipResponse } from '../message/message.ts'
import type { Flow } from '../transport/flow.ts'

/** Fresh unguessable tokens: tags, branches, Call-IDs. Letters and digits; `bits` of chance at least. */
export type Tokens = (bits: number) => string

/** A request we answer. RFC 3261 §17.2. */
export interface ServerTransaction {
  readonly request: SipRequest
  /** The flow it came over; answers go back over it. */
  readonly flow: Flow
  /** The tag our answers put into To; the request's own where it had one. */
  readonly toTag: string
  /**
   * Sends a provisional or final answer. A second final one is ignored, but for a 2xx to an INVITE, which its dialog repeats. To anything but an
   * INVITE provisional answers and 408 are not sent (RFC 4320). Throws where a header of the reply has no name.
   */
  respond(reply: Reply): void
  /** Set where somebody wants to know: a CANCEL came (it is answered 200 already; the INVITE is the user's to answer, with 487). */
  onCancel: (() => void) | undefined
  /** Set where somebody wants to know: an ACK to our non-2xx came, or will not (timer H). */
  onEnd: ((acknowledged: boolean) => void) | undefined
}

export interface ClientUser {
  /** Each provisional answer and the final one; every 2xx to an INVITE, from each branch and again when it is repeated. */
  onResponse(response: SipResponse, flow: Flow): void
  /** No final answer: timer B or F, or the flow failed. Counts as 408 and 503 (RFC 3261 §8.1.3.1). */
  onFailed(why: 'timeout' | 'transport'): void
}

/** A request of ours. RFC 3261 §17.1. */
export interface ClientTransaction {
  readonly branch: string
  /** CANCELs an INVITE: at once where a provisional answer is there, else as soon as it comes (RFC 3261 §9.1). */
  cancel(headers?: RequestParts['headers']): void
}

/** What the layer above gets. Called synchronously. */
export interface TransactionUser {
  /** A new request, never a retransmission, a CANCEL, or an ACK of a non-2xx. INVITE: 100 is sent by itself after 200 ms. */
  onRequest(transaction: ServerTransaction): void
  /** An ACK that belongs to no INVITE transaction: to a 2xx. */
  onAck(ack: SipRequest, flow: Flow): void
  /** A response that belongs to no transaction any more; a 2xx repeated late must be acknowledged. */
  onStrayResponse(response: SipResponse, flow: Flow): void
  onFlowClosed(flow: Flow): void
}

export interface TransactionLayer {
  /** Sends a request over the flow, with a Via of ours. */
  request(parts: RequestParts, flow: Flow, user: ClientUser): ClientTransaction
  /** Sends what belongs to no transaction: an ACK to a 2xx. */
  sendStateless(parts: RequestParts, flow: Flow): void
  /** For metrics. */
  readonly counts: { readonly server: number; readonly client: number }
}
