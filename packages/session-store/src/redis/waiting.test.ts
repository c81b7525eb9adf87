import type { TServerError } from '@ringdown/signalling'
import { ManualClock } from '@ringdown/signalling/testing'
import { expect, test } from 'vitest'
import { Waiting } from './waiting.ts'

function setUp(limit = 10) {
  const clock = new ManualClock()
  const said: string[] = []
  const waiting = new Waiting({ clock, deadlineMs: 1500, limit, late: () => said.push('late') })
  const add = (name: string) => waiting.add((error: TServerError) => said.push(`${name}: ${error.reason}`))
  return { clock, said, waiting, add }
}

test('[ST-R7] who waits too long is told once, within a tenth of the deadline', () => {
  const { clock, said, waiting, add } = setUp()
  const a = add('a')
  clock.advance(700)
  const b = add('b')
  clock.advance(799)
  expect(said).toEqual([])
  clock.advance(151)
  expect(said).toEqual(['a: TERR_TIMEOUT', 'late'])
  expect(waiting.settle(b)).toBe(true)
  expect(waiting.settle(a)).toBe(false)
  clock.advance(5000)
  expect(said).toHaveLength(2)
  expect(clock.pending).toBe(0)
})

test('[ST-R7] only so many may wait; who is served makes room', () => {
  const { add, waiting } = setUp(2)
  const first = add('a')
  add('b')
  expect(() => add('c')).toThrow(expect.objectContaining({ reason: 'TERR_RES_UNAVAIL' }))
  waiting.settle(first)
  add('c')
  expect(() => add('d')).toThrow('Too many requests')
})

test('[ST-R7] a hundred thousand that come and go leave nothing behind', async () => {
  const { clock, add, waiting } = setUp(100)
  const open = []
  for (let i = 0; i < 100_000; i++) {
    open.push(add(String(i)))
    // Not in the order they came.
    const next = open.length > 50 ? open.splice(i % 50, 1)[0] : undefined
    if (next) expect(waiting.settle(next)).toBe(true)
  }
  for (const waiter of open) waiting.settle(waiter)
  await waiting.empty()
  clock.advance(2000)
  expect(clock.pending).toBe(0)
})

test('[ST-26] it is empty when the last one has an answer or has waited too long', async () => {
  const { clock, add, waiting } = setUp()
  const order: string[] = []
  const a = add('a')
  add('b')
  const empty = waiting.empty().then(() => order.push('empty'))
  waiting.settle(a)
  await Promise.resolve()
  order.push('a served')
  clock.advance(1650)
  await empty
  expect(order).toEqual(['a served', 'empty'])
})
