import { ManualClock } from '@ringdown/signalling/testing'
import { expect, test } from 'vitest'
import { createMetrics } from '../metrics.ts'
import { History, historyLimits, percentiles } from './history.ts'

const { stepMs, samples: most } = historyLimits

function bench() {
  const clock = new ManualClock()
  const counts = { dialing: 1, talking: 2 }
  const state = { down: false, cpu: 0 }
  const sessions = new Map([
    ['east', async () => (state.down ? Promise.reject(new Error('down')) : { ...counts })],
    ['west', async () => ({ dialing: 0, talking: 0 })],
  ])
  const metrics = createMetrics({ sessions })
  const errors: unknown[] = []
  const history = new History({
    clock,
    totals: metrics.totals,
    sessions,
    usage: () => ({ cpuMicros: state.cpu, memory: 1_000_000 }),
    onError: (error) => errors.push(error),
  })
  const step = async () => {
    clock.advance(stepMs)
    for (let i = 0; i < 50; i++) await Promise.resolve()
  }
  return { clock, counts, state, metrics, history, step, errors }
}

test('[SV-64] each step tells what came in it and what stands now', async () => {
  const { clock, state, metrics, history, step } = bench()
  await history.start()
  for (let i = 0; i < 3; i++) history.text('east')
  metrics.meter.refused('TERR_TIMEOUT')
  metrics.cometd.queuedBytes(4_096)
  metrics.cometd.delivered(4)
  metrics.ucAjax.delivered(4)
  metrics.delivered('sip', 90)
  const ended = metrics.meter.commit()
  state.cpu = 2_500_000
  await step()
  const sample = {
    at: clock.now(),
    sessions: { dialing: 1, talking: 2 },
    texts: 3,
    delivery: { p50: 4.5, p99: expect.closeTo(99.25, 1) },
    refusals: { TERR_TIMEOUT: 1 },
    queues: { commits: 1, cometdBytes: 4_096 },
    cpu: 0.25,
    memory: 1_000_000,
  }
  expect(history.read({ id: 'east' }, 0)).toEqual([sample])
  expect(history.read({ id: 'west' }, 0)).toEqual([{ ...sample, sessions: { dialing: 0, talking: 0 }, texts: 0 }])
  ended()
  await step()
  expect(history.read({ id: 'east' }, clock.now() - 1)).toEqual([
    {
      ...sample,
      at: clock.now(),
      texts: 0,
      delivery: { p50: null, p99: null },
      refusals: {},
      queues: { commits: 0, cometdBytes: 4_096 },
      cpu: 0,
    },
  ])
  history.close()
})

test('[SV-64] an hour is kept, and a store that does not answer leaves a hole', async () => {
  const { clock, state, history, step } = bench()
  await history.start()
  for (let i = 0; i < most + 20; i++) await step()
  const all = history.read({ id: 'east' }, 0)
  expect(all).toHaveLength(most)
  expect((all.at(-1)?.at ?? 0) - (all[0]?.at ?? 0)).toBe((most - 1) * stepMs)
  state.down = true
  await step()
  expect(history.read({ id: 'east' }, clock.now() - 1)).toMatchObject([{ sessions: null, texts: 0 }])
  history.close()
  await step()
  expect(history.read({ id: 'east' }, clock.now() - stepMs)).toEqual([])
})

test('[SV-64] the median and the 99th percentile are those of the step, within the width of a bucket', async () => {
  const buckets = (counts: number[]) => counts.map((count, i) => ({ within: (i + 1) / 100, count }))
  expect(percentiles(buckets([0, 0, 0]), buckets([0, 0, 0]))).toEqual({ p50: null, p99: null })
  expect(percentiles(buckets([5, 5, 5]), buckets([105, 105, 105]))).toEqual({ p50: 5, p99: 9.9 })
  expect(percentiles(buckets([0, 0, 0]), buckets([0, 98, 100]))).toEqual({ p50: expect.closeTo(15.1, 1), p99: 25 })
})

test('[SV-24] deliveries are counted by whom they went to; of who was away for a minute, apart', async () => {
  const { metrics } = bench()
  metrics.cometd.delivered(3)
  metrics.ucAjax.delivered(60_000)
  metrics.delivered('sip', 60_001)
  metrics.delivered('sip', -5)
  const page = (await metrics.text()).split('\n')
  for (const line of [
    'ringdown_delivery_seconds_bucket{le="0.002",to="cometd"} 0',
    'ringdown_delivery_seconds_bucket{le="0.003",to="cometd"} 1',
    'ringdown_delivery_seconds_bucket{le="60",to="ucajax"} 1',
    'ringdown_delivery_seconds_count{to="sip"} 1',
    'ringdown_delivery_seconds_sum{to="sip"} 0',
    'ringdown_late_deliveries_total{to="sip"} 1',
  ])
    expect(page).toContain(line)
})
