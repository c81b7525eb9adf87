/** SIP messages, RFC 3261 §7. What came in is a view over its bytes; what goes out is plain parts. */

export type SipMessage = SipRequest | SipResponse

/** A header line as it is sent: its name as it should be written, and its value without CRLF. */
export type HeaderLine = readonly [name: string, value: string]

/** What requests and responses have in common. Values are cut out of the bytes when they are asked for. */
interface Received {
  /** The first value of a header, unfolded and trimmed; undefined where it is absent. `name` is the long form in lower case; compact forms are found too. */
  header(name: string): string | undefined
  /** All values of a header, in order; comma lists are split where the header's grammar is a list. */
  headers(name: string): readonly string[]
  /** Every header line in order, names as written. */
  lines(): readonly HeaderLine[]
  readonly callID: string
  readonly cseq: CSeq
  readonly from: NameAddr
  readonly to: NameAddr
  /** The topmost Via. */
  readonly via: Via
  /** The value of Content-Type, undefined where there is none. */
  readonly contentType: string | undefined
  /** As many bytes as Content-Length says. */
  readonly body: Uint8Array
  /** The bytes of the whole message, for traces. */
  readonly bytes: Uint8Array
}

export interface SipRequest extends Received {
  readonly kind: 'request'
  readonly method: string
  /** The Request-URI as written. */
  readonly uri: string
}

export interface SipResponse extends Received {
  readonly kind: 'response'
  readonly status: number
  readonly reason: string
}

export interface CSeq {
  readonly number: number
  readonly method: string
}

/** Parameters of a URI or a header: names in lower case, null for one without a value. */
export type Params = ReadonlyMap<string, string | null>

/** `"Alice" <sip:alice@example.com>;tag=1`, RFC 3261 §20.10. */
export interface NameAddr {
  readonly display: string | undefined
  /** As written; `parseUri` takes it apart. */
  readonly uri: string
  readonly params: Params
  /** The `tag` parameter of From and To. */
  readonly tag: string | undefined
}

export interface Via {
  /** Upper case: UDP, TCP, TLS, WS, WSS. */
  readonly transport: string
  readonly host: string
  readonly port: number | undefined
  readonly params: Params
  readonly branch: string | undefined
}

/** A SIP, SIPS or other URI taken apart, RFC 3261 §19.1. User, host and parameter values are unescaped. */
export interface SipUri {
  /** Lower case: sip, sips, tel, im … */
  readonly scheme: string
  readonly user: string | undefined
  readonly password: string | undefined
  /** Lower case; IPv6 without brackets. Empty for schemes without a host. */
  readonly host: string
  readonly port: number | undefined
  readonly params: Params
  /** The part after `?`. */
  readonly headers: ReadonlyMap<string, string>
}

/** A request to be sent. Via, Max-Forwards and Content-Length are added by the transaction layer. */
export interface RequestParts {
  readonly method: string
  readonly uri: string
  readonly headers: readonly HeaderLine[]
  readonly body?: Uint8Array
}

/** The answer to a request. Via, From, To (with our tag), Call-ID, CSeq and Content-Length are taken from the request. */
export interface Reply {
  readonly status: number
  /** The reason phrase, by default the RFC's. */
  readonly reason?: string
  readonly headers?: readonly HeaderLine[]
  readonly body?: Uint8Array
}
