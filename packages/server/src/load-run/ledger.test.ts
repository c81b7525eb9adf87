import { describe, expect, test } from 'vitest'
import { Ledger } from './ledger.ts'

describe('Ledger', () => {
  test('[LR-5] a text is delivered when its receiver sees it, once; the echo to its sender counts for nothing', () => {
    const ledger = new Ledger()
    const text = ledger.begin(1_000, 1)
    ledger.accepted(text, 1_002)
    ledger.seen(text, 0, 1_001)
    expect(ledger.tally()).toMatchObject({ accepted: 1, delivered: 0 })
    for (let i = 0; i < 2; i++) ledger.seen(text, 1, 1_005)
    expect(ledger.tally()).toMatchObject({ accepted: 1, delivered: 1, lost: 0, latency: { p50: 5, max: 5 } })
    expect(ledger.waiting).toBe(0)
  })

  test('[LR-5] a text may be seen before the server has answered', () => {
    const ledger = new Ledger()
    const text = ledger.begin(0, 1)
    ledger.seen(text, 1, 3)
    expect(ledger.waiting).toBe(1)
    ledger.accepted(text, 4)
    expect(ledger.waiting).toBe(0)
    expect(ledger.tally()).toMatchObject({ accepted: 1, delivered: 1, lost: 0 })
  })

  test('[LR-5] time runs from when a text was due, so a stall shows in every text it held back', () => {
    const ledger = new Ledger()
    for (let due = 0; due < 1_000; due += 10) ledger.seen(ledger.begin(due, 1), 1, 1_000)
    const { p50, max } = ledger.tally().latency
    expect(max).toBe(1_000)
    expect(p50).toBeGreaterThan(490)
  })

  test('[LR-5] accepted and not seen in time is lost; refused, or still without an answer, is not', () => {
    const ledger = new Ledger()
    // One was due long ago, and accepted only now: it has its time.
    const [lost, refused, young] = [ledger.begin(0, 1), ledger.begin(1, 1), ledger.begin(1, 1)]
    ledger.begin(2, 1)
    ledger.accepted(lost, 399)
    ledger.refused(refused, 'HTTP 503')
    ledger.refused(ledger.begin(3, 1), 'HTTP 500')
    ledger.accepted(young, 501)
    ledger.sweep(400)
    expect(ledger.tally()).toMatchObject({ accepted: 2, delivered: 0, lost: 1, refused: 2, refusal: 'HTTP 503' })
    // What is seen after that was given up already.
    ledger.seen(lost, 1, 20_000)
    expect(ledger.tally()).toMatchObject({ delivered: 0, lost: 1 })
    expect(ledger.waiting).toBe(2)
    ledger.giveUp()
    expect(ledger.tally()).toMatchObject({ accepted: 2, lost: 2, refused: 3 })
    expect(ledger.waiting).toBe(0)
  })
})
