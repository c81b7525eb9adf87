import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { CallUUID, PersonID } from '@ringdown/signalling'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Bayeux } from './bayeux.ts'
import { type Agent, agents, eventually, Site, type StoreKind, Talker } from './site.ts'

const secret = 'XYZZY-plugh'
const data = 'XYZZY-data'

describe.each(['embedded', 'redis'] as const)('ringdown erase, %s', (kind: StoreKind) => {
  let site: Site
  const talk = {} as Record<Agent | 'admin', Talker>
  let ben: Bayeux
  let session: string
  let others: string

  beforeAll(async () => {
    site = await Site.create(kind)
    await site.serve('n1')
    await site.serve('n2')
    for (const name of agents) talk[name] = new Talker(name, () => site.address('n1'))
    talk.admin = new Talker('admin', () => site.address('n1'))
    for (const name of agents) await talk[name].logIn()
    // Ben listens at the other server.
    ben = new Bayeux('ben', site.address('n2'))
    await ben.begin()
    session = await talk.anna.call('7002', { note: data })
    await talk.anna.say(session, `${secret} one`)
    await talk.anna.say(session, `${secret} two`)
    await talk.ben.say(session, 'an answer of Ben')
    others = await talk.cara.call('7004', { note: 'of Cara' })
    await talk.cara.say(others, 'a text of Cara')
    // He has not confirmed what he was told: the server holds it in memory.
    expect(await eventually(async () => filled(await ben.again()))).toContain(`${secret} two`)
  })
  afterAll(() => site.stop())

  test('[RC-13] [RC-15] a living session refuses it; a dry run tells what there is', async () => {
    const refused = await site.run('erase', 'anna')
    expect([refused.code, refused.out]).toEqual([1, ''])
    expect(refused.err).toContain(`anna is in session ${session}: nothing was erased`)
    await talk.ben.complete(session)
    const dry = await site.run('erase', 'anna', '--dry-run', '--json')
    expect(dry.code).toBe(0)
    expect(JSON.parse(dry.out)).toMatchObject({ dryRun: true, erased: { sessions: 1, texts: 2, calls: 1 } })
    expect(await talk.ben.texts(session)).toEqual([`${secret} one`, `${secret} two`, 'an answer of Ben'])
    expect(bytesOf(site).includes(secret)).toBe(true)
  })

  test('[RC-10] [RC-14] servers that run show nothing of it from then on, not even what they held in memory', async () => {
    const ladder = `/lab/sessions/${session}/ladder?texts=show`
    expect(JSON.stringify(await talk.admin.ask(ladder))).toContain(secret)
    const { code, out, err } = await site.run('erase', 'anna', '--json')
    expect(err).toBe('')
    const report = JSON.parse(out)
    expect(report).toMatchObject({
      userName: 'anna',
      erased: { sessions: 1, texts: 2, calls: 1, logins: 1 },
      nodes: { confirmed: [expect.any(String), expect.any(String)], silent: [] },
    })
    expect(code).toBe(0)
    expect(report.left[0]).toContain('the person in the configuration file')
    for (const node of ['n1', 'n2'] as const)
      expect(await new Talker('ben', () => site.address(node)).texts(session)).toEqual([
        '[erased]',
        '[erased]',
        'an answer of Ben',
      ])
    // He is told again what he has not confirmed.
    const told = await eventually(async () => filled(await ben.again()))
    expect(told).not.toContain('XYZZY')
    expect(told.match(/\[erased\]/g)).toHaveLength(2)
    // A ladder holds what has passed since.
    expect(JSON.stringify(await talk.admin.ask(ladder))).not.toContain('XYZZY')
    const { out: exported } = await site.run('export')
    expect(exported).not.toContain('XYZZY')
    expect(exported).toContain('a text of Cara')
    expect(exported).toContain('"erased":true')
  })

  test('[RC-17] the bytes are gone from the files of the store', async () => {
    const bytes = bytesOf(site)
    expect(bytes.includes('an answer of Ben')).toBe(true)
    expect(bytes.includes(secret)).toBe(false)
    expect(bytes.includes(data)).toBe(false)
  })

  test('[RC-13] --end ends the session they are in', async () => {
    const { code, out } = await site.run('erase', 'cara', '--end')
    expect(code).toBe(0)
    expect(out).toContain('Erased cara (person ')
    expect(await talk.dora.texts(others)).toEqual(['[erased]'])
    const { out: exported } = await site.run('export', '--session', others)
    expect(JSON.parse(exported)).toMatchObject({ state: 'ended', userData: {} })
  })

  test('[RC-12] [RC-16] an administrator is a pseudonym in the audit log; erased twice there is nothing left to do', async () => {
    const again = await site.run('erase', 'anna', '--json')
    expect(JSON.parse(again.out).erased).toMatchObject({ texts: 0, copies: 0, calls: 0, feed: 0 })
    const { out } = await site.run('erase', 'admin', '--json')
    const { pseudonym, erased } = JSON.parse(out)
    expect(erased.audit).toBeGreaterThan(0)
    const store = await site.openStore()
    const { entries } = await store.readFeed('audit' as PersonID, 0, 100)
    await store.close()
    expect(JSON.stringify(entries)).toContain(`\\"who\\":\\"${pseudonym}\\"`)
    expect(JSON.stringify(entries)).not.toContain('\\"who\\":\\"admin\\"')
    expect((await site.run('erase', 'nobody')).err).toContain("there is no user 'nobody'")
  })

  test('[RC-11] the store knows of the session no more than that it was', async () => {
    const store = await site.openStore()
    const { records } = await store.read({ records: [{ kind: 'call', id: session as CallUUID }], claims: [] })
    await store.close()
    expect(records[0]?.value).toMatchObject({ userData: {}, parties: [{ dn: '7001', agent: null }, { dn: '7002' }] })
  })
})

/** What was told, once all of the session has come. */
function filled(messages: Record<string, unknown>[]): string | undefined {
  const told = JSON.stringify(messages)
  return told.includes('an answer of Ben') ? told : undefined
}

/** Everything in the files of a store. */
function bytesOf(site: Site): string {
  const folder = site.kind === 'embedded' ? join(site.folder, 'store') : site.redis.dir
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'latin1'))
    .join('')
}
