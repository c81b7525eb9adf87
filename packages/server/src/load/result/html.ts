import { readFileSync } from 'node:fs'
import { clock, grouped, rate, time } from '../sentences.ts'
import { distributionChart, waysChart } from './page/latency-charts.ts'
import { element, escaped, textElement } from './page/markup.ts'
import { timeChart } from './page/time-chart.ts'
import type { LoadResult, Point, WayResult } from './result.ts'
import { failuresOf } from './tracker.ts'

const style = readFileSync(new URL('./page/page.css', import.meta.url), 'utf8')
/** Points of a chart at most; a longer series is drawn in steps. */
const mostPoints = 360

/** One page that needs nothing else: no script, no other file, charts as SVG; light and dark. SPEC LD-18. */
export function htmlOf(result: LoadResult): string {
  const { run, passed, ended, totals, ways, warnings, verdict } = result
  const word = passed ? 'passed' : ended === 'stopped' ? 'stopped' : 'failed'
  const body = [
    element(
      'header',
      {},
      element(
        'h1',
        {},
        `Load run ${escaped(run)} `,
        textElement('span', { class: `badge ${passed ? 'good' : 'bad'}` }, word),
      ),
      textElement('p', { class: 'quiet' }, headLine(result)),
    ),
    tiles(result),
    list('bad', 'Why it failed', verdict),
    list('warn', 'To know before believing the numbers', warnings),
    element('section', { class: 'charts' }, ...charts(result)),
    waysTables(ways, totals),
    reasonsTable(result),
    about(result),
  ]
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Ringdown load run ${escaped(run)}, ${word}</title>
<style>
${style}</style>
</head>
<body>
${body.filter((part) => part !== '').join('\n')}
</body>
</html>
`
}

function headLine({ started, seconds, versions, plan }: LoadResult): string {
  const { address } = plan as { address?: string }
  const server = versions.server === null ? '' : `, Ringdown ${versions.server}`
  return `${address ?? ''}${server} · ${started.replace('T', ' ').replace(/\..*/, '')} UTC · ${clock(seconds * 1000)}`
}

function tiles({ totals, seconds, ways }: LoadResult): string {
  const { counts, delivery } = totals
  const wrong = failuresOf(totals)
  const all: [string, string, string?][] = [
    ['delivered', grouped(counts.delivered)],
    ['texts a second', rate(seconds > 0 ? counts.delivered / seconds : 0)],
    ['p50', time(delivery.p50)],
    ['p99', time(delivery.p99)],
    ['longest', time(delivery.max)],
    ['lost', grouped(counts.lost), counts.lost > 0 ? 'bad' : 'good'],
    ['went wrong', grouped(wrong), wrong > 0 ? 'bad' : 'good'],
    ['ways', String(ways.length)],
  ]
  const tile = ([name, value, colour = '']: (typeof all)[number]) =>
    element('div', { class: `tile ${colour}` }, textElement('b', {}, value), textElement('span', {}, name))
  return element('section', { class: 'tiles' }, ...all.map(tile))
}

function list(kind: string, title: string, lines: readonly string[]): string {
  if (lines.length === 0) return ''
  const items = lines.map((line) => textElement('li', {}, line))
  return element('section', { class: `note ${kind}` }, textElement('h2', {}, title), element('ul', {}, ...items))
}

function charts({ series, totals, ways }: LoadResult): string[] {
  const points = drawn(series)
  if (points.length === 0) return []
  const at = points.map((point) => point.at)
  const of = (pick: (point: Point) => number | null) => points.map(pick)
  const wrong = failuresOf(totals)
  return [
    timeChart({
      title: 'Texts a second',
      summary: `Wanted and delivered over ${clock((at.at(-1) ?? 0) * 1000)}.`,
      at,
      series: [
        { label: 'delivered', colour: 'c1', as: 'area', values: of((point) => point.achieved) },
        { label: 'wanted', colour: 'c5', as: 'dashed', values: of((point) => point.wanted) },
      ],
      print: (value) => rate(value),
    }),
    timeChart({
      title: 'Latency over time',
      summary: `Over the whole run p50 is ${time(totals.delivery.p50)}, p99 ${time(totals.delivery.p99)}.`,
      at,
      series: [
        { label: 'p50', colour: 'c1', as: 'line', values: of((point) => point.p50) },
        { label: 'p90', colour: 'c2', as: 'line', values: of((point) => point.p90) },
        { label: 'p99', colour: 'c3', as: 'line', values: of((point) => point.p99) },
        { label: 'longest', colour: 'c5', as: 'dashed', values: of((point) => point.max) },
      ],
      print: time,
    }),
    distributionChart(totals),
    timeChart({
      title: 'How busy the driver was',
      summary: 'Near 100 % it was the limit.',
      at,
      series: [
        { label: 'busiest process', colour: 'c2', as: 'area', values: of((point) => Math.round(point.busy * 100)) },
      ],
      print: (value) => `${value} %`,
    }),
    wrong === 0
      ? ''
      : timeChart({
          title: 'What went wrong, in a second',
          summary: `${wrong} in all.`,
          at,
          series: [
            {
              label: 'failures',
              colour: 'c4',
              as: 'bars',
              values: of((point) => point.failures),
            },
          ],
          print: (value) => String(value),
        }),
    ways.length > 1 ? waysChart(ways) : '',
  ]
}

/** The series in so many steps at most: rates on average, latencies and failures at their worst. */
function drawn(series: readonly Point[]): readonly Point[] {
  const size = Math.ceil(series.length / mostPoints)
  if (size <= 1) return series
  return Array.from({ length: Math.ceil(series.length / size) }, (_, i) => {
    const part = series.slice(i * size, (i + 1) * size)
    const last = part.at(-1) as Point
    const mean = (pick: (point: Point) => number) => part.reduce((sum, point) => sum + pick(point), 0) / part.length
    const worst = (pick: (point: Point) => number | null) => {
      const values = part.map(pick).filter((value) => value !== null)
      return values.length === 0 ? null : Math.max(...values)
    }
    return {
      ...last,
      wanted: mean(({ wanted }) => wanted),
      achieved: mean(({ achieved }) => achieved),
      busy: Math.max(...part.map(({ busy }) => busy)),
      failures: Math.max(...part.map(({ failures }) => failures)),
      p50: worst(({ p50 }) => p50),
      p90: worst(({ p90 }) => p90),
      p99: worst(({ p99 }) => p99),
      max: worst(({ max }) => max),
    }
  })
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (inner: readonly string[]) => element('tr', {}, ...inner)
  const heads = head.map((cell) => textElement('th', { scope: 'col' }, cell))
  const line = ([first = '', ...rest]: readonly string[]) =>
    row([textElement('th', { scope: 'row' }, first), ...rest.map((cell) => textElement('td', {}, cell))])
  const inner = element('thead', {}, row(heads)) + element('tbody', {}, ...rows.map(line))
  return element('div', { class: 'wide', tabindex: 0 }, element('table', {}, inner))
}

const timeHead = ['', 'p50', 'p90', 'p99', 'p99.9', 'longest', 'mean', 'answer p50', 'answer p99']
const countHead = [
  '',
  'due',
  'sent',
  'accepted',
  'delivered',
  'failed',
  'unsent',
  'undelivered',
  'lost',
  'twice',
  'out of order',
]

function waysTables(ways: readonly WayResult[], totals: WayResult): string {
  const all = ways.length > 1 ? [...ways, totals] : ways
  const times = all.map(({ way, delivery, answer }) => [
    way,
    ...[delivery.p50, delivery.p90, delivery.p99, delivery.p999, delivery.max, delivery.mean].map(time),
    ...[answer.p50, answer.p99].map(time),
  ])
  const numbers = all.map(({ way, counts }) => [
    way,
    ...[counts.due, counts.sent, counts.accepted, counts.delivered, counts.failed, counts.unsent].map(grouped),
    ...[counts.undelivered, counts.lost, counts.duplicated, counts.outOfOrder].map(grouped),
  ])
  return (
    element('section', {}, textElement('h2', {}, 'How long texts took'), table(timeHead, times)) +
    element('section', {}, textElement('h2', {}, 'What became of them'), table(countHead, numbers))
  )
}

function reasonsTable({ reasons }: LoadResult): string {
  const rows = Object.entries(reasons).map(([reason, times]) => [reason, grouped(times)])
  return rows.length === 0
    ? ''
    : element('section', {}, textElement('h2', {}, 'What went wrong'), table(['', 'times'], rows))
}

function about({ machine, versions, plan, totals, step }: LoadResult): string {
  const { sessions, setup, send } = totals
  const facts: [string, string][] = [
    [
      'sessions',
      `${grouped(sessions.begun)} begun, ${grouped(sessions.failed)} failed, ${grouped(sessions.unsent)} not begun`,
    ],
    ['until both were in it', `${time(setup.p50)} (p50), ${time(setup.p99)} (p99)`],
    ['how late texts left the driver', `${time(send.p50)} (p50), ${time(send.p99)} (p99)`],
    ['driver', `Ringdown ${versions.load}, Node ${versions.node}`],
    [
      'machine',
      `${machine.processor}, ${machine.cores} cores, ${(machine.memory / 2 ** 30).toFixed(1)} GiB, ${machine.system}, load ${machine.loadBefore.toFixed(2)} before`,
    ],
    ['a point of the charts', `${step} s`],
  ]
  const terms = facts.map(([name, value]) => textElement('dt', {}, name) + textElement('dd', {}, value))
  const source = textElement('pre', {}, JSON.stringify(plan, null, 2))
  return element(
    'section',
    {},
    textElement('h2', {}, 'About the run'),
    element('dl', {}, ...terms),
    element('details', {}, textElement('summary', {}, 'The plan'), source),
  )
}
