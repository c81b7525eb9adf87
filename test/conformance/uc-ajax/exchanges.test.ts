import { describe, expect, test } from 'vitest'
import { compare, fill, parseExchanges, readExchanges } from './exchange.ts'
import { play } from './player.ts'

const files = readExchanges()

for (const [file, exchanges] of files)
  describe(file, () => {
    for (const exchange of exchanges)
      test(`§${exchange.section} [${exchange.mark}] ${exchange.title}`, () => play(exchange))
  })

describe('the exchanges', () => {
  const all = [...files.values()].flat()

  test('are 120 at least, each with an answer to compare, none twice', () => {
    expect(all.length).toBeGreaterThanOrEqual(120)
    const names = all.map(({ section, title }) => `${section} ${title}`)
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
    const idle = all.filter(({ steps }) => !steps.some(({ does, body }) => /^\d{3}$/.test(does) && body !== ''))
    expect(idle.map(({ at }) => at)).toEqual([])
  })

  test('cover every section of the reference that says what is on the wire', () => {
    const sections = new Set(all.map(({ section }) => section.replace(/#.*/, '')))
    const wanted = [
      ...['1.1', '1.2', '1.3', '1.4', '1.5', '1.6', '1.7', '1.8', '1.9', '2.1', '2.2', '2.3', '2.4', '2.5'],
      ...Array.from({ length: 12 }, (_, i) => `3.${i}`),
      ...Array.from({ length: 18 }, (_, i) => `4.${i + 1}`),
      ...['5', '6', '7.1', '7.2', '7.3', '7.4'],
    ]
    expect(wanted.filter((section) => !sections.has(section))).toEqual([])
  })

  test('show all 29 inconsistencies of the documents, and the nine points of §7.4', () => {
    const shown = (of: string) =>
      new Set(
        all.flatMap(({ section }) => (section.startsWith(`${of}#`) ? [Number(section.slice(of.length + 1))] : [])),
      )
    const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1)
    expect(upTo(29).filter((number) => !shown('6').has(number))).toEqual([])
    expect(upTo(9).filter((number) => !shown('7.4').has(number))).toEqual([])
  })
})

describe('the format of the exchanges', () => {
  test('a file is read with its steps, their bodies and where they stand', () => {
    const text =
      '# about\n=== D 3.4 | a title\ngiven alice bob\noption strict true\n--- alice posts\n@ A: b\n  <a>\n  </a>\n--- 200\n<b/>\n'
    const [exchange] = parseExchanges(text, 'f')
    expect(exchange).toMatchObject({ mark: 'D', section: '3.4', title: 'a title', at: 'f:2', given: ['alice', 'bob'] })
    expect(exchange?.options).toEqual({ strict: true })
    expect(exchange?.steps).toEqual([
      { does: 'alice posts', more: ['A: b'], body: '<a></a>', line: 5 },
      { does: '200', more: [], body: '<b/>', line: 9 },
    ])
  })

  test('what nobody understands is told with its place', () => {
    expect(() => parseExchanges('=== X 1 | t', 'f')).toThrow('f:1')
    expect(() => parseExchanges('=== D 1.1 | t\nwhat', 'f')).toThrow('f:2')
    expect(() => parseExchanges('--- alice posts', 'f')).toThrow('f:1')
  })

  test('braces stand for names, characters, bytes and repetitions', () => {
    const known = new Map([['sid', '52']])
    expect(fill('a{sid}{u+0041}{hex ff}{3 * <b>}', known)).toEqual(
      Buffer.concat([Buffer.from('a52A'), Buffer.of(0xff), Buffer.from('<b><b><b>')]),
    )
    expect(() => fill('{nobody}', known)).toThrow('nobody knows')
  })

  test('an answer is compared exactly, but for what is left open, which is learnt', () => {
    const known = new Map([['sid', '52']])
    expect(compare('<a b="{sid}" c="{?c}" d="{}"/>', '<a b="52" c="7" d="x y"/>', known)).toEqual({
      learnt: new Map([['c', '7']]),
    })
    expect(compare('<a b="{?c}" d="{c}"/>', '<a b="7" d="7"/>', known)).toEqual({ learnt: new Map([['c', '7']]) })
    expect(compare('<a b="{?c}" d="{c}"/>', '<a b="7" d="8"/>', known)).toHaveProperty('expected')
    expect(compare('<a>{}</a>', '<a><b/></a>', known)).toEqual({ expected: '<a>{}</a>' })
    expect(compare('<a>{*}</a>', '<a><b/></a>', known)).toEqual({ learnt: new Map() })
    expect(compare('<a b="{sid}"/>', '<a b="53"/>', known)).toEqual({ expected: '<a b="52"/>' })
    expect(compare('<a.b/>', '<axb/>', known)).toEqual({ expected: '<a.b/>' })
  })
})
