import { errorCatalogue } from '@ringdown/signalling'
import { describe, expect, test } from 'vitest'
import { files, text } from './repository.ts'

/** `**ST-3**`, `### ST-3`, `- ST-3:` or `| ST-3 |` at the start of a line makes the rule. */
const made = /^[\s#>*|-]*\[?([A-Z]{2}-\d+)\b/gm
/** `[ST-3]` or `[ST-3, ST-4]`, in a test's name. */
const cited = /\[([A-Z]{2}-\d+(?:[, ]+[A-Z]{2}-\d+)*)\]/g

function ids(body: string, pattern: RegExp): string[] {
  return [...body.matchAll(pattern)].flatMap((match) => (match[1] ?? '').split(/[, ]+/))
}

const specs = files('packages/*/SPEC.md')
const rules = new Map(specs.flatMap((path) => ids(text(path), made).map((id) => [id, path] as const)))
const tests = files('*.test.ts', '*.contract.ts', 'packages/*/src/testing/*.ts').filter(
  (path) => !path.startsWith('test/repository/'),
)
const citations = new Map(tests.flatMap((path) => ids(text(path), cited).map((id) => [id, path] as const)))

describe('rules and tests', () => {
  test('each package that behaves has a SPEC', () => {
    const have = specs.map((path) => path.split('/')[1])
    for (const name of ['signalling', 'session-store', 'facade', 'server', 'msrp', 'client', 'desktop'])
      expect(have).toContain(name)
  })

  test('every rule of a SPEC has a test that carries its id', () => {
    expect(rules.size).toBeGreaterThan(0)
    expect([...rules].filter(([id]) => !citations.has(id)).map(([id, path]) => `${path}: ${id}`)).toEqual([])
  })

  test('every id in a test is a rule of a SPEC', () => {
    expect([...citations].filter(([id]) => !rules.has(id)).map(([id, path]) => `${path}: ${id}`)).toEqual([])
  })

  test('no rule is made twice', () => {
    const seen = specs.flatMap((path) => ids(text(path), made))
    expect(seen.filter((id, i) => seen.indexOf(id) !== i)).toEqual([])
  })

  test('SPEC citations in the code name rules that exist', () => {
    const unknown = files('packages/*.ts', 'packages/*.lua').flatMap((path) =>
      [...text(path).matchAll(/SPEC ([A-Z]{2}-\d+)/g)]
        .map((match) => match[1] ?? '')
        .filter((id) => !rules.has(id))
        .map((id) => `${path}: ${id}`),
    )
    expect(unknown).toEqual([])
  })

  test('the readings of an id are what they are meant to be', () => {
    expect(ids('- **ST-3** a\n| IM-12 | b |\n### CD-1 c\nas ST-9 says\n', made)).toEqual(['ST-3', 'IM-12', 'CD-1'])
    expect(ids("test('[ST-3, ST-4] a')\ntest('[IM-1] [IM-2] b')", cited)).toEqual(['ST-3', 'ST-4', 'IM-1', 'IM-2'])
  })
})

describe('error codes', () => {
  const described = [...text('packages/signalling/SPEC.md').matchAll(/\b(TERR_[A-Z_]+)\b[^\n]*?\b(\d+)\b/g)]

  test('every code of the catalogue is described in the SPEC, with its number', () => {
    const numbers = new Map(described.map(([, name, code]) => [name, Number(code)]))
    for (const [name, { code }] of Object.entries(errorCatalogue))
      expect([name, numbers.get(name)]).toEqual([name, code])
  })

  test('every described code exists', () => {
    const unknown = files('packages/*/SPEC.md', 'README.md').flatMap((path) =>
      [...text(path).matchAll(/\bTERR_[A-Z_]+\b/g)]
        .map((match) => match[0])
        .filter((name) => !(name in errorCatalogue)),
    )
    expect(unknown).toEqual([])
  })
})
