import { useEffect, useRef, useState } from 'preact/hooks'
import UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { ChartData } from '../model/charts.ts'
import { clockText, numberText } from './when.ts'

/** Lines are told apart by how they are dashed, too. */
export const dashes: readonly (number[] | undefined)[] = [undefined, [6, 3], [2, 3], [10, 3, 2, 3], [4, 2], [1, 2]]

const heightPx = 160
/** A chart that has just begun shows so much, seconds. */
const leastSeconds = 600

/** The lines of a chart, drawn by uPlot. What they say stands beside them in words. */
export function Plot({ data, locale, theme }: { data: ChartData; locale: string; theme: string }) {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<UPlot>(null)
  const dark = useDark()
  const names = data.series.map(({ name }) => name).join('\n')
  // Made anew where its lines or its colours change; new values are only handed over.
  useEffect(() => {
    const { current } = box
    if (!current) return undefined
    const made = new UPlot(optionsFor(current, data, locale), valuesOf(data), current)
    plot.current = made
    const observer = new ResizeObserver(() => made.setSize({ width: current.clientWidth, height: heightPx }))
    observer.observe(current)
    return () => {
      observer.disconnect()
      made.destroy()
      plot.current = null
    }
  }, [names, locale, theme, dark])
  useEffect(() => plot.current?.setData(valuesOf(data)), [data])
  return <div class="plot" ref={box} aria-hidden="true" />
}

function valuesOf({ times, series }: ChartData): UPlot.AlignedData {
  return [[...times], ...series.map(({ values }) => [...values])]
}

function optionsFor(box: HTMLElement, { series }: ChartData, locale: string): UPlot.Options {
  const [text, grid] = [colourOf(box, '--soft'), colourOf(box, '--line')]
  const axis: UPlot.Axis = { stroke: text, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 } }
  return {
    width: box.clientWidth,
    height: heightPx,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false } },
    scales: {
      x: { range: (plot) => rangeOf(plot.data[0]) },
      y: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] },
    },
    axes: [
      { ...axis, size: 32, values: (_, times) => times.map((time) => clockText(time * 1000, locale).slice(0, 5)) },
      { ...axis, size: 56, values: (_, values) => values.map((value) => numberText(value, locale)) },
    ],
    series: [
      {},
      ...series.map((_, i) => {
        const dash = dashes[i]
        return {
          stroke: colourOf(box, `--chart-${i}`),
          width: 2,
          points: { show: true, size: 5, filter: (plot: UPlot, at: number) => alone(plot.data[at] ?? []) },
          ...(dash && { dash }),
        }
      }),
    ],
  }
}

/** Values with nothing before and behind: no line shows them. */
function alone(values: ArrayLike<number | null | undefined>): number[] {
  return Array.from(values, (_, i) => i).filter(
    (i) => values[i] != null && values[i - 1] == null && values[i + 1] == null,
  )
}

/** From the first value to the last one; uPlot itself makes a day of a single one. */
function rangeOf(times: ArrayLike<number>): [number, number] {
  const end = times[times.length - 1] ?? 0
  return [Math.min(times[0] ?? 0, end - leastSeconds), end]
}

/** A colour of the page as it is now: a canvas does not know of `light-dark()`. */
function colourOf(box: HTMLElement, name: string): string {
  const probe = document.createElement('span')
  probe.style.color = `var(${name})`
  box.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}

function useDark(): boolean {
  const [query] = useState(() => window.matchMedia('(prefers-color-scheme: dark)'))
  const [dark, setDark] = useState(query.matches)
  useEffect(() => {
    const changed = () => setDark(query.matches)
    query.addEventListener('change', changed)
    return () => query.removeEventListener('change', changed)
  }, [query])
  return dark
}
