import type { SipMessage } from '../message/message.ts'

export type TransportName = 'udp' | 'tcp' | 'tls' | 'ws' | 'wss'

export interface Address {
  /** A numeric IPv4 or IPv6 address, without brackets. */
  readonly address: string
  readonly port: number
}

/** Where a request goes: the outcome of RFC 3263. */
export interface Target extends Address {
  readonly transport: TransportName
  /** The name the certificate must show, for TLS and WSS. */
  readonly serverName?: string
}

/** One transport association between two addresses (RFC 5626 §2): a connection, or a pair of UDP addresses. */
export interface Flow {
  /** Unlike that of any other flow this process had or has. */
  readonly id: string
  readonly transport: TransportName
  /** Neither loses nor repeats what was sent: everything but UDP. */
  readonly reliable: boolean
  readonly local: Address
  readonly remote: Address
  /** Who answers at the other end may be told apart by it only; false as soon as the connection is gone. */
  readonly open: boolean
  /** SIP domains the peer's verified certificate shows (TLS, WSS; RFC 5922 §7.1), in lower case; empty without one. */
  readonly peerNames: readonly string[]
  /** `host:port` for Via and Contact towards this peer. */
  readonly sentBy: string
  /** Writes one message. Never throws; what cannot be written closes the flow, and `onClosed` tells. False: not taken. */
  send(bytes: Uint8Array): boolean
  close(): void
}

/** What could not be understood, and what may be said to it. */
export interface ParseFault {
  readonly kind: 'fault'
  /** For the log. Never contains more than a few words of the message. */
  readonly why: string
  /** The answer RFC 3261 asks for, ready to be sent back; undefined where silence is right (a response, an ACK, no Via). */
  readonly answer?: Uint8Array
  /** The stream cannot be read on: no length, too long. The flow is closed after the answer. */
  readonly fatal: boolean
}

/** Who is told of what the transports receive. Called synchronously; must not throw. */
export interface FlowUser {
  onMessage(message: SipMessage, flow: Flow): void
  onFault(fault: ParseFault, flow: Flow): void
  /** Once for each connection. For UDP only where sending failed or `close()` was called. */
  onClosed(flow: Flow): void
}

/** All listeners and connections of this process. */
export interface Transports {
  /** A flow to the target: the connection there is, or a new one. Rejects within 5 s where there is no way. */
  flowTo(target: Target): Promise<Flow>
  /** An open flow by its id; for bindings made over it. */
  flow(id: string): Flow | undefined
  /** Where requests for this URI (a Route or a Request-URI) go, best first. RFC 3263; empty where it does not resolve. */
  resolve(uri: string): Promise<readonly Target[]>
  /** Where we listen, for Contact and for tests. */
  readonly listening: readonly (Address & { transport: TransportName })[]
  close(): Promise<void>
}
