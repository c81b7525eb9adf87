import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Histogram } from '@ringdown/server/testing'
import type { Report } from './result.ts'

const require = createRequire(import.meta.url)
const uplotFile = (name: string) => readFileSync(require.resolve(`uplot/dist/${name}`), 'utf8')
const style = () => readFileSync(new URL('./page.css', import.meta.url), 'utf8')
const script = () => readFileSync(new URL('./page.js', import.meta.url), 'utf8')

/** Percentiles of the latency curve: evenly spaced in "number of nines", as tails are read. */
const percents = Array.from({ length: 41 }, (_, i) => 100 - 100 * 10 ** (-i / 10))

/** Keeps a JSON text from ending the script element it stands in. */
const inScript = (value: unknown) => JSON.stringify(value).replaceAll('<', '\\u003c')

/** One page that needs nothing else: data, charts and their code are inside. */
export function htmlOf(report: Report): string {
  const sections = report.sections.map((section) => ({
    ...section,
    rows: section.rows.map(({ latency, runs, ...row }) => {
      const histogram = latency && latency.count > 0 ? Histogram.from(latency) : undefined
      return { ...row, runs: runs.length, curve: histogram && percents.map((p) => histogram.percentile(p) / 1000) }
    }),
  }))
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Ringdown under load</title>
<style>${uplotFile('uPlot.min.css')}
${style()}</style>
<body>
<script>${uplotFile('uPlot.iife.min.js')}</script>
<script>const report = ${inScript({ ...report, sections, percents })}
${script()}</script>
`
}
