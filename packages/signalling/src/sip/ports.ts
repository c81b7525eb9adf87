/**
 * What the engine needs of a SIP stack: requests outside dialogs both ways, and INVITE dialogs. Implemented by our own stack
 * (`stack.ts`) and over drachtio-srf (`../drachtio`); one contract suite for both.
 */
import type { HeaderLine, Reply, SipRequest } from './message/message.ts'
import type { TransportName } from './transport/flow.ts'

/** Where a request is sent. */
export interface SipDestination {
  /** The Request-URI. */
  readonly uri: string
  /** A route set, first hop first: Path of a binding, or an outbound proxy. */
  readonly route?: readonly string[]
  /** The flow the binding was made over; where it is gone, the request fails with 430 (RFC 5626 §5.3). */
  readonly flow?: string
}

/** Who sent a request, as far as the transport knows. */
export interface SipSource {
  readonly transport: TransportName
  readonly address: string
  readonly port: number
  /** Names of a verified client certificate. */
  readonly peerNames: readonly string[]
  /** The flow's id, to bind a registration to it; undefined for UDP and where another server holds the connection. */
  readonly flow?: string
}

/** A final answer, or none: 408 where nothing came, 503 where there was no way. */
export interface SipAnswer {
  readonly status: number
  readonly reason: string
  header(name: string): string | undefined
  headers(name: string): readonly string[]
  readonly contentType: string | undefined
  readonly body: Uint8Array
  /** False: the status is our own, no answer came. */
  readonly received: boolean
}

export interface OutgoingRequest {
  readonly method: string
  readonly to: SipDestination
  /** Name-addr or URI of From and To, without tags. */
  readonly from: string
  readonly toHeader?: string
  /** Call-ID, where a repetition must be known as one; by default a new one. */
  readonly callID?: string
  readonly cseq?: number
  readonly headers?: readonly HeaderLine[]
  readonly contentType?: string
  readonly body?: Uint8Array
  /** For 401 and 407: user name and password; absent: the challenge is the answer. */
  readonly credentials?: { readonly user: string; readonly password: string }
}

export interface IncomingRequest {
  readonly request: SipRequest
  readonly source: SipSource
}

/** An INVITE of a peer, until it is answered. */
export interface IncomingInvite extends IncomingRequest {
  /** The SDP offer; empty where the answer has to make one (the ACK brings the peer's). */
  readonly offer: Uint8Array
  /** Sends a provisional answer, reliably where the peer asks for it (RFC 3262). */
  ring(status?: 180 | 183): void
  /** Answers 200 with this body; resolves when the ACK is there, with its body; rejects where it never comes (the dialog is ended with BYE). */
  accept(sdp: Uint8Array, headers?: readonly HeaderLine[]): Promise<AcceptedInvite>
  /** Any final refusal. */
  reject(reply: Reply): void
  /** The peer has cancelled, or the flow is gone; nothing is to be answered any more. */
  onCancel: (() => void) | undefined
}

export interface AcceptedInvite {
  readonly dialog: SipDialog
  /** The body of the ACK: the SDP answer where the 200 made the offer. */
  readonly ack: Uint8Array
}

export interface OutgoingInvite {
  /** Told of each provisional answer above 100. */
  onProgress: ((status: number) => void) | undefined
  /** The dialog after 2xx and ACK, with the peer's SDP; or the refusal. Never rejects. Further 2xx of a fork are acknowledged and ended with BYE. */
  readonly answered: Promise<{ dialog: SipDialog; sdp: Uint8Array } | { refused: SipAnswer }>
  /** Gives up: CANCEL, or BYE where the 200 was faster. `answered` then tells 487, or what came. */
  cancel(reason?: string): void
}

/** What a peer asks inside a dialog. The value is the answer. */
export interface DialogUser {
  /** A re-INVITE or an UPDATE with an offer: the answer's SDP, or a refusal. An empty offer asks us for one. */
  onOffer(offer: Uint8Array): Promise<Uint8Array | Reply>
  /** The peer's answer to an offer `onOffer` was asked for, where somebody wants to know. */
  onAnswer?(sdp: Uint8Array): void
  /** Any other request: MESSAGE, INFO … */
  onRequest(request: SipRequest): Promise<Reply>
  /** The dialog is over, by BYE (with its Reason header), or because the peer is gone: 408 or 481 to a request, session timer. */
  onEnd(why: { readonly by: 'peer' | 'timer' | 'lost'; readonly reason: string | undefined }): void
}

/** An INVITE dialog. RFC 3261 §12. */
export interface SipDialog {
  readonly id: string
  /** Everything another node needs to go on, as plain data (JSON); undefined where the stack cannot tell (drachtio). */
  state(): DialogState | undefined
  /** Called whenever `state()` has changed in a way that has to be kept (target, route, session); not for every CSeq. */
  onState: ((state: DialogState) => void) | undefined
  user: DialogUser | undefined
  /** A new offer; waits and tries again after a glare (491). Resolves with the answer's SDP or the refusal. */
  offer(sdp: Uint8Array, headers?: readonly HeaderLine[]): Promise<{ sdp: Uint8Array } | { refused: SipAnswer }>
  /** Any other request inside the dialog. */
  request(
    method: string,
    options?: { headers?: readonly HeaderLine[]; contentType?: string; body?: Uint8Array },
  ): Promise<SipAnswer>
  /** BYE; resolves when it is answered or was given up. */
  bye(reason?: string): Promise<void>
  /** Lets go of the dialog without a word to the peer: another process goes on with it. */
  forget(): void
}

/** RFC 3261 §12: what outlives a transaction, as plain data. */
export interface DialogState {
  readonly callID: string
  /** Whether we made the Call-ID, that is, sent the INVITE: it decides who waits longer after a glare (RFC 3261 §14.1). */
  readonly ownsCallID: boolean
  readonly localTag: string
  readonly remoteTag: string
  /** Name-addrs of From and To without tags. */
  readonly local: string
  readonly remote: string
  readonly remoteTarget: string
  /** First hop first. */
  readonly routeSet: readonly string[]
  /** The last CSeq we used, rounded up: another node goes on well above it. */
  readonly localCSeq: number
  readonly remoteCSeq: number
  readonly secure: boolean
  /** The flow to the peer where the remote target cannot be resolved (a WebSocket client). */
  readonly flow: string | undefined
  /** Session timer, seconds (RFC 4028); null: none. */
  readonly session: { readonly interval: number; readonly refresher: 'local' | 'remote' } | null
}

/** What the engine does with what comes in. Promises do not reject; a stack answers 500 where one does all the same. */
export interface SipUser {
  /** Dialogs of an earlier run are still being taken up: one that is not known yet is not said to be gone (481) but to come (503). */
  readonly settling?: boolean
  /** A request outside dialogs: REGISTER, MESSAGE, OPTIONS, … Method not wanted: 405 with Allow is the user's answer too. */
  onRequest(incoming: IncomingRequest): Promise<Reply>
  onInvite(invite: IncomingInvite): void
  /** A flow bindings may have been made over is gone. */
  onFlowClosed(flow: string): void
}

export interface SipPort {
  /** Sends a request outside dialogs and resolves with the final answer. Never rejects. */
  request(request: OutgoingRequest): Promise<SipAnswer>
  invite(request: Omit<OutgoingRequest, 'method'>): OutgoingInvite
  /** Takes up a dialog another process has begun; undefined where the stack cannot. */
  restore(state: DialogState): SipDialog | undefined
  /** Whether requests can be sent over this flow. */
  hasFlow(flow: string): boolean
  /** The URI that leads to this node over the transport, for Contact and SDP. */
  readonly listening: readonly { readonly transport: TransportName; readonly address: string; readonly port: number }[]
  close(): Promise<void>
}
