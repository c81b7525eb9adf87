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
  '[LD-9] agents that exist talk, are logged out, and stay as they were; [LD-12] no password is in the result',
  async () => {
    site.write('people.csv', 'number,password,userName\n7002,pw of ben,ben\n')
    const plan = site.write(
      'people.yaml',
      `lostAfter: 20s
groups:
  - { name: anna, people: [{ userName: anna, password: "\${ANNA}", number: 7001 }] }
  - { name: ben, kind: uc-ajax, file: people.csv }
  - { name: phone, kind: sip-message, people: [{ number: 8001, password: pw8001 }] }
  - { name: client, kind: msrp, people: [{ number: 8002, password: pw8002 }] }
talks:
  - { from: anna, to: phone, steps: [{ rate: 4, for: 2s }] }
  - { from: client, to: ben, steps: [{ rate: 4, for: 2s }] }
`,
    )
    const run = site.load([plan, '--json', '-', '--quiet'], { ANNA: 'pw of anna' })
    expect(`${await run.ended} ${run.err}`).toBe('0 ')
    const { totals, plan: shown } = JSON.parse(run.out)
    expect(totals.counts).toMatchObject({ due: 16, delivered: 16, lost: 0 })
    expect(shown).toMatchObject({ groups: [{ name: 'anna', existing: 1 }, {}, {}, {}] })
    for (const secret of ['pw of', 'pw800']) expect(run.out).not.toContain(secret)
    expect(await site.objects()).toEqual(before)
    await until(
      async () => (await site.sessions()) === 0,
      () => 'a session stays',
    )
  },
  patience,
)
