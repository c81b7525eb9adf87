import { canonicalIPv6 } from '../message/ip-address.ts'

/** One spelling for each host: lower case, IPv6 shortened and without brackets, IPv4 without its IPv6 mapping, no final dot. */
export function canonicalHost(host: string): string {
  const bare = host.replace(/^\[|\]$|%.*$/g, '').toLowerCase()
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(bare)?.[1]
  return mapped ?? canonicalIPv6(bare) ?? (bare.endsWith('.') ? bare.slice(0, -1) : bare)
}
