import { expect, test } from 'vitest'
import { Discards, Ring } from './ring.ts'

const overhead = 200
const numbers = (ring: Ring<string>, at = 0) => [...ring.since(at)].map(({ number, item }) => `${number} ${item}`)

test('[TR-2] the oldest gives way when bytes run out, and its bytes are counted', () => {
  const ring = new Ring<string>({ bytes: 10 * (overhead + 20), entries: 100 })
  for (let i = 0; i < 12; i++) ring.add(`e${i}`, 20, i * 1000)
  expect(ring.size).toBe(10)
  expect(ring.bytes).toBe(10 * (overhead + 20))
  expect(numbers(ring)[0]).toBe('2 e2')
  expect(numbers(ring).at(-1)).toBe('11 e11')
  expect(ring.discards.totals).toEqual({ overwritten: 40 })
})

test('[TR-2] or when there are too many', () => {
  const ring = new Ring<string>({ bytes: 1_000_000, entries: 3 })
  for (let i = 0; i < 5; i++) ring.add(`e${i}`, 1, i)
  expect(numbers(ring)).toEqual(['2 e2', '3 e3', '4 e4'])
  expect(ring.discards.totals).toEqual({ overwritten: 2 })
})

test('[TR-2] one that is too large is not taken, and takes no other’s place', () => {
  const ring = new Ring<string>({ bytes: 8_000, entries: 10 })
  ring.add('small', 10, 1)
  ring.add('large', 900, 2)
  expect(numbers(ring)).toEqual(['0 small'])
  expect(ring.discards.totals).toEqual({ tooLarge: 900 })
})

test('a reader in the middle misses what gives way, and sees nothing twice', () => {
  const ring = new Ring<string>({ bytes: 1_000_000, entries: 3 })
  for (let i = 0; i < 3; i++) ring.add(`e${i}`, 1, i)
  const reader = ring.since(0)
  expect(reader.next().value).toEqual({ number: 0, item: 'e0', bytes: 1 })
  for (let i = 3; i < 5; i++) ring.add(`e${i}`, 1, i)
  expect([...reader].map(({ item }) => item)).toEqual(['e2', 'e3', 'e4'])
})

test('entries are read from a time on', () => {
  const ring = new Ring<string>({ bytes: 1_000_000, entries: 10 })
  for (let i = 0; i < 5; i++) ring.add(`e${i}`, 1, i * 1000)
  expect(numbers(ring, 3000)).toEqual(['3 e3', '4 e4'])
})

test('[TR-3] a session is told what was discarded since it began, to the second', () => {
  const discards = new Discards()
  for (let second = 0; second < 10; second++) discards.add('overwritten', second * 1000 + 500, 10)
  discards.add('tooLarge', 2_000, 7)
  expect(discards.since(0)).toEqual({ overwritten: 100, tooLarge: 7 })
  expect(discards.since(8_000)).toEqual({ overwritten: 20 })
  expect(discards.since(8_900)).toEqual({ overwritten: 20 })
  expect(discards.since(10_000)).toEqual({})
})

test('[TR-3] what lies too far back to be known to the second is rather counted than not', () => {
  const discards = new Discards()
  for (let second = 0; second < 20_000; second++) discards.add('overwritten', second * 1000, 1)
  expect(discards.totals).toEqual({ overwritten: 20_000 })
  expect(discards.since(19_990_000)).toEqual({ overwritten: 10 })
  expect(discards.since(1_000).overwritten).toBe(20_000)
})
