import { readFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { type Drawing, drawLadder } from './draw-ladder.ts'
import { widthOf } from './plain-text.ts'
import { crowdedLadder, sampleLadder } from './testing/sample-ladder.ts'

const golden = (name: string): string => readFileSync(new URL(`testing/golden/${name}.txt`, import.meta.url), 'utf8')
const all = (ladder: typeof sampleLadder) => ladder.entries.map((entry, i) => ({ line: i + 1, entry }))
const draw = (ladder: typeof sampleLadder, drawing: Partial<Drawing>, shown = all(ladder)) =>
  drawLadder(ladder, shown, { width: 120, ascii: false, colour: false, ...drawing })

test.each([
  ['wide', sampleLadder, { width: 160 }],
  ['usual', sampleLadder, { width: 100 }],
  ['ascii', sampleLadder, { width: 100, ascii: true }],
  ['colour', sampleLadder, { width: 100, colour: true }],
  ['crowded', crowdedLadder, { width: 130 }],
  ['list', crowdedLadder, { width: 60 }],
] as const)('[TC-1] a ladder as it is drawn: %s', (name, ladder, drawing) => {
  expect(`${draw(ladder, drawing).join('\n')}\n`).toBe(golden(name))
})

test('[TC-2] no line is wider than it may be, at any width, and none is lost', () => {
  for (let width = 40; width < 240; width += 3) {
    for (const ascii of [false, true]) {
      const lines = draw(crowdedLadder, { width, ascii })
      const body = lines.slice(2, -2)
      for (const line of body) expect([widthOf(line) <= width, line]).toEqual([true, line])
      for (const { line } of all(crowdedLadder))
        expect(body.filter((text) => text.startsWith(`${String(line).padStart(3)} `))).toHaveLength(1)
      if (ascii) expect(lines.join('')).toMatch(/^[\x20-\x7e]*$/)
    }
  }
})

test('[TC-2] colours change nothing but colours', () => {
  const plain = draw(sampleLadder, { width: 100 })
  const coloured = draw(sampleLadder, { width: 100, colour: true })
  expect(coloured.map((line) => stripVTControlCharacters(line).trimEnd())).toEqual(plain)
})

test('[TC-3] lines that are left out leave the numbers of the others as they are', () => {
  const shown = all(sampleLadder).filter(({ entry }) => entry.kind === 'sip')
  const lines = draw(sampleLadder, {}, shown)
  expect(lines[0]).toContain('4 of 12 lines')
  expect(
    lines
      .slice(3)
      .map((line) => /^ *(\d+) /.exec(line)?.[1])
      .filter((line) => line),
  ).toEqual(['5', '6', '7', '8'])
})

test('[TC-2] names of others do not reach the terminal as commands', () => {
  const lanes = sampleLadder.lanes.map((lane) => ({ ...lane, label: 'x\u001b[31m\u009b2Jy' }))
  const entries = sampleLadder.entries.map((entry) => ({ ...entry, title: 'a\nb\u0007c', node: '\u001b]0;' }))
  const text = draw({ ...sampleLadder, lanes, entries }, {}).join('\n')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
  expect(text).toContain('a b·c')
})
