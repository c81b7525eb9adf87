import type { Reply, SipRequest } from '../message/message.ts'
import { printResponse } from '../message/print.ts'
import type { Flow } from '../transport/flow.ts'
import type { Linked, LinkedList } from './list.ts'
import type { Machines } from './machines.ts'
import {
  type NonInviteServerAction,
  type NonInviteServerInput,
  type NonInviteServerState,
  nonInviteServerStep,
} from './non-invite-server.ts'
import type { Server } from './server-index.ts'
import { ServerRequest } from './server-request.ts'
import { type TimerOwner, WheelTimer } from './timer-wheel.ts'
import type { TimerName } from './timers.ts'

/** Runs the table of `non-invite-server.ts` for one request. Small: one is kept for 32 s for every request that came over UDP. */
export class NonInviteServer implements TimerOwner<TimerName>, Linked {
  list: LinkedList | undefined = undefined
  before: Linked | undefined = undefined
  after: Linked | undefined = undefined
  weight = 0
  /** The next transaction of the same key. */
  next: Server | undefined = undefined
  readonly key: string
  readonly id: number
  readonly isCancel: boolean
  readonly #flow: Flow
  readonly #machines: Machines
  #state: NonInviteServerState = 'trying'
  /** Until it is answered. */
  #request: ServerRequest | undefined
  /**
   * What a repetition is answered with. Of an answer that is a status and nothing else only that is kept: the rest comes with the repetition.
   * Others are kept as one character per byte, which takes a third of what a buffer takes.
   */
  #last: string | number | undefined = undefined
  /** Our tag; empty where the request had one. */
  readonly #toTag: string
  /** Timers 100, F and J. */
  readonly #life: WheelTimer<TimerName>

  constructor(machines: Machines, key: string, id: number, request: SipRequest, flow: Flow, toTag: string) {
    this.key = key
    this.id = id
    this.isCancel = request.method === 'CANCEL'
    this.#flow = flow
    this.#machines = machines
    this.#toTag = request.to.tag === undefined ? toTag : ''
    this.#request = new ServerRequest(request, flow, toTag, this)
    this.#life = new WheelTimer(this)
  }

  /** What the user gets; undefined once it is answered. */
  get request(): ServerRequest | undefined {
    return this.#request
  }

  /** The user has it: unless it has answered already, time runs. */
  begun(): void {
    if (this.#state === 'trying') this.#machines.wheel.start(this.#life, '100', this.#machines.times.nonInviteTrying)
  }

  /** `request`: the repetition; `answer`: what the user sends. */
  input(on: NonInviteServerInput, request?: SipRequest, answer?: Uint8Array): void {
    const step = nonInviteServerStep(this.#state, on)
    if (step === undefined) return
    this.#state = step.to
    if (step.to === 'terminated') this.end()
    for (const action of step.actions) this.#perform(action, request, answer)
  }

  /** RFC 4320 §4: no provisional answer of the user's, and never 408. */
  answer(reply: Reply, request: ServerRequest): void {
    if (reply.status < 200 || reply.status === 408) return
    if (nonInviteServerStep(this.#state, 'sendFinal') === undefined) return
    const bytes = request.print(reply)
    this.#last = isPlain(reply) || this.#flow.reliable ? reply.status : latin1(bytes)
    this.input('sendFinal', undefined, bytes)
  }

  onTimer(name: TimerName): void {
    if (name === '100') this.input('timer100')
    else if (name === 'F') this.input('timerF')
    else if (name === 'J') this.input('timerJ')
  }

  evict(): void {
    this.end()
  }

  /** Forgets the transaction, whatever its state. */
  end(): void {
    this.#state = 'terminated'
    this.#machines.wheel.stop(this.#life)
    this.#machines.removeServer(this)
  }

  #perform(action: NonInviteServerAction, request: SipRequest | undefined, answer: Uint8Array | undefined): void {
    const { wheel, times } = this.#machines
    switch (action) {
      case 'send':
        if (answer) this.#flow.send(answer)
        return
      case 'sendTrying':
        this.#last = 100
        if (this.#request) this.#flow.send(this.#request.print({ status: 100 }))
        return
      case 'resend':
        this.#resend(request)
        return
      case 'startF':
        wheel.start(this.#life, 'F', times.lifetime - times.nonInviteTrying)
        return
      case 'startJ':
        this.#startJ()
        return
    }
  }

  #resend(request: SipRequest | undefined): void {
    if (typeof this.#last === 'string') this.#flow.send(Buffer.from(this.#last, 'latin1'))
    else if (this.#last !== undefined && request)
      this.#flow.send(printResponse(request, { status: this.#last }, { toTag: this.#toTag, seen: this.#flow.remote }))
  }

  #startJ(): void {
    this.#request = undefined
    if (this.#flow.reliable) {
      this.end()
      return
    }
    this.#machines.wheel.start(this.#life, 'J', this.#machines.times.lifetime)
    this.#machines.settled(this, this.key.length + (typeof this.#last === 'string' ? this.#last.length : 0))
  }
}

function isPlain(reply: Reply): boolean {
  return reply.headers === undefined && reply.body === undefined && reply.reason === undefined
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
