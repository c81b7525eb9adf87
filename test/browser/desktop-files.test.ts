import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import ts from 'typescript'
import { beforeAll, describe, expect, test } from 'vitest'
import { buildDesktop } from './desktop-page.ts'

const desktop = fileURLToPath(new URL('../../packages/desktop', import.meta.url))

describe('what is built', () => {
  const dist = join(desktop, 'dist')
  beforeAll(buildDesktop)

  test('[DT-25] is at most 150 kB gzipped for the first page', () => {
    const page = readFileSync(join(dist, 'index.html'), 'utf8')
    const linked = [...page.matchAll(/(?:src|href)="\/([^"]+)"/g)].map((match) => match[1] ?? '')
    expect(linked.length).toBeGreaterThanOrEqual(3)
    const files = ['index.html', ...linked].map((name) => readFileSync(join(dist, name)))
    const bytes = files.reduce((sum, file) => sum + gzipSync(file).length, 0)
    console.log(`first load of the desktop: ${(bytes / 1000).toFixed(1)} kB gzipped`)
    expect(bytes).toBeLessThanOrEqual(150_000)
  })

  test('has nothing inline and nothing of another host', () => {
    const page = readFileSync(join(dist, 'index.html'), 'utf8')
    expect(page).not.toMatch(/<style|style=|<script(?![^>]* src=)| on\w+=|https?:/)
    const styles = readdirSync(join(dist, 'assets')).filter((name) => name.endsWith('.css'))
    for (const name of styles) expect(readFileSync(join(dist, 'assets', name), 'utf8')).not.toMatch(/url\(|@import/)
  })
})

const views = ['src/view', 'src/lab/view'].flatMap((folder) =>
  readdirSync(join(desktop, folder))
    .filter((name) => name.endsWith('.tsx'))
    .map((name) => join(folder, name)),
)
const spoken = new Set(['aria-label', 'aria-description', 'aria-roledescription', 'alt', 'title', 'label'])

/** Texts that a view shows or has read out without asking the message files. */
function hardCoded(name: string, source: string): string[] {
  const found: string[] = []
  const hasLetters = (text: string) => /\p{L}/u.test(text)
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node) && hasLetters(node.text)) found.push(node.text.trim())
    if (
      ts.isJsxAttribute(node) &&
      spoken.has(node.name.getText()) &&
      node.initializer &&
      ts.isStringLiteral(node.initializer)
    )
      found.push(node.initializer.text)
    // {'text'} and {on ? 'text' : …} between tags; inside of attributes such strings are classes and keys.
    if (ts.isJsxExpression(node) && !ts.isJsxAttribute(node.parent) && node.expression) strings(node.expression)
    ts.forEachChild(node, visit)
  }
  const strings = (node: ts.Expression): void => {
    if (ts.isStringLiteralLike(node) && hasLetters(node.text)) found.push(node.text)
    if (
      ts.isTemplateExpression(node) &&
      [node.head, ...node.templateSpans.map(({ literal }) => literal)].some((part) => hasLetters(part.text))
    )
      found.push(node.getText())
    if (ts.isConditionalExpression(node)) for (const branch of [node.whenTrue, node.whenFalse]) strings(branch)
    if (ts.isBinaryExpression(node)) strings(node.right)
    if (ts.isParenthesizedExpression(node)) strings(node.expression)
  }
  visit(ts.createSourceFile(name, source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX))
  return found
}

describe('[DT-24] no text is written into a view', () => {
  test.for(views)('%s', (name) => {
    expect(hardCoded(name, readFileSync(join(desktop, name), 'utf8'))).toEqual([])
  })

  test('and one that were would be seen', () => {
    const source = `const A = () => <p title="one" class="two" aria-label={say('x')}>three {a ? 'four' : say('y')} {b && 'five'} {\`six \${c}\`} · {d}</p>`
    expect(hardCoded('a.tsx', source)).toEqual(['one', 'three', 'four', 'five', `\`six \${c}\``])
  })
})
