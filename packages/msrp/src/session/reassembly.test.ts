import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Budget } from './budget.ts'
import { Intervals } from './intervals.ts'
import { Assembly } from './reassembly.ts'

const bytes = (text: string) => Buffer.from(text)

describe('a message from its chunks', () => {
  test('[MS-20] is what came last at each octet, in any order, with overlaps and repetitions', () => {
    const chunk = fc.record({ offset: fc.nat(20_000), length: fc.nat(6_000), fill: fc.integer({ min: 1, max: 255 }) })
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 12 }), (chunks) => {
        const total = Math.max(0, ...chunks.map(({ offset, length }) => offset + length))
        const expected = Buffer.alloc(total)
        const budget = new Budget(1 << 20)
        const assembly = new Assembly(budget, 100_000)
        for (const { offset, length, fill } of chunks) {
          expected.fill(fill, offset, offset + length)
          expect(assembly.put(offset, Buffer.alloc(length, fill))).toBe('ok')
        }
        expect(assembly.fix(total)).toBe(true)
        expect(assembly.complete).toBe(!expected.includes(0))
        if (assembly.complete) expect(Buffer.compare(assembly.body(), expected)).toBe(0)
        assembly.drop()
        expect(budget.held).toBe(0)
      }),
      { seed: 4975, numRuns: 200 },
    )
  })

  test('[MS-21] has its length from its last chunk, and no other after that', () => {
    const assembly = new Assembly(new Budget(10_000), 10_000)
    expect(assembly.put(5, bytes('world'))).toBe('ok')
    expect(assembly.fix(9)).toBe(false)
    expect(assembly.fix(10)).toBe(true)
    expect(assembly.fix(10)).toBe(true)
    expect(assembly.fix(11)).toBe(false)
    expect(assembly.complete).toBe(false)
    expect(assembly.put(8, bytes('xyz'))).toBe('beyondEnd')
    expect(assembly.put(0, bytes('hello'))).toBe('ok')
    expect(assembly.complete).toBe(true)
    expect(assembly.body()).toEqual(bytes('helloworld'))
  })

  test('[MS-20] of no octets is complete when its end is known', () => {
    const assembly = new Assembly(new Budget(10), 10)
    expect(assembly.complete).toBe(false)
    expect(assembly.fix(0) && assembly.complete).toBe(true)
    expect(assembly.body()).toHaveLength(0)
  })

  test('[MS-24] takes memory for what came, not for where it lies', () => {
    const budget = new Budget(100_000)
    const assembly = new Assembly(budget, 1e12)
    expect(assembly.put(1e12 - 1, bytes('x'))).toBe('ok')
    expect(budget.held).toBeLessThan(5000)
    expect(assembly.put(1e12, bytes('x'))).toBe('tooLarge')
  })

  test('[MS-24] made of single octets far apart runs out of room, or has too many gaps', () => {
    const small = new Assembly(new Budget(10_000), 1e9)
    const wide = new Assembly(new Budget(1e9), 1e9)
    const outcomes = (assembly: Assembly) => {
      for (let i = 0; ; i += 10_000) {
        const put = assembly.put(i, bytes('x'))
        if (put !== 'ok') return put
      }
    }
    expect(outcomes(small)).toBe('noRoom')
    expect(outcomes(wide)).toBe('tooTorn')
  })
})

describe('a budget', () => {
  test('[MS-24] is within the one it is a part of, and takes all or nothing', () => {
    const whole = new Budget(10)
    const [one, two] = [new Budget(8, whole), new Budget(8, whole)]
    expect(one.take(9)).toBe(false)
    expect(one.take(8)).toBe(true)
    expect(two.take(3)).toBe(false)
    expect(two.take(2)).toBe(true)
    one.give(8)
    expect([whole.held, one.held, two.held]).toEqual([2, 0, 2])
  })
})

describe('intervals', () => {
  test('[MS-20] know what is covered', () => {
    const interval = fc.tuple(fc.nat(60), fc.nat(20))
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 20 }), fc.nat(80), (list, total) => {
        const there = new Set<number>()
        const intervals = new Intervals()
        for (const [from, length] of list) {
          intervals.add(from, from + length)
          for (let i = from; i < from + length; i++) there.add(i)
        }
        const covered = Array.from({ length: total }, (_, i) => there.has(i)).every((has) => has)
        expect(intervals.covers(total)).toBe(covered)
        expect(intervals.end).toBe(Math.max(0, ...[...there].map((i) => i + 1)))
        const starts = [...there].filter((i) => !there.has(i - 1))
        expect(intervals.count).toBe(starts.length)
      }),
      { seed: 7, numRuns: 500 },
    )
  })
})
