import { Document, isMap, isScalar, isSeq, type Node, type Pair, Scalar } from 'yaml'
import { ConfigSchema } from '../../config/schema.ts'

/** The part of the schema that comments are made of. */
interface Described {
  description?: string
  properties?: Readonly<Record<string, Described>>
  items?: Described
}

const schema: object = ConfigSchema

/** Columns of a comment. */
const width = 118

/**
 * A configuration as a file whose comments are the descriptions of its schema, so that they say what the server does. Things of lists are
 * a line each, described once above them. SPEC IN-6.
 */
export function commentedYaml(config: Readonly<Record<string, unknown>>, head: readonly string[]): string {
  const document = new Document(escaped(config))
  document.commentBefore = head.map((line) => ` ${line}`).join('\n')
  describe(document.contents, schema as Described, 0)
  return document.toString({ lineWidth: 0, flowCollectionPadding: true })
}

function describe(node: unknown, described: Described, depth: number): void {
  if (!isMap(node)) return
  for (const [i, pair] of (node.items as Pair<Node, Node>[]).entries()) {
    const { key, value } = pair
    const property = described.properties?.[isScalar(key) ? String(key.value) : '']
    if (!property) continue
    if (depth === 0) key.spaceBefore = i > 0
    const lines = wrapped(property.description ?? '', width - 2 * depth)
    const isList = isSeq(value) && value.items.some((item) => isMap(item))
    const inline = isList && property.items?.properties && !isBlock(property.items)
    if (inline) {
      for (const name of keysIn(value.items))
        lines.push(...wrapped(`${name}: ${property.items?.properties?.[name]?.description ?? ''}`, width - 2 * depth))
    }
    key.commentBefore = lines.map((line) => ` ${line}`).join('\n')
    if (inline) for (const item of value.items) (item as { flow?: boolean }).flow = true
    else if (isSeq(value) && property.items && isList)
      for (const item of value.items) describe(item, property.items, depth + 2)
    else describe(value, property, depth + 1)
    if (isSeq(value) && !isList) value.flow = true
  }
}

/** What holds lists of things itself is not written in a line. */
const isBlock = ({ properties = {} }: Described): boolean =>
  Object.values(properties).some(({ items }) => items?.properties !== undefined)

function keysIn(items: readonly unknown[]): string[] {
  const names = new Set<string>()
  for (const item of items)
    if (isMap(item)) for (const { key } of item.items) names.add(String(isScalar(key) ? key.value : key))
  return [...names]
}

/** `${` of an answer is no variable of the environment; texts that look like something else are quoted by the library. */
function escaped(value: unknown): unknown {
  if (typeof value === 'string') return quoted(value.replaceAll('$' + '{', () => '$$' + '{'))
  if (Array.isArray(value)) return value.map(escaped)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, escaped(inner)]))
}

function quoted(text: string): string | Scalar {
  if (!/^[0-9]/.test(text)) return text
  const scalar = new Scalar(text)
  scalar.type = 'QUOTE_DOUBLE'
  return scalar
}

function wrapped(text: string, columns: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length + 1 > columns) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return line === '' ? lines : [...lines, line]
}
