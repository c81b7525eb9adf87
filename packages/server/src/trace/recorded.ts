import type { TracedDelivery, TracedRequest } from '@ringdown/facade'
import type { FeedEvent, PersonID } from '@ringdown/signalling'

/** One thing that passed, as references to what was there anyway. Times are milliseconds since 1970, with fractions. */
export type Recorded = RecordedSip | RecordedMsrp | RecordedEvents | RecordedRequest | RecordedDelivery

export interface End {
  readonly address: string
  readonly port: number
}

/** A SIP flow; the same object for all that passes over it. The flow itself is not kept: it holds a socket. */
export interface SipConnection {
  /** Unlike that of any other flow. */
  readonly id: string
  readonly transport: string
  readonly local: End
  readonly remote: End
}

/** A SIP message of a flow. */
export interface RecordedSip {
  readonly kind: 'sip'
  readonly at: number
  readonly sent: boolean
  readonly flow: SipConnection
  readonly bytes: Uint8Array
  /** Found when somebody looks for the first time. */
  callID?: string
}

/** An MSRP connection; the same object for all that passes over it. */
export interface MsrpConnection {
  readonly transport: string
  readonly local: End
  readonly remote: End
}

/** Bytes of an MSRP connection as they were read or written: parts of frames, or several. */
export interface RecordedMsrp {
  readonly kind: 'msrp'
  readonly at: number
  readonly sent: boolean
  readonly connection: MsrpConnection
  readonly pieces: readonly Uint8Array[]
}

/** The events of one commit. */
export interface RecordedEvents {
  readonly kind: 'tevent'
  /** When it was decided; it is recorded once it is durable. */
  readonly at: number
  readonly centre: string
  readonly feeds: readonly { readonly person: PersonID; readonly event: FeedEvent }[]
}

export interface RecordedRequest {
  readonly kind: 'request'
  /** When it came. */
  readonly at: number
  readonly request: TracedRequest
}

export interface RecordedDelivery {
  readonly kind: 'delivery'
  readonly at: number
  readonly delivery: TracedDelivery
}
