import type { Params } from './message.ts'
import { isToken, quoted, quotedEnd, skipBlanks, tokenEnd, unquoted } from './scan.ts'

/** Behind the last parameter, or why there is none. */
export const badParams = -1

/**
 * Goes over `;name`, `;name=token`, `;name="quoted"`, `;name=[2001:db8::1]` from `from` to the end of the text. Returns the end of the text,
 * or `badParams` where that is not what stands there. `each` gets the places of name and value (`valueFrom` is -1 without one).
 */
export function scanParams(
  text: string,
  from: number,
  each?: (nameFrom: number, nameTo: number, valueFrom: number, valueTo: number) => void,
): number {
  let at = skipBlanks(text, from)
  while (at < text.length) {
    if (text.charCodeAt(at) !== 59) return badParams
    const nameFrom = skipBlanks(text, at + 1)
    const nameTo = tokenEnd(text, nameFrom)
    if (nameTo === nameFrom) return badParams
    at = skipBlanks(text, nameTo)
    if (text.charCodeAt(at) !== 61) {
      each?.(nameFrom, nameTo, -1, -1)
      continue
    }
    const valueFrom = skipBlanks(text, at + 1)
    const valueTo = paramValueEnd(text, valueFrom)
    if (valueTo <= valueFrom) return badParams
    each?.(nameFrom, nameTo, valueFrom, valueTo)
    at = skipBlanks(text, valueTo)
  }
  return at
}

/** A quoted string; or anything up to the next separator: wider than the grammar, as peers write URIs and addresses unquoted. */
function paramValueEnd(text: string, from: number): number {
  if (text.charCodeAt(from) === 34) return quotedEnd(text, from)
  let at = from
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    // ; , blank tab " < > end it; control characters are refused by what comes next.
    if (code === 59 || code === 44 || code === 34 || code === 60 || code === 62 || code <= 32) break
  }
  return at
}

/** The parameters from `from` to the end: names in lower case, values unquoted, the first of two alike; undefined where malformed. */
export function parseParams(text: string, from = 0): Params | undefined {
  const params = new Map<string, string | null>()
  const end = scanParams(text, from, (nameFrom, nameTo, valueFrom, valueTo) => {
    const name = text.slice(nameFrom, nameTo).toLowerCase()
    if (!params.has(name)) params.set(name, paramValue(text, valueFrom, valueTo))
  })
  return end === badParams ? undefined : params
}

function paramValue(text: string, from: number, to: number): string | null {
  if (from === -1) return null
  const value = text.slice(from, to)
  return value.charCodeAt(0) === 34 ? unquoted(value) : value
}

/** `;a=1;b;c="x y"`: quoted where the value is neither a token nor an address. */
export function printParams(params: Params): string {
  let text = ''
  for (const [name, value] of params) text += value === null ? `;${name}` : `;${name}=${paramText(value)}`
  return text
}

function paramText(value: string): string {
  return isToken(value) || /^\[[0-9A-Fa-f:.]+\]$/.test(value) ? value : quoted(value)
}
