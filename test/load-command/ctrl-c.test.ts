import { afterAll, beforeAll, expect, test } from 'vitest'
import { Site, until } from './site.ts'

/** Only against a hang: on a loaded machine a command takes seconds to start. */
const patience = 180_000

let site: Site
let before: string[]
beforeAll(async () => {
  site = await Site.start()
  before = await site.objects()
})
afterAll(() => site?.stop())

test(
  '[LD-15, LD-8] Ctrl-C ends the run orderly: the result is printed, nothing is lost, nothing stays; [LD-14] in a log there are lines',
  async () => {
    const run = site.load(['--as', 'root', '--agents', '4', '--rate', '20', '--for', '10m'])
    await run.says(/ of 10:00 {2}wanted 20\.0\/s/)
    expect(await site.sessions()).toBe(2)
    run.child.kill('SIGINT')
    expect(`${await run.ended} ${run.err}`).toMatch(/^0 load [0-9a-f]{6} at http/)
    expect(run.out).toMatch(/^Run [0-9a-f]{6}, stopped: \d+ texts delivered of \d+ due/)
    expect(run.out).toMatch(/Passed\.\n$/)
    expect(await site.objects()).toEqual(before)
    await until(
      async () => (await site.sessions()) === 0,
      () => 'sessions stay',
    )
  },
  patience,
)

test(
  '[LD-8] Ctrl-C before anything runs: nothing stays either',
  async () => {
    const run = site.load(['--as', 'root', '--agents', '20', '--rate', '20', '--for', '10m'])
    await until(
      async () => (await site.objects()).length > before.length + 3,
      () => `nothing is made:\n${run.err}`,
    )
    run.child.kill('SIGINT')
    expect(await run.ended).toBe(1)
    expect(run.out).toContain('Nothing was delivered.')
    expect(await site.objects()).toEqual(before)
  },
  patience,
)
