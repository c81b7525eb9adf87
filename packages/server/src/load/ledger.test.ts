import { beforeEach, describe, expect, test } from 'vitest'
import { type Lane, Ledger } from './ledger.ts'
import { Reasons, Tally } from './tally.ts'

let reasons: Reasons
let tally: Tally
let ledger: Ledger
let lane: Lane
beforeEach(() => {
  reasons = new Reasons()
  tally = new Tally()
  ledger = new Ledger('a1b2c3', 1_000, reasons)
  lane = ledger.lane(tally, 'ben')
})

const sent = (due = 0, now = due): number => {
  const number = ledger.begin(lane, due, now)
  if (number === undefined) throw new Error('it was not sent')
  return number
}
const comes = (number: number, now: number, by = 'ben') => ledger.heard(ledger.textOf(lane, number, 60), by, now)

describe('a text', () => {
  test('[LD-6] that is accepted and seen is delivered; its time runs from when it was due, whichever came first', () => {
    const [one, other] = [sent(100, 130), sent(100, 130)]
    ledger.accepted(lane, one, 140)
    comes(one, 150)
    comes(other, 160)
    ledger.accepted(lane, other, 200)
    expect(tally.counts).toMatchObject({ sent: 2, accepted: 2, delivered: 2, lost: 0, duplicated: 0 })
    expect([tally.timings.delivery.percentile(50), tally.timings.delivery.max]).toEqual([
      expect.closeTo(50_000, -2),
      60_000,
    ])
    expect(tally.timings.answer.max).toBe(100_000)
    expect(ledger.waiting).toBe(0)
  })

  test('[LD-6] has its length, or more where its number needs it, and is known whatever follows it', () => {
    const number = sent()
    expect(ledger.textOf(lane, number, 60)).toHaveLength(60)
    expect(ledger.textOf(lane, number, 1)).toBe('#a1b2c3:0:0 ')
    expect(ledger.keyOf(lane, number)).toMatch(/^[a-z0-9.]{4,32}$/)
    ledger.heard(ledger.textOf(lane, number, 1).trim(), 'ben', 5)
    expect(tally.counts.delivered).toBe(1)
  })

  test('[LD-6] of the sender, of another run, or of nobody counts for nothing', () => {
    const number = sent()
    comes(number, 1, 'anna')
    for (const words of ['hello', '#ffffff:0:0 text', '#a1b2c3:9:0 text', '#a1b2c3:0:7 text', ''])
      ledger.heard(words, 'ben', 1)
    expect(tally.counts).toMatchObject({ delivered: 0, duplicated: 0 })
  })

  test('[LD-7] that was accepted and does not come is lost; what comes then is late, and once more is twice', () => {
    const number = sent()
    ledger.accepted(lane, number, 10)
    ledger.sweep(10)
    expect(tally.counts.lost).toBe(0)
    ledger.sweep(11)
    expect([tally.counts.lost, ledger.waiting]).toEqual([1, 0])
    comes(number, 20)
    expect(tally.counts).toMatchObject({ late: 1, delivered: 0, duplicated: 0 })
    comes(number, 21)
    expect(tally.counts).toMatchObject({ late: 1, duplicated: 1 })
  })

  test('[LD-7] that comes twice is a duplicate, before and after it was accepted', () => {
    const [one, other] = [sent(), sent()]
    comes(one, 1)
    comes(one, 2)
    ledger.accepted(lane, other, 1)
    comes(other, 2)
    comes(other, 3)
    expect(tally.counts).toMatchObject({ delivered: 2, duplicated: 2 })
  })

  test('[LD-7] is out of order where one that was sent after its acceptance comes first', () => {
    const first = sent(0)
    ledger.accepted(lane, first, 5)
    const second = sent(10)
    comes(second, 15)
    comes(first, 20)
    expect(tally.counts).toMatchObject({ delivered: 2, outOfOrder: 1 })
  })

  test('[LD-7] is in order whichever comes first of two that were under way together', () => {
    const [first, second] = [sent(0), sent(10)]
    ledger.accepted(lane, first, 12)
    ledger.accepted(lane, second, 11)
    comes(second, 15)
    comes(first, 20)
    expect(tally.counts).toMatchObject({ delivered: 2, outOfOrder: 0 })
  })

  test('[LD-7] that is overtaken and never comes is lost, not out of order', () => {
    const first = sent(0)
    ledger.accepted(lane, first, 5)
    comes(sent(10), 15)
    ledger.close()
    expect(tally.counts).toMatchObject({ lost: 1, outOfOrder: 0 })
  })

  test('[LD-6] that is refused has failed, with the reason; one that got no answer too, at the end', () => {
    ledger.failed(lane, sent(), 'HTTP 503')
    sent()
    ledger.close()
    expect(tally.counts).toMatchObject({ failed: 2, lost: 0 })
    expect(reasons.toJSON()).toEqual({ 'HTTP 503': 1, 'no answer in time': 1 })
  })

  test('[LD-6] whose sender is told that it was not delivered is shown, not lost', () => {
    const [one, other] = [sent(), sent()]
    for (const number of [one, other]) ledger.accepted(lane, number, 1)
    ledger.undelivered(ledger.keyOf(lane, other), lane, 'SIP 480')
    // An endpoint is told in words that name no text: it is the oldest one.
    ledger.undelivered(undefined, lane, 'Not Found')
    ledger.undelivered('end.7', lane, 'what was no text')
    ledger.close()
    expect(tally.counts).toMatchObject({ undelivered: 2, lost: 0, failed: 0 })
    expect(reasons.toJSON()).toEqual({ 'undelivered: SIP 480': 1, 'undelivered: Not Found': 1 })
  })
})

test('[LD-6] more texts under way than may be are not sent, and said', () => {
  ledger = new Ledger('a1b2c3', 2, reasons)
  lane = ledger.lane(tally, 'ben')
  const one = sent()
  sent()
  expect(ledger.begin(lane, 0, 0)).toBeUndefined()
  expect(tally.counts).toMatchObject({ sent: 2, unsent: 1 })
  expect(reasons.toJSON()).toEqual({ 'not sent: 2 texts were under way': 1 })
  ledger.accepted(lane, one, 1)
  comes(one, 2)
  expect(ledger.begin(lane, 0, 0)).toBe(2)
})

test('[LD-7] what is kept does not grow with the texts', () => {
  for (let i = 0; i < 5_000; i++) {
    const number = sent(i)
    ledger.accepted(lane, number, i)
    if (i % 2 === 0) comes(number, i)
    else ledger.sweep(i + 1)
  }
  expect(lane.underWay.size).toBe(0)
  expect(lane.givenUp.size).toBe(1_000)
  expect(tally.counts).toMatchObject({ delivered: 2_500, lost: 2_500 })
  for (let i = 0; i < 100; i++) reasons.add(`reason ${i}`)
  expect(Object.keys(reasons.toJSON())).toHaveLength(21)
  expect(reasons.toJSON()[Reasons.rest]).toBe(80)
})
