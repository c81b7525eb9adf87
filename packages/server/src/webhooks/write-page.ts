/** Writes the tables of WEBHOOKS.md anew: `node packages/server/src/webhooks/write-page.ts`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { attemptTable, eventTable } from './page.ts'

const file = new URL('../../WEBHOOKS.md', import.meta.url)
let page = readFileSync(file, 'utf8')
for (const [name, made] of Object.entries({ events: eventTable(), attempts: attemptTable() })) {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`]
  page = `${page.slice(0, page.indexOf(begin))}${begin}\n${made}\n${page.slice(page.indexOf(end))}`
}
writeFileSync(file, page)
