import { isIP } from 'node:net'
import type { Address } from './flow.ts'

/** `192.0.2.1:5060`, `[2001:db8::1]:5060`. RFC 3261 §25.1. */
export function hostPort(host: string, port: number): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`
}

/** 4 or 6; 0 for a name. */
export function familyOf(address: string): 0 | 4 | 6 {
  return isIP(address) as 0 | 4 | 6
}

/** Whether this stands for all addresses of its family. */
export function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::'
}

/** Whether this machine only can be meant. */
export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1'
}

/**
 * The listener that a peer at `remote` can best be reached from: same family, loopback for loopback only,
 * and a bound address before a wildcard.
 */
export function bestSource<T extends Address>(listeners: readonly T[], remote: string): T | undefined {
  const family = familyOf(remote)
  const rank = (l: T): number => (isWildcard(l.address) ? 1 : isLoopback(l.address) === isLoopback(remote) ? 2 : 0)
  let best: T | undefined
  for (const listener of listeners)
    if (familyOf(listener.address) === family && (!best || rank(listener) > rank(best))) best = listener
  return best
}

/** The eight 16-bit words of a numeric IPv6 address. RFC 4291 §2.2. */
export function ipv6Words(address: string): number[] {
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::')
  const left = words(head)
  if (tail === undefined) return left
  const right = words(tail)
  return [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right]
}

/** One side of `::`, a dotted IPv4 end included. */
function words(side: string): number[] {
  if (side === '') return []
  return side.split(':').flatMap((part) => {
    if (!part.includes('.')) return [Number.parseInt(part, 16)]
    const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number)
    return [(a << 8) | b, (c << 8) | d]
  })
}

/** Who is counted as one: an IPv4 address, and an IPv6 network of 64 bits, as one subscriber has all of it. */
export function subscriberOf(address: string): string {
  return familyOf(address) === 6 ? ipv6Words(address).slice(0, 4).join(':') : address
}
