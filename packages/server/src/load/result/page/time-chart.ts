import { clock } from '../../sentences.ts'
import { linearTicks, scale, timeTicks } from './axis.ts'
import { element, textElement } from './markup.ts'

export interface Series {
  label: string
  /** Class that gives the colour: `c1` … `c5`. */
  colour: string
  values: readonly (number | null)[]
  as: 'line' | 'dashed' | 'area' | 'bars'
}

export interface TimeChart {
  title: string
  /** What a reader without eyes is told. */
  summary: string
  /** Seconds at the end of each point. */
  at: readonly number[]
  series: readonly Series[]
  print: (value: number) => string
}

const [width, height] = [600, 250]
const [left, right, top, bottom] = [64, 12, 12, 30]

/** A chart over the time of the run, with what was measured at each moment told by a pointer held over it. */
export function timeChart({ title, summary, at, series, print }: TimeChart): string {
  const seconds = at.at(-1) ?? 1
  const highest = Math.max(0, ...series.flatMap(({ values }) => values.map((value) => value ?? 0)))
  const ticks = linearTicks(highest)
  const x = scale(0, seconds, left, width - right)
  const y = scale(0, ticks.at(-1) ?? 1, height - bottom, top)
  const grid = ticks.map(
    (tick) =>
      element('line', { class: 'grid', x1: left, x2: width - right, y1: y(tick), y2: y(tick) }) +
      textElement(
        'text',
        { class: 'tick', x: left - 8, y: y(tick) + 4, 'text-anchor': 'end' },
        tick === 0 ? '0' : print(tick),
      ),
  )
  const times = timeTicks(seconds).map((tick) =>
    textElement('text', { class: 'tick', x: x(tick), y: height - 8, 'text-anchor': 'middle' }, clock(tick * 1000)),
  )
  const drawn = series.map((one) => draw(one, at, x, y))
  const hovers = at.map((end, i) => {
    const from = x(at[i - 1] ?? 0)
    const said = series.map(({ label, values }) => `${label} ${values[i] == null ? '–' : print(values[i])}`)
    const area = { class: 'hover', x: from, y: top, width: Math.max(0.5, x(end) - from), height: height - bottom - top }
    return element('rect', area, textElement('title', {}, `${clock(end * 1000)}: ${said.join(', ')}`))
  })
  const svg = element(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': `${title}. ${summary}` },
    ...grid,
    ...times,
    ...drawn,
    ...hovers,
  )
  return element('figure', {}, element('figcaption', {}, textElement('h3', {}, title), legend(series)), svg)
}

function draw({ colour, values, as }: Series, at: readonly number[], x: Scale, y: Scale): string {
  if (as === 'bars') return bars(colour, values, at, x, y)
  // A gap is a gap: nothing is drawn over seconds without a value.
  const runs: string[][] = [[]]
  values.forEach((value, i) => {
    if (value === null) runs.push([])
    else runs.at(-1)?.push(`${x((at[i] ?? 0) - gapOf(at) / 2)},${y(value)}`)
  })
  const lines = runs.filter(({ length }) => length > 0)
  const line = lines.map((points) => `M${points.join('L')}${points.length === 1 ? 'h0.1' : ''}`).join('')
  const path = element('path', { class: `line ${colour}${as === 'dashed' ? ' dashed' : ''}`, d: line })
  if (as !== 'area') return path
  const areas = lines.map((points) => {
    const [first = '', last = ''] = [points[0], points.at(-1)]
    return `M${first.split(',')[0]},${y(0)}L${points.join('L')}L${last.split(',')[0]},${y(0)}Z`
  })
  return element('path', { class: `area ${colour}`, d: areas.join('') }) + path
}

function bars(colour: string, values: readonly (number | null)[], at: readonly number[], x: Scale, y: Scale): string {
  const each = values.map((value, i) => {
    if (!value) return ''
    const [from, to] = [x(at[i - 1] ?? 0), x(at[i] ?? 0)]
    return element('rect', {
      class: `bar ${colour}`,
      x: from,
      y: y(value),
      width: Math.max(1, to - from - 1),
      height: y(0) - y(value),
    })
  })
  return each.join('')
}

type Scale = (value: number) => number
const gapOf = (at: readonly number[]): number => (at[1] ?? 2 * (at[0] ?? 1)) - (at[0] ?? 0)

const legend = (series: readonly Series[]): string =>
  element(
    'ul',
    { class: 'legend' },
    ...series.map(({ label, colour, as }) =>
      element('li', {}, element('span', { class: `key ${colour}${as === 'dashed' ? ' dashed' : ''}` }), label),
    ),
  )
