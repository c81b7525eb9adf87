import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { configTable } from './config-table.ts'

const documented = readFileSync(new URL('../../CONFIG.md', import.meta.url), 'utf8')
const block = /<!-- config:begin -->\n([\s\S]*?)\n<!-- config:end -->/.exec(documented)?.[1]

test('[SV-14] CONFIG.md shows every key as the schema has it; `npm run -s ringdown config-table` prints the block anew', () => {
  expect(block?.split('\n')).toEqual(configTable().split('\n'))
})

test('[SV-14] every key has a sentence', () => {
  for (const row of configTable().split('\n').slice(2)) expect(row).toMatch(/ \| \S.*[.:`)] \|$/)
})
