import type { NameAddr, Params } from './message.ts'
import { absent, findParam, malformed, paramValue, paramValueEnd, parseParams, printParams } from './params.ts'
import { decoded, isToken, quoted, quotedEnd, skipBlanks, trimmed, unquoted } from './scan.ts'

/** A name-addr within a text; its parameters are looked at when they are asked for. */
class ReadNameAddr implements NameAddr {
  readonly display: string | undefined
  readonly uri: string
  readonly tag: string | undefined
  readonly #text: string
  readonly #paramsFrom: number
  readonly #to: number
  readonly #isBytes: boolean
  #params: Params | undefined

  constructor(
    display: string | undefined,
    uri: string,
    tag: string | undefined,
    text: string,
    paramsFrom: number,
    to: number,
    isBytes: boolean,
  ) {
    this.display = display
    this.uri = uri
    this.tag = tag
    this.#text = text
    this.#paramsFrom = paramsFrom
    this.#to = to
    this.#isBytes = isBytes
  }

  get params(): Params {
    this.#params ??=
      parseParams(this.#text, this.#paramsFrom, this.#to, this.#isBytes ? decoded : undefined) ?? new Map()
    return this.#params
  }
}

/**
 * `"Alice" <sip:alice@example.com>;tag=1`, `Alice<sip:…>`, or `sip:alice@example.com;tag=1`: RFC 3261 §20.10. Undefined where it is none of these:
 * a quoted string without end, a URI with blanks or without scheme, `?` or `,` in a URI without brackets (RFC 3261 §20).
 */
export function parseNameAddr(text: string): NameAddr | undefined {
  return read(text, 0, text.length, false)
}

/** The same for an address that stands in the bytes of a message from `from` to `to`. */
export function readNameAddr(bytes: string, from: number, to: number): NameAddr | undefined {
  return read(bytes, from, to, true)
}

function read(text: string, from: number, to: number, isBytes: boolean): NameAddr | undefined {
  const start = skipBlanks(text, from, to)
  const first = start < to ? text.charCodeAt(start) : 0
  let open = start
  let display: string | undefined
  if (first === 34) {
    const end = quotedEnd(text, start)
    if (end === -1) return undefined
    open = skipBlanks(text, end, to)
    display = unquoted(text.slice(start, end))
  } else if (first !== 60) {
    open = bracket(text, start, to)
    if (open === -1) return bareAddr(text, start, to, isBytes)
    display = trimmed(text.slice(start, open))
  }
  if (open >= to || text.charCodeAt(open) !== 60) return undefined
  const close = text.indexOf('>', open)
  if (close === -1 || close >= to) return undefined
  if (isBytes && display !== undefined) display = decoded(display)
  return finish(text, open + 1, close, close + 1, to, display, isBytes)
}

/** RFC 3261 §20: without brackets, what follows a semicolon belongs to the header, and neither `?` nor `,` is allowed. */
function bareAddr(text: string, from: number, to: number, isBytes: boolean): NameAddr | undefined {
  let end = from
  for (; end < to; end++) {
    const code = text.charCodeAt(end)
    if (code === 63 || code === 44) return undefined
    if (code === 59 || code === 32 || code === 9) break
  }
  return finish(text, from, end, end, to, undefined, isBytes)
}

function finish(
  text: string,
  uriFrom: number,
  uriTo: number,
  paramsFrom: number,
  to: number,
  display: string | undefined,
  isBytes: boolean,
): NameAddr | undefined {
  const kind = uriKind(text, uriFrom, uriTo)
  if (kind === 'none') return undefined
  const tagFrom = findParam(text, paramsFrom, to, 'tag')
  if (tagFrom === malformed) return undefined
  const tag = tagFrom === absent ? undefined : paramValue(text, tagFrom, paramValueEnd(text, tagFrom, to))
  const uri = text.slice(uriFrom, uriTo)
  const uriText = isBytes && kind === 'beyondASCII' ? decoded(uri) : uri
  const tagText = isBytes && tag !== undefined ? decoded(tag) : tag
  return new ReadNameAddr(display, uriText, tagText, text, paramsFrom, to, isBytes)
}

/**
 * The `<` behind an unquoted display name; -1 where there is none. By the grammar the name is tokens and blanks; peers write UTF-8, `@` and more.
 * Refused is only what would change how the rest is read: separators and quotes (RFC 4475 §3.1.2.15), and a colon, which makes it a URI.
 */
function bracket(text: string, from: number, to: number): number {
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at)
    if (code === 60) return at
    if (code === 44 || code === 59 || code === 58 || code === 34 || code === 62 || (code < 32 && code !== 9)) return -1
  }
  return -1
}

/** Whether a scheme begins it and neither blanks nor brackets nor quotes nor control characters are in it. RFC 4475 §3.1.2.14. */
function uriKind(text: string, from: number, to: number): 'none' | 'ascii' | 'beyondASCII' {
  let at = from
  for (; at < to; at++) {
    const code = text.charCodeAt(at)
    if (code === 58) break
    const letter = (code | 32) >= 97 && (code | 32) <= 122
    if (!letter && (at === from || !((code >= 48 && code <= 57) || code === 43 || code === 45 || code === 46)))
      return 'none'
  }
  if (at === from || at + 1 >= to) return 'none'
  let all = 0
  for (; at < to; at++) {
    const code = text.charCodeAt(at)
    if (code <= 32 || code === 34 || code === 60 || code === 62 || code === 127) return 'none'
    all |= code
  }
  return all < 128 ? 'ascii' : 'beyondASCII'
}

/** Whether this can stand as a URI in a message: a scheme, and no blank, bracket, quote or control character. */
export function isURIText(text: string): boolean {
  return uriKind(text, 0, text.length) !== 'none'
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
