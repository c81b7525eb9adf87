import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Batch, cases, openSite, type Site } from './cases.ts'

// Eight pairs at once, each with its own network and time of fault, are eight runs. `campaign.ts` makes hundreds.
const pairs = 8

describe.each(cases)('$name, $store store', (one) => {
  let site: Site
  let batch: Batch
  beforeAll(async () => {
    site = await openSite(one, pairs)
    batch = await one.run(site, 1)
  })
  afterAll(() => site?.engine.stop())

  test('every promise is kept', () => {
    expect(batch.runs).toHaveLength(pairs)
    expect(batch.runs.flatMap(({ seed, kinds, violations }) => violations.map((v) => ({ seed, kinds, ...v })))).toEqual(
      [],
    )
  })

  test('nothing is left open: every text was accepted, none needed a gap', () => {
    for (const { figures } of batch.runs) {
      expect(figures.sent).toBeGreaterThan(10)
      expect(figures).toMatchObject({ accepted: figures.sent, unknown: 0, gaps: 0 })
    }
  })

  test('no client has to handshake again', () => {
    expect(batch.runs.map((run) => run.handshakes)).toEqual(batch.runs.map(() => 0))
  })

  if (one.name.includes('holds the clients'))
    test('clients go on at the other node within 0.2 s, by the client’s pause of 100 ms', () => {
      const resumed = [...batch.resumed].sort((a, b) => a - b)
      expect(resumed.length).toBeGreaterThanOrEqual(2 * pairs)
      // Half a second for the last of them: this process is clients, proxies and checker on the same two cores.
      expect(resumed[Math.floor(resumed.length / 2)]).toBeLessThanOrEqual(200)
      expect(resumed.at(-1)).toBeLessThanOrEqual(500)
    })
})
