import { isToken, quoted, quotedEnd, skipBlanks, tokenEnd, unquoted } from './scan.ts'

/** Parameters of one header we read at most. */
const maxParams = 64

/** WWW-Authenticate, Authorization and their proxy twins: a scheme and its parameters, RFC 3261 §20.7, §20.44; Authentication-Info without scheme. */
export interface AuthValue {
  /** Lower case. */
  readonly scheme: string
  /** Names in lower case, values unquoted; the first of two alike. */
  readonly params: ReadonlyMap<string, string>
}

/** Takes `Digest username="bob", nc=00000001` apart; undefined where it is malformed. An unknown scheme may have anything: its parameters may be missing. */
export function parseAuth(text: string): AuthValue | undefined {
  const end = tokenEnd(text, 0)
  if (end === 0 || (end < text.length && text[end] !== ' ' && text[end] !== '\t')) return undefined
  const scheme = text.slice(0, end).toLowerCase()
  const params = parseAuthParams(text, end)
  if (params) return { scheme, params }
  return scheme === 'digest' ? undefined : { scheme, params: new Map() }
}

/** `a=b, c="d"` from `from` to the end. */
export function parseAuthParams(text: string, from = 0): ReadonlyMap<string, string> | undefined {
  const params = new Map<string, string>()
  const { length } = text
  for (let at = skipBlanks(text, from, length), count = 0; at < length; count++) {
    const nameEnd = tokenEnd(text, at)
    const equals = skipBlanks(text, nameEnd, length)
    if (nameEnd === at || text[equals] !== '=' || count === maxParams) return undefined
    const valueFrom = skipBlanks(text, equals + 1, length)
    const valueTo = valueEnd(text, valueFrom)
    if (valueTo <= valueFrom) return undefined
    const name = text.slice(at, nameEnd).toLowerCase()
    const value = text.slice(valueFrom, valueTo)
    if (!params.has(name)) params.set(name, value[0] === '"' ? unquoted(value) : value)
    at = skipBlanks(text, valueTo, length)
    if (at === length) break
    if (text[at] !== ',') return undefined
    // COMPAT several phones: a comma behind the last parameter.
    while (text[at] === ',') at = skipBlanks(text, at + 1, length)
  }
  return params
}

function valueEnd(text: string, from: number): number {
  if (text[from] === '"') return quotedEnd(text, from)
  let at = from
  while (at < text.length && !', \t"'.includes(text[at] ?? ',')) at++
  return at
}

/** Parameters whose value is written without quotes, RFC 3261 §25.1, RFC 8760. `qop` is a list, hence quoted, in a challenge. */
const bare: ReadonlySet<string> = new Set(['algorithm', 'stale', 'nc', 'userhash'])

/** `Digest realm="im", nonce="…", algorithm=SHA-256`. `qop` is quoted in a challenge and bare in an answer: name it in `unquoted` there. */
export function printAuth(
  scheme: string,
  params: Iterable<readonly [name: string, value: string]>,
  unquoted: readonly string[] = [],
): string {
  const parts: string[] = []
  for (const [name, value] of params) {
    const plain = (bare.has(name) || unquoted.includes(name)) && isToken(value)
    parts.push(`${name}=${plain ? value : quoted(value)}`)
  }
  return `${scheme} ${parts.join(', ')}`
}
