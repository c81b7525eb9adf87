import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Definition } from './definition.ts'
import { definitions } from './definitions.ts'
import { metricsTable, processTable } from './metrics-table.ts'

const documented = readFileSync(new URL('../../METRICS.md', import.meta.url), 'utf8')
const block = /<!-- metrics:begin -->\n([\s\S]*?)\n<!-- metrics:end -->/.exec(documented)?.[1]
const all: [string, Definition][] = Object.entries(definitions)

test('[OB-1] METRICS.md shows every metric; `npm run -s ringdown metrics-table` prints the block anew', () => {
  expect(block?.split('\n')).toEqual(`${metricsTable()}\n\n${processTable()}`.split('\n'))
})

test('[OB-1] every metric says what it is and what to do, and every label what bounds it', () => {
  for (const [name, { help, unit, labels = {}, act }] of all) {
    expect(help, name).toMatch(/^[A-Z].*[^.]$/)
    expect(act, name).toMatch(/^[A-Z0-9`].*[.]$/)
    expect(unit, name).not.toBe('')
    for (const values of Object.values(labels)) expect(values.length, name).toBeGreaterThan(1)
  }
})

test('[OB-1] names say the unit, and counters that they count, as Prometheus wants it', () => {
  for (const [name, { type, unit }] of all) {
    expect(name).toMatch(/^ringdown_[a-z_]+$/)
    expect(name.endsWith('_total'), name).toBe(type === 'counter')
    if (unit === 'seconds' || unit === 'bytes') expect(name).toContain(unit)
  }
})
