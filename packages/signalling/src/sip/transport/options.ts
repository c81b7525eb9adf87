/** What the transports are told, and what they tell. */
import type { Clock } from '../../tserver/ports.ts'
import { type MessageLimits, defaultLimits as messageLimits } from '../message/limits.ts'
import type { Address, Flow, FlowUser, TransportName, Transports } from './flow.ts'
import type { Resolver } from './resolver.ts'

/** Certificate and key of this end, as PEM. */
export interface TLSIdentity {
  /** The certificate and those between it and the root. */
  readonly cert: string
  readonly key: string
  /** Who may have signed the peers' certificates; by default the roots Node ships. */
  readonly ca?: string
}

/** TLS of one listener. TLS 1.2 at least (RFC 8996). */
export interface ListenTLS extends TLSIdentity {
  /** Whether clients are asked for a certificate, and refused without a valid one. Default `none`. */
  readonly clientCertificate?: 'none' | 'ask' | 'require'
}

/** Where to listen. */
export interface Listen {
  readonly transport: TransportName
  /** Numeric; `0.0.0.0` or `::` for all of a family (`::` never takes IPv4 along). */
  readonly address: string
  /** 0: any free one. */
  readonly port: number
  /** For TLS and WSS. */
  readonly tls?: ListenTLS
  /** Of WS and WSS; default `/`. */
  readonly path?: string
  /** WS and WSS: the web origins whose pages may connect. Absent: all, and clients that are no browser. */
  readonly origins?: readonly string[]
  /** What peers see of us behind a NAT: for Via and Contact instead of the bound address. */
  readonly advertise?: { readonly host: string; readonly port?: number }
  /** Several processes may listen here; the kernel gives each peer to one of them. */
  readonly reusePort?: boolean
}

/** Bounds of everything a peer can make grow or last. Times in milliseconds. */
export interface TransportLimits {
  /** How much of a message is read. */
  readonly message: MessageLimits
  /** Connections in all, both ways, handshakes included. */
  readonly connections: number
  /** Connections from one address, or IPv6 network of 64 bits; raise it where all come through one proxy. */
  readonly connectionsPerAddress: number
  /** UDP peers remembered per listener. */
  readonly udpPeers: number
  /** Bytes that may wait for one peer; a single message may be longer. A proxy in front carries many peers over one connection. */
  readonly queue: number
  /** Bytes that may wait for all peers together that have more than 64 KiB waiting. */
  readonly queues: number
  /** How long connecting and handshakes may take. */
  readonly connectMs: number
  /** A peer that connected has to send a valid message within. */
  readonly firstMessageMs: number
  /** A message that has begun has to be complete within. */
  readonly messageMs: number
  /** Silence after which we ask whether the peer is there (RFC 5626 §4.4). */
  readonly pingMs: number
  /** The answer has to be there within. */
  readonly pongMs: number
  /** A peer that has got a request has to say something within: timer F (RFC 3261 §17.1.2.2). */
  readonly answerMs: number
  /** A connection nobody has used for so long is closed. */
  readonly idleMs: number
  /** What waits for the peer has to move within. */
  readonly stallMs: number
  /** How long close() waits for what is still to be written. */
  readonly closeMs: number
}

export const defaultLimits: TransportLimits = {
  message: messageLimits,
  connections: 10_000,
  connectionsPerAddress: 1_000,
  udpPeers: 20_000,
  queue: 4_194_304,
  queues: 268_435_456,
  connectMs: 5_000,
  firstMessageMs: 15_000,
  messageMs: 10_000,
  pingMs: 24_000,
  pongMs: 10_000,
  answerMs: 32_000,
  idleMs: 3_900_000,
  stallMs: 10_000,
  closeMs: 1_000,
}

/** Why something was closed, refused or thrown away. For metrics: the set is closed. */
export type DropReason =
  | 'too-many-connections'
  | 'too-many-from-address'
  | 'handshake-failed'
  | 'not-found'
  | 'subprotocol'
  | 'origin'
  | 'no-message'
  | 'slow-message'
  | 'too-large'
  | 'malformed'
  | 'slow-reader'
  | 'no-pong'
  | 'no-answer'
  | 'idle'
  | 'send-failed'

/**
 * Is told of each message as it stands on the wire: `sent` when it was written, else when it came. For traces: called synchronously,
 * must not throw and must not change the bytes. What cannot be read as a message is not told of, nor are keep-alives.
 */
export type SipTap = (sent: boolean, flow: Flow, bytes: Uint8Array) => void

export interface TransportsOptions {
  readonly listen: readonly Listen[]
  readonly user: FlowUser
  readonly clock: Clock
  readonly limits?: Partial<TransportLimits>
  /** How outgoing TLS shows and checks certificates. */
  readonly client?: Partial<TLSIdentity>
  /** DNS; by default the system's. */
  readonly resolver?: Resolver
  /** For choosing among equal servers (RFC 2782); default Math.random. */
  readonly random?: () => number
  /** Told of everything dropped; must not throw. */
  readonly onDrop?: (reason: DropReason, transport: TransportName, remote: Address | undefined) => void
  readonly tap?: SipTap
  /** Told of broken invariants: a user that threw, a listener that failed. Must not throw. */
  readonly onError?: (error: unknown, flow: Flow | undefined) => void
}

/** A flow that is there. */
export interface OpenFlow extends Pick<Flow, 'id' | 'transport' | 'local' | 'remote'> {
  /** When it began, milliseconds since 1970; a UDP peer's: when it was first heard of, or sent to. */
  readonly openedAt: number
}

/** The transports over real sockets. */
export interface SocketTransports extends Transports {
  /**
   * Takes a new certificate for what connects from now on; flows that are there go on.
   * `at` names one listener, by default all of TLS and WSS. Throws, and changes nothing, where certificate and key do not fit.
   */
  reload(tls: ListenTLS, at?: Address): void
  /** Takes new certificates for outgoing connections. */
  reloadClient(client: Partial<TLSIdentity>): void
  /** Flows in the order of their ids, after one: so many at most, and whether there are more. For the operator: it looks at all. */
  flows(after: string | undefined, limit: number): { readonly flows: readonly OpenFlow[]; readonly more: boolean }
  /** For metrics. */
  readonly counts: { readonly connections: number; readonly udpPeers: number }
}
