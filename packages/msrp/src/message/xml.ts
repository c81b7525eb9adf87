/** An element of a small XML document. */
export interface XmlElement {
  readonly namespace: string
  /** Without its prefix. */
  readonly name: string
  /** Of the elements inside it. */
  readonly children: readonly XmlElement[]
  /** Its own text, all pieces joined, without the spaces around. */
  readonly text: string
}

/** Bytes, elements, depth and attributes of an element; SPEC MS-52. */
export const xmlLimits = { bytes: 8192, elements: 64, depth: 8, attributes: 16 } as const

const name = '[A-Za-z_][\\w.-]*'
const qualified = `${name}(?::${name})?`
const value = `"[^"<]*"|'[^'<]*'`
const startTag = new RegExp(
  `<(${qualified})((?:[ \\t\\r\\n]+${qualified}[ \\t\\r\\n]*=[ \\t\\r\\n]*(?:${value}))*)[ \\t\\r\\n]*(/?)>`,
  'y',
)
const endTag = new RegExp(`</(${qualified})[ \\t\\r\\n]*>`, 'y')
const attribute = new RegExp(`(${qualified})[ \\t\\r\\n]*=[ \\t\\r\\n]*(${value})`, 'g')
const comment = /<!--((?:(?!--)[\s\S])*)-->/y
const characters = /[^<]+/y
const declaration =
  /^<\?xml[ \t\r\n]+version[ \t]*=[ \t]*["']1\.[01]["'](?:[ \t\r\n]+encoding[ \t]*=[ \t]*["']([\w.-]+)["'])?(?:[ \t\r\n]+standalone[ \t]*=[ \t]*["'](?:yes|no)["'])?[ \t\r\n]*\?>/
const reference = /&(?:#(\d{1,7})|#x([\dA-Fa-f]{1,6})|(amp|lt|gt|quot|apos));|&/g
const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
// biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 §2.2 excludes them
const noXml = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/

interface Open {
  readonly tag: string
  readonly namespaces: ReadonlyMap<string, string>
  readonly children: XmlElement[]
  text: string
}

/**
 * Reads the small documents of RFC 3994 and RFC 5438; undefined where they are not well-formed or too large. There are no
 * document types, entities of one's own, processing instructions and CDATA: these documents have none, and most attacks do.
 */
export function readXml(bytes: Uint8Array): XmlElement | undefined {
  if (bytes.length > xmlLimits.bytes) return undefined
  const text = decodeUtf8(bytes)
  if (text === undefined || noXml.test(text)) return undefined
  const [head, encoding] = declaration.exec(text) ?? ['', undefined]
  if (encoding !== undefined && !/^(utf-8|us-ascii)$/i.test(encoding)) return undefined
  return readElements(text, head.length)
}

function readElements(text: string, from: number): XmlElement | undefined {
  const open: Open[] = []
  let root: XmlElement | undefined
  let elements = 0
  for (let at = from; at < text.length; ) {
    const inner = open.at(-1)
    const run = matchAt(characters, text, at)
    if (run) {
      const plain = resolveReferences(run[0])
      if (plain === undefined || (!inner && plain.trim() !== '')) return undefined
      if (inner) inner.text += plain
      at += run[0].length
      continue
    }
    const skipped = matchAt(comment, text, at)
    if (skipped) {
      at += skipped[0].length
      continue
    }
    const end = matchAt(endTag, text, at)
    if (end) {
      if (!inner || inner.tag !== end[1]) return undefined
      open.pop()
      const closed = close(inner)
      if (!closed) return undefined
      const outer = open.at(-1)
      if (outer) outer.children.push(closed)
      else root = closed
      at += end[0].length
      continue
    }
    const start = matchAt(startTag, text, at)
    const [whole = '', tag = '', attributes = '', empty] = start ?? []
    if (!start || (root && !inner) || ++elements > xmlLimits.elements || open.length >= xmlLimits.depth)
      return undefined
    const namespaces = declared(attributes, inner?.namespaces)
    if (!namespaces) return undefined
    const opened: Open = { tag, namespaces, children: [], text: '' }
    at += whole.length
    if (empty !== '/') {
      open.push(opened)
      continue
    }
    const closed = close(opened)
    if (!closed) return undefined
    if (inner) inner.children.push(closed)
    else root = closed
  }
  return open.length === 0 ? root : undefined
}

/** The text of the first child of that name in the element's own namespace. */
export function childText(element: XmlElement, name: string): string | undefined {
  return element.children.find((child) => child.name === name && child.namespace === element.namespace)?.text
}

/** A text for use between tags. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>]/g, (char) => (char === '&' ? '&amp;' : char === '<' ? '&lt;' : '&gt;'))
}

/** Strict UTF-8 without a byte order mark; undefined where it is none. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}
const utf8 = new TextDecoder('utf-8', { fatal: true })

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}

function declared(attributes: string, outer: ReadonlyMap<string, string> | undefined) {
  const namespaces = new Map(outer)
  const seen = new Set<string>()
  for (const [, key = '', quoted = ''] of attributes.matchAll(attribute)) {
    const resolved = resolveReferences(quoted.slice(1, -1))
    if (resolved === undefined || seen.has(key) || seen.size === xmlLimits.attributes) return undefined
    seen.add(key)
    if (key === 'xmlns') namespaces.set('', resolved)
    else if (key.startsWith('xmlns:')) namespaces.set(key.slice(6), resolved)
  }
  return namespaces
}

function close({ tag, namespaces, children, text }: Open): XmlElement | undefined {
  const colon = tag.indexOf(':')
  const prefix = colon < 0 ? '' : tag.slice(0, colon)
  const namespace = namespaces.get(prefix)
  if (namespace === undefined && prefix !== '') return undefined
  return { namespace: namespace ?? '', name: tag.slice(colon + 1), children, text: text.trim() }
}

function resolveReferences(text: string): string | undefined {
  if (!text.includes('&')) return text
  let broken = false
  const resolved = text.replace(reference, (_whole, decimal?: string, hexadecimal?: string, entity?: string) => {
    if (entity !== undefined) return named[entity] ?? ''
    const point = decimal !== undefined ? Number(decimal) : Number.parseInt(hexadecimal ?? '', 16)
    const char = point <= 0x10ffff && !(point >= 0xd800 && point < 0xe000) ? String.fromCodePoint(point) : '\0'
    if (noXml.test(char)) broken = true
    return char
  })
  return broken ? undefined : resolved
}
