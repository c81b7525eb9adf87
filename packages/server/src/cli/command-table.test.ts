import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { commandTable } from './command-table.ts'
import { commands } from './commands.ts'

const documented = readFileSync(new URL('../../CLI.md', import.meta.url), 'utf8')
const block = /<!-- commands:begin -->\n([\s\S]*?)\n<!-- commands:end -->/.exec(documented)?.[1]

test('[SV-46] CLI.md shows every command; `npm run -s ringdown command-table` prints the block anew', () => {
  expect(block?.split('\n')).toEqual(commandTable(commands).split('\n'))
})
