import { SaxesParser } from 'saxes'
import type { XmlElement } from './element.ts'

/** How much of a document is read; at the first thing too many nothing is read on. */
export interface XmlLimits {
  bytes: number
  /** Elements within one another, the root among them. */
  depth: number
  elements: number
  /** Of one element, namespace declarations among them. */
  attributes: number
  /** UTF-16 code units of text and attribute values in all. */
  text: number
  /** UTF-16 code units of one name, and of the value of one attribute. */
  name: number
  value: number
}

export const xmlLimits: XmlLimits = {
  bytes: 262_144,
  depth: 32,
  elements: 2_000,
  attributes: 32,
  text: 131_072,
  name: 128,
  value: 4_096,
}

/** Why a body is no document for us; the message is for the client. */
class Unreadable extends Error {}

/** Reads a document, XML 1.0 in UTF-8, without document types (uc-ajax-api §6). What is wrong is told in one sentence. */
export function readXml(
  body: Uint8Array,
  contentType: string | undefined,
  limits: XmlLimits = xmlLimits,
): XmlElement | { problem: string } {
  try {
    return parse(textOf(body, contentType, limits), limits)
  } catch (error) {
    if (error instanceof Unreadable) return { problem: error.message }
    throw error
  }
}

const noDoctype = 'A document type (DTD) is not accepted.'
/** What the parser says of one behind the beginning of the root. */
const misplacedDoctype = 'inappropriately located doctype'

/** ASCII is UTF-8 as well. */
const readableCharsets = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii'])
/**
 * COMPAT .NET: a StringWriter declares UTF-16 whatever the text is sent in. A declaration that can be read byte by byte is in no such
 * encoding, and what follows has been found to be valid UTF-8.
 */
const mistaken = /^utf-?16(?:le|be)?$/i

function textOf(body: Uint8Array, contentType: string | undefined, limits: XmlLimits): string {
  if (body.length > limits.bytes) throw new Unreadable(`The body is larger than ${limits.bytes} bytes.`)
  const charset = /;\s*charset\s*=\s*["']?([^\s"';]+)/i.exec(contentType ?? '')?.[1]
  if (charset !== undefined && !readableCharsets.has(charset.toLowerCase()))
    throw new Unreadable(`The body has to be UTF-8; its content type says ${shown(charset)}.`)
  // XML holds no NUL, so one at the beginning is half of a wider character: XML 1.0 appendix F.
  if (
    (body[0] === 0xff && body[1] === 0xfe) ||
    (body[0] === 0xfe && body[1] === 0xff) ||
    body.subarray(0, 2).includes(0)
  )
    throw new Unreadable('The body has to be UTF-8; it looks like UTF-16 or UTF-32.')
  const text = decoded(body)
  if (/^[ \t\r\n]*$/.test(text)) throw new Unreadable('The body is empty.')
  // uc-ajax-api §1.1: the protocol of 2005 on the same paths.
  if (/^\s*[A-Za-z][\w.]*=/.test(text))
    throw new Unreadable(
      'The body is a form: the older protocol (cmdPkg) is not spoken here, send a cwaRequests document.',
    )
  if (!/^[ \t\r\n]*</.test(text)) throw new Unreadable('The body is no XML: it does not begin with an element.')
  if (hasDoctype(text)) throw new Unreadable(noDoctype)
  return text
}

/** Without its byte order mark. */
function decoded(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw new Unreadable('The body is not valid UTF-8.')
  }
}

/**
 * Whether a document type comes before the root. It is looked for before the parser is asked, so that no declaration in it is ever read;
 * behind the beginning of the root the parser refuses one itself.
 */
function hasDoctype(text: string): boolean {
  for (let at = 0; ; ) {
    while (' \t\r\n'.includes(text.charAt(at)) && at < text.length) at++
    const end = text.startsWith('<?', at) ? '?>' : text.startsWith('<!--', at) ? '-->' : undefined
    if (end === undefined) return text.slice(at, at + 9).toLowerCase() === '<!doctype'
    const found = text.indexOf(end, at + 2)
    if (found === -1) return false
    at = found + end.length
  }
}

function parse(document: string, limits: XmlLimits): XmlElement {
  // Prefixes are cut off, so nothing is asked of the declarations: clients forget them, uc-ajax-api §6.
  // XML 1.1 would let control characters in.
  const parser = new SaxesParser({ xmlns: false, position: false, defaultXMLVersion: '1.0', forceXMLVersion: true })
  const tree = new Tree(limits)
  parser.on('error', ({ message }) => {
    if (message.startsWith(misplacedDoctype)) throw new Unreadable(noDoctype)
    const where = `line ${parser.line}, column ${parser.column}`
    throw new Unreadable(`The XML is not well-formed at ${where}: ${shownSentence(message)}.`)
  })
  parser.on('xmldecl', ({ encoding }) => {
    if (encoding !== undefined && !readableCharsets.has(encoding.toLowerCase()) && !mistaken.test(encoding))
      throw new Unreadable(`The body has to be UTF-8; its XML declaration says ${shown(encoding)}.`)
  })
  parser.on('opentagstart', ({ name }) => tree.open(name))
  parser.on('attribute', ({ name, value }) => tree.attribute(name, value))
  parser.on('text', (text) => tree.text(text))
  parser.on('cdata', (text) => tree.text(text))
  parser.on('closetag', () => tree.close())
  parser.write(document).close()
  if (!tree.root) throw new Unreadable('The body holds no element.')
  return tree.root
}

interface Growing extends XmlElement {
  readonly attributes: Map<string, string>
  readonly children: XmlElement[]
  text: string
}

/** The elements so far; throws at the first thing too many. */
class Tree {
  root: XmlElement | undefined
  readonly #limits: XmlLimits
  readonly #open: Growing[] = []
  #elements = 0
  /** Of the element that was opened last. */
  #attributes = 0
  #text = 0

  constructor(limits: XmlLimits) {
    this.#limits = limits
  }

  open(name: string): void {
    const { elements, depth } = this.#limits
    if (++this.#elements > elements) throw new Unreadable(`The body holds more than ${elements} elements.`)
    if (this.#open.length >= depth) throw new Unreadable(`More than ${depth} elements are within one another.`)
    this.#checkName(name)
    const element: Growing = { name: local(name), attributes: new Map(), children: [], text: '' }
    this.#open.at(-1)?.children.push(element)
    this.#open.push(element)
    this.root ??= element
    this.#attributes = 0
  }

  attribute(name: string, value: string): void {
    const { attributes, value: longest } = this.#limits
    if (++this.#attributes > attributes) throw new Unreadable(`An element has more than ${attributes} attributes.`)
    this.#checkName(name)
    if (value.length > longest) throw new Unreadable(`The value of an attribute has more than ${longest} characters.`)
    this.#checkText(value)
    const own = this.#open.at(-1)?.attributes
    const key = local(name)
    if (/^xmlns:|(?:^|:)xmlns$/i.test(name)) return
    // Without a prefix it is the protocol's own, whatever another one is called behind its prefix.
    if (key === name || !own?.has(key)) own?.set(key, value)
  }

  text(piece: string): void {
    const element = this.#open.at(-1)
    if (!element) return // White space around the root.
    this.#checkText(piece)
    element.text += piece
  }

  close(): void {
    this.#open.pop()
  }

  #checkName(name: string): void {
    if (name.length > this.#limits.name) throw new Unreadable(`A name has more than ${this.#limits.name} characters.`)
  }

  #checkText(piece: string): void {
    this.#text += piece.length
    if (this.#text > this.#limits.text)
      throw new Unreadable(`The body holds more than ${this.#limits.text} characters of text.`)
  }
}

/** A name without its prefix; as a whole where what is behind a colon is no name that could be ours. */
function local(name: string): string {
  const rest = name.slice(name.lastIndexOf(':') + 1)
  return /^[A-Za-z_]/.test(rest) ? rest : name
}

/** Something of the client's in a sentence of ours: at most 64 characters, on one line. */
export function shown(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is to go
  const plain = text.replace(/[\0-\x1f\x7f-\x9f\u2028\u2029]+/g, ' ')
  return plain.length > 64 ? `${plain.slice(0, 63).replace(/[\ud800-\udbff]$/, '')}…` : plain
}

/** A sentence of the parser's, which may hold a name of any length. */
function shownSentence(message: string): string {
  return message.replace(/\.$/, '').replace(/\S{40,}/g, shown)
}

/** What XML 1.0 §2.2 knows no place for, lone surrogates among them. */
const forbidden = /[^\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu
const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
}

/** As the text of an element: what XML cannot hold is left out, a carriage return survives reading (XML 1.0 §2.11). */
export function escapeText(text: string): string {
  return text.replace(forbidden, '').replace(/[&<>"\r]/g, (found) => references[found] ?? '')
}

/** As the value of an attribute within double quotes: white space survives reading too (XML 1.0 §3.3.3). */
export function escapeAttribute(text: string): string {
  return text.replace(forbidden, '').replace(/[&<>"\t\n\r]/g, (found) => references[found] ?? '')
}
