import type { Clock } from '../../tserver/ports.ts'
import type { HeaderLine, RequestParts, SipMessage, SipRequest, SipResponse } from '../message/message.ts'
import { printRequest, printResponse, viaValue } from '../message/print.ts'
import { magicCookie } from '../message/via.ts'
import type { Flow } from '../transport/flow.ts'
import { clientKey, hashed, isOldStyle, sentByOf, transactionID } from './keys.ts'
import { defaultTransactionLimits, type TransactionLimits } from './limits.ts'
import { type Linked, LinkedList, unlink } from './list.ts'
import type { Machines } from './machines.ts'
import type { ClientTransaction, ClientUser, Tokens, TransactionLayer, TransactionUser } from './ports.ts'
import { InviteClient } from './run-invite-client.ts'
import { InviteServer } from './run-invite-server.ts'
import { NonInviteClient } from './run-non-invite-client.ts'
import { NonInviteServer } from './run-non-invite-server.ts'
import { findServer, type Server, ServerIndex, waysOf } from './server-index.ts'
import { TimerWheel } from './timer-wheel.ts'
import { type Durations, defaultTimers, durations, type TimerName } from './timers.ts'

/** Bits of chance in our branches and tags: who does not see a transaction cannot meddle with it. */
const tokenBits = 80

/** Why the user does not see a message. `repeated`: absorbed; `foreign`: a response to a request that is not ours. */
export type TransactionDrop = 'repeated' | 'merged' | 'overload' | 'foreign'

export interface TransactionDeps {
  readonly clock: Clock
  readonly tokens: Tokens
  readonly user: TransactionUser
  /** RFC 3261 §17.1.1.1, milliseconds; 500, 4000 and 5000 by default. */
  readonly t1?: number
  readonly t2?: number
  readonly t4?: number
  readonly limits?: Partial<TransactionLimits>
  /** Told of each message the user is not, for metrics. */
  readonly onDrop?: (why: TransactionDrop, flow: Flow) => void
}

/** Either kind of client transaction. */
type Client = InviteClient | NonInviteClient

/** The layer as the transports see it. */
export interface RunningTransactionLayer extends TransactionLayer {
  /** Takes what a flow received. Never throws where the user does not. */
  receive(message: SipMessage, flow: Flow): void
  /** The flow is gone: requests sent over it fail; those that came over it can no longer be answered. */
  flowClosed(flow: Flow): void
  /** Forgets everything; nobody is told. */
  close(): void
}

/** The transaction layer of RFC 3261 §17 over whatever flows messages come from. */
export function createTransactionLayer(deps: TransactionDeps): RunningTransactionLayer {
  return new Layer(deps)
}

class Layer implements RunningTransactionLayer, Machines {
  readonly wheel: TimerWheel<TimerName>
  readonly times: Durations
  readonly user: TransactionUser
  readonly #tokens: Tokens
  readonly #limits: TransactionLimits
  readonly #onDrop: ((why: TransactionDrop, flow: Flow) => void) | undefined
  readonly #servers = new ServerIndex()
  /** By `clientKey`. */
  readonly #clients = new Map<string, Client>()
  /** Clients that wait for a final answer: by connection, as many close at once; over UDP, where hardly any does, in one list. */
  readonly #waiting = new Map<Flow, LinkedList>()
  readonly #waitingDatagrams = new LinkedList()
  #waitingClients = 0
  /** Transactions that only absorb, oldest first. */
  readonly #answeredServers = new LinkedList()
  readonly #answeredClients = new LinkedList()

  constructor(deps: TransactionDeps) {
    const { t1 = defaultTimers.t1, t2 = defaultTimers.t2, t4 = defaultTimers.t4 } = deps
    this.wheel = new TimerWheel(deps.clock)
    this.times = durations({ t1, t2, t4 })
    this.user = deps.user
    this.#tokens = deps.tokens
    this.#limits = { ...defaultTransactionLimits, ...deps.limits }
    this.#onDrop = deps.onDrop
  }

  get counts(): { server: number; client: number } {
    return { server: this.#servers.size, client: this.#clients.size }
  }

  receive(message: SipMessage, flow: Flow): void {
    if (message.kind === 'response') this.#receiveResponse(message, flow)
    else if (message.method === 'ACK') this.#receiveAck(message, flow)
    else this.#receiveRequest(message, flow)
  }

  #receiveRequest(request: SipRequest, flow: Flow): void {
    const { method } = request
    const { key, first } = this.#servers.of(request)
    const known = findServer(first, request, method)
    if (known) this.#repeated(known, request, flow)
    else if (method === 'CANCEL') this.#receiveCancel(request, flow, key, first)
    else if (this.#servers.size - this.#answeredServers.size >= this.#limits.server)
      this.#refuse(request, flow, key, 503, 'overload')
    else {
      const ways = waysOf(first, request)
      if (ways === 'tooMany') this.#refuse(request, flow, key, 482, 'merged')
      else this.#begin(this.#newServer(request, flow, key, this.#toTag(request)), ways === 'merged', flow)
    }
  }

  #repeated(known: Server, request: SipRequest, flow: Flow): void {
    this.#onDrop?.('repeated', flow)
    if (known instanceof InviteServer) known.input('invite')
    else known.input('request', request)
  }

  #newServer(request: SipRequest, flow: Flow, key: string, toTag: string): Server {
    const { method } = request
    const id = transactionID(request, method)
    const server =
      method === 'INVITE'
        ? new InviteServer(this, key, id, request, flow, toTag)
        : new NonInviteServer(this, key, id, request, flow, toTag)
    this.#servers.add(server)
    return server
  }

  /** Hands a new request to the user; one that came another way before gets 482 (RFC 3261 §8.2.2.2). */
  #begin(server: Server, merged: boolean, flow: Flow): void {
    const { request } = server
    if (!request) return
    if (merged) {
      this.#onDrop?.('merged', flow)
      request.respond({ status: 482 })
      return
    }
    try {
      this.user.onRequest(request)
    } finally {
      server.begun() // Whatever the user does, time runs.
    }
  }

  /** RFC 3261 §9.2: a transaction of its own, answered at once; of nothing we know it is not even that. */
  #receiveCancel(request: SipRequest, flow: Flow, key: string, first: Server | undefined): void {
    const invite = findServer(first, request, 'INVITE')
    if (!(invite instanceof InviteServer)) {
      this.#refuse(request, flow, key, 481)
      return
    }
    this.#newServer(request, flow, key, invite.toTag).request?.respond({ status: 200 })
    invite.cancel()
  }

  /** RFC 3261 §17.2.3: to a refusal it has the branch of the INVITE; of a sender of RFC 2543 it has the tag of our answer. */
  #receiveAck(ack: SipRequest, flow: Flow): void {
    const { first } = this.#servers.of(ack)
    let invite = findServer(first, ack, 'INVITE')
    if (!invite && isOldStyle(ack)) {
      const candidate = findServer(first, ack, 'INVITE', '')
      if (candidate instanceof InviteServer && candidate.toTag === ack.to.tag) invite = candidate
    }
    if (invite instanceof InviteServer) invite.input('ack', ack, flow)
    else this.user.onAck(ack, flow)
  }

  #receiveResponse(response: SipResponse, flow: Flow): void {
    const { via, cseq } = response
    const found = via.branch === undefined ? undefined : this.#clients.get(clientKey(via.branch, cseq.method))
    const client = found?.method === cseq.method ? found : undefined
    // RFC 3261 §18.1.2: what names another sender is none of ours.
    if (sentByOf(via) !== (client?.flow ?? flow).sentBy.toLowerCase()) this.#onDrop?.('foreign', flow)
    else if (client) client.receive(response, flow)
    else this.user.onStrayResponse(response, flow)
  }

  request(parts: RequestParts, flow: Flow, user: ClientUser): ClientTransaction {
    const { method } = parts
    if (method === 'ACK' || method === 'CANCEL') throw new Error(`${method} is no request of its own`)
    const branch = this.#branch()
    const via = viaOf(flow, branch)
    const bytes = printRequest(parts, { via })
    const key = clientKey(branch, method)
    const client =
      method === 'INVITE'
        ? new InviteClient(this, key, branch, flow, via, parts, bytes, user)
        : new NonInviteClient(this, key, branch, method, flow, bytes, user)
    this.#start(client)
    return client
  }

  sendStateless(parts: RequestParts, flow: Flow): void {
    flow.send(printRequest(parts, { via: viaOf(flow, this.#branch()) }))
  }

  flowClosed(flow: Flow): void {
    const list = flow.reliable ? this.#waiting.get(flow) : this.#waitingDatagrams
    // Found first: whoever is told may send anew.
    const failed: Client[] = []
    for (let item = list?.first; item; item = item.after) {
      const client = item as Client
      if (client.flow === flow) failed.push(client)
    }
    for (const client of failed) client.input('flowFailed')
    this.user.onFlowClosed(flow)
  }

  close(): void {
    this.#servers.close()
    for (const client of this.#clients.values()) client.end()
    this.wheel.close()
  }

  settled(server: Server, bytes: number): void {
    retain(this.#answeredServers, server, bytes, this.#limits.answeredBytes)
  }

  answered(client: Client): void {
    this.#stopWaiting(client)
    retain(this.#answeredClients, client, 0, this.#limits.answeredBytes)
  }

  removeServer(server: Server): void {
    unlink(server)
    this.#servers.remove(server)
  }

  removeClient(client: Client): void {
    this.#stopWaiting(client)
    unlink(client)
    this.#clients.delete(client.key)
  }

  sendCancel(invite: InviteClient, parts: RequestParts): void {
    const { branch, flow, via } = invite
    const bytes = printRequest(parts, { via })
    this.#start(new NonInviteClient(this, clientKey(branch, 'CANCEL'), branch, 'CANCEL', flow, bytes, undefined))
  }

  #start(client: Client): void {
    const full = this.#waitingClients >= this.#limits.client
    this.#clients.set(client.key, client)
    client.begin(full)
    if (client.waits) this.#startWaiting(client)
  }

  #startWaiting(client: Client): void {
    this.#waitingClients++
    const { flow } = client
    let waiting = flow.reliable ? this.#waiting.get(flow) : this.#waitingDatagrams
    if (!waiting) {
      waiting = new LinkedList()
      this.#waiting.set(flow, waiting)
    }
    waiting.add(client)
  }

  #stopWaiting(client: Client): void {
    const { list, flow } = client
    if (!list || list === this.#answeredClients) return
    list.remove(client)
    this.#waitingClients--
    if (list.size === 0 && flow.reliable) this.#waiting.delete(flow)
  }

  /** Without a transaction; the tag is the same for a repetition (RFC 3261 §8.2.7). */
  #refuse(request: SipRequest, flow: Flow, key: string, status: 481 | 482 | 503, why?: TransactionDrop): void {
    if (why !== undefined) this.#onDrop?.(why, flow)
    const headers: HeaderLine[] = status === 503 ? [['Retry-After', String(this.#limits.retryAfterS)]] : []
    const tag = `none${(hashed(key, 0) >>> 0).toString(36)}`
    flow.send(printResponse(request, { status, headers }, { toTag: tag, seen: flow.remote }))
  }

  #toTag(request: SipRequest): string {
    return request.to.tag ?? this.#tokens(tokenBits)
  }

  #branch(): string {
    return magicCookie + this.#tokens(tokenBits)
  }
}

/** Bytes of an answered transaction without what it holds: its own fields, its timers and its place in a table. */
const ownBytes = 400

/** Adds it to those that absorb, and lets the oldest of them go where they take too much. */
function retain(list: LinkedList, item: Linked, bytes: number, most: number): void {
  list.add(item, ownBytes + bytes)
  while (list.weight > most && list.size > 1) list.first?.evict()
}

function viaOf(flow: Flow, branch: string): string {
  // RFC 3581: behind a NAT the answer has to come back to the port the request left by; a connection brings it anyway.
  return viaValue({ transport: flow.transport, sentBy: flow.sentBy, branch, rport: flow.transport === 'udp' })
}
