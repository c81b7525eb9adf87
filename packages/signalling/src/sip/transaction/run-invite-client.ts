import type { RequestParts, SipResponse } from '../message/message.ts'
import { printRequest } from '../message/print.ts'
import type { Flow } from '../transport/flow.ts'
import {
  type InviteClientAction,
  type InviteClientInput,
  type InviteClientState,
  inviteClientStep,
} from './invite-client.ts'
import type { Linked, LinkedList } from './list.ts'
import type { Machines } from './machines.ts'
import type { ClientTransaction, ClientUser } from './ports.ts'
import { type TimerOwner, WheelTimer } from './timer-wheel.ts'
import type { TimerName } from './timers.ts'
import { ackParts, cancelParts } from './within-invite.ts'

/** Runs the table of `invite-client.ts` for one INVITE of ours. */
export class InviteClient implements ClientTransaction, TimerOwner<TimerName>, Linked {
  list: LinkedList | undefined = undefined
  before: Linked | undefined = undefined
  after: Linked | undefined = undefined
  weight = 0
  readonly key: string
  readonly branch: string
  readonly method = 'INVITE'
  readonly flow: Flow
  /** The value of the Via, which the ACK of a refusal and a CANCEL share. */
  readonly via: string
  readonly #machines: Machines
  #state: InviteClientState = 'calling'
  /** The INVITE, until the final answer is there. */
  #parts: RequestParts | undefined
  /** What is sent again: the INVITE, after a refusal its ACK. */
  #bytes: Uint8Array | undefined
  #user: ClientUser
  /** The headers of a CANCEL that waits for a provisional answer. */
  #held: RequestParts['headers'] | undefined = undefined
  #cancelled = false
  /** Timer A. */
  readonly #repeat: WheelTimer<TimerName> | undefined
  /** Timers B, D, M, and the one after a CANCEL. */
  readonly #life: WheelTimer<TimerName>
  #interval: number

  constructor(
    machines: Machines,
    key: string,
    branch: string,
    flow: Flow,
    via: string,
    parts: RequestParts,
    bytes: Uint8Array,
    user: ClientUser,
  ) {
    this.key = key
    this.branch = branch
    this.flow = flow
    this.via = via
    this.#machines = machines
    this.#parts = parts
    this.#bytes = bytes
    this.#user = user
    this.#repeat = flow.reliable ? undefined : new WheelTimer(this)
    this.#life = new WheelTimer(this)
    this.#interval = machines.times.t1
  }

  /** Whether it waits for a final answer. */
  get waits(): boolean {
    return this.#state === 'calling' || this.#state === 'proceeding'
  }

  /** Sends the INVITE. What cannot be sent fails a tick later: whoever asked has to have the transaction first. */
  begin(refused: boolean): void {
    const { wheel, times } = this.#machines
    const { flow } = this
    if (this.#repeat) wheel.start(this.#repeat, 'A', this.#interval)
    wheel.start(this.#life, 'B', times.lifetime)
    const taken = !refused && this.#bytes !== undefined && flow.send(this.#bytes)
    if (!refused && flow.open && (taken || !flow.reliable)) return
    if (this.#repeat) wheel.stop(this.#repeat)
    wheel.start(this.#life, 'lost', 0)
  }

  cancel(headers: RequestParts['headers'] = []): void {
    if (this.#cancelled) return
    this.#held = headers
    this.input('cancel')
  }

  receive(response: SipResponse, flow: Flow): void {
    const { status } = response
    this.input(status < 200 ? '1xx' : status < 300 ? '2xx' : '3xx-6xx', response, flow)
  }

  input(on: InviteClientInput, response?: SipResponse, flow?: Flow): void {
    const step = inviteClientStep(this.#state, on)
    if (step === undefined) return
    this.#state = step.to
    if (step.to === 'terminated') this.end()
    for (const action of step.actions) this.#perform(action, response, flow)
  }

  onTimer(name: TimerName): void {
    if (name === 'A') this.input('timerA')
    else if (name === 'B') this.input('timerB')
    else if (name === 'D') this.input('timerD')
    else if (name === 'M') this.input('timerM')
    else if (name === 'cancelled') this.input('timerCancelled')
    else if (name === 'lost') this.input('flowFailed')
  }

  evict(): void {
    this.end()
  }

  /** Forgets the transaction, whatever its state. */
  end(): void {
    const { wheel } = this.#machines
    this.#state = 'terminated'
    if (this.#repeat) wheel.stop(this.#repeat)
    wheel.stop(this.#life)
    this.#machines.removeClient(this)
  }

  #perform(action: InviteClientAction, response: SipResponse | undefined, flow: Flow | undefined): void {
    const { wheel, times } = this.#machines
    switch (action) {
      case 'resend':
        if (this.#bytes) this.flow.send(this.#bytes)
        return
      case 'startA':
        this.#interval *= 2
        if (this.#repeat) wheel.start(this.#repeat, 'A', this.#interval)
        return
      case 'stopA':
        if (this.#repeat) wheel.stop(this.#repeat)
        return
      case 'stopB':
        wheel.stop(this.#life)
        return
      case 'startD':
        this.#answered('D', this.flow.reliable ? 0 : times.d)
        return
      case 'startM':
        this.#bytes = undefined
        this.#answered('M', times.lifetime)
        return
      case 'startCancelled':
        wheel.start(this.#life, 'cancelled', times.lifetime)
        return
      case 'ack':
        this.#ack(response)
        return
      case 'holdCancel':
        return
      case 'sendHeldCancel':
        if (this.#held) this.input('cancel')
        return
      case 'cancel':
        this.#sendCancel()
        return
      case 'pass':
        if (response && flow) this.#user.onResponse(response, flow)
        return
      case 'timeout':
        this.#user.onFailed('timeout')
        return
      case 'failed':
        this.#user.onFailed('transport')
        return
    }
  }

  #answered(name: TimerName, ms: number): void {
    this.#parts = undefined
    if (ms === 0) this.end()
    if (this.#state === 'terminated') return
    this.#machines.wheel.start(this.#life, name, ms)
    this.#machines.answered(this)
  }

  /** Made of the INVITE and its first refusal; sent again as it is when the refusal comes again. */
  #ack(response: SipResponse | undefined): void {
    if (this.#parts && response) this.#bytes = printRequest(ackParts(this.#parts, response), { via: this.via })
    if (this.#bytes && !this.flow.send(this.#bytes) && !this.flow.open) this.input('flowFailed')
  }

  #sendCancel(): void {
    this.#cancelled = true
    if (this.#parts) this.#machines.sendCancel(this, cancelParts(this.#parts, this.#held ?? []))
    this.#held = undefined
  }
}
