import { expect, test } from 'vitest'
import { noAnswer, settled } from '../testing/fake-server.ts'
import { TestClock } from '../testing/test-clock.ts'
import { insist, Patience } from './insist.ts'

test('[CL-22] clients of the same server do not all try at the same time', async () => {
  const clock = new TestClock()
  const tries: string[] = []
  const clients = [0, 0.5, 0.999].map((random, i) =>
    insist(
      async () => {
        tries.push(`${i} at ${Math.round(clock.now())}`)
        if (tries.length <= 3) throw noAnswer
      },
      { patience: new Patience(clock, () => random), ms: 10_000 },
    ),
  )
  await settled()
  await clock.advance(200, settled)
  await Promise.all(clients)
  expect(tries.slice(3)).toEqual(['2 at 150', '1 at 175', '0 at 200'])
})
