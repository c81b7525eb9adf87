import { ManualClock } from '@ringdown/signalling/testing'
import { beforeEach, describe, expect, test } from 'vitest'
import type { LoadAgent } from './agents/load-agent.ts'
import { type Lane, Ledger } from './ledger.ts'
import { Pair } from './pair.ts'
import { Reasons, Tally } from './tally.ts'

/** An agent whose engine does as it is told. */
class Actor implements LoadAgent {
  readonly number: string
  readonly opensWithText: boolean
  readonly canEnd: boolean
  inSession = false
  said: string[] = []
  refusal: string | undefined
  ends = 0
  constructor(number: string, { opensWithText = false, canEnd = true } = {}) {
    this.number = number
    this.opensWithText = opensWithText
    this.canEnd = canEnd
  }
  async open() {}
  async begin(to: string, text: string) {
    this.said.push(`begins with ${to}${text === '' ? '' : ': …'}`)
    return this.refusal
  }
  async say(to: string) {
    this.said.push(`says to ${to}`)
    return this.refusal
  }
  async end() {
    this.ends++
  }
  async close() {}
}

let clock: ManualClock
let reasons: Reasons
let ledger: Ledger
let tally: Tally
let idle: number
beforeEach(() => {
  clock = new ManualClock(0)
  reasons = new Reasons()
  ledger = new Ledger('a1b2c3', 100, reasons)
  tally = new Tally()
  idle = 0
})
const settled = async () => {
  for (let i = 0; i < 5; i++) await Promise.resolve()
}
function paired(one: Actor, other: Actor) {
  const lanes: [Lane, Lane] = [ledger.lane(tally, other.number), ledger.lane(tally, one.number)]
  const pair = new Pair(
    [
      { agent: one, lane: lanes[0], waiting: [] },
      { agent: other, lane: lanes[1], waiting: [] },
    ],
    {
      ledger,
      reasons,
      textLength: 50,
      now: () => clock.now(),
      after: (ms, run) => clock.after(ms, run),
      onIdle: () => idle++,
    },
  )
  const join = (is: boolean) => {
    for (const actor of [one, other]) if (actor.canEnd) actor.inSession = is
    pair.look()
  }
  const arrives = (lane: 0 | 1) => {
    for (const number of [...lanes[lane].underWay.keys()])
      ledger.heard(ledger.textOf(lanes[lane], number, 50), lanes[lane].to, clock.now())
  }
  return { pair, join, arrives }
}

describe('two who talk', () => {
  test('[LD-4] begin with the first text, and take turns; what is due meanwhile waits, and its time runs', async () => {
    const [anna, ben] = [new Actor('anna'), new Actor('ben')]
    const { pair, join, arrives } = paired(anna, ben)
    pair.text(0)
    pair.text(10)
    pair.text(20)
    await settled()
    expect([anna.said, ben.said]).toEqual([['begins with ben'], []])
    clock.advance(100)
    join(true)
    await settled()
    expect(anna.said).toEqual(['begins with ben', 'says to ben', 'says to ben'])
    expect(ben.said).toEqual(['says to anna'])
    arrives(0)
    expect(tally.timings.delivery.max).toBe(100_000)
    expect(tally.timings.setup.max).toBe(100_000)
    expect(tally.sessions.begun).toBe(1)
  })

  test('[LD-4] end when all that was said has come, and are free again when both have left', async () => {
    const [anna, ben] = [new Actor('anna'), new Actor('ben')]
    const { pair, join, arrives } = paired(anna, ben)
    pair.text(0)
    join(true)
    await settled()
    pair.close()
    expect([anna.ends, pair.takesTexts]).toEqual([0, false])
    arrives(0)
    pair.lookForEnd()
    expect(anna.ends).toBe(1)
    expect(idle).toBe(0)
    join(false)
    expect([idle, pair.isIdle, pair.takesTexts]).toEqual([1, true, true])
  })

  test('[LD-4] who begins with a text of their own says it once; without a word for the end there is none', async () => {
    const phones = { opensWithText: true, canEnd: false }
    const [one, other] = [new Actor('8001', phones), new Actor('8002', phones)]
    one.inSession = true
    other.inSession = true
    const { pair, arrives } = paired(one, other)
    pair.text(0)
    await settled()
    expect(one.said).toEqual(['begins with 8002: …'])
    expect(pair.isUp).toBe(true)
    pair.text(1)
    await settled()
    expect(other.said).toEqual(['says to 8001'])
    arrives(0)
    arrives(1)
    pair.close()
    expect(pair.isIdle).toBe(true)
  })

  test('[LD-6] a session that is refused, or does not come about in time, has failed; what waited for it is unsent', async () => {
    const [anna, ben] = [new Actor('anna'), new Actor('ben')]
    const { pair } = paired(anna, ben)
    anna.refusal = 'HTTP 403'
    pair.text(0)
    await settled()
    anna.refusal = undefined
    pair.text(5)
    pair.text(6)
    await settled()
    clock.advance(20_000)
    expect(tally.sessions).toMatchObject({ begun: 0, failed: 2 })
    expect(tally.counts).toMatchObject({ sent: 0, unsent: 3 })
    expect(reasons.toJSON()).toMatchObject({
      'no session: HTTP 403': 1,
      'no session: a session did not come about in time': 1,
    })
    expect(pair.isIdle).toBe(true)
  })

  test('[LD-6] a session that ends by itself is said, and the next text begins another', async () => {
    const [anna, ben] = [new Actor('anna'), new Actor('ben')]
    const { pair, join } = paired(anna, ben)
    pair.text(0)
    join(true)
    await settled()
    ben.inSession = false
    pair.look()
    expect(anna.ends).toBe(1)
    join(false)
    expect(reasons.toJSON()).toEqual({ 'a session ended by itself': 1 })
    pair.text(50)
    await settled()
    expect(anna.said.at(-1)).toBe('begins with ben')
  })

  test('[LD-6] one that comes about after it was given up is ended', async () => {
    const [anna, ben] = [new Actor('anna'), new Actor('ben')]
    const { pair, join } = paired(anna, ben)
    pair.text(0)
    await settled()
    clock.advance(20_000)
    expect(pair.isIdle).toBe(true)
    join(true)
    expect(anna.ends).toBe(1)
  })
})
