import type { SipResponse } from '../message/message.ts'
import type { Flow } from '../transport/flow.ts'
import type { Linked, LinkedList } from './list.ts'
import type { Machines } from './machines.ts'
import {
  type NonInviteClientAction,
  type NonInviteClientInput,
  type NonInviteClientState,
  nonInviteClientStep,
} from './non-invite-client.ts'
import type { ClientTransaction, ClientUser } from './ports.ts'
import { type TimerOwner, WheelTimer } from './timer-wheel.ts'
import type { TimerName } from './timers.ts'

/** Runs the table of `non-invite-client.ts` for one request of ours. */
export class NonInviteClient implements ClientTransaction, TimerOwner<TimerName>, Linked {
  list: LinkedList | undefined = undefined
  before: Linked | undefined = undefined
  after: Linked | undefined = undefined
  weight = 0
  readonly key: string
  readonly branch: string
  readonly method: string
  readonly flow: Flow
  readonly #machines: Machines
  #state: NonInviteClientState = 'trying'
  /** Request and user, until the final answer is there. */
  #bytes: Uint8Array | undefined
  #user: ClientUser | undefined
  /** Timer E. */
  readonly #repeat: WheelTimer<TimerName> | undefined
  /** Timers F and K. */
  readonly #life: WheelTimer<TimerName>
  #interval: number

  constructor(
    machines: Machines,
    key: string,
    branch: string,
    method: string,
    flow: Flow,
    bytes: Uint8Array,
    user: ClientUser | undefined,
  ) {
    this.key = key
    this.branch = branch
    this.method = method
    this.flow = flow
    this.#machines = machines
    this.#bytes = bytes
    this.#user = user
    this.#repeat = flow.reliable ? undefined : new WheelTimer(this)
    this.#life = new WheelTimer(this)
    this.#interval = machines.times.t1
  }

  /** Whether it waits for a final answer. */
  get waits(): boolean {
    return this.#state === 'trying' || this.#state === 'proceeding'
  }

  /** Sends the request. What cannot be sent fails a tick later: whoever asked has to have the transaction first. */
  begin(refused: boolean): void {
    const { wheel, times } = this.#machines
    const { flow } = this
    if (this.#repeat) wheel.start(this.#repeat, 'E', this.#interval)
    wheel.start(this.#life, 'F', times.lifetime)
    const taken = !refused && this.#bytes !== undefined && flow.send(this.#bytes)
    if (!refused && flow.open && (taken || !flow.reliable)) return
    if (this.#repeat) wheel.stop(this.#repeat)
    wheel.start(this.#life, 'lost', 0)
  }

  /** RFC 3261 §9.1: only an INVITE is cancelled; anything else is answered at once. */
  cancel(): void {}

  receive(response: SipResponse, flow: Flow): void {
    this.input(response.status < 200 ? '1xx' : 'final', response, flow)
  }

  input(on: NonInviteClientInput, response?: SipResponse, flow?: Flow): void {
    const step = nonInviteClientStep(this.#state, on)
    if (step === undefined) return
    const user = this.#user
    this.#state = step.to
    if (step.to === 'terminated') this.end()
    for (const action of step.actions) this.#perform(action, user, response, flow)
  }

  onTimer(name: TimerName): void {
    if (name === 'E') this.input('timerE')
    else if (name === 'F') this.input('timerF')
    else if (name === 'K') this.input('timerK')
    else if (name === 'lost') this.input('flowFailed')
  }

  evict(): void {
    this.end()
  }

  /** Forgets the transaction, whatever its state. */
  end(): void {
    this.#state = 'terminated'
    this.#drop()
    this.#machines.wheel.stop(this.#life)
    this.#machines.removeClient(this)
  }

  /** There is nothing to repeat any more, and nobody to tell. */
  #drop(): void {
    this.#bytes = undefined
    this.#user = undefined
    if (this.#repeat) this.#machines.wheel.stop(this.#repeat)
  }

  #perform(
    action: NonInviteClientAction,
    user: ClientUser | undefined,
    response: SipResponse | undefined,
    flow: Flow | undefined,
  ): void {
    const { wheel, times } = this.#machines
    switch (action) {
      case 'resend':
        if (this.#bytes) this.flow.send(this.#bytes)
        return
      case 'startE':
        this.#interval = this.#state === 'proceeding' ? times.t2 : Math.min(this.#interval * 2, times.t2)
        if (this.#repeat) wheel.start(this.#repeat, 'E', this.#interval)
        return
      case 'stopE':
        this.#drop()
        return
      case 'startK':
        if (this.flow.reliable) {
          this.end()
          return
        }
        wheel.start(this.#life, 'K', times.t4)
        this.#machines.answered(this)
        return
      case 'pass':
        if (response && flow) user?.onResponse(response, flow)
        return
      case 'timeout':
        user?.onFailed('timeout')
        return
      case 'failed':
        user?.onFailed('transport')
        return
    }
  }
}
