import { expect, test } from 'vitest'
import { cometdBench } from '../testing/cometd-bench.ts'
import { cwaBench } from '../testing/cwa-bench.ts'

test('[LB-13] a text that is written to CometD clients is told to the meter with its age, as often as it is written', async () => {
  const bench = cometdBench()
  const [one, two] = [await bench.client({ ack: true }).start(), await bench.client({ ack: true }).start()]
  const first = await one.poll()
  await bench.append('hello', 'device')
  const now = bench.clock.now()
  expect(first.written).toHaveLength(1)
  expect(bench.metered.delivered).toEqual([now])
  bench.clock.advance(700)
  await two.poll()
  expect(bench.metered.delivered).toEqual([now, now + 700])
  one.take(first)
  await one.poll()
  expect(bench.metered.delivered).toHaveLength(2)
  await bench.stop()
})

test('[LB-13] so is one that is written to a UC AJAX client, and none of the client’s own', async () => {
  const bench = cwaBench()
  const [anna, ben] = [await bench.client('anna').signIn(), await bench.client('ben').signIn()]
  await anna.invite('sip:ben@demo', 'hello')
  await ben.drain()
  await ben.handle('acceptImSession')
  await anna.drain()
  await ben.drain()
  bench.delivered.length = 0
  await anna.say('one')
  await bench.pass(2_000)
  await anna.say('two')
  await bench.pass(1_000)
  await ben.drain()
  expect(bench.delivered).toEqual([3_000, 1_000])
  await anna.drain()
  expect(bench.delivered).toHaveLength(2)
  await bench.stop()
})
