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
      expect(figures.sent).toBeGreaterThan(5)
      expect(figures).toMatchObject({ accepted: figures.sent, unknown: 0, gaps: 0 })
    }
  })

  test('no client has to handshake again', () => {
    expect(batch.runs.map((run) => run.handshakes)).toEqual(batch.runs.map(() => 0))
  })
})

test('clients go on at another node within 0.2 s, by the client’s own pause of 100 ms', async () => {
  const one = cases.find((known) => known.name.includes('holds the clients'))
  if (!one) throw new Error('no such case')
  // One pair: this process is clients, network and checker too, and on two cores a crowd of them would be what is measured.
  const site = await openSite(one, 1)
  try {
    const resumed: number[] = []
    for (const seed of [1, 2, 3, 4]) resumed.push(...(await one.run(site, seed)).resumed)
    resumed.sort((a, b) => a - b)
    expect(resumed.length).toBeGreaterThanOrEqual(8)
    expect(resumed[Math.floor(resumed.length / 2)]).toBeLessThanOrEqual(200)
  } finally {
    await site.engine.stop()
  }
})
