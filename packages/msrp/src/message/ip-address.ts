/** The 32 bits of a dotted IPv4 address, RFC 3986 §3.2.2; undefined where the text is none. Leading zeros are refused: readers disagree on them. */
export function ipv4(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return undefined
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n)
}

/** The 128 bits of an IPv6 address without brackets and zone, RFC 4291 §2.2, marked to differ from every IPv4 address. */
export function ipv6(text: string): bigint | undefined {
  const halves = text.split('::')
  if (!text.includes(':') || halves.length > 2) return undefined
  const head = groups(halves[0] ?? '', halves.length === 1)
  const tail = halves.length === 2 ? groups(halves[1] ?? '', true) : []
  if (head === undefined || tail === undefined) return undefined
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  const all = [...head, ...new Array<number>(missing).fill(0), ...tail]
  return all.reduce((value, group) => (value << 16n) | BigInt(group), 1n)
}

/** 16-bit groups; the last may be an IPv4 address, where the address ends there. */
function groups(text: string, atEnd: boolean): number[] | undefined {
  if (text === '') return []
  const parts = text.split(':')
  const found: number[] = []
  for (const [i, part] of parts.entries()) {
    const embedded = atEnd && i === parts.length - 1 ? ipv4(part) : undefined
    if (embedded !== undefined) found.push(Number(embedded >> 16n), Number(embedded & 0xffffn))
    else if (/^[\da-f]{1,4}$/i.test(part)) found.push(Number.parseInt(part, 16))
    else return undefined
  }
  return found
}
