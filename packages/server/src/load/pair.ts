import type { LoadAgent } from './agents/load-agent.ts'
import type { Lane, Ledger } from './ledger.ts'
import type { Reasons } from './tally.ts'

/** For a session to come about, and to end, milliseconds. */
const beginMs = 20_000
const endMs = 10_000
/** Texts of a side that wait for the session to come about. */
const mostWaiting = 100

/** One of the two, and what it says. */
export interface Side {
  readonly agent: LoadAgent
  readonly lane: Lane
  /** When texts were due that wait for the session. */
  readonly waiting: number[]
}

export interface PairDeps {
  ledger: Ledger
  reasons: Reasons
  textLength: number
  /** Milliseconds of one clock. */
  now: () => number
  after: (ms: number, run: () => void) => () => void
  /** It can begin a session again. */
  onIdle: (pair: Pair) => void
}

/**
 * Two agents who talk, in one session at a time. Nobody waits for a text: what is due while the session comes about is sent when it
 * stands, and its time runs on from when it was due.
 */
export class Pair {
  readonly sides: readonly [Side, Side]
  readonly #deps: PairDeps
  #state: 'idle' | 'beginning' | 'up' | 'ending' = 'idle'
  /** It ends as soon as all that was said has come. */
  #closing = false
  #turn = 0
  #began = 0
  #cancel: () => void = () => undefined
  /** Texts of the session so far. */
  said = 0

  constructor(sides: readonly [Side, Side], deps: PairDeps) {
    this.sides = sides
    this.#deps = deps
  }

  get isIdle(): boolean {
    return this.#state === 'idle'
  }

  get isUp(): boolean {
    return this.#state === 'up'
  }

  /** Whether it takes a text now, beginning a session with it if there is none. */
  get takesTexts(): boolean {
    return !this.#closing && this.#state !== 'ending'
  }

  /** A text is due: of the one who began at first, then of each in turn. */
  text(due: number): void {
    const side = this.sides[this.#turn % 2] ?? this.sides[0]
    this.#turn++
    this.said++
    if (this.#state === 'idle') this.begin(due, due)
    else if (this.#state === 'up') this.#say(side, due)
    else if (side.waiting.length < mostWaiting) side.waiting.push(due)
    else this.#deps.ledger.unsent(side.lane, 'too many waited for a session to come about')
  }

  /** Begins a session that was due then, with the first one's text where one is due. */
  begin(due: number, text: number | undefined): void {
    const [{ agent, lane, waiting }, callee] = this.sides
    this.#state = 'beginning'
    this.#began = due
    this.#cancel = this.#deps.after(beginMs, () => this.#fail('a session did not come about in time'))
    let outcome: Promise<string | undefined>
    if (agent.opensWithText) {
      const sent = this.#send(lane, text ?? due, (words, key) => agent.begin(callee.agent.number, words, key))
      outcome = sent ?? Promise.resolve('too many texts were under way')
    } else {
      if (text !== undefined) waiting.unshift(text)
      outcome = agent.begin(callee.agent.number, '', '')
    }
    outcome.then(
      (refusal) => (refusal === undefined ? this.look() : this.#fail(refusal)),
      (error: Error) => this.#fail(error.message),
    )
  }

  /** Looks whether both are in the session, or have left it; to be called whenever that may have changed. */
  look(): void {
    const all = this.sides.every(({ agent }) => agent.inSession)
    const nobody = this.sides.every(({ agent }) => !agent.inSession || !agent.canEnd)
    if (this.#state === 'beginning' && all) this.#stands()
    else if (this.#state === 'up' && !all) {
      this.#deps.reasons.add('a session ended by itself')
      this.#leave()
    } else if (this.#state === 'ending' && nobody) this.#over()
    // What had been given up has come about after all.
    else if (this.#state === 'idle' && !nobody) this.#leave()
  }

  /** Ends the session when everything that was said has come, or has been given up. */
  close(): void {
    this.#closing = true
    this.lookForEnd()
  }

  /** To be called again and again. */
  lookForEnd(): void {
    if (!this.#closing || this.#state !== 'up') return
    if (this.sides.every(({ lane, waiting }) => lane.underWay.size === 0 && waiting.length === 0)) this.#leave()
  }

  #stands(): void {
    this.#cancel()
    this.#state = 'up'
    const { tally } = this.sides[0].lane
    tally.sessions.begun++
    tally.timings.setup.record((this.#deps.now() - this.#began) * 1000)
    for (const side of this.sides) for (const due of side.waiting.splice(0)) this.#say(side, due)
  }

  #fail(why: string): void {
    if (this.#state !== 'beginning') return
    this.sides[0].lane.tally.sessions.failed++
    this.#deps.reasons.add(`no session: ${why}`)
    for (const { lane, waiting } of this.sides)
      for (const _ of waiting.splice(0)) this.#deps.ledger.unsent(lane, 'its session did not come about')
    this.#leave()
  }

  /** Whoever can end it does. */
  #leave(): void {
    this.#cancel()
    this.#state = 'ending'
    for (const { lane, waiting } of this.sides)
      for (const _ of waiting.splice(0)) this.#deps.ledger.unsent(lane, 'its session had ended')
    const ender = this.sides.find(({ agent }) => agent.canEnd && agent.inSession)
    if (!ender) {
      this.#over()
      return
    }
    this.#cancel = this.#deps.after(endMs, () => {
      this.#deps.reasons.add('a session did not end in time')
      this.#over()
    })
    ender.agent.end().then(
      () => this.look(),
      (error: Error) => this.#deps.reasons.add(`a session did not end: ${error.message}`),
    )
  }

  #over(): void {
    this.#cancel()
    this.#state = 'idle'
    this.#closing = false
    this.#turn = 0
    this.said = 0
    this.#deps.onIdle(this)
  }

  #say({ agent, lane }: Side, due: number): void {
    const { number: to } = this.#otherThan(agent)
    void this.#send(lane, due, (words, key) => agent.say(to, words, key))
  }

  #otherThan(agent: LoadAgent): LoadAgent {
    const [one, other] = this.sides
    return one.agent === agent ? other.agent : one.agent
  }

  /** Why it was refused, or undefined; absent where it was not sent. */
  #send(
    lane: Lane,
    due: number,
    send: (words: string, key: string) => Promise<string | undefined>,
  ): Promise<string | undefined> | undefined {
    const { ledger, now, textLength } = this.#deps
    const number = ledger.begin(lane, due, now())
    if (number === undefined) return undefined
    const answered = (refusal: string | undefined) => {
      if (refusal === undefined) ledger.accepted(lane, number, now())
      else ledger.failed(lane, number, refusal)
      return refusal
    }
    return send(ledger.textOf(lane, number, textLength), ledger.keyOf(lane, number)).then(answered, (error: Error) =>
      answered(error.message),
    )
  }
}
