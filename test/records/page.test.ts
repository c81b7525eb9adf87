import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PersonID } from '@ringdown/signalling'
import { afterEach, expect, test, vi } from 'vitest'
import { blocksWithoutName, deadLinks, PageFolder, readPage } from '../readme/page.ts'
import { eventually, Site, type StoreKind, Talker } from './site.ts'

// Each test starts some twenty processes.
vi.setConfig({ testTimeout: 180_000 })

const page = readPage('packages/server/RECORDS.md')
const stops: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

/** A site that runs, two who talk, and a folder beside it in which the page's commands are run. */
async function start(kind: StoreKind) {
  const site = await Site.create(kind)
  stops.push(() => site.stop())
  const folder = new PageFolder({ 'ringdown.yaml': site.configuration })
  stops.push(() => folder.close())
  await site.serve()
  const [anna, ben] = ['anna', 'ben'].map((name) => new Talker(name, () => site.address())) as [Talker, Talker]
  await anna.logIn()
  await ben.logIn()
  return { site, folder, anna, ben }
}

test('[RC-31] every command of the page is run, and its links lead somewhere', () => {
  expect(blocksWithoutName(page)).toEqual([])
  expect(deadLinks(page, 'packages/server')).toEqual([])
})

test('[RC-31] export, erase, backup and restore work as they are printed', async () => {
  const { site, folder, anna, ben } = await start('embedded')
  const session = await anna.call('7002', { favColor: 'blue' })
  await anna.say(session, 'Hello Ben')
  await ben.complete(session)

  const { stdout: read } = await folder.run(page, 'export')
  expect(read).toContain('anna: Hello Ben')
  expect(JSON.parse(folder.read('sessions.jsonl'))).toMatchObject({ session, texts: [{ body: 'Hello Ben' }] })
  expect(folder.read('anna.jsonl')).toBe(folder.read('sessions.jsonl'))
  expect((await folder.run(page, 'export-filter')).lines).toEqual([`${session} completed 1`])

  const { stdout: manifest } = await folder.run(page, 'backup')
  expect(manifest).toContain('"format": "ringdown-backup-1"')

  const { stdout: dry } = await folder.run(page, 'erase')
  expect(dry).toContain('Would erase anna')
  expect(JSON.parse(folder.read('erased.json'))).toMatchObject({ erased: { texts: 1 }, nodes: { silent: [] } })
  expect((await folder.shell('ringdown export')).stdout).not.toContain('Hello Ben')

  await site.stopServing()
  await folder.run(page, 'restore')
  expect((await folder.shell('ringdown export')).stdout).toBe(folder.read('sessions.jsonl'))
})

test('[RC-23] [RC-31] with Redis: exports before and after are the same bytes, while a server writes', async () => {
  const { site, folder, anna, ben } = await start('redis')
  const port = String(site.redis.port)
  folder.replace('6379', port)
  const first = await anna.call('7002', { favColor: 'blue' })
  await anna.say(first, 'Hello Ben')
  await ben.complete(first)
  const { stdout: before } = await folder.shell('ringdown export')
  const second = await anna.call('7002')
  let goesOn = true
  const accepted: string[] = []
  const writing = (async () => {
    for (let i = 0; goesOn; i++) {
      await anna.say(second, `while ${i}`)
      accepted.push(`while ${i}`)
    }
  })()
  await eventually(() => (accepted.length > 20 ? true : undefined))
  const sure = accepted.length
  await folder.run(page, 'redis-backup')
  goesOn = false
  await writing
  await folder.run(page, 'erase-redis')
  const refused = await folder.shell('ringdown backup elsewhere', { code: 1 })
  expect(refused.stderr).toContain('redis-cli --rdb dump.rdb')
  const epoch = async () => {
    const store = await site.openStore()
    const end = await eventually(() => store.feedEnd('x' as PersonID))
    await store.close()
    return end.epoch
  }
  const epochBefore = await epoch()
  await site.stopServing()
  await site.redis.kill()
  expect(existsSync(join(folder.path, 'dump.rdb'))).toBe(true)

  const { stdout } = await folder.run(page, 'redis-restore')
  expect(stdout).toContain('site: a new epoch; clients are told of a gap')
  expect(await epoch()).not.toBe(epochBefore)
  const { stdout: after } = await folder.shell('ringdown export')
  const [ended, living = ''] = after.split('\n')
  expect(`${ended}\n`).toBe(before)
  const texts = (JSON.parse(living) as { texts: { body: string }[] }).texts.map(({ body }) => body)
  expect(texts.length).toBeGreaterThanOrEqual(sure)
  expect(texts).toEqual(accepted.slice(0, texts.length))
  expect(readFileSync(join(folder.path, 'restored/dump.rdb')).length).toBeGreaterThan(0)
  // A server goes on with it.
  await site.serve('n2')
  expect(await new Talker('anna', () => site.address('n2')).texts(first)).toEqual(['Hello Ben'])
})
