import { ConfigSchema } from './schema.ts'

/** The part of a schema the table shows. */
interface Described {
  type?: string
  description?: string
  default?: unknown
  enum?: readonly string[]
  minimum?: number
  maximum?: number
  properties?: Readonly<Record<string, Described>>
  required?: readonly string[]
  items?: Described
  secret?: boolean
}

/** All keys of `ringdown.yaml` as a Markdown table, from the schema that reads the file. SPEC SV-14. */
export function configTable(): string {
  return schemaTable(ConfigSchema)
}

/** The keys of any file that is read by a schema, with what each may be. */
export function schemaTable(schema: object): string {
  const rows = [...rowsOf(schema as Described, '')]
  return ['| key | value | default | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

function* rowsOf({ properties = {}, required = [] }: Described, path: string): Generator<string> {
  for (const [name, schema] of Object.entries(properties)) {
    const key = `${path}${name}`
    const { description = '' } = schema
    yield `| \`${key}\` | ${kind(schema)} | ${otherwise(schema, required.includes(name))} | ${description.replaceAll('|', '\\|')} |`
    yield* rowsOf(schema, `${key}.`)
    if (schema.items?.properties) yield* rowsOf(schema.items, `${key}[].`)
  }
}

function kind({ type, properties, items, minimum, maximum, secret, enum: names }: Described): string {
  if (secret) return 'secret'
  if (names) return names.map((name) => `\`${name}\``).join(', ')
  if (type === 'integer') return `${minimum}–${maximum}`
  if (type === 'boolean') return '`true`, `false`'
  if (type === 'array') return items?.properties ? 'list of mappings' : 'list of texts'
  if (type === 'object') return properties ? 'mapping' : 'sections of texts'
  return 'text'
}

function otherwise(schema: Described, required: boolean): string {
  if (schema.type === 'object') return ''
  if (schema.default === undefined) return required ? '**needed**' : ''
  return `\`${typeof schema.default === 'string' ? schema.default || "''" : JSON.stringify(schema.default)}\``
}
