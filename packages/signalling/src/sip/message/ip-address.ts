/**
 * An IPv6 address without brackets in the form of RFC 5952 (IPv4 tails as groups); undefined where it is none. One colon too many before an IPv4 tail,
 * which the grammar of RFC 3261 asked for, is overlooked (RFC 5118 §4.10).
 */
export function canonicalIPv6(text: string): string | undefined {
  if (text.length > 45 || !text.includes(':')) return undefined
  const groups = ipv6Groups(text.replace(/:::(?=\d+\.[\d.]+$)/, '::'))
  if (!groups) return undefined
  const { from, length } = longestZeros(groups)
  const hex = groups.map((group) => group.toString(16))
  if (length < 2) return hex.join(':')
  return `${hex.slice(0, from).join(':')}::${hex.slice(from + length).join(':')}`
}

/** The eight numbers of the address. RFC 4291 §2.2. */
function ipv6Groups(text: string): number[] | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [before, after] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const head = before && numbers(before, after === undefined)
  const tail = after ? numbers(after, true) : []
  if (!head || !tail) return undefined
  const missing = 8 - head.length - tail.length
  if (after === undefined ? missing !== 0 : missing < 1) return undefined
  return [...head, ...new Array<number>(missing).fill(0), ...tail]
}

function numbers(groups: readonly string[], last: boolean): number[] | undefined {
  const values: number[] = []
  for (const [at, group] of groups.entries()) {
    if (/^[0-9A-Fa-f]{1,4}$/.test(group)) values.push(Number.parseInt(group, 16))
    else {
      const bytes = last && at === groups.length - 1 ? ipv4Bytes(group) : undefined
      if (!bytes) return undefined
      const [a = 0, b = 0, c = 0, d = 0] = bytes
      values.push(a * 256 + b, c * 256 + d)
    }
  }
  return values
}

function ipv4Bytes(text: string): number[] | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)
  const bytes = match?.slice(1).map(Number)
  return bytes?.every((byte) => byte < 256) ? bytes : undefined
}

function longestZeros(groups: readonly number[]): { from: number; length: number } {
  let best = { from: 0, length: 0 }
  for (let from = 0; from < groups.length; from++) {
    let length = 0
    while (groups[from + length] === 0) length++
    if (length > best.length) best = { from, length }
  }
  return best
}

/** Whether the text is an IPv4 address in dotted decimals. */
export function isIPv4(text: string): boolean {
  return ipv4Bytes(text) !== undefined
}

/** A host as it stands in a URI or a Via: with brackets where it is an IPv6 address. */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
