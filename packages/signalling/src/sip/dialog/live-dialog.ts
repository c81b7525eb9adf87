import { parseRAck } from '../message/header-values.ts'
import type { HeaderLine, Reply, SipRequest, SipResponse } from '../message/message.ts'
import type { DialogState, DialogUser, SipAnswer, SipDialog } from '../ports.ts'
import type { ServerTransaction } from '../transaction/ports.ts'
import { type TimerOwner, WheelTimer } from '../transaction/timer-wheel.ts'
import { ownAnswer, receivedAnswer } from './answer.ts'
import type { Credentials } from './credentials.ts'
import { dialogRequest, isInOrder, keptCSeq, needsFlow, own, refreshTarget } from './dialog.ts'
import {
  contactHeader,
  type DialogTimer,
  type Environment,
  respond,
  type TagOwner,
  tell,
  userPart,
} from './environment.ts'
import { Offers } from './offers.ts'
import { type NextHop, Sending, type SendingUser, sendAck } from './sending.ts'
import { answerSession, expireAfter, refreshAfter } from './session-timer.ts'

/** Requests that came before somebody was there to take them; more are answered 500 with Retry-After. */
const maxHeld = 16

/** `ending`: our BYE is on its way; a BYE of the peer may cross it. */
type Life = 'live' | 'ending' | 'over'

/** An established INVITE dialog. SPEC SD-1 to SD-20. */
export class LiveDialog implements SipDialog, TagOwner, TimerOwner<DialogTimer> {
  onState: ((state: DialogState) => void) | undefined = undefined
  readonly env: Environment
  readonly credentials: Credentials | undefined
  #state: DialogState
  #user: DialogUser | undefined = undefined
  #cseq: number
  #remoteCSeq: number
  #life: Life = 'live'
  #timer: WheelTimer<DialogTimer> | undefined = undefined
  /** Made with the first offer after the INVITE's: most dialogs see none. */
  #offers: Offers | undefined = undefined
  #held: ServerTransaction[] | undefined = undefined
  /** Until the peer says that it does not know the method. */
  canUpdate = true
  /** Of the last reliable provisional answer before the dialog was established; 0: there was none. */
  #lastRSeq = 0
  /** How it ended while nobody was there to be told. */
  #untold: Parameters<DialogUser['onEnd']>[0] | undefined = undefined

  /** `cseq`: the last one we used. The dialog is not in the table yet. */
  constructor(env: Environment, state: DialogState, cseq: number, credentials: Credentials | undefined) {
    this.env = env
    this.credentials = credentials
    this.#state = state
    this.#cseq = cseq
    this.#remoteCSeq = state.remoteCSeq
    this.#armSession()
  }

  get id(): string {
    const { callID, localTag, remoteTag } = this.#state
    return `${callID};${localTag};${remoteTag}`
  }

  /** Whether the dialog has neither ended nor is ending. */
  get live(): boolean {
    return this.#life === 'live'
  }

  get kept(): DialogState {
    return this.#state
  }

  /** undefined where a server below holds the other half of it. */
  state(): DialogState | undefined {
    return this.env.delegates ? undefined : { ...this.#state, remoteCSeq: this.#remoteCSeq }
  }

  get user(): DialogUser | undefined {
    return this.#user
  }

  /** What came before somebody was there is told now. */
  set user(user: DialogUser | undefined) {
    this.#user = user
    if (!user) return
    const held = this.#held ?? []
    const untold = this.#untold
    this.#held = undefined
    this.#untold = undefined
    for (const transaction of held) this.#dispatch(transaction)
    if (untold) tell(this.env, () => user.onEnd(untold))
  }

  // What comes in.

  receive(transaction: ServerTransaction) {
    const { request } = transaction
    const { callID, remoteTag } = this.#state
    const isOurs = request.callID === callID && (remoteTag === '' || request.from.tag === remoteTag)
    if (!isOurs) return transaction.respond({ status: 481 })
    if (this.#life === 'over' || (this.#life === 'ending' && request.method !== 'BYE'))
      return transaction.respond({ status: 481 })
    if (!isInOrder(this.#remoteCSeq, request)) return transaction.respond({ status: 500 }) // RFC 3261 §12.2.2
    this.#remoteCSeq = request.cseq.number
    this.#follow(transaction)
    this.#dispatch(transaction)
  }

  acknowledge(ack: SipRequest): void {
    this.#offers?.acknowledge(ack)
  }

  /** RFC 3261 §13.2.2.4: each 2xx is acknowledged, however late. */
  repeated(response: SipResponse): void {
    if (response.to.tag === this.#state.remoteTag) this.acknowledge2xx(response.cseq.number)
  }

  close(): void {
    this.#life = 'over'
    this.#disarm()
    this.#offers?.close()
  }

  #dispatch(transaction: ServerTransaction) {
    const { method } = transaction.request
    if (method === 'BYE') return this.#onBye(transaction)
    if (method === 'OPTIONS') return transaction.respond({ status: 200, headers: this.env.capabilities })
    if (method === 'PRACK') return transaction.respond({ status: this.#isOfOurs(transaction.request) ? 200 : 481 })
    if (!this.#user && !(method === 'UPDATE' && transaction.request.body.length === 0)) return this.#hold(transaction)
    if (method === 'INVITE' || method === 'UPDATE') return this.offers.receive(transaction)
    void this.#ask(transaction)
  }

  /** RFC 3262 §3: the PRACK of a provisional answer may come after our 200, which made it needless. */
  #isOfOurs(prack: SipRequest): boolean {
    const rack = parseRAck(prack.header('rack') ?? '')
    return rack !== undefined && rack.rseq <= this.#lastRSeq
  }

  #hold(transaction: ServerTransaction): void {
    this.#held ??= []
    if (this.#held.length < maxHeld) this.#held.push(transaction)
    else transaction.respond({ status: 500, headers: [['Retry-After', '5']] })
  }

  async #ask(transaction: ServerTransaction): Promise<void> {
    let reply: Reply = { status: 500 }
    try {
      reply = (await this.#user?.onRequest(transaction.request)) ?? { status: 481 }
    } catch (error) {
      this.env.onError(error) // SPEC SD-2
    }
    respond(this.env, transaction, reply)
  }

  #onBye(transaction: ServerTransaction): void {
    transaction.respond({ status: 200 })
    // RFC 3261 §15.1.2: what the peer still waits for ends with the dialog.
    this.#offers?.close()
    const wasLive = this.live
    // Our own BYE may be on its way: the dialog stays until that is answered too.
    if (wasLive) this.#end()
    if (wasLive) this.#tellEnd({ by: 'peer', reason: transaction.request.header('reason') })
  }

  /** A client behind a NAT may come back over a new connection, or from another port; requests to it go there from now on. */
  #follow({ flow }: ServerTransaction): void {
    if (this.#state.flow === undefined || flow.id === this.#state.flow) return
    this.change({ ...this.#state, flow: flow.id })
  }

  // What goes out.

  request(
    method: string,
    options: { headers?: readonly HeaderLine[]; contentType?: string; body?: Uint8Array } = {},
  ): Promise<SipAnswer> {
    if (!this.live) return Promise.resolve(ownAnswer(481))
    const headers = [...(options.headers ?? [])]
    if (options.contentType !== undefined) headers.push(['Content-Type', options.contentType])
    return this.ask(method, headers, options.body)
  }

  offer(sdp: Uint8Array, headers: readonly HeaderLine[] = []): Promise<{ sdp: Uint8Array } | { refused: SipAnswer }> {
    return this.offers.offer(sdp, headers)
  }

  async bye(reason?: string): Promise<void> {
    if (!this.live) return
    this.#life = 'ending'
    this.#disarm()
    this.#offers?.close()
    await this.ask('BYE', reason === undefined ? [] : [['Reason', reason]], undefined)
    this.#end()
  }

  forget(): void {
    this.#offers?.close()
    this.#end()
  }

  /** Sends a request other than INVITE; a peer that knows the dialog no more, or does not answer, ends it. RFC 3261 §12.2.1.2. */
  ask(method: string, headers: readonly HeaderLine[], body: Uint8Array | undefined): Promise<SipAnswer> {
    return new Promise((resolve) => {
      this.send(method, headers, body, {
        onResponse: (response) => {
          if (response.status < 200) return
          this.judge(response.status)
          resolve(receivedAnswer(response))
        },
        onFailed: (status) => {
          this.judge(status)
          resolve(ownAnswer(status))
        },
      })
    })
  }

  /** Sends a request of any method. */
  send(method: string, headers: readonly HeaderLine[], body: Uint8Array | undefined, user: SendingUser): Sending {
    const { uri, headers: first, nextHop } = dialogRequest(this.#state)
    const sending = new Sending(
      this.env,
      {
        method,
        uri,
        headers: [...first, ...headers],
        hop: this.#hop(nextHop),
        nextCSeq: () => this.#nextCSeq(),
        credentials: this.credentials,
        ...(body && { body }),
        ...((method === 'INVITE' || method === 'UPDATE') && { contact: this.#contact }),
      },
      user,
    )
    sending.start()
    return sending
  }

  /** ACK of the 2xx to the INVITE with this CSeq. */
  acknowledge2xx(cseq: number, body?: Uint8Array, authorization: readonly HeaderLine[] = []): void {
    const { uri, headers, nextHop } = dialogRequest(this.#state)
    headers.push(['CSeq', `${cseq} ACK`], ...authorization)
    if (body) headers.push(['Content-Type', 'application/sdp'])
    void sendAck(this.env, this.#hop(nextHop), { uri, headers, ...(body && { body }) })
  }

  /** Our Contact for answers over this flow. */
  contactOver(transaction: ServerTransaction): HeaderLine {
    return contactHeader(transaction.flow, this.#contact.user, this.#contact.secure)
  }

  get #contact(): { user: string; secure: boolean } {
    return { user: userPart(this.#state.local), secure: this.#state.secure }
  }

  get offers(): Offers {
    this.#offers ??= new Offers(this)
    return this.#offers
  }

  #hop(uri: string): NextHop {
    const { flow } = this.#state
    return { uri, flow, flowOnly: flow !== undefined && needsFlow(uri) }
  }

  #nextCSeq(): number {
    this.#cseq++
    // SPEC SD-5: what was kept has to stay above everything we use.
    if (this.#cseq > this.#state.localCSeq) this.change({ ...this.#state, localCSeq: keptCSeq(this.#cseq) })
    return this.#cseq
  }

  // What changes.

  /** Takes a new state and tells whoever keeps it. */
  change(state: DialogState): void {
    if (state === this.#state) return
    this.#state = state
    const plain = this.state()
    if (plain) tell(this.env, () => this.onState?.(plain))
  }

  /** RFC 3261 §12.2.1.2, §12.2.2: a target refresh, and a fresh start for the session's timer. */
  refreshed(message: SipRequest | SipResponse, session: DialogState['session']): void {
    const state = refreshTarget(this.#state, message)
    const { session: before } = state
    const same = session?.interval === before?.interval && session?.refresher === before?.refresher
    this.change(same ? state : { ...state, session })
    this.#armSession()
  }

  /** The 2xx to our INVITE: route set and target are those of the 2xx, whatever came before. RFC 3261 §13.2.2.4. */
  onAccepted(response: SipResponse, session: DialogState['session']): void {
    const routeSet = response.headers('record-route').map(own).reverse()
    this.#state = { ...refreshTarget(this.#state, response), routeSet, session, localCSeq: keptCSeq(this.#cseq) }
    this.#learn(response)
    this.#armSession()
  }

  /** Our 2xx to the peer's INVITE. `remoteCSeq`: that of the last request of the early dialog; `lastRSeq`: 0, or that of our last reliable answer. */
  onRinging(invite: SipRequest, remoteCSeq: number, lastRSeq: number, session: DialogState['session']): void {
    this.#learn(invite)
    this.#remoteCSeq = remoteCSeq
    this.#lastRSeq = lastRSeq
    this.#state = { ...this.#state, session }
    this.#armSession()
  }

  /** RFC 3311 §4: a peer says in Allow whether it knows UPDATE; one without Allow is asked. */
  #learn(message: SipRequest | SipResponse): void {
    if (message.header('allow') !== undefined && !message.headers('allow').includes('UPDATE')) this.canUpdate = false
  }

  /** Another process began the dialog. Nobody knows when it refreshed last: we do so soon, but not with all its dialogs at once. */
  takenUp(): void {
    const { session } = this.#state
    if (session?.refresher !== 'local' || !this.#timer) return
    this.env.wheel.start(this.#timer, 'refresh', (refreshAfter(session) * this.env.random()) / 2)
  }

  /** The session timer and headers of our 2xx to an INVITE or UPDATE of the peer. */
  sessionFor(request: SipRequest): ReturnType<typeof answerSession> {
    return answerSession(request, this.env.sessionTimer)
  }

  /** RFC 3261 §12.2.1.2: what these answers say of the dialog. */
  judge(status: number): void {
    if ((status !== 408 && status !== 481) || !this.live) return
    this.lose(status === 481 ? undefined : 'SIP;cause=408;text="Request Timeout"', 'lost')
  }

  /** Ends a dialog whose peer seems gone; `bye`: the Reason of a BYE, for a peer that is there all the same. */
  lose(bye: string | undefined, by: 'lost' | 'timer'): void {
    if (!this.live) return
    if (bye === undefined) {
      this.#offers?.close()
      this.#end()
    } else void this.bye(bye)
    this.#tellEnd({ by, reason: undefined })
  }

  #tellEnd(why: Parameters<DialogUser['onEnd']>[0]): void {
    const user = this.#user
    if (user) tell(this.env, () => user.onEnd(why))
    else this.#untold = why
  }

  #end(): void {
    if (this.#life === 'over') return
    this.#life = 'over'
    this.#disarm()
    if (this.env.tags.get(this.#state.localTag) === this) this.env.tags.delete(this.#state.localTag)
    for (const transaction of this.#held ?? []) transaction.respond({ status: 481 })
    this.#held = undefined
  }

  // RFC 4028 §10.

  #armSession(): void {
    const { session } = this.#state
    this.#disarm()
    if (!session || !this.live || this.env.delegates) return
    if (!this.#timer) this.#timer = new WheelTimer(this)
    if (session.refresher === 'local') this.env.wheel.start(this.#timer, 'refresh', refreshAfter(session))
    else this.env.wheel.start(this.#timer, 'expire', expireAfter(session))
  }

  #disarm(): void {
    if (this.#timer) this.env.wheel.stop(this.#timer)
  }

  onTimer(name: DialogTimer) {
    const { session } = this.#state
    if (!session || !this.#timer) return
    if (name === 'expire') return this.lose('SIP;cause=408;text="Session Timer"', 'timer')
    // What begins now has until the session's end; a refresh that works starts it anew.
    this.env.wheel.start(this.#timer, 'expire', expireAfter(session) - refreshAfter(session))
    void this.offers.refresh(session.interval)
  }
}

/** No body at all, rather than an empty one. */
export function bodyOf(bytes: Uint8Array): Uint8Array | undefined {
  return bytes.length === 0 ? undefined : bytes
}
