import type { NameAddr, Params } from './message.ts'
import { badParams, parseParams, printParams, scanParams } from './params.ts'
import { decoded, isToken, quoted, quotedEnd, skipBlanks, unquoted } from './scan.ts'

/** A name-addr in a header value; its parameters are looked at when they are asked for. */
class ReadNameAddr implements NameAddr {
  readonly display: string | undefined
  readonly uri: string
  readonly tag: string | undefined
  readonly #text: string
  readonly #paramsFrom: number
  #params: Params | undefined

  constructor(text: string, display: string | undefined, uri: string, paramsFrom: number, tag: string | undefined) {
    this.display = display
    this.uri = uri
    this.tag = tag
    this.#text = text
    this.#paramsFrom = paramsFrom
  }

  get params(): Params {
    this.#params ??= parseParams(this.#text, this.#paramsFrom) ?? new Map()
    return this.#params
  }
}

/**
 * `"Alice" <sip:alice@example.com>;tag=1`, `Alice<sip:…>`, or `sip:alice@example.com;tag=1`: RFC 3261 §20.10. Undefined where it is none of these:
 * a quoted string without end, a URI with blanks or without scheme, `?` or `,` in a URI without brackets (RFC 3261 §20).
 */
export function parseNameAddr(text: string): NameAddr | undefined {
  const start = skipBlanks(text, 0)
  let display: string | undefined
  let open = start
  if (text.charCodeAt(start) === 34) {
    const end = quotedEnd(text, start)
    if (end === -1) return undefined
    open = skipBlanks(text, end)
    if (text.charCodeAt(open) !== 60) return undefined
    display = unquoted(text.slice(start, end))
  } else if (text.charCodeAt(start) !== 60) {
    open = text.indexOf('<', start)
    if (open === -1 || !isBareDisplay(text, start, open)) return bareAddr(text, start)
    display = decoded(text.slice(start, open).trim())
  }
  const close = text.indexOf('>', open + 1)
  if (close === -1 || !isURI(text, open + 1, close)) return undefined
  return finish(text, display, decoded(text.slice(open + 1, close)), close + 1)
}

/** RFC 3261 §20: without brackets, what follows a semicolon belongs to the header. */
function bareAddr(text: string, start: number): NameAddr | undefined {
  let end = text.indexOf(';', start)
  if (end === -1) end = text.length
  const uri = text.slice(start, end).trimEnd()
  if (!isURI(uri, 0, uri.length) || uri.includes('?') || uri.includes(',')) return undefined
  return finish(text, undefined, decoded(uri), end)
}

function finish(text: string, display: string | undefined, uri: string, paramsFrom: number): NameAddr | undefined {
  let tag: string | undefined
  const end = scanParams(text, paramsFrom, (nameFrom, nameTo, valueFrom, valueTo) => {
    if (nameTo - nameFrom === 3 && valueFrom !== -1 && tag === undefined && isTag(text, nameFrom))
      tag = text.slice(valueFrom, valueTo)
  })
  return end === badParams ? undefined : new ReadNameAddr(text, display, uri, paramsFrom, tag)
}

function isTag(text: string, at: number): boolean {
  return (
    (text.charCodeAt(at) | 32) === 116 &&
    (text.charCodeAt(at + 1) | 32) === 97 &&
    (text.charCodeAt(at + 2) | 32) === 103
  )
}

/**
 * Tokens and blanks by the grammar. Peers write UTF-8, `@` and more without quotes; refused is only what would change how the rest
 * is read: separators and quotes (RFC 4475 §3.1.2.15), and a colon, which makes it a URI.
 */
function isBareDisplay(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at)
    if (code === 44 || code === 59 || code === 58 || code === 34 || code === 62 || (code < 32 && code !== 9))
      return false
  }
  return true
}

/** Begins with a scheme and has neither blanks nor brackets nor quotes (RFC 4475 §3.1.2.14). */
function isURI(text: string, from: number, to: number): boolean {
  let at = from
  for (; at < to; at++) {
    const code = text.charCodeAt(at)
    if (code === 58) break
    const letter = (code | 32) >= 97 && (code | 32) <= 122
    if (!letter && (at === from || !((code >= 48 && code <= 57) || code === 43 || code === 45 || code === 46)))
      return false
  }
  if (at === from || at + 1 >= to) return false
  for (; at < to; at++) {
    const code = text.charCodeAt(at)
    if (code <= 32 || code === 34 || code === 60 || code === 62 || code === 127) return false
  }
  return true
}

/** Whether this can stand as a URI in a message: a scheme, and no blank, bracket, quote or control character. */
export function isURIText(text: string): boolean {
  return isURI(text, 0, text.length)
}

/** `"Alice" <sip:alice@example.com>;tag=1`; always with brackets. */
export function printNameAddr(address: {
  readonly display?: string | undefined
  readonly uri: string
  readonly params?: Params
}): string {
  const { display, uri, params } = address
  const name = display === undefined || display === '' ? '' : `${isToken(display) ? display : quoted(display)} `
  return `${name}<${uri}>${params ? printParams(params) : ''}`
}
