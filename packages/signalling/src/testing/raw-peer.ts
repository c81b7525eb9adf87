import type { HeaderLine, SipMessage, SipRequest, SipResponse } from '../sip/message/message.ts'
import type { Flow, FlowUser, Target, Transports } from '../sip/transport/flow.ts'
import { seededTokens } from './sip-messages.ts'

/** What a test says of a request of the peer; the rest is filled in. */
export interface PeerRequest {
  readonly uri?: string
  readonly from?: string
  readonly to?: string
  readonly callID?: string
  readonly cseq?: number
  readonly branch?: string
  readonly headers?: readonly HeaderLine[]
  readonly contentType?: string
  readonly body?: string
  readonly maxForwards?: number
}

export interface PeerAnswer {
  readonly tag?: string
  readonly headers?: readonly HeaderLine[]
  readonly body?: string
  /** Contact of another URI, or none. */
  readonly contact?: string | null
}

let peers = 0

/** A user agent without a stack: it sends what a test writes, and keeps what comes in. */
export class RawPeer implements FlowUser {
  readonly received: SipMessage[] = []
  readonly #tokens = seededTokens(++peers)
  readonly #flows = new Map<SipMessage, Flow>()
  readonly #waiting = new Set<() => void>()
  readonly #stack: Target
  readonly #limitMs: number
  #transports: Transports | undefined

  private constructor(stack: Target, limitMs: number) {
    this.#stack = stack
    this.#limitMs = limitMs
  }

  /** `stack`: where what is under test listens. `limitMs`: how long `next` waits before the test has failed. */
  static async open(open: (user: FlowUser) => Promise<Transports>, stack: Target, limitMs = 2_000): Promise<RawPeer> {
    const peer = new RawPeer(stack, limitMs)
    peer.#transports = await open(peer)
    return peer
  }

  /** Leads to the peer over the transport it speaks with the stack. */
  get uri(): string {
    const { transport } = this.#stack
    const at = this.#open.listening.find((each) => each.transport === transport)
    return `sip:peer@${at?.address}:${at?.port}${transport === 'udp' ? '' : `;transport=${transport}`}`
  }

  get stackUri(): string {
    const { transport, address, port } = this.#stack
    return `sip:7001@${address}:${port}${transport === 'udp' ? '' : `;transport=${transport}`}`
  }

  token(): string {
    return this.#tokens(64)
  }

  // What comes in.

  onMessage(message: SipMessage, flow: Flow): void {
    this.received.push(message)
    this.#flows.set(message, flow)
    for (const look of [...this.#waiting]) look()
  }

  onFault(): void {
    throw new Error('the stack sent what cannot be read')
  }

  onClosed(): void {}

  /** Takes the next request of this method; others stay. Rejects where none comes. */
  async request(method: string): Promise<SipRequest> {
    return (await this.#take(
      (message) => message.kind === 'request' && message.method === method,
      method,
    )) as SipRequest
  }

  /** Takes the next final answer to a request of this method; `atLeast`: 100 or 101 to see provisional ones too. */
  async answer(method: string, atLeast = 200): Promise<SipResponse> {
    const wanted = (message: SipMessage) =>
      message.kind === 'response' && message.cseq.method === method && message.status >= atLeast
    return (await this.#take(wanted, `an answer to ${method}`)) as SipResponse
  }

  /** What has come and was not taken: methods, and statuses with the method they answer. 100 is left out. */
  left(): string[] {
    const left = this.received.splice(0).filter((message) => message.kind === 'request' || message.status > 100)
    return left.map((message) =>
      message.kind === 'request' ? message.method : `${message.status} ${message.cseq.method}`,
    )
  }

  #take(wanted: (message: SipMessage) => boolean, what: string): Promise<SipMessage> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const at = this.received.findIndex(wanted)
        if (at < 0) return false
        this.#waiting.delete(look)
        clearTimeout(timer)
        resolve(this.received.splice(at, 1)[0] as SipMessage)
        return true
      }
      const failed = new Error(`${what} did not come`)
      const timer = setTimeout(() => {
        this.#waiting.delete(look)
        failed.message += `; came: ${this.left().join(', ') || 'nothing'}`
        reject(failed)
      }, this.#limitMs)
      if (!look()) this.#waiting.add(look)
    })
  }

  // What goes out.

  /** Sends a request to the stack. What is sent twice with the same options is a repetition where `branch` is given. */
  async send(method: string, request: PeerRequest = {}): Promise<void> {
    const flow = await this.#open.flowTo(this.#stack)
    const body = Buffer.from(request.body ?? '')
    const lines = [
      `${method} ${request.uri ?? this.stackUri} SIP/2.0`,
      `Via: SIP/2.0/${flow.transport.toUpperCase()} ${flow.sentBy};branch=${request.branch ?? `z9hG4bK${this.token()}`};rport`,
      `Max-Forwards: ${request.maxForwards ?? 70}`,
      `From: ${request.from ?? `<sip:peer@example.net>;tag=${this.token()}`}`,
      `To: ${request.to ?? '<sip:7001@example.com>'}`,
      `Call-ID: ${request.callID ?? this.token()}`,
      `CSeq: ${request.cseq ?? 1} ${method}`,
      ...(request.headers ?? []).map(([name, value]) => `${name}: ${value}`),
      ...(request.contentType === undefined ? [] : [`Content-Type: ${request.contentType}`]),
      `Content-Length: ${body.length}`,
    ]
    flow.send(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body]))
  }

  /** Answers a request over the flow it came by. */
  reply(request: SipRequest, status: number, answer: PeerAnswer = {}): void {
    const flow = this.#flows.get(request)
    const to = request.header('to') ?? ''
    const tag = answer.tag ?? 'peer-tag'
    const body = Buffer.from(answer.body ?? '')
    const contact = answer.contact === undefined && status > 100 && status < 300 ? this.uri : answer.contact
    const lines = [
      `SIP/2.0 ${status} Said`,
      ...request.headers('via').map((via) => `Via: ${via}`),
      ...request.headers('record-route').map((route) => `Record-Route: ${route}`),
      `From: ${request.header('from')}`,
      `To: ${request.to.tag !== undefined || status === 100 ? to : `${to};tag=${tag}`}`,
      `Call-ID: ${request.callID}`,
      `CSeq: ${request.cseq.number} ${request.cseq.method}`,
      ...(contact === undefined || contact === null ? [] : [`Contact: <${contact}>`]),
      ...(answer.headers ?? []).map(([name, value]) => `${name}: ${value}`),
      ...(body.length === 0 ? [] : ['Content-Type: application/sdp']),
      `Content-Length: ${body.length}`,
    ]
    flow?.send(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body]))
  }

  /** The id of the flow between stack and peer, as the peer knows it; closing it closes both ends. */
  async flow(): Promise<Flow> {
    return this.#open.flowTo(this.#stack)
  }

  async close(): Promise<void> {
    await this.#transports?.close()
  }

  get #open(): Transports {
    if (!this.#transports) throw new Error('the peer is not open')
    return this.#transports
  }
}

/** A dialog as the peer has to remember it. */
export class PeerDialog {
  readonly peer: RawPeer
  readonly local: string
  readonly remote: string
  readonly callID: string
  readonly target: string
  readonly routes: readonly string[]
  cseq: number

  constructor(peer: RawPeer, of: Pick<PeerDialog, 'local' | 'remote' | 'callID' | 'target' | 'routes' | 'cseq'>) {
    this.peer = peer
    this.local = of.local
    this.remote = of.remote
    this.callID = of.callID
    this.target = of.target
    this.routes = of.routes
    this.cseq = of.cseq
  }

  /** Of the stack's answer to an INVITE of the peer. */
  static answered(peer: RawPeer, response: SipResponse): PeerDialog {
    return new PeerDialog(peer, {
      local: response.header('from') ?? '',
      remote: response.header('to') ?? '',
      callID: response.callID,
      target: /<([^>]*)>/.exec(response.header('contact') ?? '')?.[1] ?? '',
      routes: [...response.headers('record-route')].reverse(),
      cseq: response.cseq.number,
    })
  }

  /** Of the stack's INVITE that the peer has answered with this tag. */
  static invited(peer: RawPeer, request: SipRequest, tag = 'peer-tag'): PeerDialog {
    return new PeerDialog(peer, {
      local: `${request.header('to')};tag=${tag}`,
      remote: request.header('from') ?? '',
      callID: request.callID,
      target: /<([^>]*)>/.exec(request.header('contact') ?? '')?.[1] ?? '',
      routes: request.headers('record-route'),
      cseq: 0,
    })
  }

  async send(method: string, more: PeerRequest = {}): Promise<void> {
    const same = method === 'ACK' || method === 'CANCEL'
    if (!same && more.cseq === undefined) this.cseq++
    const contact: HeaderLine[] = method === 'INVITE' || method === 'UPDATE' ? [['Contact', `<${this.peer.uri}>`]] : []
    await this.peer.send(method, {
      uri: this.target,
      from: this.local,
      to: this.remote,
      callID: this.callID,
      cseq: this.cseq,
      ...more,
      headers: [...this.routes.map((each): HeaderLine => ['Route', each]), ...contact, ...(more.headers ?? [])],
    })
  }
}
