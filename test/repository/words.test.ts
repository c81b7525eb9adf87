import { describe, expect, test } from 'vitest'
import { files, root, text } from './repository.ts'

/** Lines of these files that match, as `path:line: text`. */
function lines(paths: readonly string[], pattern: RegExp): string[] {
  return paths.flatMap((path) =>
    text(path)
      .split('\n')
      .map((line, i) => ({ line, at: `${path}:${i + 1}` }))
      .filter(({ line }) => pattern.test(line))
      .map(({ line, at }) => `${at}: ${line.trim()}`),
  )
}

const own = ['test/repository/words.test.ts', 'test/repository/layout.test.ts']
const prose = files('*.md', '*.ts', '*.tsx', '*.lua', '*.cjs', '*.yaml', '*.json').filter(
  (path) => !own.includes(path) && path !== 'pnpm-lock.yaml',
)
const sources = files('packages/*.ts', 'packages/*.tsx', 'packages/*.lua', 'deploy').filter((p) => !own.includes(p))

describe('words', () => {
  test('nothing is announced instead of made', () => {
    expect(lines(sources, /\b(not implemented|placeholder|stub(bed)?|dummy|FIXME|XXX|HACK)\b/i)).toEqual([])
    expect(lines(prose, /\bTODO\b(?! #\d+)/)).toEqual([])
  })

  // What the code was before is in git; a reader wants to know what it is.
  test('code and documents say what is, not what was', () => {
    const history = /\b(used to be|previously|formerly|was renamed|legacy|old code|rewritten|refactored)\b/i
    const told = prose.filter((path) => !/(CHANGELOG|\/adr\/)/.test(path))
    expect(lines(told, history)).toEqual([])
  })

  test('no path of one machine and no package registry is written down', () => {
    const machine = new RegExp(`(${root.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')}|/home/[a-z]|/Users/[a-z])`)
    expect(lines(prose, machine)).toEqual([])
    expect(
      lines(
        files('*.md', '*.ts', '*.json', '*.yaml', '.ci').filter((p) => !own.includes(p)),
        /\bregistry\.[a-z]+\.[a-z]+/,
      ),
    ).toEqual([])
  })

  test('one word per thing, as the glossary has it', () => {
    const names = /\b(?:class|interface|type|const|function) \w*(?:Manager|Helper|Utils?|(?<!text)Service)\b/
    expect(lines(sources, names)).toEqual([])
  })
})
