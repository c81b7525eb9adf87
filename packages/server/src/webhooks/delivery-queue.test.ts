import { seededRandom } from '@ringdown/signalling/testing'
import { describe, expect, test } from 'vitest'
import { DeliveryQueue, type Item } from './delivery-queue.ts'
import { textEvent } from './testing/events.ts'

function item(offset: number, lane: string, more: Partial<Item> = {}): Item {
  const entry = { offset, event: textEvent(lane, `m${offset}`, offset * 10) }
  const fresh = { attempts: 0, since: 0, next: 0, sending: false, early: 'no', replay: false } as const
  return { offset, lane, what: { type: 'text.accepted', entry }, ...fresh, ...more }
}

function queueOf(...items: Item[]) {
  const queue = new DeliveryQueue()
  for (const one of items) queue.add(one)
  return queue
}

/** It has failed and waits. */
function park(found: Item, next: number) {
  Object.assign(found, { attempts: found.attempts + 1, since: 1, next, sending: false })
}

describe('lanes of deliveries', () => {
  test('[WH-20] of each lane the first goes, the longest behind first', () => {
    const items = [item(1, 'a'), item(2, 'b'), item(3, 'a')]
    const queue = queueOf(...items)
    const first = queue.next(0)
    expect(first?.offset).toBe(1)
    if (first) first.sending = true
    expect(queue.next(0)?.offset).toBe(2)
    if (items[1]) items[1].sending = true
    expect(queue.next(0)).toBeUndefined()
    if (first) queue.remove(first)
    expect(queue.next(0)?.offset).toBe(3)
    expect(queue.size).toBe(2)
  })

  test('[WH-20] one that fails holds up its lane alone, and is written down by itself', () => {
    const [a, b, a2, c] = [item(1, 'a'), item(2, 'b'), item(3, 'a'), item(5, 'c')]
    const queue = queueOf(a, b, a2, c)
    expect(queue.position(5, 0)).toBe(0)
    park(a, 500)
    expect(queue.next(0)?.offset).toBe(2)
    expect(queue.position(5, 0)).toBe(1)
    queue.remove(b)
    queue.remove(c)
    const position = queue.position(5, 0)
    expect(position).toBe(5)
    expect(queue.waiting(position)).toEqual([
      { offset: 1, attempts: 1, since: 1, next: 500 },
      { offset: 3, attempts: 0, since: 0, next: 0 },
    ])
    expect(queue.next(499)).toBeUndefined()
    expect(queue.nextDue()).toBe(500)
    expect(queue.next(500)?.offset).toBe(1)
    // What has waited behind it stays written down: the position does not go back for it.
    queue.remove(a)
    expect(queue.position(5, position)).toBe(5)
    expect(queue.waiting(5).map(({ offset }) => offset)).toEqual([3])
  })

  test('[WH-27] when the target is back each is tried early once', () => {
    const [a, b] = [item(1, 'a'), item(2, 'b')]
    const queue = queueOf(a, b)
    park(a, 500)
    park(b, 900)
    queue.wake(100)
    expect([a.next, b.next]).toEqual([100, 100])
    park(a, 2_000)
    a.early = 'done'
    queue.wake(200)
    expect([a.next, b.next]).toEqual([2_000, 100])
  })

  test('[WH-23] what is sent again leaves the position alone until it has to wait', () => {
    const again = item(3, 'a', { replay: true })
    const queue = queueOf(again, item(12, 'b'))
    expect(queue.position(12, 10)).toBe(11)
    expect(queue.lowestReplay()).toBe(3)
    expect(queue.waiting(11)).toEqual([])
    park(again, 500)
    expect(queue.waiting(11).map(({ offset }) => offset)).toEqual([3])
    expect(queue.lowestReplay()).toBeUndefined()
  })

  test('[WH-24] a gap is written down as long as it is held', () => {
    const gap = { epoch: 'e', from: 4, reason: 'trimmed' } as const
    const queue = queueOf({ ...item(9, 'gap'), what: { gap } })
    expect(queue.position(9, 3)).toBe(9)
    expect(queue.waiting(9)).toEqual([{ offset: 9, attempts: 0, since: 0, next: 0, gap }])
  })

  test('[WH-12] whatever happens, what is not delivered is above the position or written down', () => {
    const random = seededRandom(3)
    for (let run = 0; run < 50; run++) {
      const queue = new DeliveryQueue()
      const open = new Map<number, Item>()
      let [read, position] = [0, 0]
      for (let step = 0; step < 200; step++) {
        const dice = random() % 10
        if (dice < 4) {
          const made = item(++read, `lane ${random() % 6}`)
          if (dice > 0) {
            queue.add(made)
            open.set(made.offset, made)
          }
        } else {
          const next = queue.next(step)
          if (next && dice < 7) {
            queue.remove(next)
            open.delete(next.offset)
          } else if (next) park(next, step + (random() % 20))
        }
        const before = position
        position = queue.position(read, position)
        expect(position).toBeGreaterThanOrEqual(before)
        const written = new Set(queue.waiting(position).map(({ offset }) => offset))
        for (const offset of open.keys()) expect(offset > position || written.has(offset)).toBe(true)
        for (const offset of written) expect(open.has(offset)).toBe(true)
      }
    }
  })
})
