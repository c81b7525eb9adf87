import type { Head } from './head.ts'
import type { CSeq, HeaderLine, NameAddr, SipRequest, SipResponse, Via } from './message.ts'
import { decoded } from './scan.ts'

/** What every message must have, read. RFC 3261 §8.1.1, §8.2.6.2. */
export interface Mandatory {
  readonly callID: string
  readonly cseq: CSeq
  readonly from: NameAddr
  readonly to: NameAddr
  readonly via: Via
}

/** The start line, taken apart. Of a request `status` is 0 and `reason` empty, of a response `method` and `uri`. */
export interface StartLine {
  readonly kind: 'request' | 'response'
  readonly method: string
  readonly uri: string
  readonly status: number
  readonly reason: string
}

/** A message as it was received: a view over its lines. One class for both kinds, so that code that reads headers sees one shape. */
export class ParsedMessage {
  readonly kind: 'request' | 'response'
  readonly method: string
  readonly uri: string
  readonly status: number
  readonly reason: string
  readonly callID: string
  readonly cseq: CSeq
  readonly from: NameAddr
  readonly to: NameAddr
  readonly via: Via
  readonly #bodyFrom: number
  #body: Uint8Array | undefined
  readonly bytes: Uint8Array
  readonly head: Head

  constructor(start: StartLine, mandatory: Mandatory, head: Head, bytes: Uint8Array, bodyFrom: number) {
    this.kind = start.kind
    this.method = start.method
    this.uri = start.uri
    this.status = start.status
    this.reason = start.reason
    this.callID = mandatory.callID
    this.cseq = mandatory.cseq
    this.from = mandatory.from
    this.to = mandatory.to
    this.via = mandatory.via
    this.bytes = bytes
    this.head = head
    this.#bodyFrom = bodyFrom
  }

  get body(): Uint8Array {
    this.#body ??= this.bytes.subarray(this.#bodyFrom)
    return this.#body
  }

  header(name: string): string | undefined {
    const value = this.head.first(name)
    return value === undefined ? undefined : decoded(value)
  }

  headers(name: string): readonly string[] {
    return this.head.all(name)
  }

  lines(): readonly HeaderLine[] {
    return this.head.lines()
  }

  get contentType(): string | undefined {
    return this.header('content-type')
  }
}

/** The values of a header's lines as they came, one character per byte: what an answer repeats. */
export function rawValues(message: SipRequest | SipResponse, name: string): readonly string[] {
  return message instanceof ParsedMessage ? message.head.lineValues(name) : message.headers(name)
}

/** The value of a header that every message has once, likewise. */
export function rawValue(message: SipRequest | SipResponse, name: 'from' | 'to' | 'callID' | 'cseq'): string {
  if (message instanceof ParsedMessage) return message.head.value(message.head[name])
  return message.header(name === 'callID' ? 'call-id' : name) ?? ''
}
