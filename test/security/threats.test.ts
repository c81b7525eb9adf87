import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { text } from '../repository/repository.ts'

const page = text('packages/server/THREATS.md')
const root = fileURLToPath(new URL('../..', import.meta.url))

interface Row {
  threat: string
  shown: string
  remains: string
}

const rows = page.split('\n').flatMap((line): Row[] => {
  const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim())
  const [, threat = '', , shown = '', remains = ''] = cells
  return cells.length === 6 && threat !== 'threat' && !threat.startsWith('---') ? [{ threat, shown, remains }] : []
})
/** Rules, and then the files that show them, in groups. */
const groups = rows.flatMap(({ threat, shown }) =>
  shown.split(/, (?=\[)/).map((group) => ({
    threat,
    ids: [...group.matchAll(/\[([A-Z]{2}-\d+)\]/g)].map(([, id = '']) => id),
    files: [...group.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file),
  })),
)

describe('[SE-72] the page of threats', () => {
  test('has a mitigation that is shown, and says what remains, in every row', () => {
    expect(rows.length).toBeGreaterThan(30)
    for (const { threat, shown, remains } of rows) {
      expect({ threat, isShown: /\[[A-Z]{2}-\d+\].*`/.test(shown) }).toEqual({ threat, isShown: true })
      expect({ threat, remains: remains.length > 0 }).toEqual({ threat, remains: true })
    }
  })

  test('names tests that are there, and carry the rules they are named for', () => {
    for (const { threat, ids, files } of groups) {
      for (const file of files)
        expect({ threat, file, isThere: existsSync(`${root}/${file}`) }).toEqual({ threat, file, isThere: true })
      const tests = files.map((file) => text(file)).join('\n')
      for (const id of ids)
        expect({ threat, id, isShown: new RegExp(`\\[[^\\]]*\\b${id}\\b[^\\]]*\\]`).test(tests) }).toEqual({
          threat,
          id,
          isShown: true,
        })
    }
  })

  test('names every rule of the chapter on security', () => {
    const chapter = text('packages/server/SPEC.md').split('\n## Security\n')[1]?.split('\n## ')[0] ?? ''
    const ids = [...chapter.matchAll(/^- \*\*(SE-\d+)\*\*/gm)].map(([, id = '']) => id)
    expect(ids.length).toBeGreaterThan(20)
    expect(ids.filter((id) => id !== 'SE-72' && !page.includes(`[${id}]`))).toEqual([])
  })
})
