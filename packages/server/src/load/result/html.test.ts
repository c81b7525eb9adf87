import { Value } from 'typebox/value'
import { describe, expect, test } from 'vitest'
import type { Plan, PlanTalk } from '../plan/plan.ts'
import { Tally } from '../tally.ts'
import { resultOf } from './build-result.ts'
import { htmlOf } from './html.ts'
import { linearTicks, logTicks, timeTicks } from './page/axis.ts'
import { ResultSchema } from './result.ts'
import { Tracker } from './tracker.ts'

const group = { name: 'a', kind: 'cometd', transport: 'websocket', made: 4, people: [] } as const

function result(seconds: number, reason = 'HTTP 503 <script>alert(1)</script>') {
  const talk = {
    from: group,
    to: group,
    pairs: 2,
    per: 'texts',
    textsPerSession: 0,
    steps: [{ from: 4, to: 8, ms: seconds * 1_000 }],
  }
  const plan = {
    ...{
      address: 'http://im.example',
      as: 'root',
      seed: 1,
      maxFailures: 0,
      limits: {},
      processes: 1,
      lostAfterMs: 10_000,
      underWay: 9,
    },
    ...{
      sip: { host: 'h', port: 1, transport: 'udp', domain: 'h' },
      groups: [group],
      talks: [talk as unknown as PlanTalk],
    },
  } as Plan
  const tracker = new Tracker(plan)
  for (let i = 0; i < seconds; i++)
    for (const way of ['cometd → cometd', 'cometd → msrp']) {
      const tally = new Tally()
      tally.counts = { ...tally.counts, due: 4, sent: 4, accepted: 4, delivered: 3, failed: 1 }
      for (const ms of [1, 2, 30 + i]) tally.timings.delivery.record(ms * 1_000)
      tracker.add(0, {
        fromMs: i * 1_000,
        atMs: (i + 1) * 1_000,
        ways: { [way]: tally.take() },
        reasons: { [reason]: 1 },
        busy: 0.2,
        waiting: 0,
      })
    }
  tracker.finish()
  const machine = { system: 'Linux', processor: 'one', cores: 2, memory: 2 ** 33, loadBefore: 0.1 }
  const ran = { began: 1_700_000_000_000, ms: seconds * 1_000, ended: 'done' } as const
  return resultOf({ plan, run: 'a1b2c3', ran, tracker, server: '1.2.3', machine, now: 0 })
}

describe('the result', () => {
  test('[LD-17] has the form its schema says, with plan, versions, machine, series and histograms', () => {
    const found = JSON.parse(JSON.stringify(result(5))) as unknown
    expect([...Value.Errors(ResultSchema, found)]).toEqual([])
    expect(found).toMatchObject({
      ...{ format: 'ringdown-load/2', run: 'a1b2c3', seconds: 5, ended: 'done', passed: false, step: 1 },
      ...{ verdict: ['10 failures, and none may be.'], versions: { server: '1.2.3', node: process.version } },
      plan: { address: 'http://im.example', groups: [{ name: 'a', made: 4 }], talks: [{ pairs: 2 }] },
      totals: { counts: { delivered: 30 } },
    })
  })

  test('[LD-18] as a page needs nothing else: no script, no handler, no other file, and nothing of it is markup', () => {
    const page = htmlOf(result(20))
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">/)
    expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\(|\son[a-z]+=|https?:\/\/(?!im\.example)/)
    expect(page).toContain('HTTP 503 &lt;script&gt;alert(1)&lt;/script&gt;')
    expect(page).toContain('@media (prefers-color-scheme: dark)')
    for (const title of [
      'Texts a second',
      'Latency over time',
      'Spread of the times',
      'Way by way',
      'What went wrong, in a second',
    ])
      expect(page).toContain(`<h3>${title}</h3>`)
    expect(page).not.toMatch(/NaN|undefined|Infinity/)
  })

  test('[LD-18] of a run without a text, and of an hour, can be shown', () => {
    expect(htmlOf(result(0))).not.toMatch(/NaN|undefined|Infinity/)
    const hour = htmlOf(result(3_600))
    expect(hour).not.toMatch(/NaN|undefined|Infinity/)
    expect(hour.length).toBeLessThan(600_000)
  })
})

test('[LD-18] axes have round marks', () => {
  expect(linearTicks(47)).toEqual([0, 20, 40, 60])
  expect(linearTicks(0)).toEqual([0, 1])
  expect(linearTicks(0.7)).toEqual([0, 0.2, 0.4, 0.6, 0.8])
  expect(logTicks(2, 350)).toEqual([1, 10, 100, 1_000])
  expect(logTicks(10, 10)).toEqual([10, 100])
  expect(timeTicks(30)).toEqual([0, 5, 10, 15, 20, 25, 30])
  expect(timeTicks(86_400)).toHaveLength(7)
})
