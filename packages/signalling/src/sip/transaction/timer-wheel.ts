import type { Clock } from '../../tserver/ports.ts'

/** Who is told when a timer fires. */
export interface TimerOwner<Name extends string> {
  onTimer(name: Name): void
}

/** One timer: made once, started and stopped as often as its owner likes. Its fields belong to the wheel. */
export class WheelTimer<Name extends string> {
  readonly owner: TimerOwner<Name>
  name: Name | undefined = undefined
  /** The tick it fires at. */
  tick = 0
  /** Its neighbours in the slot; both undefined while it does not run. */
  before: WheelTimer<Name> | undefined = undefined
  after: WheelTimer<Name> | undefined = undefined

  constructor(owner: TimerOwner<Name>) {
    this.owner = owner
  }

  get running(): boolean {
    return this.name !== undefined
  }
}

/** A clock that is further on than this, or goes back, was set, or the process slept: none of it is time a peer was given. */
const jumpMs = 10_000

const slotBits = 10
const slotCount = 1 << slotBits
const slotMask = slotCount - 1

/**
 * All timers of the SIP stack on one hashed wheel: starting and stopping touch two neighbours and allocate nothing, and the
 * clock is asked for one callback a tick, for none where nothing runs. A timer never fires early, and at most one tick late.
 * One longer than a turn of the wheel stays in its slot for the turns it has left.
 */
export class TimerWheel<Name extends string> {
  readonly #clock: Clock
  readonly #tickMs: number
  /** The first timer of each slot, in the order they were started; the last one is `first.before`. */
  readonly #slots: (WheelTimer<Name> | undefined)[] = new Array(slotCount).fill(undefined)
  readonly #onTick = () => this.#advance()
  /** The last tick that was run, and the clock's time at it. */
  #tick = 0
  #tickAt = 0
  #size = 0
  readonly #due: WheelTimer<Name>[] = []
  #disarm: (() => void) | undefined

  constructor(clock: Clock, tickMs = 50) {
    this.#clock = clock
    this.#tickMs = tickMs
  }

  /** How many timers run. */
  get size(): number {
    return this.#size
  }

  /** Runs the timer from now on, so many milliseconds; what it ran for before is forgotten. */
  start(timer: WheelTimer<Name>, name: Name, ms: number): void {
    if (timer.name !== undefined) this.stop(timer)
    const now = this.#clock.now()
    if (this.#disarm === undefined && this.#size === 0) this.#tickAt = now
    const since = Math.min(Math.max(now - this.#tickAt, 0), jumpMs)
    timer.name = name
    timer.tick = this.#tick + Math.max(1, Math.ceil((since + ms) / this.#tickMs))
    this.#link(timer)
    this.#size++
    if (this.#disarm === undefined) this.#arm()
  }

  /** Nothing happens where it does not run. */
  stop(timer: WheelTimer<Name>): void {
    if (timer.name === undefined) return
    this.#unlink(timer)
    timer.name = undefined
    this.#size--
  }

  /** Forgets every timer. */
  close(): void {
    this.#disarm?.()
    this.#disarm = undefined
    for (let slot = 0; slot < slotCount; slot++)
      for (let timer = this.#slots[slot]; timer; timer = this.#slots[slot]) this.stop(timer)
  }

  #arm(): void {
    const wait = this.#tickAt + this.#tickMs - this.#clock.now()
    this.#disarm = this.#clock.after(Math.min(Math.max(wait, 1), this.#tickMs), this.#onTick)
  }

  #advance(): void {
    const now = this.#clock.now()
    if (now < this.#tickAt || now - this.#tickAt > jumpMs) this.#tickAt = now - this.#tickMs
    const errors: unknown[] = []
    while (now - this.#tickAt >= this.#tickMs) {
      this.#tick++
      this.#tickAt += this.#tickMs
      this.#runSlot(this.#tick & slotMask, errors)
    }
    this.#disarm?.()
    this.#disarm = undefined
    if (this.#size > 0) this.#arm()
    // One owner's mistake is nobody else's: all have been told, and the wheel turns on.
    if (errors.length > 0) throw errors[0]
  }

  #runSlot(slot: number, errors: unknown[]): void {
    const first = this.#slots[slot]
    if (first === undefined) return
    // What fires may stop and start any timer, also those that are due now; so they are looked up first, and looked at again.
    const due = this.#due
    let timer = first
    do {
      if (timer.tick <= this.#tick) due.push(timer)
      timer = timer.after as WheelTimer<Name>
    } while (timer !== first)
    for (const timer of due) {
      const { name } = timer
      if (name === undefined || timer.tick > this.#tick) continue
      this.stop(timer)
      try {
        timer.owner.onTimer(name)
      } catch (error) {
        errors.push(error)
      }
    }
    due.length = 0
  }

  #link(timer: WheelTimer<Name>): void {
    const slot = timer.tick & slotMask
    const first = this.#slots[slot]
    if (first === undefined) {
      timer.before = timer
      timer.after = timer
      this.#slots[slot] = timer
      return
    }
    const last = first.before as WheelTimer<Name>
    last.after = timer
    timer.before = last
    timer.after = first
    first.before = timer
  }

  #unlink(timer: WheelTimer<Name>): void {
    const slot = timer.tick & slotMask
    const after = timer.after as WheelTimer<Name>
    const before = timer.before as WheelTimer<Name>
    if (after === timer) this.#slots[slot] = undefined
    else {
      before.after = after
      after.before = before
      if (this.#slots[slot] === timer) this.#slots[slot] = after
    }
    timer.before = undefined
    timer.after = undefined
  }
}
