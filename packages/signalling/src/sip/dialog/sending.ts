/** The way of one request of ours: where to, over what, again elsewhere, again with credentials. */
import type { HeaderLine, RequestParts, SipResponse } from '../message/message.ts'
import type { ClientTransaction, ClientUser } from '../transaction/ports.ts'
import { requestSize } from '../transaction/request-size.ts'
import type { Flow, Target } from '../transport/flow.ts'
import { noBody } from './answer.ts'
import type { Credentials } from './credentials.ts'
import { contactHeader, type Environment } from './environment.ts'

/** RFC 3261 §18.1.1: from here on a request needs a transport that minds congestion. */
const largeBytes = 1300
/** What a UDP datagram can hold: 65 535 less the headers of UDP and IP. */
const datagramBytes = 65_507
/** CSeq, Contact and User-Agent. */
const addedBytes = 120
const usualSentBy = 'sip.example.com:5060'
/** Servers of one next hop that are tried; each may take a whole timer F. */
const maxTargets = 6
/** Challenges one request answers: proxies on its way, and nonces that have grown old. */
const maxChallenges = 6

/** Where a request goes. */
export interface NextHop {
  readonly uri: string
  /** The flow to take while it is open. */
  readonly flow: string | undefined
  /** Whether there is another way when it is not. */
  readonly flowOnly: boolean
}

export interface Outgoing {
  readonly method: string
  readonly uri: string
  /** Everything but CSeq, Contact, credentials and what the transaction layer adds. */
  readonly headers: readonly HeaderLine[]
  readonly body?: Uint8Array
  readonly hop: NextHop
  /** Where a Contact belongs: the user part of its URI, and whether it is sips. */
  readonly contact?: { readonly user: string; readonly secure: boolean }
  /** The CSeq of the next try: it goes up with each answer to a challenge (RFC 3261 §22.2). */
  readonly nextCSeq: () => number
  readonly credentials?: Credentials | undefined
}

/** 400: what was to be sent is no request. 408: no answer. 430: the flow is gone. 503: no way. 513: too large for every way there is. */
export type OwnStatus = 400 | 408 | 430 | 503 | 513

export interface SendingUser {
  /** Provisional answers, the final one, and every further 2xx to an INVITE. Not those that were dealt with by trying again. */
  onResponse(response: SipResponse, flow: Flow, sending: Sending): void
  onFailed(status: OwnStatus): void
}

/** A server to try. `fallback`: only where a connection to the one before was refused. */
interface Way {
  readonly target: Target
  readonly fallback: boolean
}

/** One request on its way, through all its transactions. */
export class Sending implements ClientUser {
  readonly #env: Environment
  /** undefined when nothing is left to be sent: a transaction that absorbs repetitions holds on to us. */
  #request: Outgoing | undefined
  readonly #user: SendingUser
  #ways: readonly Way[] = []
  #at = 0
  #cseq = 0
  #authorization: readonly HeaderLine[] = []
  #transaction: ClientTransaction | undefined
  #tried: Set<string> | undefined
  #challenges = 0
  /** A provisional answer came: this server has it. */
  #taken = false
  #refused = false
  #cancelled = false
  #done = false

  constructor(env: Environment, request: Outgoing, user: SendingUser) {
    this.#env = env
    this.#request = request
    this.#user = user
  }

  /** Of the latest try. */
  get cseq(): number {
    return this.#cseq
  }

  /** The credentials of the latest try; the ACK to a 2xx repeats them (RFC 3261 §22.1). */
  get authorization(): readonly HeaderLine[] {
    return this.#authorization
  }

  start() {
    if (!this.#request) return
    const { hop, credentials, method, uri, body, nextCSeq } = this.#request
    this.#env.pending.add(this)
    this.#cseq = nextCSeq()
    if (credentials) this.#authorization = credentials.headers(method, uri, body ?? noBody)
    const flow = hop.flow === undefined ? undefined : this.#env.ways.flow(hop.flow)
    if (flow?.open) this.#sendOver(flow)
    else if (hop.flowOnly) this.#fail(430)
    else void this.#resolve()
  }

  /** CANCELs an INVITE, which goes nowhere else from now on. False: it was not sent yet, and never will be; nobody is told. */
  cancel(headers?: readonly HeaderLine[]): boolean {
    this.#cancelled = true
    if (this.#transaction) {
      this.#transaction.cancel(headers)
      return true
    }
    this.#finish()
    return false
  }

  /** The stack closes: no answer will come. */
  abort() {
    this.#fail(503)
  }

  onResponse(response: SipResponse, flow: Flow) {
    const { status } = response
    if (status < 200) this.#taken = true
    else if ((status === 401 || status === 407) && this.#authorize(response)) return this.#sendOver(flow)
    // RFC 3263 §4.3: a server that is overloaded is like one that is not there.
    else if (status === 503 && this.#hasNext) return void this.#next({ response, flow })
    else this.#finish()
    this.#user.onResponse(response, flow, this)
  }

  onFailed(why: 'timeout' | 'transport'): void {
    if (this.#done) return
    if (!this.#taken && this.#hasNext) void this.#next()
    else this.#fail(why === 'timeout' ? 408 : 503)
  }

  get #hasNext(): boolean {
    return !this.#done && !this.#cancelled && this.#at < this.#ways.length
  }

  async #resolve(): Promise<void> {
    const request = this.#request
    if (!request) return
    let targets: readonly Target[] = []
    try {
      targets = await this.#env.ways.resolve(request.hop.uri)
    } catch {
      // Counts as a name that leads nowhere.
    }
    this.#ways = bySize(request, targets.slice(0, maxTargets))
    await this.#next()
  }

  /** The next server. `said`: what the last one answered, where it did. */
  async #next(said?: { response: SipResponse; flow: Flow }): Promise<void> {
    let flow: Flow | undefined
    while (!flow && this.#hasNext) {
      const way = this.#ways[this.#at++]
      if (!way || (way.fallback && !this.#refused)) continue
      try {
        flow = await this.#env.ways.flowTo(way.target)
      } catch {
        this.#refused = true
      }
    }
    if (this.#done) return
    if (flow && !this.#cancelled) return this.#sendOver(flow)
    if (said) {
      this.#finish()
      return this.#user.onResponse(said.response, said.flow, this)
    }
    const tooLarge = this.#request?.method === 'MESSAGE' && sizeOf(this.#request) > largeBytes
    this.#fail(tooLarge && this.#refused ? 513 : 503)
  }

  #authorize(response: SipResponse): boolean {
    const request = this.#request
    if (!request?.credentials || this.#done || this.#cancelled || this.#challenges++ === maxChallenges) return false
    const { credentials, method, uri, body, nextCSeq } = request
    this.#tried ??= new Set()
    if (!credentials.take(response, this.#tried)) return false
    this.#cseq = nextCSeq()
    this.#authorization = credentials.headers(method, uri, body ?? noBody)
    return true
  }

  #sendOver(flow: Flow): void {
    if (!this.#request) return
    this.#taken = false
    try {
      this.#transaction = this.#env.layer.request(this.#parts(this.#request, flow), flow, this)
    } catch {
      // A method, URI or header name that cannot stand in a message.
      this.#fail(400)
    }
  }

  #parts(request: Outgoing, flow: Flow): RequestParts {
    const { method, uri, contact, body } = request
    const headers = [...request.headers]
    headers.push(['CSeq', `${this.#cseq} ${method}`])
    if (contact) headers.push(contactHeader(flow, contact.user, contact.secure))
    headers.push(...this.#authorization, ...this.#env.identity)
    return body ? { method, uri, headers, body } : { method, uri, headers }
  }

  #fail(status: OwnStatus): void {
    if (this.#done) return
    this.#finish()
    this.#user.onFailed(status)
  }

  #finish() {
    this.#done = true
    this.#request = undefined
    this.#ways = []
    this.#env.pending.delete(this)
  }
}

/** Sends an ACK to a 2xx, which has no transaction; where there is no way, the 2xx will come again. RFC 3261 §13.2.2.4. */
export async function sendAck(
  { ways, layer, identity }: Environment,
  hop: NextHop,
  { uri, headers, body }: { uri: string; headers: readonly HeaderLine[]; body?: Uint8Array },
): Promise<void> {
  const parts = { method: 'ACK', uri, headers: [...headers, ...identity], ...(body && { body }) }
  try {
    const held = hop.flow === undefined ? undefined : ways.flow(hop.flow)
    if (held?.open) return layer.sendStateless(parts, held)
    if (hop.flowOnly) return
    const [target] = await ways.resolve(hop.uri)
    if (target) layer.sendStateless(parts, await ways.flowTo(target))
  } catch {
    // No way to the peer now.
  }
}

// RFC 3261 §18.1.1: over 1300 bytes UDP gives way to TCP, and has its turn only where TCP is refused.
function bySize(request: Outgoing, targets: readonly Target[]): readonly Way[] {
  const bytes = sizeOf(request)
  if (bytes <= largeBytes) return targets.map((target) => ({ target, fallback: false }))
  return targets.flatMap((target) => {
    if (target.transport !== 'udp') return [{ target, fallback: false }]
    const ways: Way[] = [{ target: { ...target, transport: 'tcp' }, fallback: false }]
    // RFC 3428 §8: a MESSAGE that long must not go over UDP, whatever became of TCP.
    if (request.method !== 'MESSAGE' && bytes <= datagramBytes) ways.push({ target, fallback: true })
    return ways
  })
}

/** What is added per try is counted at its usual length: the limit is one of prudence, the MTU is 200 bytes away. */
function sizeOf({ method, uri, headers, body }: Outgoing): number {
  return requestSize({ method, uri, headers, ...(body && { body }) }, usualSentBy) + addedBytes
}
