/**
 * What all header readers share. They read two kinds of strings: text, and bytes with one character each, as they stand in a message. What is cut
 * out of bytes is made text by `decoded`, once.
 */

const tokenChars = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~"

/** 1 for each character of a token, RFC 3261 §25.1. */
export const isTokenChar = new Uint8Array(256)
for (const char of tokenChars) isTokenChar[char.charCodeAt(0)] = 1

/** Whether the whole string is a token, and not empty. */
export function isToken(text: string): boolean {
  return text.length > 0 && tokenEnd(text, 0) === text.length
}

/** Where the token that starts at `from` ends; `from` itself where there is none. */
export function tokenEnd(text: string, from: number): number {
  let at = from
  while (at < text.length && isTokenChar[text.charCodeAt(at)] === 1) at++
  return at
}

/** The first position from `from` on that is neither blank nor tab; `to` where there is none. Values are unfolded before they are scanned. */
export function skipBlanks(text: string, from: number, to: number): number {
  let at = from
  for (; at < to; at++) {
    const code = text.charCodeAt(at)
    if (code !== 32 && code !== 9) break
  }
  return at
}

/** Without blanks and tabs at both ends. Not `trim`: to that the last byte of an `à` is a blank too. */
export function trimmed(text: string): string {
  const from = skipBlanks(text, 0, text.length)
  let to = text.length
  while (to > from && (text.charCodeAt(to - 1) === 32 || text.charCodeAt(to - 1) === 9)) to--
  return text.slice(from, to)
}

/** The position behind the quoted string that starts at `from`; -1 where it does not end. RFC 3261 §25.1. */
export function quotedEnd(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 34) return at + 1
    if (code === 92) at++
  }
  return -1
}

/** What a quoted string says, without its quotes and escapes. */
export function unquoted(quoted: string): string {
  const inner = quoted.slice(1, -1)
  return inner.includes('\\') ? inner.replace(/\\([\s\S])/g, '$1') : inner
}

/** As a quoted string. Characters no quoted string can hold (CR, LF) are for the printer to refuse. */
export function quoted(text: string): string {
  return `"${/["\\]/.test(text) ? text.replace(/["\\]/g, '\\$&') : text}"`
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: everything that is not ASCII
const beyondASCII = /[^\x00-\x7f]/

/** Whether all characters are ASCII. Short strings are faster looked through than matched. */
function isASCII(text: string): boolean {
  if (text.length > 64) return !beyondASCII.test(text)
  let all = 0
  for (let at = 0; at < text.length; at++) all |= text.charCodeAt(at)
  return all < 128
}

/** One character per byte to text: UTF-8 where a byte is above 0x7f. Broken UTF-8 becomes U+FFFD, never an error. */
export function decoded(bytes: string): string {
  return isASCII(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8')
}

/** Text to one character per byte of its UTF-8. */
export function encoded(text: string): string {
  return isASCII(text) ? text : Buffer.from(text, 'utf8').toString('latin1')
}

/** A decimal number up to `max`; undefined for anything else, and for what is greater. Leading zeros are allowed. */
export function decimal(text: string, max: number): number | undefined {
  if (text.length === 0) return undefined
  let value = 0
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 48
    if (digit < 0 || digit > 9) return undefined
    value = value * 10 + digit
    if (value > max) return undefined
  }
  return value
}

/** Whether `text` at `from` reads `lower` in any case. `lower` has letters and dashes only. */
export function matchesAt(text: string, from: number, lower: string): boolean {
  for (let at = 0; at < lower.length; at++)
    if ((text.charCodeAt(from + at) | 0x20) !== lower.charCodeAt(at)) return false
  return true
}

/**
 * The values of a comma list, trimmed, empty ones left out. Commas in quoted strings and in angle brackets do not count.
 * `limit`: how many at most; the rest is left unread.
 */
export function splitList(text: string, limit: number): string[] {
  if (!text.includes(',')) {
    const only = trimmed(text)
    return only === '' ? [] : [only]
  }
  const values: string[] = []
  for (let from = 0; from <= text.length && values.length < limit; ) {
    const end = valueEnd(text, from, text.length)
    const value = trimmed(text.slice(from, end))
    if (value !== '') values.push(value)
    from = end + 1
  }
  return values
}

/** Where the value that starts at `from` ends: at the next comma that separates, or at `to`. */
export function valueEnd(text: string, from: number, to: number): number {
  const comma = text.indexOf(',', from)
  if (comma === -1 || comma >= to) return to
  let bracket = false
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at)
    if (code === 44 && !bracket) return at
    if (code === 60) bracket = true
    else if (code === 62) bracket = false
    else if (code === 34 && !bracket) {
      const end = quotedEnd(text, at)
      if (end === -1 || end > to) return to
      at = end - 1
    }
  }
  return to
}
