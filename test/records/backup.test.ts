import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { type Client, connect, disconnect } from '../cometd/client.ts'
import { Bayeux } from './bayeux.ts'
import { eventually, Site, Talker } from './site.ts'

const sites: Site[] = []
const clients: Client[] = []
afterEach(async () => {
  for (const client of clients.splice(0)) await disconnect(client).catch(() => undefined)
  for (const site of sites.splice(0)) await site.stop()
})

async function start(): Promise<{ site: Site; anna: Talker; ben: Talker }> {
  const site = await Site.create('embedded')
  sites.push(site)
  await site.serve()
  const [anna, ben] = ['anna', 'ben'].map((name) => new Talker(name, () => site.address())) as [Talker, Talker]
  await anna.logIn()
  await ben.logIn()
  return { site, anna, ben }
}

/** Writes texts until it is told to stop; those that were accepted. */
function writing(anna: Talker, session: string): { accepted: string[]; stop: () => Promise<void> } {
  const accepted: string[] = []
  let goesOn = true
  const done = (async () => {
    for (let i = 0; goesOn; i++) {
      await anna.say(session, `while ${i}`)
      accepted.push(`while ${i}`)
    }
  })()
  return {
    accepted,
    stop: async () => {
      goesOn = false
      await done
    },
  }
}

const bodies = (exported: string) =>
  exported
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => (JSON.parse(line) as { texts: { body: string }[] }).texts.map(({ body }) => body))

describe('backup and restore, embedded', () => {
  test('[RC-20] [RC-21] exports before and after are the same bytes; a server that writes meanwhile loses nothing', async () => {
    const { site, anna, ben } = await start()
    const first = await anna.call('7002', { order: 'blue' })
    await anna.say(first, 'one')
    await ben.complete(first)
    const second = await anna.call('7002')
    const talk = writing(anna, second)
    await eventually(() => (talk.accepted.length > 20 ? true : undefined))
    const before = talk.accepted.length
    const made = await site.run('backup', join(site.folder, 'saved'))
    expect([made.code, made.err]).toEqual([0, ''])
    await talk.stop()
    const manifest = JSON.parse(readFileSync(join(site.folder, 'saved/manifest.json'), 'utf8'))
    expect(manifest).toMatchObject({ format: 'ringdown-backup-1', centres: [{ id: 'site', file: 'site.sqlite' }] })

    await anna.say(second, 'after the backup')
    await site.stopServing()
    const refused = await site.run('restore', join(site.folder, 'saved'))
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('with --force it is moved aside')])
    expect((await site.run('restore', join(site.folder, 'saved'), '--force')).out).toContain(
      'what was there before is in',
    )

    // All that was accepted before the command, and of what came while it ran the beginning, without a hole.
    const restored = await site.run('export')
    const texts = bodies(restored.out)
    expect(texts[0]).toBe('one')
    const meanwhile = texts.slice(1)
    expect(meanwhile.length).toBeGreaterThanOrEqual(before)
    expect(meanwhile).toEqual(talk.accepted.slice(0, meanwhile.length))

    // Backed up and restored once more, every byte of an export is the same.
    expect((await site.run('backup', join(site.folder, 'again'))).code).toBe(0)
    rmSync(join(site.folder, 'store'), { recursive: true })
    expect((await site.run('restore', join(site.folder, 'again'))).code).toBe(0)
    expect((await site.run('export')).out).toBe(restored.out)
    for (const format of ['text', 'jsonl']) expect((await site.run('export', '--format', format)).code).toBe(0)
  })

  test('[RC-21] what is in use, damaged or not a backup is refused, and nothing is changed', async () => {
    const { site, anna } = await start()
    const session = await anna.call('7002')
    await anna.say(session, 'one')
    const saved = join(site.folder, 'saved')
    expect((await site.run('backup', saved)).code).toBe(0)
    const says = async (...words: string[]) => {
      const { code, err } = await site.run(...(words as [string]))
      return [code, err]
    }
    expect(await says('backup', saved)).toEqual([1, expect.stringContaining(`${saved} is there already`)])
    expect(await says('restore', saved, '--force')).toEqual([1, expect.stringContaining('is in use: stop the servers')])
    expect(await anna.texts(session)).toEqual(['one'])
    await site.stopServing()
    const empty = join(site.folder, 'empty')
    mkdirSync(empty)
    expect(await says('restore', empty)).toEqual([
      1,
      expect.stringContaining('is no backup: manifest.json cannot be read'),
    ])
    const bytes = readFileSync(join(saved, 'site.sqlite'))
    bytes[5000] = (bytes[5000] as number) ^ 1
    writeFileSync(join(saved, 'site.sqlite'), bytes)
    expect(await says('restore', saved, '--force')).toEqual([
      1,
      expect.stringContaining('is not what was backed up: its checksum is another one'),
    ])
    expect(bodies((await site.run('export')).out)).toEqual(['one'])
    expect(existsSync(join(site.folder, '.saved.unfinished'))).toBe(false)
  })

  test.each([true, false])('[RC-22] a client that resumes over a restore is told of a gap, ack %s', async (ack) => {
    const { site, anna, ben } = await start()
    const session = await anna.call('7002')
    const port = new URL(site.address()).port
    const client = await connect(
      `${site.address()}/api/v2/notifications`,
      { transport: 'long-polling', ack },
      { user: 'ben' },
    )
    clients.push(client)
    await anna.say(session, 'in the backup')
    await eventually(() => (client.texts.includes('in the backup') ? true : undefined))
    expect((await site.run('backup', join(site.folder, 'saved'))).code).toBe(0)
    const lost = ['lost one', 'lost two', 'lost three']
    for (const text of lost) await anna.say(session, text)
    await eventually(() => (client.texts.includes('lost three') ? true : undefined))
    const position = (client.messages.at(-1)?.ext as { replay?: unknown } | undefined)?.replay
    await site.stopServing()
    expect((await site.run('restore', join(site.folder, 'saved'), '--force')).code).toBe(0)
    await site.serve('n1', port)
    // Under the numbers of what was lost there are other events now.
    const fresh = ['new one', 'new two', 'new three', 'new four']
    for (const text of fresh) await anna.say(session, text)
    await eventually(() => (client.texts.includes('new four') && client.gaps.length > 0 ? true : undefined))
    expect(client.texts.slice(client.texts.indexOf('lost three') + 1).filter((text) => lost.includes(text))).toEqual([])
    expect(await ben.texts(session)).toEqual(['in the backup', ...fresh])

    // So is one that keeps its position itself, and begins anew.
    const again = new Bayeux('ben', site.address())
    expect(JSON.stringify(await again.from(position))).toContain('IMSessionGapMessage')
  })
})
