import { DatabaseSync } from 'node:sqlite'
import type { CallUUID } from '@ringdown/signalling'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Bayeux } from './bayeux.ts'
import { eventually, Site, type StoreKind, Talker } from './site.ts'

describe.each(['embedded', 'redis'] as const)('retention of a contact centre, %s', (kind: StoreKind) => {
  let site: Site
  beforeAll(async () => {
    site = await Site.create(kind, { retentionMs: 3_000 })
    await site.serve()
  })
  afterAll(() => site.stop())

  test('[RC-30] nothing of an ended session outlives it by much, who missed it is told; one that lives stays whole', async () => {
    const [anna, ben, cara, dora] = ['anna', 'ben', 'cara', 'dora'].map(
      (name) => new Talker(name, () => site.address()),
    )
    if (!anna || !ben || !cara || !dora) throw new Error('four agents')
    for (const one of [anna, ben, cara, dora]) await one.logIn()
    const [ofBen, ofDora] = ['ben', 'dora'].map((name) => new Bayeux(name, site.address())) as [Bayeux, Bayeux]
    for (const client of [ofBen, ofDora]) await client.begin()
    const living = await cara.call('7004', { note: 'of the living' })
    await cara.say(living, 'a text of the living')
    const ended = await anna.call('7002', { note: 'XYZZY-data' })
    for (let i = 0; i < 70; i++) await anna.say(ended, `XYZZY-text ${i}`)
    expect(await everything(site)).toContain('XYZZY-text 69')
    const [benSaw, doraSaw] = [await firstHeard(ofBen), await firstHeard(ofDora)]
    await ben.complete(ended)
    expect((await site.run('export', '--session', ended)).out).toContain('XYZZY-data')

    const left = await eventually(async () => {
      const all = await everything(site)
      return all.includes('XYZZY') || all.includes(ended) ? undefined : all
    })
    // Whoever reads by the API or the commands finds nothing either.
    expect((await site.run('export')).out).not.toContain(ended)
    expect(await anna.ask('/me/ended-im-sessions')).toMatchObject({ imSessions: [] })
    const store = await site.openStore()
    expect(await store.readLog(ended as CallUUID, 0, 10)).toEqual([])
    await store.close()
    expect(left).toContain('a text of the living')
    expect(await dora.texts(living)).toEqual(['a text of the living'])
    expect((await site.run('export')).out).toContain('of the living')

    // Who was away for as long is told that there is a gap (the first server holds what its client has not confirmed); of the session
    // that lives nothing is missing.
    await site.serve('n2')
    const since = async (user: string, position: unknown) =>
      JSON.stringify(await new Bayeux(user, site.address('n2')).from(position))
    expect(await since('ben', benSaw)).toContain('IMSessionGapMessage')
    const heard = await since('dora', doraSaw)
    expect(heard).not.toContain('IMSessionGapMessage')
    expect(heard).toContain('a text of the living')
  })
})

/** The position of the first event a client was told of. */
function firstHeard(client: Bayeux): Promise<unknown> {
  return eventually(async () => {
    const positions = (await client.again()).map(({ ext }) => (ext as { replay?: unknown } | undefined)?.replay)
    return positions.find((position) => typeof position === 'string')
  })
}

/** All rows of the store, or all keys with what they hold. */
async function everything(site: Site): Promise<string> {
  return site.kind === 'embedded' ? rowsOf(site.file) : keysOf(site)
}

function rowsOf(file: string): string {
  const db = new DatabaseSync(file, { readOnly: true })
  try {
    const tables = db
      .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('signal', 'probe')`)
      .all()
    return JSON.stringify(tables.map(({ name }) => db.prepare(`SELECT * FROM ${name}`).all()))
  } finally {
    db.close()
  }
}

async function keysOf(site: Site): Promise<string> {
  const { admin } = site.redis
  const found: unknown[] = []
  for (const key of await admin.keys('*')) {
    const read = {
      string: () => admin.get(key),
      hash: () => admin.hgetall(key),
      zset: () => admin.zrange(key, '0', '-1'),
      stream: () => admin.xrange(key, '-', '+'),
    }[await admin.type(key)]
    found.push(key, await read?.())
  }
  return JSON.stringify(found)
}
