// Runs in the reader's browser: draws what `report`, set by the page, holds. uPlot is inlined before it.
const palette = [
  '#1d6fd1',
  '#d1491d',
  '#2f9e44',
  '#8e44ad',
  '#c99a06',
  '#0f9aa8',
  '#b03a6b',
  '#556070',
  '#7a9e1d',
  '#4b3fd1',
]
const colours = { ringdown: '#1d6fd1', faye: '#d1891d', 'cometd-nodejs-server': '#7d8a97' }

const make = (tag, text, className) => {
  const element = document.createElement(tag)
  if (text !== undefined) element.textContent = text
  if (className) element.className = className
  return element
}
const put = (parent, ...children) => {
  parent.append(...children)
  return parent
}
const print = (value, digits) =>
  value === undefined || value === null
    ? '–'
    : value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })

function table(section) {
  const rows = section.rows.map((row) => {
    const cells = section.columns.map((column) => make('td', print(row.figures[column.figure], column.digits)))
    const line = put(make('tr'), make('td', row.name), ...cells)
    if (row.labels.subject === 'ringdown') line.className = 'ours'
    return line
  })
  const head = put(make('tr'), make('th', ''), ...section.columns.map((column) => make('th', column.title)))
  return put(make('div', undefined, 'wide'), put(make('table'), put(make('thead'), head), put(make('tbody'), ...rows)))
}

function bars(section, chart) {
  const highest = Math.max(...section.rows.map((row) => row.figures[chart.figure] ?? 0))
  const digits = highest < 100 ? 1 : 0
  const lines = section.rows.map((row) => {
    const value = row.figures[chart.figure] ?? 0
    const bar = make('i')
    bar.style.width = `${(100 * value) / (highest || 1)}%`
    bar.style.background = colours[row.labels.subject] ?? palette[0]
    return put(
      make('div', undefined, 'bar'),
      make('span', row.name),
      put(make('span'), bar),
      make('b', print(value, digits)),
    )
  })
  return put(make('div', undefined, 'bars'), make('h3', chart.title), ...lines)
}

function plot(title, xs, series, axes, scales) {
  const holder = make('div')
  const options = {
    title,
    width: 580,
    height: 340,
    scales,
    axes,
    series: [
      { label: axes[0].label },
      ...series.map(({ label }, i) => ({
        label,
        stroke: palette[i % palette.length],
        width: 2,
        points: { show: xs.length < 20 },
      })),
    ],
  }
  new uPlot(options, [xs, ...series.map(({ values }) => values)], holder)
  return holder
}

function latency(section, chart) {
  const rows = section.rows.filter((row) => row.curve)
  const nines = report.percents.map((percent) => -Math.log10(1 - percent / 100))
  const percentOf = (nine) => `${+(100 - 100 * 10 ** -nine).toFixed(3)} %`
  return plot(
    chart.title,
    nines,
    rows.map((row) => ({ label: row.name, values: row.curve.map((ms) => Math.max(ms, 0.01)) })),
    [
      { label: 'percentile', splits: () => [0, 1, 2, 3, 4], values: (_, splits) => splits.map(percentOf) },
      { label: 'ms', size: 60 },
    ],
    { x: { time: false }, y: { distr: 3 } },
  )
}

function line(section, chart) {
  // A setting that failed has no figures, and stands nowhere on the axis.
  const rows = section.rows.filter((row) => typeof row.labels[chart.x] === 'number')
  const xs = [...new Set(rows.map((row) => row.labels[chart.x]))].sort((a, b) => a - b)
  const names = [...new Set(rows.map((row) => row.labels[chart.series]))]
  const valueAt = (name, x) =>
    rows.find((row) => row.labels[chart.series] === name && row.labels[chart.x] === x)?.figures[chart.figure] ?? null
  return plot(
    chart.title,
    xs,
    names.map((name) => ({ label: String(name), values: xs.map((x) => valueAt(name, x)) })),
    [{ label: chart.x }, { size: 70 }],
    { x: { time: false }, y: { range: (_, _low, high) => [0, (high || 1) * 1.05] } },
  )
}

const draw = { bars, latency, line }

document.body.append(make('h1', 'Ringdown under load'), make('p', `${report.started} · ${report.command}`))
const environment = make('dl')
for (const [name, value] of Object.entries(report.environment)) environment.append(make('dt', name), make('dd', value))
document.body.append(environment)
for (const section of report.sections) {
  const element = put(make('section'), make('h2', section.title), make('p', section.method, 'method'), table(section))
  for (const row of section.rows)
    for (const note of row.notes) element.append(make('div', `! ${row.name}: ${note}`, 'notes'))
  document.body.append(element)
  const charts = make('div', undefined, 'charts')
  element.append(charts)
  for (const chart of section.charts) charts.append(draw[chart.kind](section, chart))
}
