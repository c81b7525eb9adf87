import type { CallUUID, PersonID } from '@ringdown/signalling'

/** Is told of what passes between clients and the engine; must not throw, and must be cheap: it stands in the way of traffic. */
export interface Tracer {
  /** Whether anything is recorded now; asked before anything is put together for it. */
  readonly on: boolean
  /** A request about a session was answered. */
  request(exchange: TracedRequest): void
  /** Something was written to a client. */
  delivered(delivery: TracedDelivery): void
}

export interface TracedRequest {
  tongue: 'rest' | 'ucajax'
  centre: string
  person: PersonID
  /** undefined where it is not known yet: the T-event that follows tells. */
  callUUID: CallUUID | undefined
  method: string
  path: string
  status: number
  /** The body as it is at hand: bytes, text, or what was read from JSON. Nothing is printed for a trace. */
  request: unknown
  answer: string
  /** How long ago it came. */
  ms: number
}

export interface TracedDelivery {
  tongue: 'cometd' | 'ucajax'
  centre: string
  person: PersonID
  /** The client's name, cut as it is shown: never a secret. */
  client: string
  /** undefined where the client's tongue does not tell: it is the session the person is in. */
  callUUID: CallUUID | undefined
  /** Offset or number of the event; of several, the last. */
  position: number
  content: string
}

/** Records nothing. */
export const noTracer: Tracer = { on: false, request: () => undefined, delivered: () => undefined }
