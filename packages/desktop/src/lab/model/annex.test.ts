import { describe, expect, test } from 'vitest'
import type { Annex } from '../contract.ts'
import {
  addLine,
  annexOf,
  changeLine,
  dropLine,
  isChanged,
  knownOptions,
  newEdit,
  remarksOn,
  sameAnnex,
  withAnnex,
} from './annex.ts'

const editing = (annex: Annex) => withAnnex(newEdit('7001'), '101', annex)
const options = (options: Readonly<Record<string, string>>) => editing({ TServer: options })
const remarks = (given: Readonly<Record<string, string>>) =>
  remarksOn(options(given)).map(({ level, what, values }) => `${level} ${what} ${values.option}`)

describe('[DT-46] the Annex of a DN', () => {
  test('comes out as it went in, with all sections', () => {
    const annex = { TServer: { multimedia: 'true' }, other: { a: '1', b: ' 2' }, empty: {} }
    expect(annexOf(editing(annex))).toEqual({ ...annex, other: { a: '1', b: '2' } })
    expect(isChanged(editing({ TServer: { multimedia: 'true' }, empty: {} }))).toBe(false)
  })

  test('is changed, added to and cleared line by line', () => {
    const edit = options({ multimedia: 'true', 'auto-answer': 'false' })
    const [first, second] = edit.lines
    const changed = changeLine(dropLine(edit, second?.key ?? 0), first?.key ?? 0, { value: 'false' })
    expect([annexOf(changed), isChanged(changed)]).toEqual([{ TServer: { multimedia: 'false' } }, true])
    const added = addLine(changed, 'contact')
    expect(added.lines.at(-1)).toMatchObject({ section: 'TServer', option: 'contact', value: '', isNew: true })
    expect(new Set(added.lines.map(({ key }) => key)).size).toBe(added.lines.length)
  })

  test('is the same in any order', () => {
    expect(sameAnnex({ a: { x: '1', y: '2' }, b: { z: '' } }, { b: { z: '' }, a: { y: '2', x: '1' } })).toBe(true)
    expect(sameAnnex({ a: { x: '1' } }, { a: { x: '2' } })).toBe(false)
  })

  test('of a device as it should be has nothing to be said of', () => {
    expect(remarks({ multimedia: 'Yes', 'sip-signaling-chat': 'none', 'no-answer-timeout': '30' })).toEqual([])
    expect(remarks({ multimedia: 'true', contact: 'sip:7001@example', 'contact-list': 'sip:x@example' })).toEqual([])
  })

  test.for<[Readonly<Record<string, string>>, string]>([
    [{ multimedia: 'maybe' }, 'problem boolean multimedia'],
    [{ 'no-answer-timeout': '0' }, 'problem number no-answer-timeout'],
    [{ 'auto-answer': 'true', 'auto-answer-delay': '600001' }, 'problem number auto-answer-delay'],
    [{ 'im-idle-timeout': '1.5' }, 'problem number im-idle-timeout'],
    [{ '  ': 'x' }, 'problem noName '],
    [{ password: ' ' }, 'problem emptyPassword password'],
    [{ Multimedia: 'true' }, 'warning spelling Multimedia'],
    [{ colour: 'blue' }, 'warning unknown colour'],
    [{ 'sip-signaling-chat': 'none' }, 'warning noMultimedia sip-signaling-chat'],
    [{ 'auto-answer-delay': '5' }, 'warning noAutoAnswer auto-answer-delay'],
    [{ 'contact-list': 'sip:x@example' }, 'warning noContact contact-list'],
    [{ 'replace-prefix': '0' }, 'warning noPrefix replace-prefix'],
    [{ 'oos-force': '5' }, 'warning noCheck oos-force'],
    [{ multimedia: 'true', 'sip-signalling-chat': 'none' }, 'warning signallingSpelling sip-signalling-chat'],
  ])('%j: %s', ([given, said]) => {
    expect(remarks(given)).toEqual([said])
  })

  test('contradicts itself where both spellings say different things', () => {
    const both = { multimedia: 'true', 'sip-signaling-chat': 'None', 'sip-signalling-chat': 'none' }
    expect(remarks(both)).toEqual(['warning signallingSpelling sip-signalling-chat'])
    expect(remarks({ ...both, 'sip-signaling-chat': 'msrp' })).toEqual(['problem signallingTwice sip-signalling-chat'])
  })

  test('has no option twice, and its section by its right name', () => {
    const twice = addLine(options({ multimedia: 'true' }), 'multimedia')
    const filled = changeLine(twice, twice.lines[1]?.key ?? 0, { value: 'true' })
    expect(remarksOn(filled).map(({ what }) => what)).toEqual(['twice'])
    expect(remarksOn(editing({ tserver: { multimedia: 'true' } })).map(({ what }) => what)).toEqual(['section'])
    expect(remarksOn(editing({ other: { multimedia: 'maybe' } }))).toEqual([])
  })

  test('has a kind for every option the engine knows', () => {
    expect(knownOptions.size).toBe(21)
  })
})
