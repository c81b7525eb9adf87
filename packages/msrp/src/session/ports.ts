/** MSRP for those who carry on sessions: nothing of it knows SIP or SDP. RFC 4975, 4976, 6135, 7977. */

/** The protocol part of SDP's m-line that a path stands for. */
export type MsrpTransport = 'tcp' | 'tls' | 'ws' | 'wss'

/** A whole message, after its last chunk. */
export interface MsrpMessage {
  /** The sender's Message-ID. */
  readonly messageID: string
  readonly contentType: string
  readonly body: Uint8Array
  /** The sender wants to know that it arrived. */
  readonly successReport: boolean
}

/** How a whole incoming message was taken. The answer to its last chunk, and the success report, wait for it. */
export type Taken = 'accepted' | { readonly status: 400 | 403 | 408 | 413 | 415 | 481 | 506; readonly comment?: string }

/** What became of a message of ours. */
export type Sent =
  /** All chunks were answered 200 (by the next hop, which is the peer where there is no relay). */
  { readonly sent: true } | { readonly sent: false; readonly status: number; readonly comment: string }

/** A message to be sent; its body is not changed until it is. */
export interface OutgoingMessage {
  /** 4 to 32 characters of RFC 4975's ident; the same id again is known as a repetition. */
  readonly messageID: string
  readonly contentType: string
  readonly body: Uint8Array
  readonly successReport?: boolean
  readonly failureReport?: 'yes' | 'partial' | 'no'
}

/** A REPORT of the peer about a message of ours. */
export interface MsrpReport {
  readonly messageID: string
  readonly status: number
  readonly comment: string
  /** All octets are covered by success reports now. */
  readonly complete: boolean
}

/** Who owns a session. Its methods are not called after `close()` or `onFailed`, but for messages that were whole before. */
export interface SessionUser {
  /**
   * Called in the order the messages were completed, also while earlier ones are being taken. It must not wait for anything of the
   * same peer: with 64 messages pending, the connection is not read from until half of them are taken. A rejection is answered 408.
   */
  onMessage(message: MsrpMessage): Promise<Taken>
  onReport(report: MsrpReport): void
  /** The session's connection is gone, or the peer does not answer. The session can only be renewed, with a new id. */
  onFailed(why: string): void
}

/** What the peer's SDP says. */
export interface RemoteEnd {
  /** URIs of `a=path`, the first hop first. */
  readonly path: readonly string[]
  /** What WE are: `active` opens the connection and sends the first SEND (RFC 6135 §4.2). */
  readonly role: 'active' | 'passive'
  /** `a=max-size`, bytes. */
  readonly maxSize?: number
  /** `a=accept-types`; other types are refused by us with 415, as they must not be sent. Absent: any. */
  readonly acceptTypes?: readonly string[]
  /** CEMA (RFC 6714): connect here instead of the first URI. */
  readonly connectTo?: { readonly host: string; readonly port: number }
  /** Fingerprints of self-signed certificates (RFC 8122), `sha-256 AB:CD…`. */
  readonly fingerprints?: readonly string[]
}

/** One MSRP session, RFC 4975 §5.4. */
export interface MsrpSession {
  /** Our path for SDP: relay hops first, our own URI last. Its session id is a secret: never logged. */
  readonly path: readonly string[]
  /**
   * Binds the session to the peer and connects where we are active. Resolves when the connection stands (active) or at once (passive).
   * Rejects where there is no connection, and `onFailed` is not called then. A passive session fails when its peer does not come in 30 s.
   */
  start(remote: RemoteEnd): Promise<void>
  /** Cut into chunks, sent in order with other messages of the session; never rejects. */
  send(message: OutgoingMessage): Promise<Sent>
  /** Bytes that wait to be written. */
  readonly queued: number
  close(): void
}

/** What our end of a session is like. */
export interface OpenSession {
  readonly transport: MsrpTransport
  readonly user: SessionUser
  /** The largest message we take, bytes. */
  readonly maxSize: number
  /** Our `a=accept-types`, with `*` and `type/*`; what is not listed is answered 415. Absent: any. */
  readonly acceptTypes?: readonly string[]
  /** A relay to authorise with first (RFC 4976). */
  readonly relay?: { readonly uri: string; readonly user: string; readonly password: string }
  /** Match by session id alone (an ALG may have changed the path). */
  readonly sessmatch?: boolean
  /** Send a bodiless SEND so often, ms; absent: never. */
  readonly keepAliveMs?: number
}

/** All listeners, connections and sessions of this process. */
export interface MsrpStack {
  /** Makes the local end of a session. Rejects where the transport does not listen or the relay refuses. */
  open(options: OpenSession): Promise<MsrpSession>
  readonly listening: readonly { readonly transport: MsrpTransport; readonly address: string; readonly port: number }[]
  /** Of our own certificate, for SDP; absent without TLS. */
  readonly fingerprint: string | undefined
  /** Shows another certificate from now on, at one listener or at all; connections stay. Throws where key and certificate make no sense. */
  reload(
    tls: { readonly key: string; readonly cert: string },
    at?: { readonly address: string; readonly port: number },
  ): void
  readonly counts: { readonly sessions: number; readonly connections: number }
  close(): Promise<void>
}
