import { setTimeout as sleep } from 'node:timers/promises'
import { Agenda } from './agenda.ts'
import type { Hears, LoadAgent } from './agents/load-agent.ts'
import { each } from './each.ts'
import { Gathering } from './gathering.ts'
import { Ledger } from './ledger.ts'
import { Pair, type Side } from './pair.ts'
import type { AgentOrder, FromAgents, LoadOrder, TalkOrder } from './protocol.ts'
import { Talk } from './talk.ts'
import { Reasons, Tally } from './tally.ts'

const tickMs = 1
const secondMs = 1_000
/** For an answer, besides the time after which a text is lost, milliseconds. */
const answerMs = 11_000
/** Sessions that begin at a time before the load does, and how long all of them may take, milliseconds. */
const beginAtOnce = 8
const standMs = 30_000

/** The whole load of one process, from logging in until no text is under way any more. */
export class Driver {
  readonly #order: LoadOrder
  readonly #report: (report: FromAgents) => void
  readonly #reasons = new Reasons()
  readonly #tallies = new Map<string, Tally>()
  readonly #agenda = new Agenda()
  readonly #ledger: Ledger
  readonly #gathering: Gathering
  readonly #pairs: Pair[] = []
  readonly #talks: Talk[] = []
  readonly #begin = Promise.withResolvers<void>()
  #stopped = false
  #closed = false
  #lastUse = performance.eventLoopUtilization()
  /** When it was told last, milliseconds from the beginning. */
  #told = 0

  constructor(order: LoadOrder, report: (report: FromAgents) => void) {
    this.#order = order
    this.#report = report
    this.#ledger = new Ledger(order.run, order.underWay, this.#reasons)
    this.#gathering = new Gathering(order.target, order.sip, (why) => this.#reasons.add(why))
  }

  /** Everybody is ready: the clock starts. */
  begin(): void {
    this.#begin.resolve()
  }

  /** No further texts. */
  stop(): void {
    this.#stopped = true
    this.#begin.resolve()
  }

  /** Rejects with a sentence in its message. */
  async run(): Promise<void> {
    try {
      await this.#gather()
      this.#report({ report: 'ready' })
      await this.#begin.promise
      await this.#talk()
      this.#report({ report: 'over' })
    } finally {
      this.#closed = true
      await this.#gathering.close()
    }
  }

  async #gather(): Promise<void> {
    const { talks, idle } = this.#order
    for (const order of talks) await this.#prepare(order)
    const nobody: Hears = { onText() {}, onSession() {}, onUndelivered() {}, onFault: (why) => this.#fault(why) }
    for (const order of idle) await this.#gathering.make(order, nobody, () => undefined)
    await this.#gathering.open((done, of) => this.#report({ report: 'opening', done, of }))
    await this.#stand()
  }

  async #prepare(order: TalkOrder): Promise<void> {
    const talk: { made?: Talk } = {}
    const pairs: Pair[] = []
    const [there, back] = order.ways.map((way) => this.#tally(way)) as [Tally, Tally]
    for (const [one, other] of order.pairs) {
      const made: { pair?: Pair } = {}
      const sides: [Side, Side] = [
        await this.#side(one, there, other.number, made),
        await this.#side(other, back, one.number, made),
      ]
      made.pair = new Pair(sides, {
        ledger: this.#ledger,
        reasons: this.#reasons,
        textLength: order.textLength,
        now: () => performance.now(),
        after: (ms, run) => {
          const timer = setTimeout(run, ms)
          return () => clearTimeout(timer)
        },
        onIdle: (pair) => talk.made?.idle(pair),
      })
      pairs.push(made.pair)
    }
    talk.made = new Talk({ order, pairs, agenda: this.#agenda, ledger: this.#ledger, reasons: this.#reasons })
    this.#talks.push(talk.made)
    this.#pairs.push(...pairs)
  }

  /** `to`: the number that sees what this side says. */
  async #side(order: AgentOrder, tally: Tally, to: string, made: { pair?: Pair }): Promise<Side> {
    const lane = this.#ledger.lane(tally, to)
    const hears: Hears = {
      onText: (words) => this.#ledger.heard(words, order.number, performance.now()),
      onSession: () => made.pair?.look(),
      onUndelivered: (key, why) => this.#ledger.undelivered(key, lane, why),
      onFault: (why) => this.#fault(why),
    }
    const agent: LoadAgent = await this.#gathering.make(order, hears, () => tally.counts.repeated++)
    return { agent, lane, waiting: [] }
  }

  #fault(why: string): void {
    if (!this.#closed) this.#reasons.add(why)
  }

  #tally(way: string): Tally {
    const tally = this.#tallies.get(way) ?? new Tally()
    this.#tallies.set(way, tally)
    return tally
  }

  /** Where sessions last as long as the run they stand before it begins; that they came about is not part of what is measured. */
  async #stand(): Promise<void> {
    const standing = this.#order.talks.flatMap(({ per, textsPerSession }, i) =>
      per === 'texts' && textsPerSession === 0 ? [i] : [],
    )
    let from = 0
    const pairs = this.#order.talks.flatMap(({ pairs: { length } }, i) => {
      const own = this.#pairs.slice(from, from + length)
      from += length
      return standing.includes(i) ? own : []
    })
    const until = performance.now() + standMs
    await each(pairs, beginAtOnce, async (pair) => {
      const now = performance.now()
      pair.begin(now, pair.sides[0].agent.opensWithText ? now : undefined)
      while (!pair.isUp && !pair.isIdle && performance.now() < until && !this.#stopped) await sleep(5)
      if (!pair.isUp && !this.#stopped) {
        const [{ agent: one }, { agent: other }] = pair.sides
        const [why = 'it took too long'] = Object.keys(this.#reasons.toJSON())
        throw new Error(`The session of ${one.number} with ${other.number} did not come about: ${why}.`)
      }
    })
    while (this.#ledger.waiting > 0 && performance.now() < until) await sleep(5)
    for (const tally of this.#tallies.values()) tally.take()
    this.#reasons.take()
  }

  /** An open loop: nobody waits for an answer before the next text. */
  async #talk(): Promise<void> {
    const began = performance.now()
    this.#lastUse = performance.eventLoopUtilization()
    const length = Math.max(...this.#talks.map(({ ms }) => ms))
    let phase: 'running' | 'finishing' = 'running'
    const telling = setInterval(() => this.#tell(began, phase), secondMs)
    try {
      while (!this.#stopped && performance.now() - began < length) {
        const now = performance.now()
        for (const talk of this.#talks) talk.turn(now, began)
        this.#agenda.runUntil(now)
        for (const pair of this.#pairs) pair.lookForEnd()
        await sleep(tickMs)
      }
      // The last texts are due before the end, and are said whatever the tick was.
      if (!this.#stopped) for (const talk of this.#talks) talk.turn(began + length, began)
      this.#agenda.clear()
      phase = 'finishing'
      const until = performance.now() + this.#order.lostAfterMs + answerMs
      while (this.#busy() && performance.now() < until) await sleep(10)
      this.#ledger.close()
    } finally {
      clearInterval(telling)
      this.#tell(began, 'finishing')
    }
  }

  /** Texts are under way, or wait for their session. */
  #busy(): boolean {
    return this.#ledger.waiting > 0 || this.#pairs.some(({ sides }) => sides.some(({ waiting }) => waiting.length > 0))
  }

  #tell(began: number, phase: 'running' | 'finishing'): void {
    const now = performance.now()
    this.#ledger.sweep(now - this.#order.lostAfterMs)
    const use = performance.eventLoopUtilization()
    const { utilization, active, idle } = performance.eventLoopUtilization(use, this.#lastUse)
    // The moment after the last second says nothing.
    const busy = active + idle < secondMs / 2 ? 0 : utilization
    this.#lastUse = use
    const ways = Object.fromEntries([...this.#tallies].map(([way, tally]) => [way, tally.take()]))
    const second = {
      fromMs: this.#told,
      atMs: now - began,
      ways,
      reasons: this.#reasons.take(),
      busy,
      waiting: this.#ledger.waiting,
    }
    this.#told = now - began
    this.#report({ report: 'second', second, phase })
  }
}
