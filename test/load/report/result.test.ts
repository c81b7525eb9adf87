import { Histogram } from '@ringdown/server/testing'
import { describe, expect, test } from 'vitest'
import type { Window } from '../protocol.ts'
import { htmlOf } from './html.ts'
import { addRatios, combine, figuresOf, median, medians, parseReport, type Report, type Row, rowOf } from './result.ts'
import { print, printReport, tableOf } from './table.ts'

const times = (...microseconds: number[]) => {
  const histogram = new Histogram()
  for (const value of microseconds) histogram.record(value)
  return histogram.toJSON()
}
const measured = (change: Partial<Window> = {}): Window => ({
  seconds: 2,
  texts: 1000,
  deliveries: 2000,
  lost: 0,
  duplicates: 0,
  refused: 0,
  refusal: '',
  faults: 0,
  fault: '',
  cpu: { server: 60_000, store: 10_000, generator: 1_000_000 },
  othersUs: 0,
  eventBytes: 400,
  post: times(900),
  peer: times(1000, 2000, 3000),
  echo: times(1500),
  late: times(0),
  ...change,
})
const row = (subject: string, transport: string, perCoreSecond: number, fanOut = 2): Row => ({
  name: `${subject} ${transport}`,
  labels: { subject, transport, fanOut },
  figures: { perCoreSecond },
  runs: [],
  notes: [],
})
const report = (scenario: string, rows: Row[]): Report => ({
  format: 'ringdown-load/1',
  started: '2026-01-01T00:00:00.000Z',
  seconds: 1,
  command: 'x',
  environment: { machine: 'one' },
  sections: [
    {
      scenario,
      title: 'T',
      columns: [{ figure: 'perCoreSecond', title: 'per core-s', digits: 0 }],
      charts: [{ kind: 'bars', title: 'B', figure: 'perCoreSecond' }],
      rows,
      method: 'M.',
    },
  ],
})

describe('figures', () => {
  test('a window becomes rates, CPU for each delivery, and milliseconds', () => {
    expect(figuresOf(measured())).toMatchObject({
      textsPerSecond: 500,
      deliveriesPerSecond: 1000,
      serverUs: 30,
      storeUs: 5,
      serverUsPerText: 60,
      p50: 2,
      p99: 3,
      echoP50: 1.5,
      serverBusy: 3,
      generatorBusy: 50,
    })
  })

  test('a window without deliveries has zeros, not infinities', () => {
    const figures = figuresOf(measured({ texts: 0, deliveries: 0, peer: times() }))
    expect(Object.values(figures).every(Number.isFinite)).toBe(true)
  })

  test('the median of an even number of runs is between the middle two', () => {
    expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([])]).toEqual([2, 2.5, 0])
    expect(medians([{ a: 1 }, { a: 5, b: 7 }, { a: 2 }])).toEqual({ a: 2, b: 7 })
  })

  test('a row tells what went wrong', () => {
    const windows = [measured({ lost: 2 }), measured({ refused: 1, refusal: 'HTTP 503', faults: 3, fault: 'reset' })]
    expect(rowOf('r', {}, windows).notes).toEqual([
      '2 texts not seen by all in 5 s',
      '1 refused, first: HTTP 503',
      '3 clients broke, first: reset',
    ])
    expect(rowOf('r', {}, [measured({ cpu: { server: 1, store: 0, generator: 1_990_000 } })]).notes).toHaveLength(1)
    expect(rowOf('r', {}, [measured({ othersUs: 1_000_000 })]).notes).toHaveLength(1)
    expect(rowOf('r', {}, [measured()]).notes).toEqual([])
  })

  test('ours is compared with the peer of the same transport', () => {
    const peers = [row('faye', 'ws', 75, 1), row('faye', 'ws', 100), row('faye', 'lp', 50)]
    const [ws, lp] = [row('ringdown', 'ws', 150), row('ringdown', 'lp', 150)]
    addRatios([...peers, ws, lp], ['transport'])
    expect([ws.figures.xFaye1, ws.figures.xFaye2, lp.figures.xFaye1, lp.figures.xFaye2]).toEqual([2, 1.5, undefined, 3])
    expect(peers.map((peer) => peer.figures.xFaye1)).toEqual([undefined, undefined, undefined])
  })
})

describe('reports', () => {
  test('a report survives being written and read', () => {
    const written = report('texts', [rowOf('r', {}, [measured()])])
    expect(parseReport(JSON.stringify(written))).toEqual(written)
  })

  test.each(['null', '{}', '{"format":"other/1","sections":[]}', '{"format":"ringdown-load/1"}'])(
    'what is no report is refused: %s',
    (text) => {
      expect(() => parseReport(text)).toThrow('not a report')
    },
  )

  test('a row without figures is refused', () => {
    const broken = { ...report('texts', []), sections: [{ rows: [{ name: 'r' }] }] }
    expect(() => parseReport(JSON.stringify(broken))).toThrow('a row without')
  })

  test('of a section measured twice, the later one counts', () => {
    const all = combine([report('a', [row('x', 'ws', 1)]), report('b', []), report('a', [row('x', 'ws', 2)])])
    expect(all.sections.map((section) => section.scenario)).toEqual(['a', 'b'])
    expect(all.sections[0]?.rows[0]?.figures.perCoreSecond).toBe(2)
    expect(all.seconds).toBe(3)
  })

  test('the table is aligned, groups thousands and shows a dash for nothing', () => {
    expect([print(1234567.891, 1), print(undefined, 1), print(0.5, 2), print(-1234, 0)]).toEqual([
      '1 234 567.9',
      '–',
      '0.50',
      '-1 234',
    ])
    const [section] = report('a', [row('ringdown', 'ws', 12345), { ...row('faye', 'lp', 1), notes: ['slow'] }]).sections
    expect(section && tableOf(section)).toEqual([
      '             per core-s',
      '-----------------------',
      'ringdown ws      12 345',
      'faye lp               1',
      '! faye lp: slow',
    ])
    expect(printReport(report('a', []))).toContain('machine: one')
  })

  test('the page is one file, and data cannot leave its script element', () => {
    const page = htmlOf(report('a', [{ ...rowOf('</script><b>', {}, [measured()]) }]))
    expect(page).not.toContain('</script><b>')
    expect(page).toContain('uPlot')
    expect(page).not.toMatch(/(src|href)=/)
  })
})
