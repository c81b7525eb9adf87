import { time } from '../../sentences.ts'
import type { WayResult } from '../result.ts'
import { linearTicks, logTicks, scale } from './axis.ts'
import { element, textElement } from './markup.ts'

const width = 600
/** Of the chart of all ways, which takes a row of its own. */
const wide = 1200
const [left, right, top, bottom] = [64, 16, 24, 30]
/** Bars to a power of ten. */
const perDecade = 12

/** How many texts took how long, on an axis of powers of ten. */
export function distributionChart({ histogram, delivery }: WayResult): string {
  const height = 250
  const bars = decadeBars(histogram)
  const [first, last] = [bars[0], bars.at(-1)]
  if (!first || !last) return ''
  const ticks = logTicks(first.from / 1000, last.to / 1000)
  const x = scale(Math.log10(ticks[0] ?? 1), Math.log10(ticks.at(-1) ?? 10), left, width - right)
  const highest = Math.max(...bars.map(({ count }) => count))
  const counts = linearTicks(highest)
  const y = scale(0, counts.at(-1) ?? 1, height - bottom, top)
  const at = (ms: number) => x(Math.log10(ms))
  const shown = [
    ...counts.map(
      (tick) =>
        element('line', { class: 'grid', x1: left, x2: width - right, y1: y(tick), y2: y(tick) }) +
        textElement('text', { class: 'tick', x: left - 8, y: y(tick) + 4, 'text-anchor': 'end' }, String(tick)),
    ),
    ...ticks.map((tick) =>
      textElement('text', { class: 'tick', x: at(tick), y: height - 8, 'text-anchor': 'middle' }, shortTime(tick)),
    ),
    ...bars.map(({ from, to, count }) => {
      const [a, b] = [at(from / 1000), at(to / 1000)]
      const bar = { class: 'bar c1', x: a, y: y(count), width: Math.max(1, b - a - 1), height: y(0) - y(count) }
      return element('rect', bar, textElement('title', {}, `${time(from / 1000)} to ${time(to / 1000)}: ${count}`))
    }),
    ...(['p50', 'p99'] as const).flatMap((name) => {
      const value = delivery[name]
      if (value === null || value <= 0) return []
      const mark = { class: 'mark', x1: at(value), x2: at(value), y1: top - 8, y2: height - bottom }
      return [element('line', mark), nameOfMark(at(value), `${name} ${time(value)}`)]
    }),
  ]
  const told = `Half of the texts took ${time(delivery.p50)} at most, 99 % ${time(delivery.p99)}.`
  return figure('Spread of the times', told, [width, height], shown, 'texts by time, all ways')
}

/** Each way from its p50 to its p99, with its longest. */
export function waysChart(ways: readonly WayResult[]): string {
  const timed = ways.filter(({ delivery }) => delivery.p50 !== null && delivery.p50 > 0)
  if (timed.length === 0) return ''
  const labels = 265
  const row = 26
  const height = timed.length * row + bottom + 8
  const of = (pick: (way: WayResult) => number | null) => timed.map((way) => pick(way) ?? 1)
  const ticks = logTicks(
    Math.min(...of(({ delivery }) => delivery.p50)),
    Math.max(...of(({ delivery }) => delivery.max)),
  )
  const x = scale(Math.log10(ticks[0] ?? 1), Math.log10(ticks.at(-1) ?? 10), labels, wide - right)
  const at = (ms: number | null) => x(Math.log10(Math.max(ms ?? 1, 0.001)))
  const shown = [
    ...ticks.map(
      (tick) =>
        element('line', { class: 'grid', x1: at(tick), x2: at(tick), y1: 4, y2: height - bottom }) +
        textElement('text', { class: 'tick', x: at(tick), y: height - 8, 'text-anchor': 'middle' }, shortTime(tick)),
    ),
    ...timed.map(({ way, delivery }, i) => {
      const y = 4 + i * row + row / 2
      const { p50, p90, p99, max } = delivery
      const told = `${way}: p50 ${time(p50)}, p90 ${time(p90)}, p99 ${time(p99)}, max ${time(max)}`
      return element(
        'g',
        {},
        textElement('title', {}, told),
        textElement('text', { class: 'tick strong', x: labels - 10, y: y + 4, 'text-anchor': 'end' }, way),
        element('line', { class: 'whisker', x1: at(p50), x2: at(max), y1: y, y2: y }),
        element('line', { class: 'range c1', x1: at(p50), x2: at(p99), y1: y, y2: y }),
        element('circle', { class: 'dot c1', cx: at(p50), cy: y, r: 5 }),
        element('circle', { class: 'dot c3', cx: at(p99), cy: y, r: 5 }),
        element('line', { class: 'whisker', x1: at(max), x2: at(max), y1: y - 5, y2: y + 5 }),
      )
    }),
  ]
  const keys = [
    ['c1', 'p50'],
    ['c3', 'p99'],
  ] as const
  const legend = element(
    'ul',
    { class: 'legend' },
    ...keys.map(([colour, label]) => element('li', {}, element('span', { class: `key ${colour}` }), label)),
    element('li', {}, 'the line ends at the longest'),
  )
  const told = timed.map(({ way, delivery }) => `${way} ${time(delivery.p50)} to ${time(delivery.p99)}`).join('; ')
  return figure('Way by way', told, [wide, height], shown, legend)
}

/** Beside its line, on the side that has room. */
const nameOfMark = (x: number, name: string): string =>
  x > width * 0.8
    ? textElement('text', { class: 'tick strong', x: x - 4, y: top - 2, 'text-anchor': 'end' }, name)
    : textElement('text', { class: 'tick strong', x: x + 4, y: top - 2 }, name)

function figure(
  title: string,
  told: string,
  [width, height]: readonly [number, number],
  shown: readonly string[],
  legend: string,
): string {
  const svg = element(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': `${title}. ${told}` },
    ...shown,
  )
  const more = legend.startsWith('<') ? legend : textElement('p', { class: 'legend' }, legend)
  return element(
    'figure',
    width === wide ? { class: 'row' } : {},
    element('figcaption', {}, textElement('h3', {}, title), more),
    svg,
  )
}

/** The buckets of a histogram as a dozen bars to a power of ten, microseconds; those in between that hold nothing, too. */
function decadeBars(histogram: WayResult['histogram']): { from: number; to: number; count: number }[] {
  const counts = new Map<number, number>()
  for (const [from, to, count] of histogram) {
    const bar = Math.floor(Math.log10(Math.max(1, (from + to) / 2)) * perDecade)
    counts.set(bar, (counts.get(bar) ?? 0) + count)
  }
  const bars = [...counts.keys()]
  if (bars.length === 0) return []
  const [first, last] = [Math.min(...bars), Math.max(...bars)]
  return Array.from({ length: last - first + 1 }, (_, i) => {
    const bar = first + i
    return { from: 10 ** (bar / perDecade), to: 10 ** ((bar + 1) / perDecade), count: counts.get(bar) ?? 0 }
  })
}

/** `1 ms`, `100 µs`, `10 s`. */
function shortTime(ms: number): string {
  if (ms < 1) return `${Number((ms * 1000).toPrecision(3))} µs`
  return ms < 1000 ? `${Number(ms.toPrecision(3))} ms` : `${Number((ms / 1000).toPrecision(3))} s`
}
