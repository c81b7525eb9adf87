import type { Agenda } from './agenda.ts'
import type { Ledger } from './ledger.ts'
import type { Pair } from './pair.ts'
import type { TalkOrder } from './protocol.ts'
import { seeded } from './random.ts'
import { Schedule } from './schedule.ts'
import type { Reasons } from './tally.ts'
import { nextThought } from './think-time.ts'

export interface TalkDeps {
  order: TalkOrder
  pairs: readonly Pair[]
  agenda: Agenda
  ledger: Ledger
  reasons: Reasons
}

/** One line of a plan while it runs: says what is due to pairs that are free for it. SPEC LD-4. */
export class Talk {
  readonly #deps: TalkDeps
  readonly #schedule: Schedule
  readonly #random: () => number
  readonly #idle: Set<Pair>
  #next = 0

  constructor(deps: TalkDeps) {
    const { steps, arrivals, seed } = deps.order
    this.#deps = deps
    this.#schedule = new Schedule(steps, arrivals, seed)
    this.#random = seeded(seed ^ 0x5eed)
    this.#idle = new Set(deps.pairs)
  }

  get ms(): number {
    return this.#schedule.ms
  }

  get isOver(): boolean {
    return this.#schedule.nextAt === undefined
  }

  /** A pair has become free, or has been made. */
  idle(pair: Pair): void {
    this.#idle.add(pair)
  }

  /** Says everything that is due by now. Times are milliseconds of the clock that `began` is of. */
  turn(now: number, began: number): void {
    for (let due = this.#schedule.take(now - began); due !== undefined; due = this.#schedule.take(now - began)) {
      if (this.#deps.order.per === 'texts') this.#text(began + due, now)
      else this.#session(began + due)
    }
  }

  #text(due: number, now: number): void {
    const { pairs, order, ledger } = this.#deps
    for (let tries = 0; tries < pairs.length; tries++) {
      const pair = pairs[this.#next++ % pairs.length]
      if (!pair?.takesTexts) continue
      this.#say(pair, due, now)
      if (order.textsPerSession > 0 && pair.said >= order.textsPerSession) pair.close()
      return
    }
    const lane = pairs[0]?.sides[0].lane
    if (!lane) return
    lane.tally.counts.due++
    ledger.unsent(lane, 'every session was about to end')
  }

  #say(pair: Pair, due: number, now: number): void {
    const { tally } = pair.sides[pair.said % 2 === 0 ? 0 : 1].lane
    tally.counts.due++
    tally.timings.send.record((now - due) * 1000)
    if (pair.isIdle) tally.sessions.due++
    pair.text(due)
  }

  #session(due: number): void {
    const { agenda, reasons, pairs, order } = this.#deps
    const [pair] = this.#idle
    if (!pair) {
      const tally = pairs[0]?.sides[0].lane.tally
      if (tally) {
        tally.sessions.due++
        tally.sessions.unsent++
      }
      reasons.add('no session: all pairs were in one')
      return
    }
    this.#idle.delete(pair)
    let at = due
    for (let text = 1; text <= order.textsPerSession; text++) {
      const last = text === order.textsPerSession
      agenda.add(at, (due) => {
        this.#say(pair, due, performance.now())
        if (last) pair.close()
      })
      at += nextThought(order.think, this.#random)
    }
  }
}
