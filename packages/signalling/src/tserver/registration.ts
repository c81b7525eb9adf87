/** What a DN has registered: the record that every node reads to reach it. RFC 3261 §10. */
export interface Registration {
  readonly bindings: readonly Binding[]
}

/** One address at which a DN is reached until `expires`. Absent members are defaults: a stored binding stays below 1 KiB. */
export interface Binding {
  /** The Contact URI as written. */
  readonly contact: string
  /** Milliseconds since 1970: the binding is over, and when it was last refreshed. */
  readonly expires: number
  readonly updated: number
  /** Preference in thousandths; absent: 1000. RFC 3261 §20.10. */
  readonly q?: number
  /** Call-ID and CSeq of the REGISTER that made it; they order refreshes. A long Call-ID is kept as its digest. */
  readonly callID: string
  readonly cseq: number
  /** The route set towards the contact, first hop first. RFC 3327. */
  readonly path?: readonly string[]
  /** Where the REGISTER came from: the client, or (`proxied`) the last proxy before us. */
  readonly proxied?: true
  readonly source: {
    readonly transport: 'udp' | 'tcp' | 'tls' | 'ws' | 'wss'
    readonly address: string
    readonly port: number
  }
  /** The run of the node that took the REGISTER, and the flow it came over there; a flow of another run is gone. */
  readonly node: string
  readonly flow?: string
  /** True: reachable over that flow only (RFC 5626 outbound without a proxy between, or WebSocket). */
  readonly bound?: true
  /** `+sip.instance` without the angle brackets, and `reg-id` where outbound is used. RFC 5626 §4. */
  readonly instance?: string
  readonly regID?: number
  /** Methods the client lists, in upper case; absent: it does not say. */
  readonly methods?: readonly string[]
  readonly userAgent?: string
}

/** A secret all nodes of a store share; made by whichever needs it first. */
export interface SharedSecret {
  /** 32 bytes in base64url. */
  readonly key: string
}
