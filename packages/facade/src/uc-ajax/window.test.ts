import { describe, expect, test } from 'vitest'
import type { Projection } from './projection.ts'
import { batchLimits, keptLimits, type Place, Window, windowLimits } from './window.ts'

const at = (eid: number, offset = eid): Place => ({
  projection: { eid, offset, highest: 0, talk: null, ended: null } satisfies Projection,
})
const said = (eid: number, length = 1) => ({
  eid,
  event: {
    event: 'messageReceived' as const,
    confId: 1,
    sender: 'sip:ben@demo',
    message: { format: 'text/plain', content: 'x'.repeat(length) },
  },
})

/** A window of so many steps of one event each. */
function windowOf(count: number, length = 1): Window {
  const window = new Window(at(0))
  for (let eid = 1; eid <= count; eid++) window.push({ events: [said(eid, length)], after: at(eid) })
  return window
}
const numbers = ({ events }: { events: readonly { eid: number }[] }) => events.map(({ eid }) => eid)

describe('a window', () => {
  test('[UC-61] gives what is behind a number, also from within an entry of several events', () => {
    const window = new Window(at(0))
    window.push({ events: [said(1), said(2), said(3)], after: at(3, 1) })
    window.push({ events: [said(4)], after: at(4, 2) })
    expect(numbers(window.batch(2))).toEqual([3, 4])
    expect(numbers(window.batch(4))).toEqual([])
    expect(window.placeAt(2)).toEqual(at(0))
    expect(window.placeAt(3)).toEqual(at(3, 1))
  })

  test('[UC-61] gives a text that is longer than a whole answer alone', () => {
    const window = windowOf(1)
    window.push({ events: [said(2, batchLimits.characters + 1)], after: at(2) })
    window.push({ events: [said(3)], after: at(3) })
    expect(window.batch(0)).toMatchObject({ more: true })
    expect(numbers(window.batch(0))).toEqual([1])
    expect(numbers(window.batch(1))).toEqual([2])
    expect(window.batch(2)).toMatchObject({ more: false })
  })

  test('an entry that is nothing to the client moves the end, and what can be gone on from', () => {
    const window = windowOf(2)
    window.push({ events: [], after: at(2, 7) })
    expect(window.tail).toEqual(at(2, 7))
    expect(window.placeAt(2)).toEqual(at(2, 7))
    window.forget(2)
    expect(window.base).toEqual(at(2, 7))
    window.push({ events: [], after: at(2, 8) })
    expect(window.base).toEqual(at(2, 8))
  })

  test('[UC-75] is full by events and by characters, and not once they are forgotten', () => {
    const window = windowOf(windowLimits.events)
    expect(window.full).toBe(true)
    window.forget(1)
    expect(window.full).toBe(false)
    const long = windowOf(2, windowLimits.characters / 2)
    expect(long.full).toBe(true)
    long.forget(2)
    expect(long.full).toBe(false)
  })

  test('[UC-75] keeps of what is acknowledged the latest, by events and by characters, and nothing less of the rest', () => {
    const window = windowOf(keptLimits.events + 50)
    window.forgetSurplus(keptLimits.events + 10)
    expect(window.base).toEqual(at(10))
    expect(numbers(window.batch(keptLimits.events)).length).toBe(50)
    const long = windowOf(10, keptLimits.characters / 2)
    long.forgetSurplus(8)
    expect(long.base).toEqual(at(7))
    expect(numbers(long.batch(8))).toEqual([9, 10])
  })
})
