import type { Problem } from '@ringdown/signalling'
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
  visit,
} from 'yaml'
import { nearest } from './nearest.ts'
import { Secret } from './secret.ts'

/** The part of JSON Schema that the configuration schema is written in. */
interface Schema {
  type?: string
  enum?: readonly string[]
  properties?: Readonly<Record<string, Schema>>
  patternProperties?: Readonly<Record<string, Schema>>
  required?: readonly string[]
  items?: Schema
  default?: unknown
  secret?: boolean
  /** A text that may be written as `{ file: path }` as well, for what may be a secret. */
  fromFile?: boolean
  minimum?: number
  maximum?: number
  minLength?: number
  minItems?: number
  pattern?: string
  hint?: string
  quiet?: boolean
}

/** Keys and indexes from the top of the file. */
type Path = readonly (string | number)[]

/** Where a mistake stands in the file; line and column count from 1. */
export interface Mistake {
  line: number
  column: number
  message: string
}

/** What the reader may ask from outside: the environment for `${NAME}`, and files for secrets. */
export interface Surroundings {
  env: Readonly<Record<string, string | undefined>>
  /** Throws when the file cannot be read. */
  readFile(path: string): string
  /** Whether others than its owner and their group can read the file. Absent: that is not known. */
  isOpen?(path: string): boolean
}

/** What was read. `value` can be used as a whole only when there are no mistakes, and in part where `usable` says so. */
export interface YamlReading {
  value: unknown
  mistakes: Mistake[]
  /** What works and should not be so. */
  warnings: Mistake[]
  /** Whether everything at and below a path has the form the schema wants; unknown keys are left out of it. */
  usable(path: Path): boolean
  /** Where the thing at a path stands, or the nearest thing around it. */
  place(problem: Problem): Mistake
}

/**
 * Reads YAML by a schema: fills in defaults, `${NAME}` from the environment and secrets from files, and tells every mistake with
 * its place. Scalars are taken as written and read by what the schema wants, so that DN 007 is not the number seven.
 */
export function readYaml(text: string, schema: unknown, around: Surroundings): YamlReading {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, schema: 'failsafe', prettyErrors: false })
  const at = (offset: number, message: string): Mistake => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1), message }
  }
  const mistakes = firstOfLine(
    [...document.errors, ...document.warnings].map((error) => at(error.pos[0], error.message)),
  )
  const offsets = new Map<string, number>()
  const place = ({ path, message }: Problem) => {
    for (let length = path.length; length >= 0; length--) {
      const offset = offsets.get(pathKey(path.slice(0, length)))
      if (offset !== undefined) return at(offset, message)
    }
    return at(0, message)
  }
  if (mistakes.length > 0) return { value: undefined, mistakes, warnings: [], usable: () => false, place }

  const aliases = resolveAliases(document)
  const broken: Path[] = []
  const warnings: Mistake[] = []
  const reader = new NodeReader(around, (node) => (isAlias(node) ? aliases.get(node) : node), {
    wrong: (offset, message, path) => {
      mistakes.push(at(offset, message))
      if (path) broken.push(path)
    },
    warn: (offset, message) => warnings.push(at(offset, message)),
    found: (path, offset) => offsets.set(pathKey(path), offset),
  })
  const value = reader.read(schema as Schema, document.contents, [], 0)
  mistakes.sort((a, b) => a.line - b.line || a.column - b.column)
  // What is broken above a path leaves nothing usable below it.
  const usable = (path: Path) => !broken.some((bad) => bad.every((part, i) => i >= path.length || part === path[i]))
  return { value, mistakes, warnings, usable, place }
}

// An alias stands for the last node before it with its anchor. Asking each alias itself would search the document each time.
function resolveAliases(document: Document.Parsed): ReadonlyMap<Alias, Node> {
  const anchors = new Map<string, Node>()
  const aliases = new Map<Alias, Node>()
  visit(document, {
    Node: (_, node) => {
      if (isAlias(node)) {
        const meant = anchors.get(node.source)
        if (meant) aliases.set(node, meant)
      } else if (node.anchor !== undefined) anchors.set(node.anchor, node)
    },
  })
  return aliases
}

// A slip makes the parser stumble over every word that follows on the line.
function firstOfLine(mistakes: Mistake[]): Mistake[] {
  const told = new Set<number>()
  return mistakes
    .toSorted((a, b) => a.line - b.line || a.column - b.column)
    .filter(({ line }) => !told.has(line) && told.add(line))
}

const pathKey = (path: Problem['path']) => path.join('\u0000')

type YamlNode = Node | ParsedNode | null | undefined

interface Listener {
  /** `broken`: the path that has no value, where the mistake leaves one without. */
  wrong(offset: number, message: string, broken?: Path): void
  warn(offset: number, message: string): void
  found(path: Path, offset: number): void
}

/** Walks nodes and schema side by side. */
class NodeReader {
  readonly #around: Surroundings
  readonly #resolve: (node: YamlNode) => YamlNode
  readonly #tell: Listener

  constructor(around: Surroundings, resolve: (node: YamlNode) => YamlNode, tell: Listener) {
    this.#around = around
    this.#resolve = resolve
    this.#tell = tell
  }

  /** The value of a node; `near` is where to point when there is no node. */
  read(schema: Schema, written: YamlNode, path: Path, near: number): unknown {
    const offset = written?.range?.[0] ?? near
    this.#tell.found(path, offset)
    const node = this.#resolve(written)
    const wrong = (wanted: string) =>
      this.#tell.wrong(offset, `${name(path)} must be ${wanted}`, schema.secret ? undefined : path)

    if (schema.secret && isMap(node)) return this.#secretFile(node, path, offset)
    if (schema.fromFile && isMap(node)) return this.#secretFile(node, path, offset)?.reveal()
    if (schema.type === 'object') {
      if (isAbsent(node)) return this.#object(schema, new Map(), path, offset)
      return isMap(node) ? this.#object(schema, pairs(node), path, offset) : wrong('a mapping')
    }
    if (schema.type === 'array') {
      if (!isSeq(node) && !isAbsent(node)) return wrong('a list')
      const items = isSeq(node) ? node.items : []
      if (items.length < (schema.minItems ?? 0)) return wrong(`a list of at least ${schema.minItems}`)
      return items.map((item, i) => this.read(schema.items ?? {}, item as YamlNode, [...path, i], offset))
    }
    if (!isScalar(node)) return wrong(wanted(schema))
    // A secret that is missing breaks nothing: no other key refers to what it says.
    const text = this.#substitute(String(node.value), path, offset, schema.secret ? undefined : path)
    if (text === undefined) return undefined
    const value = scalar(schema, text)
    if (value === undefined)
      return wrong(`${wanted(schema)}${schema.secret || schema.quiet ? '' : `, not ${JSON.stringify(text)}`}`)
    return schema.secret ? new Secret(String(value)) : value
  }

  #object(schema: Schema, fields: Fields, path: Path, offset: number): unknown {
    const rest = Object.values(schema.patternProperties ?? {})[0]
    const properties = schema.properties ?? {}
    const entries: [string, unknown][] = []
    for (const [key, field] of fields) {
      if (Object.hasOwn(properties, key)) continue
      if (rest) entries.push([key, this.read(rest, field.node, [...path, key], field.offset)])
      else this.#tell.wrong(field.offset, unknownKey(key, path, Object.keys(properties)))
    }
    for (const [key, property] of Object.entries(properties)) {
      const field = fields.get(key)
      const here = [...path, key]
      if (field && !isAbsent(this.#resolve(field.node)))
        entries.push([key, this.read(property, field.node, here, field.offset)])
      else if (property.default !== undefined)
        entries.push([key, this.#default(property, here, field?.offset ?? offset)])
      // `embedded:` with nothing behind it still says which.
      else if (field && property.type === 'object') entries.push([key, this.read(property, null, here, field.offset)])
      else if (schema.required?.includes(key) || field)
        this.#tell.wrong(field?.offset ?? offset, `${name(here)} is missing`, here)
    }
    // Keys come from the file: fromEntries makes own properties even of `__proto__`.
    return Object.fromEntries(entries)
  }

  #default(schema: Schema, path: Path, offset: number): unknown {
    return schema.type === 'object' ? this.read(schema, null, path, offset) : structuredClone(schema.default)
  }

  #secretFile(node: YamlNode, path: Path, offset: number): Secret | undefined {
    const { file } = this.#object(
      { properties: { file: { type: 'string', minLength: 1 } }, required: ['file'] },
      pairs(node),
      path,
      offset,
    ) as { file?: string }
    if (file === undefined) return undefined
    try {
      const text = this.#readFile(file, path, offset)
      if (text !== '') return new Secret(text)
      this.#tell.wrong(offset, `${name(path)}: file ${file} is empty`)
    } catch (error) {
      const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
      this.#tell.wrong(offset, `${name(path)}: file ${file} cannot be read (${reason})`)
    }
    return undefined
  }

  /** Without the line's end that editors and commands put there. SPEC SE-41 */
  #readFile(file: string, path: Path, offset: number): string {
    const text = this.#around.readFile(file).replace(/\r?\n$/, '')
    if (this.#around.isOpen?.(file))
      this.#tell.warn(
        offset,
        `${name(path)}: everybody on this machine can read ${file}; take that away: chmod o= ${file}`,
      )
    return text
  }

  /** `${NAME}` becomes the variable's value, `$${` a plain `${`. */
  #substitute(text: string, path: Path, offset: number, broken?: Path): string | undefined {
    let missing = false
    const out = text.replace(/\$(\$\{|\{([^}]*)\})/g, (_, all: string, variable: string | undefined) => {
      if (all === '${') return '${'
      const value = this.#variable(variable ?? '', path, offset, broken)
      if (value === undefined) missing = true
      return value ?? ''
    })
    return missing ? undefined : out
  }

  /** What a variable holds, or the file that `NAME_FILE` names in its place: containers get their secrets as files. SPEC DE-7 */
  #variable(variable: string, path: Path, offset: number, broken?: Path): string | undefined {
    const { env } = this.#around
    const value = env[variable]
    const file = env[`${variable}_FILE`]
    if (value !== undefined) return value
    if (file === undefined) {
      this.#tell.wrong(offset, `${name(path)}: environment variable ${variable} is not set`, broken)
      return undefined
    }
    try {
      return this.#readFile(file, path, offset)
    } catch (error) {
      const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
      this.#tell.wrong(offset, `${name(path)}: file ${file} of ${variable}_FILE cannot be read (${reason})`, broken)
      return undefined
    }
  }
}

type Fields = ReadonlyMap<string, { node: YamlNode; offset: number }>

function pairs(node: YamlNode): Fields {
  if (!isMap(node)) return new Map()
  return new Map(
    node.items.map(({ key, value }) => [
      isScalar(key) ? String(key.value) : '',
      { node: value as YamlNode, offset: (key as Node).range?.[0] ?? 0 },
    ]),
  )
}

// A key with nothing behind it, `~` or `null`, unquoted.
function isAbsent(node: YamlNode): boolean {
  return !node || (isScalar(node) && node.type === 'PLAIN' && /^(null|~|)$/i.test(String(node.value)))
}

const flags = new Map([
  ['true', true],
  ['yes', true],
  ['on', true],
  ['false', false],
  ['no', false],
  ['off', false],
])

function scalar(schema: Schema, text: string): string | number | boolean | undefined {
  if (schema.type === 'boolean') return flags.get(text.toLowerCase())
  if (schema.type === 'integer') {
    const value = /^-?[0-9]{1,15}$/.test(text.replaceAll('_', '')) ? Number(text.replaceAll('_', '')) : Number.NaN
    return value >= (schema.minimum ?? value) && value <= (schema.maximum ?? value) ? value : undefined
  }
  if (schema.enum) return schema.enum.includes(text) ? text : undefined
  if (text.length < (schema.minLength ?? 0)) return undefined
  return schema.pattern === undefined || new RegExp(schema.pattern).test(text) ? text : undefined
}

function wanted(schema: Schema): string {
  if (schema.type === 'boolean') return 'true or false'
  if (schema.type === 'integer') return `a whole number from ${schema.minimum} to ${schema.maximum}`
  if (schema.enum) return `one of ${schema.enum.join(', ')}`
  if (schema.hint !== undefined) return schema.hint
  return schema.minLength ? 'a text that is not empty' : 'a text'
}

function unknownKey(key: string, path: Path, known: readonly string[]): string {
  const meant = nearest(key, known)
  return `${name([...path, key])} is not known${meant === undefined ? '' : `; did you mean ${meant}?`}`
}

/** `contactCentres[0].dns[3].annex` */
function name(path: Path): string {
  if (path.length === 0) return 'the file'
  return path.reduce<string>(
    (all, part) => (typeof part === 'number' ? `${all}[${part}]` : all ? `${all}.${part}` : part),
    '',
  )
}
