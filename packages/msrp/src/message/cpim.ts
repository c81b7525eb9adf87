import { decodeUtf8 } from './xml.ts'

/** The Content-Type of RFC 3862. */
export const cpimType = 'message/cpim'

/** The namespace of From, To and the like. RFC 3862 §6.3. */
export const cpimHeaders = 'urn:ietf:params:cpim-headers:'

/** Bytes and lines of the headers, message's and content's each. SPEC MS-48. */
export const cpimLimits = { headers: 8192, lines: 64 } as const

/** One header of the message, not of its content. RFC 3862 §3. */
export interface CpimHeader {
  /** The URI its prefix was declared for by NS; that of CPIM without a prefix. */
  readonly namespace: string
  /** Case counts. */
  readonly name: string
  /** As `;lang=fr` before the value. */
  readonly parameters: readonly (readonly [name: string, value: string])[]
  /** With escapes resolved. */
  readonly value: string
  /** As it stands there: an address is read from it, as escapes count inside its quotes. */
  readonly raw: string
}

/** A wrapped message. RFC 3862 §2. */
export interface Cpim {
  /** In their order; without NS and Require, which are in `namespace` and `required`. */
  readonly headers: readonly CpimHeader[]
  /** Headers the receiver has to understand, or must not go on. RFC 3862 §4.8. */
  readonly required: readonly { readonly namespace: string; readonly name: string }[]
  /** MIME headers of the content, names in lower case. */
  readonly contentHeaders: readonly (readonly [name: string, value: string])[]
  readonly body: Uint8Array
}

/** A formal name and a URI, as in From and To. RFC 3862 §4.1. */
export interface CpimAddress {
  readonly name?: string
  readonly uri: string
}

const headerName = "[!#$%&'*+^_`|~\\dA-Za-z-]+"
const header = new RegExp(
  `^(?:(${headerName})\\.)?(${headerName}):((?:;${headerName}=(?:"[^"]*"|[^ ;"]*))*) ?(.*)$`,
  'su',
)
const parameter = new RegExp(`;(${headerName})=(?:"([^"]*)"|([^ ;"]*))`, 'gu')
const escapes = /\\(?:u([\dA-Fa-f]{4})|(.))/gsu
const escaped: Readonly<Record<string, string>> = { b: '\b', t: '\t', n: '\n', r: '\r' }
const declaredNamespace = new RegExp(`^(?:(${headerName}) +)?<([^<>]+)>$`, 'u')
// Blanks behind the name are taken with it, and off afterwards: an expression that leaves them out looks at each of them again and again.
const address = /^(?:"((?:[^"\\]|\\.)*)" *|([^<>"]*))<([^<> ]+)>$/su
const mimeHeader = /^([!#$%&'*+.^_`|~\dA-Za-z-]+):(.*)$/su
// biome-ignore lint/suspicious/noControlCharactersInRegex: they have to be escaped
const control = /[\0-\x1f\x7f]/

/** Reads a wrapped message; undefined where it is none. The body is a view of the bytes given, octet for octet. */
export function parseCpim(bytes: Uint8Array): Cpim | undefined {
  const outer = block(bytes, 0)
  const inner = outer && block(bytes, outer.next)
  if (!outer || !inner) return undefined
  const read = readHeaders(outer.lines)
  const contentHeaders = read && readMimeHeaders(inner.lines)
  return read && contentHeaders && { ...read, contentHeaders, body: bytes.subarray(inner.next) }
}

/** What a message is wrapped from. */
export interface CpimParts {
  readonly from: CpimAddress
  readonly to: readonly CpimAddress[]
  /** RFC 3339. */
  readonly dateTime: string
  /** Declared and used in this order; the prefix is for the wire only. */
  readonly namespaces?: readonly { readonly prefix: string; readonly uri: string }[]
  /** After the others; `prefix.Name` for those of a namespace. */
  readonly headers?: readonly (readonly [name: string, value: string])[]
  readonly contentType: string
  readonly contentHeaders?: readonly (readonly [name: string, value: string])[]
  readonly body: Uint8Array
}

/** Wraps a message. Values are escaped; names and the content's headers are the caller's own. RFC 3862 §2. */
export function printCpim(parts: CpimParts): Uint8Array {
  const { from, to, dateTime, namespaces = [], headers = [], contentType, contentHeaders = [], body } = parts
  const lines = [
    `From: ${printAddress(from)}`,
    ...to.map((one) => `To: ${printAddress(one)}`),
    `DateTime: ${escapeValue(dateTime)}`,
    ...namespaces.map(({ prefix, uri }) => `NS: ${prefix} <${escapeValue(uri)}>`),
    ...headers.map(([name, value]) => `${name}: ${escapeValue(value)}`),
    '',
    `Content-Type: ${contentType}`,
    ...contentHeaders.map(([name, value]) => `${name}: ${value}`),
    '',
    '',
  ]
  const head = new TextEncoder().encode(lines.join('\r\n'))
  const whole = new Uint8Array(head.length + body.length)
  whole.set(head)
  whole.set(body, head.length)
  return whole
}

/** The first header of that name, and namespace. */
export function cpimHeader(cpim: Cpim, name: string, namespace: string = cpimHeaders): CpimHeader | undefined {
  return cpim.headers.find((line) => line.name === name && line.namespace === namespace)
}

/** The content's type. Without one it is plain text, as everywhere in MIME. */
export function cpimContentType(cpim: Cpim): string {
  return cpim.contentHeaders.find(([name]) => name === 'content-type')?.[1] ?? 'text/plain; charset=us-ascii'
}

/** Reads `Formal Name <uri>` out of a raw value; undefined where it is none. */
export function parseCpimAddress(raw: string): CpimAddress | undefined {
  const [, quoted, plain, uri] = address.exec(raw) ?? []
  if (uri === undefined) return undefined
  const name = unescapeValue(quoted ?? plain?.trim() ?? '')
  return name === '' ? { uri: unescapeValue(uri) } : { name, uri: unescapeValue(uri) }
}

function printAddress({ name, uri }: CpimAddress): string {
  const formal = name === undefined || name === '' ? '' : `"${escapeValue(name).replaceAll('"', '\\"')}" `
  return `${formal}<${escapeValue(uri).replace(/[<> ]/g, (char) => encodeURIComponent(char))}>`
}

/** Control characters and the backslash; quotes only count inside quotes. RFC 3862 §2.3. */
function escapeValue(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped
  return value.replace(/[\\\0-\x1f\x7f]/g, (char) => {
    const short = { '\\': '\\\\', '\b': '\\b', '\t': '\\t', '\n': '\\n', '\r': '\\r' }[char]
    return short ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

function unescapeValue(value: string): string {
  if (!value.includes('\\')) return value
  return value.replace(escapes, (_whole, unicode?: string, char = '') =>
    unicode === undefined ? (escaped[char] ?? char) : String.fromCharCode(Number.parseInt(unicode, 16)),
  )
}

/** Lines up to a blank one, and where what follows begins. */
function block(bytes: Uint8Array, from: number): { lines: string[]; next: number } | undefined {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (data[from] === 0x0d && data[from + 1] === 0x0a) return { lines: [], next: from + 2 }
  const end = data.indexOf('\r\n\r\n', from, 'latin1')
  if (end < 0 || end - from > cpimLimits.headers) return undefined
  const text = decodeUtf8(data.subarray(from, end))
  const lines = text?.split('\r\n')
  if (!lines || lines.length > cpimLimits.lines || lines.some((line) => control.test(line.replaceAll('\t', ''))))
    return undefined
  return { lines, next: end + 4 }
}

function readHeaders(lines: readonly string[]): Pick<Cpim, 'headers' | 'required'> | undefined {
  const namespaces = new Map<string, string>([['', cpimHeaders]])
  const headers: CpimHeader[] = []
  const required: Cpim['required'][number][] = []
  for (const line of lines) {
    const [, prefix = '', name, parameters = '', raw = ''] = header.exec(line) ?? []
    const namespace = namespaces.get(prefix)
    // RFC 3862 §4.6: a prefix is declared before it is used.
    if (name === undefined || namespace === undefined) return undefined
    const value = unescapeValue(raw)
    const isOurs = namespace === cpimHeaders
    if (isOurs && name === 'NS') {
      const [, declared = '', uri] = declaredNamespace.exec(value) ?? []
      if (uri === undefined) return undefined
      namespaces.set(declared, uri)
    } else if (isOurs && name === 'Require') {
      for (const one of value.split(',')) {
        const whole = one.trim()
        const dot = whole.lastIndexOf('.')
        const [wanted, inner] = [whole.slice(0, Math.max(dot, 0)), whole.slice(dot + 1)]
        const of = namespaces.get(wanted)
        if (of === undefined || inner === '') return undefined
        required.push({ namespace: of, name: inner })
      }
    } else {
      const read = [...parameters.matchAll(parameter)]
      const pairs = read.map(([, key = '', quoted, plain]) => [key, quoted ?? plain ?? ''] as const)
      headers.push({ namespace, name, parameters: pairs, value, raw })
    }
  }
  return { headers, required }
}

/** MIME headers may be folded, unlike those of CPIM. */
function readMimeHeaders(lines: readonly string[]): [string, string][] | undefined {
  const headers: [string, string][] = []
  for (const line of lines) {
    const last = headers.at(-1)
    if (/^[ \t]/.test(line)) {
      if (!last) return undefined
      last[1] += ` ${line.trim()}`
      continue
    }
    const [, name, value] = mimeHeader.exec(line) ?? []
    if (name === undefined || value === undefined) return undefined
    headers.push([name.toLowerCase(), value.trim()])
  }
  return headers
}
