import type { Report, Section } from './result.ts'

/** A number with so many decimals and thin thousands: `12 345.6`; a dash where there is none. */
export function print(value: number | undefined, digits: number): string {
  if (value === undefined || !Number.isFinite(value)) return '–'
  const [whole = '', fraction] = value.toFixed(digits).split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ' ')
  return fraction === undefined ? grouped : `${grouped}.${fraction}`
}

/** The rows of a section as lines of equal width, for the terminal. */
export function tableOf(section: Section): string[] {
  const head = ['', ...section.columns.map((column) => column.title)]
  const body = section.rows.map((row) => [
    row.name,
    ...section.columns.map((column) => print(row.figures[column.figure], column.digits)),
  ])
  const widths = head.map((title, i) => Math.max(title.length, ...body.map((cells) => cells[i]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ')
  const notes = section.rows.flatMap((row) => row.notes.map((note) => `! ${row.name}: ${note}`))
  return [line(head), '-'.repeat(line(head).length), ...body.map(line), ...notes]
}

/** A whole report for the terminal. */
export function printReport(report: Report): string {
  const environment = Object.entries(report.environment).map(([name, value]) => `${name}: ${value}`)
  const sections = report.sections.flatMap((section) => ['', `## ${section.title}`, '', ...tableOf(section)])
  return [...environment, ...sections, ''].join('\n')
}
