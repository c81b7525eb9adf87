import type { Params } from './message.ts'
import { type decoded, isToken, isTokenChar, matchesAt, quoted, quotedEnd, skipBlanks, unquoted } from './scan.ts'

/** That what was gone over is not `;name`, `;name=token`, `;name="quoted"`, `;name=[2001:db8::1]`, any number of them. */
export const malformed = -1

/** That the parameters are well formed, and the wanted one is not among them. */
export const absent = 0

/**
 * Goes over the parameters that stand from `from` to `to`. Returns where the value of the first one called `wanted` begins (it ends at
 * `paramValueEnd`), or `absent` or `malformed`. No value begins at 0: a semicolon and a name stand before it.
 */
export function findParam(text: string, from: number, to: number, wanted: string): number {
  let found = absent
  let at = skipBlanks(text, from, to)
  while (at < to) {
    if (text.charCodeAt(at) !== 59) return malformed
    const nameFrom = skipBlanks(text, at + 1, to)
    const nameTo = nameEnd(text, nameFrom, to)
    if (nameTo === nameFrom) return malformed
    at = skipBlanks(text, nameTo, to)
    if (at >= to || text.charCodeAt(at) !== 61) continue
    const valueFrom = skipBlanks(text, at + 1, to)
    const valueTo = paramValueEnd(text, valueFrom, to)
    if (valueTo <= valueFrom) return malformed
    if (found === absent && nameTo - nameFrom === wanted.length && matchesAt(text, nameFrom, wanted)) found = valueFrom
    at = skipBlanks(text, valueTo, to)
  }
  return found
}

function nameEnd(text: string, from: number, to: number): number {
  let at = from
  while (at < to && isTokenChar[text.charCodeAt(at)] === 1) at++
  return at
}

/**
 * Where the value that begins at `from` ends: a quoted string at its closing quote (-1 without one), anything else at the next separator. That is
 * wider than the grammar, as peers write URIs and addresses unquoted.
 */
export function paramValueEnd(text: string, from: number, to: number): number {
  if (text.charCodeAt(from) === 34) {
    const end = quotedEnd(text, from)
    return end > to ? -1 : end
  }
  let at = from
  for (; at < to; at++) {
    const code = text.charCodeAt(at)
    if (code === 59 || code === 44 || code === 34 || code === 60 || code === 62 || code <= 32 || code === 127) break
  }
  return at
}

/**
 * The parameters from `from` to `to`: names in lower case, values unquoted, the first of two alike; undefined where malformed. `asText` makes text of a
 * value that was cut out of bytes.
 */
export function parseParams(text: string, from = 0, to = text.length, asText?: typeof decoded): Params | undefined {
  const params = new Map<string, string | null>()
  let at = skipBlanks(text, from, to)
  while (at < to) {
    if (text.charCodeAt(at) !== 59) return undefined
    const nameFrom = skipBlanks(text, at + 1, to)
    const nameTo = nameEnd(text, nameFrom, to)
    if (nameTo === nameFrom) return undefined
    at = skipBlanks(text, nameTo, to)
    let value: string | null = null
    if (at < to && text.charCodeAt(at) === 61) {
      const valueFrom = skipBlanks(text, at + 1, to)
      const valueTo = paramValueEnd(text, valueFrom, to)
      if (valueTo <= valueFrom) return undefined
      value = paramValue(text, valueFrom, valueTo)
      if (asText) value = asText(value)
      at = skipBlanks(text, valueTo, to)
    }
    const name = text.slice(nameFrom, nameTo).toLowerCase()
    if (!params.has(name)) params.set(name, value)
  }
  return params
}

/** The value between two places, without quotes. */
export function paramValue(text: string, from: number, to: number): string {
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
