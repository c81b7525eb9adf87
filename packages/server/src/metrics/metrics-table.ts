import type { Definition } from './definition.ts'
import { processMetrics } from './definitions/process.ts'
import { definitions } from './definitions.ts'

/** Labels with more values than this have them in a list below the table. */
const mostInRow = 8

/** Every metric of ours as Markdown, from what makes its instrument; then the values of labels that have many. SPEC OB-1. */
export function metricsTable(): string {
  const all: [string, Definition][] = Object.entries(definitions)
  const rows = all.map(([name, { type, labels = {}, unit, help, act }]) => {
    const told = Object.entries(labels).map(([label, values]) => `\`${label}\`: ${shortly(values)}`)
    return `| \`${name}\` | ${type} | ${told.join('; ')} | ${unit} | ${cell(`${help}.`)} | ${cell(act)} |`
  })
  const lists = all.flatMap(([name, { labels = {} }]) =>
    Object.entries(labels)
      .filter(([, values]) => isLong(values))
      .map(([label, values]) => `- \`${label}\` of \`${name}\`: ${quoted(values as readonly string[])}`),
  )
  return [
    '| name | type | labels | unit | what it is | when it moves |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
    ...(lists.length > 0 ? ['', ...lists] : []),
  ].join('\n')
}

/** What is worth a look of what prom-client adds, as Markdown. */
export function processTable(): string {
  const rows = Object.entries(processMetrics).map(([name, act]) => `| \`${name}\` | ${cell(act)} |`)
  return ['| name | when it moves |', '| --- | --- |', ...rows].join('\n')
}

const isLong = (values: string | readonly string[]) => typeof values !== 'string' && values.length > mostInRow

function shortly(values: string | readonly string[]): string {
  if (typeof values === 'string') return cell(values)
  return isLong(values) ? `${values.length} values, below` : quoted(values)
}

const quoted = (values: readonly string[]) => values.map((value) => `\`${value}\``).join(', ')
const cell = (text: string) => text.replaceAll('|', '\\|')
