import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))
const page = readFileSync(`${root}packages/server/METRICS.md`, 'utf8')

/** A metric as METRICS.md tells it. */
export interface Documented {
  readonly type: string
  /** By label: the values it can take; absent where they are not listed. */
  readonly labels: ReadonlyMap<string, ReadonlySet<string> | undefined>
}

/** What stands between backquotes. */
const quoted = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map((found) => found[1] ?? '')

/** Values of labels that have too many for the table. */
const lists = new Map(
  [...page.matchAll(/^- `(\w+)` of `(\w+)`: (.*)$/gm)].map(([, label = '', name = '', values = '']) => [
    `${name} ${label}`,
    new Set(quoted(values)),
  ]),
)

function labelsOf(name: string, cell: string): Documented['labels'] {
  const labels = [...cell.matchAll(/`(\w+)`: ((?:`[^`]+`(?:, )?)+|[^`][^;]*(?:; \d[^;]*)*)/g)]
  return new Map(
    labels.map(([, label = '', values = '']) => {
      const listed = lists.get(`${name} ${label}`) ?? (values.startsWith('`') ? new Set(quoted(values)) : undefined)
      return [label, listed]
    }),
  )
}

/** Metrics of ours, by name. */
export const documented: ReadonlyMap<string, Documented> = new Map(
  [...page.matchAll(/^\| `(ringdown_\w+)` \| (\w+) \| ([^|]*) \|/gm)].map(([, name = '', type = '', labels = '']) => [
    name,
    { type, labels: labelsOf(name, labels) },
  ]),
)

/** Metrics of the process that are worth a look. */
export const ofTheProcess: ReadonlySet<string> = new Set(
  [...page.matchAll(/^\| `((?:process|nodejs)_\w+)` \|/gm)].map((found) => found[1] ?? ''),
)

/** Anchors of the headings, as GitHub makes them. */
export const headings: ReadonlySet<string> = new Set(
  [...page.matchAll(/^#+ (.*)$/gm)].map((found) =>
    (found[1] ?? '')
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  ),
)

/** The metric a series belongs to: of a histogram there are several. */
export function metricOf(series: string): string {
  if (documented.has(series) || ofTheProcess.has(series)) return series
  return series.replace(/_(bucket|sum|count)$/, '')
}

/** Labels Prometheus adds, and that of a histogram's buckets. */
const added = new Set(['job', 'instance', 'le'])

/** What an expression of PromQL asks for that is not documented; `recorded`: names that rules make. */
export function undocumentedIn(expression: string, recorded: ReadonlySet<string> = new Set()): string[] {
  const wrong: string[] = []
  const asked = /\b((?:ringdown|process|nodejs)_\w+|up|\w+:[\w:]+)\b(?:\{([^}]*)\})?/g
  for (const [, series = '', matchers = ''] of expression
    .replace(/"[^"]*"/g, (text) => text.replace(/:/g, ';'))
    .matchAll(asked)) {
    const name = metricOf(series)
    const known = documented.get(name)
    if (!known && !ofTheProcess.has(name) && name !== 'up' && !recorded.has(name)) wrong.push(series)
    for (const [, label = '', how = '', value = ''] of matchers.matchAll(/(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g)) {
      if (added.has(label) || !known) continue
      if (!known.labels.has(label)) wrong.push(`${series}{${label}}`)
      const listed = known.labels.get(label)
      if (how === '=' && listed && !listed.has(value)) wrong.push(`${series}{${label}="${value}"}`)
    }
  }
  const labels = new Set([...documented.values()].flatMap((each) => [...each.labels.keys()]))
  for (const [, list = ''] of expression.matchAll(/\bby \(([^)]*)\)/g))
    for (const label of list.split(',').map((each) => each.trim()))
      if (!added.has(label) && !labels.has(label)) wrong.push(`by (${label})`)
  return wrong
}
