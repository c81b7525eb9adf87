import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Batch, Site } from './cases.ts'
import { openSite } from './cases.ts'
import { cwaCases } from './cwa-cases.ts'

// Eight pairs at once, each pairing of UC AJAX and Web Services twice. `campaign.ts --case UC` makes hundreds.
const pairs = 8

describe.each(cwaCases)('$name, $store store', (one) => {
  let site: Site
  let batch: Batch
  beforeAll(async () => {
    site = await openSite(one, pairs)
    batch = await one.run(site, 1)
  }, 120_000)
  afterAll(() => site?.stop())

  test('every promise is kept', () => {
    expect(batch.runs).toHaveLength(pairs)
    expect(batch.runs.flatMap(({ seed, kinds, violations }) => violations.map((v) => ({ seed, kinds, ...v })))).toEqual(
      [],
    )
  })

  test('nothing is left open: every text was accepted, and no session was lost', () => {
    for (const { figures, handshakes } of batch.runs) {
      expect(figures.sent).toBeGreaterThan(5)
      expect(figures.delivered).toBeGreaterThan(5)
      if (!one.tolerates?.includes('unanswered')) expect(figures).toMatchObject({ accepted: figures.sent, unknown: 0 })
      if (!one.tolerates?.includes('gaps'))
        expect({ gaps: figures.gaps, handshakes }).toEqual({ gaps: 0, handshakes: 0 })
    }
  })
})
