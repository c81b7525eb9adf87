import { expect, test } from 'vitest'
import { Agenda } from './agenda.ts'
import { seeded } from './random.ts'

test('[LD-4] things are done in the order of their times, none before it is due, each told when it was', () => {
  const agenda = new Agenda()
  const random = seeded(1)
  const times = Array.from({ length: 500 }, () => Math.floor(random() * 100))
  const done: number[] = []
  for (const time of times) agenda.add(time, (due) => done.push(due))
  agenda.runUntil(49)
  expect(done).toEqual(times.filter((time) => time <= 49).toSorted((a, b) => a - b))
  // One that adds another which is due already.
  agenda.add(50, () => agenda.add(50, (due) => done.push(due)))
  agenda.runUntil(100)
  expect(done).toEqual([...times, 50].toSorted((a, b) => a - b))
  expect(agenda.size).toBe(0)
  agenda.add(1, () => done.push(1))
  agenda.clear()
  agenda.runUntil(1_000)
  expect(done).toHaveLength(501)
})
