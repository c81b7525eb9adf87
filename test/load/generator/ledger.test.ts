import { seeded } from '@ringdown/server/testing'
import { describe, expect, test, vi } from 'vitest'
import { Ledger } from './ledger.ts'
import { textOf } from './load.ts'

const begin = (ledger: Ledger, expected: number) => {
  const done = vi.fn()
  return { done, number: ledger.begin(performance.now(), 4, expected, done) }
}

describe('Ledger', () => {
  test('a text is done when all have seen it; what its sender sees is its echo', () => {
    const ledger = new Ledger()
    const { number, done } = begin(ledger, 2)
    const text = textOf(number, 40)
    ledger.accepted(number)
    ledger.delivered(text, 4)
    expect(done).not.toHaveBeenCalled()
    ledger.delivered(text, 5)
    expect(done).toHaveBeenCalledOnce()
    const { tally } = ledger
    expect([tally.echo.count, tally.peer.count, tally.post.count, tally.deliveries, tally.texts]).toEqual([
      1, 1, 1, 2, 1,
    ])
  })

  test('times start when the text should have left, so lateness counts', () => {
    const ledger = new Ledger()
    const number = ledger.begin(performance.now() - 250, 4, 1, () => {})
    ledger.delivered(textOf(number, 40), 5)
    expect(ledger.tally.peer.max).toBeGreaterThanOrEqual(250_000)
    expect(ledger.tally.late.max).toBeGreaterThanOrEqual(250_000)
  })

  test('a text seen once too often is a duplicate', () => {
    const ledger = new Ledger()
    const { number, done } = begin(ledger, 1)
    for (let i = 0; i < 3; i++) ledger.delivered(textOf(number, 40), 5)
    expect(ledger.tally.duplicates).toBe(2)
    expect(done).toHaveBeenCalledOnce()
  })

  test('a refused text waits for nobody and is not lost', () => {
    const ledger = new Ledger()
    const { number, done } = begin(ledger, 2)
    ledger.refused(number, 'HTTP 503')
    ledger.refused(begin(ledger, 2).number, 'other')
    ledger.sweep(performance.now() + 1000)
    expect(done).toHaveBeenCalledOnce()
    expect(ledger.tally).toMatchObject({ refused: 2, refusal: 'HTTP 503', lost: 0 })
  })

  test('what nobody saw in time is lost, and done', () => {
    const ledger = new Ledger()
    const { done } = begin(ledger, 2)
    ledger.sweep(performance.now() - 1000)
    expect(ledger.tally.lost).toBe(0)
    ledger.sweep(performance.now() + 1000)
    expect(ledger.tally.lost).toBe(1)
    expect(done).toHaveBeenCalledOnce()
  })

  test('a text for nobody is done at once', () => {
    expect(begin(new Ledger(), 0).done).toHaveBeenCalledOnce()
  })

  test('a restart forgets the counts, not what is under way', () => {
    const ledger = new Ledger()
    const { number, done } = begin(ledger, 1)
    ledger.restart()
    ledger.delivered(textOf(number, 40), 5)
    expect(ledger.tally).toMatchObject({ deliveries: 1, duplicates: 0 })
    expect(done).toHaveBeenCalledOnce()
  })
})

describe('load', () => {
  test('a text has its length, or more if the number needs it', () => {
    expect(textOf(17, 8)).toBe('#17#xxxx')
    expect(textOf(1234567, 4)).toBe('#1234567#')
  })

  test('the random source is evenly spread and the same each time', () => {
    const [one, two] = [seeded(1), seeded(1)]
    const values = Array.from({ length: 10_000 }, one)
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true)
    expect(values.reduce((sum, value) => sum + value, 0) / values.length).toBeCloseTo(0.5, 1)
    expect(values).toEqual(Array.from({ length: 10_000 }, two))
  })
})
