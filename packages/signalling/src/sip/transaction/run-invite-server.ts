import type { Reply, SipRequest } from '../message/message.ts'
import type { Flow } from '../transport/flow.ts'
import {
  type InviteServerAction,
  type InviteServerInput,
  type InviteServerState,
  inviteServerStep,
} from './invite-server.ts'
import type { Linked, LinkedList } from './list.ts'
import type { Machines } from './machines.ts'
import type { Server } from './server-index.ts'
import { ServerRequest } from './server-request.ts'
import { type TimerOwner, WheelTimer } from './timer-wheel.ts'
import type { TimerName } from './timers.ts'

/** Runs the table of `invite-server.ts` for one INVITE. */
export class InviteServer implements TimerOwner<TimerName>, Linked {
  list: LinkedList | undefined = undefined
  before: Linked | undefined = undefined
  after: Linked | undefined = undefined
  weight = 0
  /** The next transaction of the same key. */
  next: Server | undefined = undefined
  readonly key: string
  readonly id: number
  readonly isCancel = false
  readonly toTag: string
  readonly #flow: Flow
  readonly #machines: Machines
  #state: InviteServerState = 'proceeding'
  /** Until it is answered, and after a refusal until that is acknowledged. */
  #request: ServerRequest | undefined
  /** The last response as long as a repeated INVITE is answered with it. */
  #last: Uint8Array | undefined = undefined
  /** Timers 100 and G. */
  readonly #repeat: WheelTimer<TimerName>
  /** Timers H, I and L. */
  readonly #life: WheelTimer<TimerName>
  #interval = 0

  constructor(machines: Machines, key: string, id: number, request: SipRequest, flow: Flow, toTag: string) {
    this.key = key
    this.id = id
    this.toTag = toTag
    this.#flow = flow
    this.#machines = machines
    this.#request = new ServerRequest(request, flow, toTag, this)
    this.#repeat = new WheelTimer(this)
    this.#life = new WheelTimer(this)
  }

  /** What the user gets; undefined once nothing can come of it. */
  get request(): ServerRequest | undefined {
    return this.#request
  }

  /** The user has it: unless it has answered already, time runs. */
  begun(): void {
    if (this.#state === 'proceeding' && this.#last === undefined)
      this.#machines.wheel.start(this.#repeat, '100', this.#machines.times.inviteTrying)
  }

  input(on: InviteServerInput, ack?: SipRequest, flow?: Flow): void {
    const step = inviteServerStep(this.#state, on)
    if (step === undefined) return
    this.#state = step.to
    if (step.to === 'terminated') this.end()
    for (const action of step.actions) this.#perform(action, ack, flow)
    if (this.#state !== 'proceeding' && this.#state !== 'completed') this.#last = undefined
  }

  answer(reply: Reply, request: ServerRequest): void {
    const on = reply.status < 200 ? 'send1xx' : reply.status < 300 ? 'send2xx' : 'send3xx-6xx'
    if (inviteServerStep(this.#state, on) === undefined) return
    this.#last = request.print(reply)
    this.input(on)
  }

  /** A CANCEL came; who has answered already is not told. RFC 3261 §9.2. */
  cancel(): void {
    if (this.#state === 'proceeding') this.#request?.onCancel?.()
  }

  onTimer(name: TimerName): void {
    if (name === '100') this.input('timer100')
    else if (name === 'G') this.input('timerG')
    else if (name === 'H') this.input('timerH')
    else if (name === 'I') this.input('timerI')
    else if (name === 'L') this.input('timerL')
  }

  /** Forgets the transaction, whatever its state. A user who waits for the ACK of a refusal is told that none will be known of. */
  evict(): void {
    this.end()
    this.#tellEnd(false)
  }

  /** Forgets the transaction, whatever its state. */
  end(): void {
    this.#state = 'terminated'
    this.#machines.wheel.stop(this.#repeat)
    this.#machines.wheel.stop(this.#life)
    this.#machines.removeServer(this)
  }

  #perform(action: InviteServerAction, ack: SipRequest | undefined, flow: Flow | undefined): void {
    const { wheel, times, user } = this.#machines
    switch (action) {
      case 'send':
      case 'resend':
        if (this.#last) this.#flow.send(this.#last)
        return
      case 'sendTrying':
        this.#last = this.#request?.print({ status: 100 })
        if (this.#last) this.#flow.send(this.#last)
        return
      case 'stop100':
      case 'stopG':
        wheel.stop(this.#repeat)
        return
      case 'startG':
        if (this.#flow.reliable) return
        this.#interval = this.#interval === 0 ? times.t1 : Math.min(this.#interval * 2, times.t2)
        wheel.start(this.#repeat, 'G', this.#interval)
        return
      case 'startH':
        this.#settle('H', times.lifetime)
        return
      case 'startI':
        this.#settle('I', this.#flow.reliable ? 0 : times.t4)
        return
      case 'startL':
        this.#settle('L', times.lifetime)
        return
      case 'passAck':
        if (ack && flow) user.onAck(ack, flow)
        return
      case 'acknowledged':
      case 'unacknowledged':
        this.#tellEnd(action === 'acknowledged')
        return
    }
  }

  /** The user has answered: all that is left to do is to absorb what comes late. */
  #settle(name: TimerName, ms: number): void {
    if (name === 'L') this.#request = undefined
    if (ms === 0) {
      this.end()
      return
    }
    this.#machines.wheel.start(this.#life, name, ms)
    const message = name === 'H' ? (this.#request?.request.bytes.length ?? 0) : 0
    this.#machines.settled(this, this.key.length + 3 * message)
  }

  #tellEnd(acknowledged: boolean): void {
    const request = this.#request
    this.#request = undefined
    request?.onEnd?.(acknowledged)
  }
}
