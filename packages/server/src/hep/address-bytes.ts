import { isIPv4, isIPv6 } from 'node:net'

/**
 * The 4 or 16 bytes of a numeric address; of an IPv4 address in IPv6 (RFC 4291 §2.5.5.2) the 4. Undefined for what is no address. A zone
 * (`%eth0`) is left out.
 */
export function addressBytes(text: string): Uint8Array | undefined {
  if (isIPv4(text)) return Uint8Array.from(text.split('.'), Number)
  if (!isIPv6(text)) return undefined
  const groups = groupsOf(text.split('%', 1)[0] ?? '')
  const bytes = Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]))
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  return isMapped ? bytes.slice(12) : bytes
}

/** Eight numbers of an IPv6 address that is one. */
function groupsOf(text: string): number[] {
  const dotted = /^(.*:)([0-9]+)[.]([0-9]+)[.]([0-9]+)[.]([0-9]+)$/.exec(text)
  if (dotted) {
    const [a = 0, b = 0, c = 0, d = 0] = dotted.slice(2).map(Number)
    return groupsOf(`${dotted[1]}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`)
  }
  const [left = [], right = []] = text
    .split('::')
    .map((half) => (half === '' ? [] : half.split(':').map((group) => Number.parseInt(group, 16))))
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => 0), ...right]
}
