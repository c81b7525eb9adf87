/** Our own SIP stack behind `SipPort`: requests and dialogs over the transaction layer and the transports. */
import type { Clock } from '../tserver/ports.ts'
import { noBody, ownAnswer, receivedAnswer } from './dialog/answer.ts'
import { Credentials } from './dialog/credentials.ts'
import { plainAddress, route } from './dialog/dialog.ts'
import { type Environment, respond, tell } from './dialog/environment.ts'
import { objection } from './dialog/guard.ts'
import { Ringing } from './dialog/incoming-invite.ts'
import { bodyOf, LiveDialog } from './dialog/live-dialog.ts'
import { Invitation, type Inviting } from './dialog/outgoing-invite.ts'
import { type Outgoing, Sending } from './dialog/sending.ts'
import { answerSession, defaultSessionTimer, type SessionTimerOptions } from './dialog/session-timer.ts'
import { digestResponse } from './digest/digest-response.ts'
import type { HeaderLine, Reply, SipMessage, SipRequest, SipResponse } from './message/message.ts'
import type {
  DialogState,
  OutgoingInvite,
  OutgoingRequest,
  SipAnswer,
  SipDialog,
  SipPort,
  SipSource,
  SipUser,
} from './ports.ts'
import { createTransactionLayer, type RunningTransactionLayer, type TransactionDeps } from './transaction/layer.ts'
import type { ServerTransaction, Tokens, TransactionUser } from './transaction/ports.ts'
import { TimerWheel } from './transaction/timer-wheel.ts'
import { defaultTimers, type TimerBase } from './transaction/timers.ts'
import type { Flow, FlowUser, ParseFault, Transports } from './transport/flow.ts'

export interface SipStackOptions {
  /** Opens the transports; what they receive is for the user they are given. */
  readonly transports: (user: FlowUser) => Promise<Transports>
  readonly clock: Clock
  readonly tokens: Tokens
  /** From 0 up to, but not including, 1. */
  readonly random: () => number
  readonly user: SipUser
  /** For User-Agent; absent: none. */
  readonly userAgent?: string
  /** Session timers (RFC 4028); null: only where the peer wants one. By default 1800 s, at least 90. */
  readonly sessionTimer?: SessionTimerOptions | null
  /** Dialogs and invitations together; one more is refused with 503. Default 100 000. */
  readonly maxDialogs?: number
  readonly transactions?: Pick<TransactionDeps, 'limits' | 'onDrop'>
  /** RFC 3261 §17.1.1.1, milliseconds. */
  readonly timers?: Partial<TimerBase>
  /** Told of broken invariants: a user that threw or rejected. Must not throw. */
  readonly onError?: (error: unknown) => void
  /** Transactions of a server elsewhere (`../drachtio`), which keeps the timers of sessions and of reliable answers too. By default our own. */
  readonly layer?: (user: TransactionUser) => RunningTransactionLayer
}

/** What the stack shows of itself besides the port, for metrics. */
export interface SipStack extends SipPort {
  readonly counts: { readonly dialogs: number; readonly server: number; readonly client: number }
}

/** Opens the transports and begins to listen. Rejects as the transports do. */
export async function createSipStack(options: SipStackOptions): Promise<SipStack> {
  const stack = new Stack(options)
  await stack.open()
  return stack
}

const dialogMethods = 'INVITE, ACK, CANCEL, BYE, OPTIONS, MESSAGE, INFO, UPDATE, PRACK'
const defaultMaxDialogs = 100_000

class Stack implements SipStack, FlowUser, TransactionUser {
  readonly #options: SipStackOptions
  readonly #layer: RunningTransactionLayer
  readonly #env: Environment
  #transports: Transports | undefined

  constructor(options: SipStackOptions) {
    this.#options = options
    const timers = { ...defaultTimers, ...options.timers }
    const { clock, tokens } = options
    this.#layer =
      options.layer?.(this) ?? createTransactionLayer({ ...options.transactions, clock, tokens, user: this, ...timers })
    this.#env = {
      layer: this.#layer,
      ways: {
        flow: (id) => this.#transports?.flow(id),
        flowTo: (target) => this.#open.flowTo(target),
        resolve: (uri) => this.#open.resolve(uri),
      },
      tokens,
      random: options.random,
      wheel: new TimerWheel(clock),
      timers,
      digest: digestResponse,
      tags: new Map(),
      pending: new Set(),
      ringing: new Map(),
      sessionTimer: options.sessionTimer === null ? undefined : (options.sessionTimer ?? defaultSessionTimer),
      capabilities: [
        ['Allow', dialogMethods],
        ['Supported', '100rel, timer'],
        ['Accept', 'application/sdp'],
      ],
      onError: options.onError ?? (() => undefined),
      delegates: options.layer !== undefined,
      identity: options.userAgent === undefined ? [] : [['User-Agent', options.userAgent]],
    }
  }

  async open(): Promise<void> {
    this.#transports = await this.#options.transports(this)
  }

  get #open(): Transports {
    if (!this.#transports) throw new Error('the transports are not open')
    return this.#transports
  }

  get #maxDialogs(): number {
    return this.#options.maxDialogs ?? defaultMaxDialogs
  }

  get counts(): SipStack['counts'] {
    return { dialogs: this.#env.tags.size, ...this.#layer.counts }
  }

  // What the port asks for.

  get listening(): SipPort['listening'] {
    return this.#transports?.listening ?? []
  }

  hasFlow(flow: string): boolean {
    return this.#transports?.flow(flow)?.open ?? false
  }

  request(request: OutgoingRequest): Promise<SipAnswer> {
    return new Promise((resolve) => {
      const outgoing = this.#compose(request)
      if (!outgoing) return resolve(ownAnswer(400))
      const sending = new Sending(this.#env, outgoing, {
        onResponse: (response) => {
          if (response.status >= 200) resolve(receivedAnswer(response))
        },
        onFailed: (status) => resolve(ownAnswer(status)),
      })
      sending.start()
    })
  }

  invite(request: Omit<OutgoingRequest, 'method'>): OutgoingInvite {
    const full = this.#env.tags.size >= this.#maxDialogs
    const inviting = full ? undefined : this.#inviting(request)
    if (!inviting) {
      const refused = ownAnswer(full ? 503 : 400)
      return { onProgress: undefined, answered: Promise.resolve({ refused }), cancel: () => undefined }
    }
    return new Invitation(this.#env, inviting).start()
  }

  restore(state: DialogState): SipDialog | undefined {
    const known = this.#env.tags.get(state.localTag)
    if (known) return known instanceof LiveDialog ? known : undefined
    if (this.#env.delegates || this.#env.tags.size >= this.#maxDialogs) return undefined
    const dialog = new LiveDialog(this.#env, state, state.localCSeq, undefined)
    this.#env.tags.set(state.localTag, dialog)
    dialog.takenUp()
    return dialog
  }

  async close(): Promise<void> {
    for (const owner of this.#env.tags.values()) owner.close()
    for (const sending of [...this.#env.pending]) sending.abort()
    await this.#transports?.close()
    this.#env.wheel.close()
    this.#layer.close()
    this.#env.tags.clear()
  }

  /** undefined where From or To is no address. */
  #inviting(request: Omit<OutgoingRequest, 'method'>): Inviting | undefined {
    const addressed = address(request)
    if (!addressed) return undefined
    const { local, remote } = addressed
    const { uri, routes, nextHop } = route(request.to.uri, request.to.route ?? [])
    const callID = request.callID ?? this.#env.tokens(128)
    return {
      sent: { uri, callID, localTag: this.#env.tokens(80), local, remote },
      routes: routes.map((each) => ['Route', each]),
      hop: { uri: nextHop, flow: request.to.flow, flowOnly: request.to.flow !== undefined },
      firstCSeq: request.cseq ?? 1,
      headers: [...(request.headers ?? []), ...contentType(request, 'application/sdp')],
      body: request.body && bodyOf(request.body),
      credentials: this.#credentials(request),
    }
  }

  #compose(request: OutgoingRequest): Outgoing | undefined {
    const addressed = address(request)
    if (!addressed) return undefined
    const { uri, routes, nextHop } = route(request.to.uri, request.to.route ?? [])
    let cseq = (request.cseq ?? 1) - 1
    return {
      method: request.method,
      uri,
      headers: [
        ...routes.map((each): HeaderLine => ['Route', each]),
        ['From', `${addressed.local};tag=${this.#env.tokens(80)}`],
        ['To', addressed.remote],
        ['Call-ID', request.callID ?? this.#env.tokens(128)],
        ...(request.headers ?? []),
        ...contentType(request),
      ],
      hop: { uri: nextHop, flow: request.to.flow, flowOnly: request.to.flow !== undefined },
      nextCSeq: () => ++cseq,
      credentials: this.#credentials(request),
      ...(request.body && { body: request.body }),
    }
  }

  #credentials({ credentials }: Pick<OutgoingRequest, 'credentials'>): Credentials | undefined {
    return credentials && new Credentials(credentials, this.#env.digest, this.#env.tokens)
  }

  // What the transports bring.

  onMessage(message: SipMessage, flow: Flow): void {
    try {
      this.#layer.receive(message, flow)
    } catch (error) {
      this.#env.onError(error)
    }
  }

  onFault(_fault: ParseFault, _flow: Flow): void {
    // The transport has answered it.
  }

  onClosed(flow: Flow): void {
    try {
      this.#layer.flowClosed(flow)
    } catch (error) {
      this.#env.onError(error)
    }
  }

  // What the transaction layer brings.

  onFlowClosed(flow: Flow): void {
    if (!flow.reliable) return
    for (const ringing of [...(this.#env.ringing.get(flow.id) ?? [])]) ringing.flowClosed()
    tell(this.#env, () => this.#options.user.onFlowClosed(flow.id))
  }

  onAck(ack: SipRequest): void {
    this.#env.tags.get(ack.to.tag ?? '')?.acknowledge(ack)
  }

  onStrayResponse(response: SipResponse): void {
    if (response.status < 200 || response.status >= 300 || response.cseq.method !== 'INVITE') return
    this.#env.tags.get(response.from.tag ?? '')?.repeated(response)
  }

  onRequest(transaction: ServerTransaction) {
    const { request } = transaction
    const refusal = objection(request)
    if (refusal) return transaction.respond(refusal)
    // COMPAT phones that repeat the To tag of an earlier answer in REGISTER: there are no dialogs of REGISTER.
    if (request.to.tag !== undefined && request.method !== 'REGISTER') {
      const owner = this.#env.tags.get(request.to.tag)
      if (owner) return owner.receive(transaction)
      // RFC 3261 §12.2.2; a 503 leaves the peer's dialog as it is (RFC 5057 §5.1).
      return transaction.respond(
        this.#options.user.settling ? { status: 503, headers: [['Retry-After', '1']] } : { status: 481 },
      )
    }
    if (request.method === 'INVITE') return this.#onInvite(transaction)
    void this.#askUser(transaction)
  }

  #onInvite(transaction: ServerTransaction) {
    if (this.#env.tags.size >= this.#maxDialogs)
      return transaction.respond({ status: 503, headers: [['Retry-After', '5']] })
    const session = answerSession(transaction.request, this.#env.sessionTimer)
    if ('tooSmall' in session) return transaction.respond({ status: 422, headers: session.tooSmall }) // RFC 4028 §9
    const ringing = new Ringing(this.#env, transaction, sourceOf(transaction.flow))
    try {
      this.#options.user.onInvite(ringing)
    } catch (error) {
      this.#env.onError(error)
      ringing.reject({ status: 500 })
    }
  }

  async #askUser(transaction: ServerTransaction): Promise<void> {
    let reply: Reply = { status: 500 }
    try {
      reply = await this.#options.user.onRequest({ request: transaction.request, source: sourceOf(transaction.flow) })
    } catch (error) {
      this.#env.onError(error)
    }
    respond(this.#env, transaction, reply)
  }
}

/** Who sent what a flow brought. */
function sourceOf(flow: Flow): SipSource {
  const { transport, remote, peerNames, reliable, id } = flow
  return { transport, address: remote.address, port: remote.port, peerNames, ...(reliable && { flow: id }) }
}

/** From and To; undefined where one of them is no address. */
function address(
  request: Pick<OutgoingRequest, 'from' | 'to' | 'toHeader'>,
): { local: string; remote: string } | undefined {
  try {
    return { local: plainAddress(request.from), remote: plainAddress(request.toHeader ?? `<${request.to.uri}>`) }
  } catch {
    return undefined
  }
}

function contentType(request: Pick<OutgoingRequest, 'contentType' | 'body'>, usual?: string): HeaderLine[] {
  const type = request.contentType ?? (request.body && request.body !== noBody ? usual : undefined)
  return type === undefined ? [] : [['Content-Type', type]]
}
