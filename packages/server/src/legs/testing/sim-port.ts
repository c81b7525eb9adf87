import type {
  AcceptedInvite,
  DialogState,
  DialogUser,
  IncomingInvite,
  OutgoingInvite,
  OutgoingRequest,
  Reply,
  SipAnswer,
  SipDialog,
  SipPort,
  SipRequest,
} from '@ringdown/signalling'
import type { SimEndpoint } from './sim-endpoint.ts'
import type { SimWorld } from './sim-world.ts'

/** Timer B and F, ms. */
const timeoutMs = 32_000

export function answer(status: number, received = true): SipAnswer {
  const none = new Uint8Array()
  return {
    status,
    reason: '',
    header: () => undefined,
    headers: () => [],
    contentType: undefined,
    body: none,
    received,
  }
}

/** SIP of one run of a node, which reaches endpoints without a network. */
export class SimPort implements SipPort {
  readonly listening = [{ transport: 'tcp', address: '127.0.0.1', port: 5060 }] as const
  readonly run: string
  readonly dialogs = new Map<string, SimDialog>()
  /** The process is gone: nothing it does is seen by anybody. */
  dead = false
  readonly world: SimWorld
  readonly #busy = new Map<string, number>()

  constructor(world: SimWorld, run: string) {
    this.world = world
    this.run = run
  }

  async request(request: OutgoingRequest): Promise<SipAnswer> {
    const { uri } = request.to
    const under = (this.#busy.get(uri) ?? 0) + 1
    this.#busy.set(uri, under)
    if (under > 1) this.world.faults.push(`${under} MESSAGEs at once for ${uri}`)
    const outcome = await this.#ask(request)
    this.#busy.set(uri, (this.#busy.get(uri) ?? 1) - 1)
    return outcome
  }

  async #ask(request: OutgoingRequest): Promise<SipAnswer> {
    await this.world.trip()
    const endpoint = this.#reach(request.to.uri)
    if (!endpoint) return answer(430, false)
    const status = endpoint.onMessage(request)
    if (status === undefined) {
      await this.world.wait(timeoutMs)
      return answer(408, false)
    }
    await this.world.trip()
    return answer(status)
  }

  invite(request: Omit<OutgoingRequest, 'method'>): OutgoingInvite {
    let cancelled = false
    let settled = false
    let settle: (outcome: Awaited<OutgoingInvite['answered']>) => void = () => {}
    const answered = new Promise<Awaited<OutgoingInvite['answered']>>((resolve) => {
      settle = (outcome) => {
        settled = true
        resolve(outcome)
      }
    })
    let ringing: ReturnType<SimEndpoint['onInvite']> | undefined
    void this.world.trip().then(() => {
      const endpoint = this.#reach(request.to.uri)
      if (!endpoint) return settle({ refused: answer(430, false) })
      ringing = endpoint.onInvite(request, (outcome) => {
        if (settled) return
        if ('status' in outcome) return settle({ refused: answer(outcome.status, outcome.received) })
        if (this.dead) return
        const dialog = new SimDialog(this, outcome.state)
        // What crosses a CANCEL is ended at once.
        if (cancelled) {
          void dialog.bye()
          return settle({ refused: answer(487) })
        }
        this.dialogs.set(dialog.id, dialog)
        endpoint.connected(dialog)
        settle({ dialog, sdp: outcome.sdp })
      })
    })
    return {
      onProgress: undefined,
      answered,
      cancel: () => {
        if (cancelled) return
        cancelled = true
        void this.world.trip().then(() => {
          if (ringing && !this.dead) ringing.cancel()
          // An endpoint that says nothing at all.
          this.world.clock.after(timeoutMs, () => !settled && settle({ refused: answer(487, false) }))
        })
      },
    }
  }

  restore(state: DialogState): SipDialog | undefined {
    const known = [...this.dialogs.values()].find(({ callID }) => callID === state.callID)
    if (known) return known
    const dialog = new SimDialog(this, state)
    this.dialogs.set(dialog.id, dialog)
    return dialog
  }

  hasFlow(): boolean {
    return !this.dead
  }

  async close(): Promise<void> {
    this.dead = true
  }

  /** Endpoints are reached over their connection, which is to one run of one node. */
  #reach(uri: string): SimEndpoint | undefined {
    const endpoint = this.world.endpoints.get(uri)
    return !this.dead && endpoint?.node === this.run ? endpoint : undefined
  }
}

/** A dialog at a node. Its other half is the endpoint's, which is found by Call-ID. */
export class SimDialog implements SipDialog {
  onState: ((state: DialogState) => void) | undefined
  readonly id: string
  readonly callID: string
  readonly #port: SimPort
  readonly #endpoint: SimEndpoint | undefined
  #state: DialogState
  #user: DialogUser | undefined
  #untold: Parameters<DialogUser['onEnd']>[0] | undefined
  #cseq: number
  #live = true

  constructor(port: SimPort, state: DialogState) {
    this.#port = port
    this.#state = state
    this.#cseq = state.localCSeq
    this.id = port.world.id()
    this.callID = state.callID
    this.#endpoint = port.world.endpoints.get(state.remote)
  }

  get user(): DialogUser | undefined {
    return this.#user
  }

  set user(user: DialogUser | undefined) {
    this.#user = user
    const untold = this.#untold
    this.#untold = undefined
    if (untold) user?.onEnd(untold)
  }

  state(): DialogState | undefined {
    return this.#state
  }

  async offer(sdp: Uint8Array): Promise<{ sdp: Uint8Array } | { refused: SipAnswer }> {
    const { world } = this.#port
    for (let tries = 0; tries < 8; tries++) {
      if (!this.#live) break
      await world.trip()
      const outcome = this.#reached()?.onReinvite(this.callID, this.#next(), sdp, this)
      if (outcome === undefined) {
        await world.wait(timeoutMs)
        return this.#refused(408)
      }
      await world.trip()
      if ('sdp' in outcome) return outcome
      if (outcome.status !== 491) return this.#refused(outcome.status)
      await world.wait(2_100)
    }
    return { refused: answer(this.#live ? 491 : 481) }
  }

  async request(): Promise<SipAnswer> {
    return answer(501)
  }

  async bye(): Promise<void> {
    if (!this.#live) return
    this.#end()
    await this.#port.world.trip()
    this.#reached()?.onBye(this.callID, this.#next())
  }

  forget(): void {
    this.#end()
  }

  // What the endpoint does.

  hangUp(): void {
    if (!this.#live || this.#port.dead) return
    this.#end()
    this.#tell({ by: 'peer', reason: undefined })
  }

  async receiveOffer(sdp: Uint8Array): Promise<Uint8Array | Reply | undefined> {
    if (this.#port.dead) return undefined
    if (!this.#live) return { status: 481 }
    const outcome = await (this.#user?.onOffer(sdp) ?? { status: 500 })
    return this.#live && !this.#port.dead ? outcome : undefined
  }

  #next(): number {
    this.#cseq++
    if (this.#cseq > this.#state.localCSeq) {
      this.#state = { ...this.#state, localCSeq: this.#cseq + 100 }
      this.onState?.(this.#state)
    }
    return this.#cseq
  }

  #reached(): SimEndpoint | undefined {
    return this.#port.dead ? undefined : this.#endpoint
  }

  #refused(status: number): { refused: SipAnswer } {
    if ((status === 408 || status === 481) && this.#live) {
      this.#end()
      this.#tell({ by: 'lost', reason: undefined })
    }
    return { refused: answer(status, status !== 408) }
  }

  #tell(why: Parameters<DialogUser['onEnd']>[0]): void {
    if (this.#user) this.#user.onEnd(why)
    else this.#untold = why
  }

  #end(): void {
    this.#live = false
    this.#port.dialogs.delete(this.id)
  }
}

/** An INVITE of an endpoint at a node. */
export class SimInvite implements IncomingInvite {
  onCancel: (() => void) | undefined
  readonly request: SipRequest
  readonly source = { transport: 'tcp', address: '127.0.0.1', port: 5060, peerNames: [] } as const
  readonly offer: Uint8Array
  #answered = false
  readonly #port: SimPort
  readonly #on: (outcome: { status: number } | { sdp: Uint8Array; dialog: SimDialog }) => 'ack' | 'silence'
  readonly #state: DialogState

  constructor(port: SimPort, state: DialogState, request: SipRequest, offer: Uint8Array, on: SimInvite['on']) {
    this.#port = port
    this.#state = state
    this.request = request
    this.offer = offer
    this.#on = on
  }

  get on() {
    return this.#on
  }

  ring(): void {}

  async accept(sdp: Uint8Array): Promise<AcceptedInvite> {
    if (this.#answered) throw new Error('answered already')
    this.#answered = true
    const { world } = this.#port
    await world.trip()
    const dialog = new SimDialog(this.#port, this.#state)
    this.#port.dialogs.set(dialog.id, dialog)
    if (this.#port.dead || this.#on({ sdp, dialog }) === 'silence') {
      await world.wait(timeoutMs)
      void dialog.bye()
      throw new Error('no ACK came')
    }
    await world.trip()
    return { dialog, ack: new Uint8Array() }
  }

  reject({ status }: Reply): void {
    if (this.#answered) return
    this.#answered = true
    void this.#port.world.trip().then(() => !this.#port.dead && this.#on({ status }))
  }

  /** CANCEL, or the connection is gone. */
  cancel(): void {
    if (this.#answered) return
    this.#answered = true
    if (!this.#port.dead) this.onCancel?.()
  }
}
