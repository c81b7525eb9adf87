import type { Reply, SipRequest } from '../message/message.ts'
import type { Linked, LinkedList } from './list.ts'
import type { Machines } from './machines.ts'
import {
  type NonInviteServerAction,
  type NonInviteServerInput,
  type NonInviteServerState,
  nonInviteServerStep,
} from './non-invite-server.ts'
import type { Flow } from './ports.ts'
import { ServerRequest } from './server-request.ts'
import { type TimerOwner, WheelTimer } from './timer-wheel.ts'
import type { TimerName } from './timers.ts'

/** Runs the table of `non-invite-server.ts` for one request. Small: one is kept for 32 s for every request that came over UDP. */
export class NonInviteServer implements TimerOwner<TimerName>, Linked {
  list: LinkedList | undefined = undefined
  before: Linked | undefined = undefined
  after: Linked | undefined = undefined
  readonly key: string
  /** Undefined where it is not asked whether other requests are the same one. */
  readonly mergeKey: string | undefined
  readonly #flow: Flow
  readonly #machines: Machines
  #state: NonInviteServerState = 'trying'
  /** Until it is answered. */
  #request: ServerRequest | undefined
  #last: Uint8Array | undefined = undefined
  /** Timers 100, F and J. */
  readonly #life: WheelTimer<TimerName>

  constructor(
    machines: Machines,
    key: string,
    mergeKey: string | undefined,
    request: SipRequest,
    flow: Flow,
    toTag: string,
  ) {
    this.key = key
    this.mergeKey = mergeKey
    this.#flow = flow
    this.#machines = machines
    this.#request = new ServerRequest(request, flow, toTag, this)
    this.#life = new WheelTimer(this)
    machines.wheel.start(this.#life, '100', machines.times.nonInviteTrying)
  }

  /** What the user gets. */
  get request(): ServerRequest | undefined {
    return this.#request
  }

  input(on: NonInviteServerInput): void {
    const step = nonInviteServerStep(this.#state, on)
    if (step === undefined) return
    this.#state = step.to
    if (step.to === 'terminated') this.end()
    for (const action of step.actions) this.#perform(action)
  }

  /** RFC 4320 §4: no provisional answer of the user's, and never 408. */
  answer(reply: Reply, request: ServerRequest): void {
    if (reply.status < 200 || reply.status === 408) return
    if (nonInviteServerStep(this.#state, 'sendFinal') === undefined) return
    this.#last = request.print(reply)
    this.input('sendFinal')
  }

  onTimer(name: TimerName): void {
    if (name === '100') this.input('timer100')
    else if (name === 'F') this.input('timerF')
    else if (name === 'J') this.input('timerJ')
  }

  /** Forgets the transaction, whatever its state. */
  end(): void {
    this.#state = 'terminated'
    this.#machines.wheel.stop(this.#life)
    this.#machines.removeNonInviteServer(this)
  }

  #perform(action: NonInviteServerAction): void {
    const { wheel, times } = this.#machines
    switch (action) {
      case 'send':
      case 'resend':
        if (this.#last) this.#flow.send(this.#last)
        return
      case 'sendTrying':
        this.#last = this.#request?.print({ status: 100 })
        if (this.#last) this.#flow.send(this.#last)
        return
      case 'startF':
        wheel.start(this.#life, 'F', times.lifetime - times.nonInviteTrying)
        return
      case 'startJ':
        this.#request = undefined
        if (this.#flow.reliable) {
          this.end()
          return
        }
        wheel.start(this.#life, 'J', times.lifetime)
        this.#machines.settled(this)
        return
    }
  }
}
