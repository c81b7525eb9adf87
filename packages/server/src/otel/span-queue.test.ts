import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace'
import { ManualClock } from '@ringdown/signalling/testing'
import { expect, test } from 'vitest'
import { SpanQueue } from './span-queue.ts'

type Done = Parameters<SpanExporter['export']>[1]
const span = (traceFlags = 1) => ({ spanContext: () => ({ traceFlags }) }) as ReadableSpan

function setUp(limit = 1_000) {
  const clock = new ManualClock()
  const batches: { size: number; done: Done }[] = []
  const exporter = {
    export: (spans: ReadableSpan[], done: Done) => void batches.push({ size: spans.length, done }),
    shutdown: async () => undefined,
  }
  const queue = new SpanQueue({ exporter, clock, limit })
  const end = (count: number) => {
    for (let i = 0; i < count; i++) queue.onEnd(span())
  }
  return { clock, batches, queue, end }
}

test('[OT-4] spans go in batches, one at a time; what is not recorded does not go', () => {
  const { clock, batches, queue, end } = setUp()
  queue.onEnd(span(0))
  end(600)
  clock.advance(0)
  expect(batches.map(({ size }) => size)).toEqual([256])
  batches[0]?.done({ code: 0 })
  clock.advance(0)
  batches[1]?.done({ code: 0 })
  // What is less than a batch waits a second for more.
  clock.advance(999)
  expect(batches).toHaveLength(2)
  clock.advance(1)
  batches[2]?.done({ code: 0 })
  expect(batches.map(({ size }) => size)).toEqual([256, 256, 88])
  expect(queue.state()).toEqual({ exported: 600, queued: 0, drops: {} })
})

test('[OT-4] a collector that fails costs its batch and a rest; what has no room is dropped, and all of it is counted', () => {
  const { clock, batches, queue, end } = setUp(300)
  end(300)
  clock.advance(0)
  batches[0]?.done({ code: 1, error: new Error('refused') })
  end(400)
  clock.advance(4_999)
  expect(batches).toHaveLength(1)
  expect(queue.state()).toEqual({ exported: 0, queued: 300, drops: { failed: 256, full: 144 } })
  clock.advance(1)
  expect(batches).toHaveLength(2)
})

test('[OT-5] one that never answers is given up; its late answer counts for nothing', () => {
  const { clock, batches, queue, end } = setUp()
  end(10)
  clock.advance(1_000)
  clock.advance(12_000)
  expect(queue.state().drops).toEqual({ failed: 10 })
  batches[0]?.done({ code: 0 })
  expect(queue.state()).toEqual({ exported: 0, queued: 0, drops: { failed: 10 } })
})

test('[OT-5] the end waits two seconds for what is left, and no longer', async () => {
  const { clock, batches, queue, end } = setUp()
  end(10)
  const quick = queue.shutdown()
  clock.advance(0)
  batches[0]?.done({ code: 0 })
  await quick
  expect(queue.state()).toEqual({ exported: 10, queued: 0, drops: {} })

  const hanging = setUp()
  hanging.end(600)
  const ended = hanging.queue.shutdown()
  hanging.clock.advance(2_000)
  await ended
  expect(hanging.queue.state().drops).toEqual({ closed: 344 })
  hanging.end(1)
  expect(hanging.queue.state().drops).toEqual({ closed: 345 })
})

test('[OT-4] an exporter that throws is one that has failed', () => {
  const clock = new ManualClock()
  const exporter = {
    export: () => {
      throw new Error('broken')
    },
    shutdown: async () => undefined,
  }
  const queue = new SpanQueue({ exporter, clock, limit: 10 })
  queue.onEnd(span())
  clock.advance(1_000)
  expect(queue.state()).toEqual({ exported: 0, queued: 0, drops: { failed: 1 } })
})
