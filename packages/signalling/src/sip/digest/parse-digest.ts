/** The parameters of a Digest credential or challenge: names in lower case, values without quotes, escapes as written. */
export type DigestParams = ReadonlyMap<string, string>

const maxParams = 32
const scheme = /^digest[ \t]+/i
// COMPAT older phones write `uri` and `opaque` without quotes, so a bare value may hold more than a token.
const param = /[ \t]*([\w!%*+`'~.-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^",\s]+))[ \t]*(,|$)/y

/**
 * Reads `Digest name=value, name="value"` (RFC 7616 §3.4); undefined where it is another scheme, malformed, or names a parameter twice.
 * Escapes stay: both sides hash what is between the quotes.
 */
export function parseDigest(text: string): DigestParams | undefined {
  const begin = scheme.exec(text)
  if (!begin) return undefined
  const params = new Map<string, string>()
  for (let at = begin[0].length; ; at = param.lastIndex) {
    param.lastIndex = at
    const found = param.exec(text)
    const name = found?.[1]?.toLowerCase()
    if (!found || name === undefined || params.has(name) || params.size === maxParams) return undefined
    params.set(name, found[2] ?? found[3] ?? '')
    if (found[4] === '') return params
  }
}
