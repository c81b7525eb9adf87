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
