import { expect, test } from 'vitest'
import { type SimulationOptions, simulate } from './testing/simulation.ts'

/** What goes wrong under the seeds from 1 on, and what was seen at all. */
async function simulateMany(seeds: number, options: SimulationOptions = {}) {
  const wrong: string[] = []
  const seen = new Map<string, number>()
  for (let seed = 1; seed <= seeds; seed++) {
    const outcome = await simulate(seed, options)
    for (const [what, times] of outcome.seen) seen.set(what, (seen.get(what) ?? 0) + times)
    wrong.push(...outcome.faults.map((fault) => `seed ${seed}: ${fault}`))
  }
  return { wrong, seen }
}

test('[LG-9] no text is lost and no leg is left, whatever happens to endpoints, nodes and the store', {
  timeout: 60_000,
}, async () => {
  const { wrong, seen } = await simulateMany(30)
  expect(wrong).toEqual([])
  // The histories are worth something only if they go everywhere.
  for (const what of ['crashes', 'stops', 'cuts', 'moves', 'session', 'pager', 'auto', 'heard', 'failed'])
    expect(seen.get(what) ?? 0, what).toBeGreaterThan(10)
  for (const what of ['completed', 'idle', 'noAnswer', 'rejected', 'abandoned', 'unreachable'])
    expect(seen.get(what) ?? 0, what).toBeGreaterThan(3)
  for (const how of ['session', 'pager', 'failed'])
    expect(seen.get(`opening ${how}`) ?? 0, `opening ${how}`).toBeGreaterThan(10)
})

test('[LG-9] the same among MSRP clients whose sessions fail and are renewed by either side', {
  timeout: 60_000,
}, async () => {
  const weights = { invites: 20, says: 40, hangsUp: 4, losesMedia: 6, renews: 5, writes: 0, moves: 1 }
  expect((await simulateMany(15, { weights })).wrong).toEqual([])
})

test('[LG-9] the same with three nodes, one of them without MSRP', { timeout: 60_000 }, async () => {
  expect((await simulateMany(10, { nodes: ['a', 'b', 'c'], withoutMSRP: ['c'] })).wrong).toEqual([])
})

test('[LG-9] the same where nothing but the store fails', { timeout: 60_000 }, async () => {
  const weights = { cuts: 6, crashes: 0, stops: 0, moves: 0.3 }
  expect((await simulateMany(15, { weights })).wrong).toEqual([])
})
