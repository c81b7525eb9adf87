import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Batch, openSite, type Site } from './cases.ts'
import { sipCases } from './sip-cases.ts'

// Six pairs at once: each pairing of agent, phone and MSRP client at least twice. `campaign.ts` makes hundreds.
const pairs = 6

describe.each(sipCases)('$name, $store store', (one) => {
  let site: Site
  let batch: Batch
  beforeAll(async () => {
    site = await openSite(one, pairs)
    batch = await one.run(site, 1)
  }, 120_000)
  afterAll(() => site?.stop())

  test('every promise is kept', () => {
    expect(batch.runs).toHaveLength(pairs)
    const broken = batch.runs.flatMap(({ seed, pairing, violations }) =>
      violations.map((v) => ({ seed, pairing, ...v })),
    )
    expect(broken).toEqual([])
  })

  test('texts were said and heard', () => {
    for (const { figures } of batch.runs) {
      expect(figures.accepted).toBeGreaterThan(3)
      expect(figures.delivered).toBeGreaterThan(3)
      expect(figures.gaps).toBe(0)
    }
  })
})
