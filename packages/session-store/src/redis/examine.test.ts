import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { plainCommands, scriptCommands } from './examine.ts'

const folder = new URL('.', import.meta.url)
const sources = (end: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(end) && !name.includes('.test.') && !name.startsWith('examine.'))
    .map((name) => readFileSync(new URL(name, folder), 'utf8'))
    .join('\n')
const found = (text: string, form: RegExp) =>
  new Set([...text.matchAll(form)].map(([, name = '']) => name.toLowerCase()))

test('every command of the scripts is tried by who examines a Redis', () => {
  const said = found(sources('.lua'), /redis\.p?call\('(\w+)'/g)
  expect(said.size).toBeGreaterThan(20)
  const tried = new Set(scriptCommands.map((line) => line.split(' ')[0]))
  expect([...said].filter((name) => !tried.has(name))).toEqual([])
})

test('so is every command that is said without one', () => {
  const said = found(sources('.ts'), /(?:[#.]send|\bask|\bsend)\('(\w+)'/g)
  expect(said.size).toBeGreaterThan(8)
  const tried = new Set([...plainCommands, ...scriptCommands.map((line) => line.split(' ')[0])])
  expect([...said].filter((name) => !tried.has(name))).toEqual([])
})
