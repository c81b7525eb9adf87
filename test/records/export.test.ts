import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Agent, agents, Site, type StoreKind, Talker } from './site.ts'

describe.each(['embedded', 'redis'] as const)('ringdown export, %s', (kind: StoreKind) => {
  let site: Site
  const talk = {} as Record<Agent, Talker>
  const sessions: string[] = []

  beforeAll(async () => {
    site = await Site.create(kind)
    await site.serve()
    for (const name of agents) {
      talk[name] = new Talker(name, () => site.address())
      await talk[name].logIn()
    }
    // Two that have ended, one that lives.
    sessions.push(await talk.anna.call('7002', { favColor: 'blue', age: 3 }))
    await talk.anna.say(sessions[0] as string, 'Hello Ben')
    await talk.ben.say(sessions[0] as string, 'Hello\nAnna \u001b[31m')
    await talk.ben.complete(sessions[0] as string)
    sessions.push(await talk.ben.call('7001'))
    await talk.ben.complete(sessions[1] as string)
    sessions.push(await talk.cara.call('7004'))
    for (let i = 1; i <= 450; i++) await talk.cara.say(sessions[2] as string, `number ${i}`)
  })
  afterAll(() => site.stop())

  const lines = async (...words: string[]) => {
    const { code, out, err } = await site.run('export', ...words)
    expect([code, err]).toEqual([0, ''])
    return out.split('\n').filter((line) => line !== '')
  }
  const ids = async (...words: string[]) =>
    (await lines(...words)).map((line) => (JSON.parse(line) as { session: string }).session)

  test('[RC-1] a session is a line: parties, times, user data and texts; living ones are marked', async () => {
    const [first, second, third] = (await lines()).map((line) => JSON.parse(line))
    expect(first).toEqual({
      centre: 'site',
      session: sessions[0],
      state: 'ended',
      callType: 'Internal',
      created: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      ended: expect.stringMatching(/Z$/),
      why: 'completed',
      endedBy: '7002',
      parties: [
        {
          dn: '7001',
          role: 'Origination',
          leg: 'tlibrary',
          person: expect.any(String),
          agent: 'anna',
          name: 'ANNA Tester',
        },
        {
          dn: '7002',
          role: 'Destination',
          leg: 'tlibrary',
          person: expect.any(String),
          agent: 'ben',
          name: 'BEN Tester',
        },
      ],
      userData: { favColor: 'blue', age: 3 },
      texts: [
        { ...{ position: 1, from: '7001', agent: 'anna', body: 'Hello Ben' }, ...anyText },
        { ...{ position: 2, from: '7002', agent: 'ben', body: 'Hello\nAnna \u001b[31m' }, ...anyText },
      ],
    })
    expect(second).toMatchObject({ session: sessions[1], state: 'ended', texts: [] })
    expect(third).toMatchObject({ session: sessions[2], state: 'living' })
    expect(third.ended).toBeUndefined()
    expect(third.texts.map(({ body }: { body: string }) => body)).toEqual(
      Array.from({ length: 450 }, (_, i) => `number ${i + 1}`),
    )
  })

  test('[RC-2] to be read: who, when, each text on its lines, and nothing that steers a terminal', async () => {
    const { out } = await site.run('export', '--format', 'text', '--session', sessions[0] as string)
    const shown = out.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'T')
    expect(shown).toBe(
      [
        `Session ${sessions[0]} in site`,
        '  began  T',
        '  ended  T, completed by 7002',
        '  with   7001 anna (ANNA Tester), who began it',
        '  with   7002 ben (BEN Tester)',
        '  user data',
        '    favColor = "blue"',
        '    age = 3',
        '   1  T  anna: Hello Ben',
        '   2  T  ben: Hello',
        '      Anna ·[31m',
        '',
        '',
      ].join('\n'),
    )
  })

  test('[RC-3] filters by time, agent, DN, session and contact centre', async () => {
    expect(await ids('--from', '1h')).toEqual(sessions)
    expect(await ids('--until', '1h')).toEqual([])
    const [, second] = (await lines()).map((line) => JSON.parse(line) as { created: string })
    const at = second?.created as string
    expect(await ids('--from', at)).toEqual(sessions.slice(1))
    expect(await ids('--until', at)).toEqual(sessions.slice(0, 1))
    expect(await ids('--agent', 'Anna')).toEqual(sessions.slice(0, 2))
    expect(await ids('--agent', 'cara', '--centre', 'site')).toEqual(sessions.slice(2))
    expect(await ids('--dn', '7004')).toEqual(sessions.slice(2))
    expect(await ids('--session', sessions[1] as string)).toEqual(sessions.slice(1, 2))
    expect(await ids('--session', sessions[1] as string, '--dn', '7004')).toEqual([])
  })

  test('[RC-4] the same records are the same bytes, to standard output and to a file', async () => {
    const all = await Promise.all([site.run('export', '--agent', 'ben'), site.run('export', '--agent', 'ben')])
    expect(all[0].out).toBe(all[1].out)
    const file = join(site.folder, 'ben.jsonl')
    expect(await site.run('export', '--agent', 'ben', '--out', file)).toEqual({ code: 0, out: '', err: '' })
    expect(readFileSync(file, 'utf8')).toBe(all[0].out)
    expect(await site.run('export', '--out', file)).toEqual({
      code: 1,
      out: '',
      err: `${file} cannot be written: it is there already\n`,
    })
  })

  test('[RC-5] what is asked for wrongly is said in a line', async () => {
    const said = async (...words: string[]) => {
      const { code, out, err } = await site.run('export', ...words)
      return [code, out, err.split('\n')[0]]
    }
    const wrong = (text: string) => [2, '', `ringdown: ${text}`]
    expect(await said('--from', 'soon')).toEqual(
      wrong("--from must be a time such as 2026-01-31T08:00Z or 24h, not 'soon'"),
    )
    expect(await said('--from', '1h', '--until', '2h')).toEqual(wrong('--from must be before --until'))
    expect(await said('--format', 'xml')).toEqual(wrong("--format must be jsonl or text, not 'xml'"))
    expect(await said('--session', 'x')).toEqual(wrong("'x' is not the id of a session"))
    expect(await said('--centre', 'x')).toEqual(wrong("there is no contact centre 'x'; there are: site"))
    expect(await said('--agent', 'zoe')).toEqual([
      1,
      '',
      "there is no agent 'zoe'; who is configured no more is found by the person's id",
    ])
    expect(existsSync(join(site.folder, 'ringdown-data'))).toBe(false)
  })
})

const anyText = { id: expect.any(String), time: expect.stringMatching(/Z$/), type: 'text/plain' }
