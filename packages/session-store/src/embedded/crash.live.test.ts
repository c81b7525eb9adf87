import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { killWhileWriting, lossesOf, type Reported } from '../testing/crash.ts'
import { person } from '../testing/samples.ts'
import { open } from './testing/open-for-race.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'ringdown-crash-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

test('[ST-4] [ST-41] a process killed at any moment has lost nothing it reported, five times over', async () => {
  const options = { file: join(dir, 'centre.sqlite') }
  const module = new URL('./testing/open-for-race.ts', import.meta.url)
  const reported: Reported[] = []
  let epoch: string | undefined
  for (const [run, reports] of [1, 37, 500, 2100, 950].entries()) {
    const news = await killWhileWriting({ module, options }, run, reports)
    expect(news.length).toBeGreaterThanOrEqual(reports)
    reported.push(...news)
    const store = await open(options)
    expect(await lossesOf(store, reported)).toEqual([])
    const end = await store.feedEnd(person(1))
    // The same memory goes on: positions that clients hold stay good.
    epoch ??= end.epoch
    expect(end.epoch).toBe(epoch)
    await store.close()
  }
})
