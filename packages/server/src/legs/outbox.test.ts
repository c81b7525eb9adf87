import type { DNumber, LogEntry, MessageID } from '@ringdown/signalling'
import { ManualClock } from '@ringdown/signalling/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Delivery, Outbox } from './outbox.ts'

const entry = (position: number, from = '7001'): LogEntry => ({
  position,
  text: {
    messageID: `m${position}` as MessageID,
    from: from as DNumber,
    sent: position,
    contentType: 'text/plain',
    body: `text ${position}`,
  },
})

interface Way {
  position: number
  settle: (outcome: Delivery) => void
}

function open({ delivered = 0, window = 1, log = [] as LogEntry[] } = {}) {
  const clock = new ManualClock()
  const under: Way[] = []
  const moved: number[] = []
  const errors: unknown[] = []
  const state = { broken: false }
  const box = new Outbox({
    delivered,
    window,
    clock,
    read: async (after, limit) => {
      if (state.broken) throw new Error('no store')
      return log.filter(({ position }) => position > after).slice(0, limit)
    },
    wanted: ({ text }) => text.from !== ('own' as DNumber),
    send: ({ position }) => new Promise((settle) => under.push({ position, settle })),
    onMoved: (position) => moved.push(position),
    onError: (error) => errors.push(error),
  })
  return { box, under, moved, clock, errors, state }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('[LG-1] one after the other, and the position follows', async () => {
  const { box, under, moved } = open()
  box.push(entry(1))
  box.push(entry(2))
  expect(under.map(({ position }) => position)).toEqual([1])
  under[0]?.settle('done')
  await turn()
  expect([moved, under.map(({ position }) => position)]).toEqual([[1], [1, 2]])
})

test('[LG-1] the position never passes a text that is not dealt with', async () => {
  const { box, under, moved } = open({ window: 3 })
  for (const position of [1, 2, 3]) box.push(entry(position))
  under[1]?.settle('done')
  under[2]?.settle('done')
  await turn()
  expect(moved).toEqual([])
  under[0]?.settle('later')
  await turn()
  expect([moved, box.busy]).toEqual([[], true])
  box.resume()
  under[3]?.settle('done')
  await turn()
  expect([moved, box.busy, box.delivered]).toEqual([[3], false, 3])
})

test('[LG-1] a text seen before is not taken again', async () => {
  const { box, under } = open({ delivered: 4 })
  box.push(entry(3))
  box.push(entry(5))
  box.push(entry(5))
  under[0]?.settle('done')
  await turn()
  expect(under.map(({ position }) => position)).toEqual([5])
})

test('[LG-2] what was missed is read from the log, without what the leg sent itself', async () => {
  const log = [entry(1), entry(2, 'own'), entry(3)]
  const { box, under, moved } = open({ window: 8, log })
  box.catchUp()
  await turn()
  expect(under.map(({ position }) => position)).toEqual([1, 3])
  for (const { settle } of under) settle('done')
  await turn()
  expect(moved.at(-1)).toBe(3)
})

test('[LG-2] a log that cannot be read is read again', async () => {
  const { box, under, clock, errors, state } = open({ log: [entry(1)] })
  state.broken = true
  box.catchUp()
  await turn()
  state.broken = false
  clock.advance(500)
  await turn()
  expect([errors.length, under.map(({ position }) => position)]).toEqual([1, [1]])
})

test('[LG-2] however pushes, failures and readings fall, every text is sent in order, and none twice once it is done', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('push', 'lose', 'done', 'later', 'catchUp', 'resume', 'turn'), { maxLength: 200 }),
      fc.constantFrom(1, 4),
      async (steps, window) => {
        const log: LogEntry[] = []
        const { box, under } = open({ window, log })
        const done: number[] = []
        const settle = (outcome: Delivery) => {
          const way = under.shift()
          if (!way) return
          if (outcome === 'done') done.push(way.position)
          way.settle(outcome)
        }
        for (const step of steps) {
          if (step === 'push' || step === 'lose') {
            const next = entry(log.length + 1)
            log.push(next)
            if (step === 'push') box.push(next)
            // A hole in the feed is always told.
            else box.catchUp()
          } else if (step === 'catchUp') box.catchUp()
          else if (step === 'resume') box.resume()
          else if (step === 'turn') await turn()
          else settle(step)
        }
        for (let i = 0; i < 400 && box.busy; i++) {
          box.resume()
          await turn()
          settle('done')
          await turn()
        }
        expect([...done].sort((a, b) => a - b)).toEqual(log.map(({ position }) => position))
        if (window === 1) expect(done).toEqual(log.map(({ position }) => position))
      },
    ),
    { seed: 7, numRuns: 150 },
  )
})

test('[LG-3] what waits when the session ends gets its time, and is named if it is not enough', async () => {
  const log = [entry(1), entry(2), entry(3, 'own'), entry(4)]
  const { box, under, clock } = open({ log })
  box.catchUp()
  await turn()
  const ended = box.finish(5000)
  under[0]?.settle('done')
  await turn()
  clock.advance(5000)
  expect((await ended).map(({ position }) => position)).toEqual([2, 4])
})

test('[LG-3] a session that has nothing to say any more ends at once', async () => {
  const { box, under } = open()
  expect(await box.finish(5000)).toEqual([])
  const second = open()
  second.box.push(entry(1))
  const ended = second.box.finish(5000)
  second.under[0]?.settle('done')
  expect([await ended, under.length]).toEqual([[], 0])
})
