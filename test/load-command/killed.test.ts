import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Site } from './site.ts'

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
  '[LD-6, LD-10] an engine that is killed: failures are told as they are, and how to remove what is left',
  async () => {
    const args = ['--as', 'root', '--agents', '4', '--rate', '20', '--for', '10m', '--json', 'killed.json']
    const run = site.load(args)
    await run.says(/ of 10:00 {2}wanted 20\.0\/s/)
    await site.kill()
    await run.says(/failures [1-9]/)
    run.child.kill('SIGINT')
    await run.says('removing what was made')
    // Nobody comes back: it is not waited for.
    run.child.kill('SIGINT')
    expect(await run.ended).toBe(1)
    const { totals, reasons, passed } = JSON.parse(readFileSync(join(site.folder, 'killed.json'), 'utf8'))
    expect(passed).toBe(false)
    const { sent, delivered, failed, lost, undelivered, unsent, due } = totals.counts
    // What was accepted in the last moment and not delivered is lost; nothing is passed over.
    expect(delivered + failed + lost + undelivered).toBe(sent)
    expect(sent + unsent).toBe(due)
    expect(failed).toBeGreaterThan(0)
    expect(Object.keys(reasons).join('\n')).toMatch(/ECONNREFUSED|closed the connection|socket hang up/)
    const removal = /ringdown (load --remove [0-9a-f]{6} --as root)/.exec(run.err)?.[1] ?? ''
    expect(removal).not.toBe('')

    await site.serve()
    expect((await site.objects()).length).toBeGreaterThan(before.length)
    const nothing = site.load(['--remove', '000000', '--as', 'root', '--address', site.address])
    const removed = site.load([...removal.split(' ').slice(1), '--address', site.address])
    expect([await nothing.ended, nothing.out]).toEqual([0, 'there is nothing of run 000000\n'])
    expect([await removed.ended, removed.out]).toEqual([
      0,
      expect.stringMatching(/^17 objects of run [0-9a-f]{6} are removed\n$/),
    ])
    expect(await site.objects()).toEqual(before)
  },
  patience,
)
