import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runRaces } from '../testing/races.ts'
import { open } from './testing/open-for-race.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'ringdown-races-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

test('[ST-5] [ST-43] 10 000 pairs of agents, called by four processes at once: one winner each, nothing left over', async () => {
  const options = { file: join(dir, 'centre.sqlite') }
  const store = await open(options)
  const report = await runRaces(store, {
    store: { module: new URL('./testing/open-for-race.ts', import.meta.url), options },
    processes: 4,
    pairs: 10_000,
    agents: 10,
    seed: 1,
  })
  await store.close()
  expect(report.faults).toEqual([])
  expect(report.winners).toEqual([0, 10_000, 0, 0, 0])
  expect(report.storm.won + report.storm.lost).toBe(2000)
  expect(Math.min(report.storm.won, report.storm.lost)).toBeGreaterThan(0)
}, 180_000)
