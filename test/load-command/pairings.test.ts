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

interface Result {
  totals: { counts: Record<string, number>; sessions: Record<string, number> }
  ways: { way: string; counts: Record<string, number>; delivery: { p50: number | null } }[]
  reasons: Record<string, number>
  plan: unknown
  series: { wanted: number; achieved: number }[]
}
const readResult = (name: string): Result => JSON.parse(readFileSync(join(site.folder, name), 'utf8')) as Result

const groups = ['desks', 'intranet', 'phones', 'clients'] as const

test(
  '[LD-1] every kind talks to every kind in one run: nothing is lost, doubled or out of order; [LD-8] nothing stays',
  async () => {
    // The polling desks are the ones that talk among themselves.
    const named = (name: string, other: string) => (name === 'desks' && other === 'desks' ? 'pollers' : name)
    const talks = groups.flatMap((from) =>
      groups.map(
        (to) => `  - { from: ${named(from, to)}, to: ${named(to, from)}, pairs: 1, steps: [{ rate: 2, for: 3s }] }`,
      ),
    )
    const plan = site.write(
      'pairings.yaml',
      `as: root
lostAfter: 20s
groups:
  - { name: desks, agents: 6 }
  - { name: pollers, transport: long-polling, agents: 2 }
  - { name: intranet, kind: uc-ajax, agents: 8 }
  - { name: phones, kind: sip-message, agents: 8 }
  - { name: clients, kind: msrp, agents: 8 }
talks:
${talks.join('\n')}
`,
    )
    const run = site.load([plan, '--json', 'result.json', '--quiet', '--processes', '2'])
    expect(`${await run.ended} ${run.err}`).toBe('0 ')
    expect(run.out).toMatch(/Passed\.\n$/)
    const { totals, ways, reasons } = readResult('result.json')
    expect(reasons).toEqual({})
    expect(totals.counts).toMatchObject({
      due: 96,
      sent: 96,
      accepted: 96,
      delivered: 96,
      lost: 0,
      duplicated: 0,
      outOfOrder: 0,
    })
    expect(ways).toHaveLength(16)
    for (const { way, counts, delivery } of ways) {
      expect([way, counts.delivered]).toEqual([way, counts.due])
      expect(counts.due).toBeGreaterThan(0)
      expect(delivery.p50).toBeGreaterThan(0)
    }
    expect(await site.objects()).toEqual(before)
  },
  patience,
)

test(
  '[LD-4] sessions come and go, begun by each kind and ended by whoever can',
  async () => {
    const talks = [
      ['desks', 'clients'],
      ['clients', 'desks'],
      ['phones', 'intranet'],
      ['intranet', 'phones'],
    ].map(
      ([from, to]) =>
        `  - { from: ${from}, to: ${to}, pairs: 2, per: sessions, textsPerSession: 3, think: { distribution: uniform, mean: 50ms, spread: 50ms }, arrivals: random, steps: [{ rate: 2, for: 3s }] }`,
    )
    const plan = site.write(
      'sessions.yaml',
      `as: root
lostAfter: 20s
# On a slow machine two pairs may not be enough.
maxFailures: 1000
groups:
  - { name: desks, agents: 4 }
  - { name: intranet, kind: uc-ajax, agents: 4 }
  - { name: phones, kind: sip-message, agents: 4 }
  - { name: clients, kind: msrp, agents: 4 }
talks:
${talks.join('\n')}
`,
    )
    const run = site.load([plan, '--json', 'sessions.json', '--quiet'])
    expect(`${await run.ended} ${run.err}`).toBe('0 ')
    const { totals } = readResult('sessions.json')
    expect(totals.counts).toMatchObject({ failed: 0, lost: 0, duplicated: 0, outOfOrder: 0 })
    expect(totals.sessions.failed).toBe(0)
    expect(totals.sessions.begun).toBeGreaterThanOrEqual(4)
    expect(totals.counts.delivered).toBe(totals.counts.sent)
    expect(await site.objects()).toEqual(before)
  },
  patience,
)
