/** Query parameters as the framework hands them over; a repeated one is a list. */
export type Query = Readonly<Record<string, string | string[] | undefined>>

interface Linked {
  uri: string
}

/** The collection's answer: objects under its name when `fields` was given, else their `uris`. Web-services-api §1.5. */
export function collection<T extends Linked>(name: string, items: readonly T[], query: Query): object {
  const found = items.filter((item) => matches(item, query))
  const { fields } = query
  if (fields === undefined) return { statusCode: 0, uris: found.map(({ uri }) => uri) }
  return { statusCode: 0, [name]: found.map((item) => chosen(item, fields)) }
}

/** The object with the asked fields only; all of them for `*` and where `fields` is absent. Unknown names are left out. */
export function chosen(item: object, fields: string | string[] | undefined): object {
  const names = fields === undefined ? undefined : namesIn(fields)
  if (!names || names.has('*')) return item
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.has(name)))
}

/** The names in a parameter that lists them: `a,b`, or given several times. */
export function namesIn(list: string | string[]): ReadonlySet<string> {
  const parts = typeof list === 'string' ? [list] : list
  return new Set(parts.flatMap((part) => part.split(',').map((name) => name.trim())))
}

const notFilters = new Set(['fields', 'subresources'])

/** Filters combine as AND; a field that the object does not have equals nothing. */
function matches(item: object, query: Query): boolean {
  const fields = new Map(Object.entries(item))
  return Object.entries(query).every(([name, wanted]) => {
    if (notFilters.has(name) || wanted === undefined) return true
    const value = fields.get(name)
    const texts = Array.isArray(value) ? value.map(String) : typeof value === 'object' ? [] : [String(value)]
    return fields.has(name) && [wanted].flat().every((text) => texts.includes(text))
  })
}
