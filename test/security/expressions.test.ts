import { analyse } from 'scslre'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { files, text } from '../repository/repository.ts'

/*
 * Every regular expression in the code that runs, looked at for input that makes it take more than linear time. What scslre cannot rule out stands
 * here with what bounds its input; anything else fails.
 */

interface Found {
  path: string
  line: number
  source: string
  flags: string
}

function expressionsOf(path: string): Found[] {
  const file = ts.createSourceFile(path, text(path), ts.ScriptTarget.Latest, true)
  const found: Found[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/')
      const { line } = file.getLineAndCharacterOfPosition(node.getStart())
      found.push({ path, line: line + 1, source: node.text.slice(1, end), flags: node.text.slice(end + 1) })
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

const sources = files('packages/*.ts', 'packages/*.tsx').filter(
  (path) => /\/src\//.test(path) && !/\.test\.ts|\/testing\/|\.contract\.ts/.test(path),
)
const all = sources.flatMap(expressionsOf)

/** By file and expression: how long what it sees can be, or who writes it. */
const bounded: Readonly<Record<string, string>> = {
  'packages/server/src/trace/mask.ts ^([\\s\\S]*?\\r?\\n\\r?\\n)([\\s\\S]*?\\r?\\n\\r?\\n)([\\s\\S]*)$':
    'it fits as soon as there are two blank lines, and looks for no others',
}

/** Whether some input takes longer than in proportion to its length, as far as can be seen. */
function isSlow({ source, flags }: Found): boolean {
  return analyse(new RegExp(source, flags)).reports.some(({ exponential, type }) => exponential || type !== 'Move')
}

describe('[SE-60] regular expressions take time in proportion to their input', () => {
  test('those of the code are found, and what is slow is seen as slow', () => {
    expect(all.length).toBeGreaterThan(200)
    const one = (source: string): Found => ({ path: '', line: 0, source, flags: '' })
    expect([isSlow(one('^(a+)+$')), isSlow(one('^a*[ab]*c')), isSlow(one('^[a-z]+:'))]).toEqual([true, true, false])
  })

  test('none of them is slow but those whose input is short', () => {
    const slow = all.filter(isSlow).map(({ path, line, source }) => ({ key: `${path} ${source}`, line }))
    expect(slow.filter(({ key }) => !(key in bounded)).map(({ key, line }) => `${key} (line ${line})`)).toEqual([])
    expect(Object.keys(bounded).filter((key) => !slow.some((one) => one.key === key))).toEqual([])
  })
})
