import { describe, expect, test } from 'vitest'
import type { PlanTalk } from '../plan/plan.ts'
import { Tracker } from '../result/tracker.ts'
import { clock, counted, rate, time } from '../sentences.ts'
import { Tally } from '../tally.ts'
import { Painter } from './painter.ts'
import { lineOf, screenOf } from './progress.ts'

const talk = { per: 'texts', textsPerSession: 0, steps: [{ from: 4, to: 4, ms: 30_000 }] } as unknown as PlanTalk
const plan = { talks: [talk], address: 'http://im.example' }

function seen() {
  const tracker = new Tracker(plan)
  for (const fromMs of [0, 1_000]) {
    const tally = new Tally()
    tally.counts = { ...tally.counts, due: 4, delivered: 4, failed: 1 }
    for (const ms of [1, 2, 3, 40]) tally.timings.delivery.record(ms * 1_000)
    tracker.add(0, {
      fromMs,
      atMs: fromMs + 1_000,
      ways: { 'cometd → msrp': tally.take() },
      reasons: { 'HTTP 503': 1 },
      busy: 0,
      waiting: 0,
    })
  }
  return { stage: { stage: 'running', elapsedMs: 15_000 } as const, plan, run: 'a1b2c3', tracker }
}

describe('[LD-14] what is seen of a run', () => {
  test('on a terminal: a bar, how long it takes, wanted and achieved, each way, why something failed', () => {
    const lines = screenOf(seen(), 120)
    expect(lines[0]).toBe('load a1b2c3 at http://im.example')
    expect(lines[1]).toBe('[████████████████················]  50 %  0:15 of 0:30, 0:15 left')
    expect(lines[2]).toBe('wanted 4.0/s  achieved 4.0/s  delivered 8  failures 2')
    expect(lines[4]?.replace(/ +/g, ' ')).toBe('cometd → msrp 4.0 2.00 ms 40.0 ms 40.0 ms 40.0 ms')
    expect(lines[5]).toBe('  2 × HTTP 503')
  })

  test('before and after it runs: what is done, and how far', () => {
    const stage = { stage: 'making', done: 3, of: 6 } as const
    expect(screenOf({ ...seen(), stage }, 120)[1]).toBe('[████████████████················]  making agents 3 of 6')
    expect(lineOf({ ...seen(), stage })).toBe('making agents')
  })

  test('no line is wider than the terminal, or it could not be drawn over', () => {
    for (const line of screenOf(seen(), 30)) expect(line.length).toBeLessThan(30)
  })

  test('in a log: one line', () => {
    expect(lineOf(seen())).toBe(
      '0:15 of 0:30  wanted 4.0/s  achieved 4.0/s  p50 2.00 ms  p90 40.0 ms  p99 40.0 ms  max 40.0 ms  failures 2',
    )
  })

  test('is drawn over what was drawn before, and taken away at the end', () => {
    let screen = ''
    const painter = new Painter({ columns: () => 80, write: (text) => (screen += text) })
    painter.draw(['one', 'two'])
    painter.draw(['three'])
    painter.clear()
    painter.clear()
    expect(screen).toBe('\r\u001b[Jone\ntwo\n\u001b[2A\r\u001b[Jthree\n\u001b[1A\r\u001b[J')
  })
})

test('[LD-14] numbers are written as they are read', () => {
  expect([time(null), time(0.456), time(12.34), time(250), time(1_234), time(61_000)]).toEqual([
    ...['–', '0.46 ms', '12.3 ms', '250 ms', '1.23 s', '61.0 s'],
  ])
  expect([
    clock(65_000),
    clock(3_600_000),
    counted(1, 'text'),
    counted(12_000, 'text'),
    rate(0.5),
    rate(1_234),
  ]).toEqual([...['1:05', '1:00:00', '1 text', '12 000 texts', '0.5', '1 234']])
})
