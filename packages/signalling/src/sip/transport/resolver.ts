import { Resolver as DnsResolver } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import type { Clock } from '../../tserver/ports.ts'
import { familyOf } from './host-port.ts'

export interface SrvRecord {
  readonly name: string
  readonly port: number
  readonly priority: number
  readonly weight: number
}

export interface NaptrRecord {
  readonly order: number
  readonly preference: number
  readonly flags: string
  readonly service: string
  readonly replacement: string
}

/** The questions RFC 3263 asks the DNS. No such record: an empty list. Rejects where no answer is to be had. */
export interface Resolver {
  naptr(name: string): Promise<readonly NaptrRecord[]>
  srv(name: string): Promise<readonly SrvRecord[]>
  /** A and AAAA, or what the hosts file says. */
  addresses(name: string): Promise<readonly string[]>
}

/** One server is asked twice at most, ms in all: a phone waits half a second before it repeats itself. */
const questionMs = 1_500
const hostsFile = '/etc/hosts'
const hostsFreshMs = 30_000

/**
 * DNS as this machine is configured for it, and the hosts file. Asks the servers itself: getaddrinfo would take one of the four threads that
 * file access and hashing live on, for as long as a slow server likes.
 */
export function systemResolver(clock: Clock): Resolver {
  const dns = new DnsResolver({ timeout: questionMs, tries: 2 })
  let hosts: ReadonlyMap<string, readonly string[]> = new Map()
  let readAt = Number.NEGATIVE_INFINITY
  const fromHosts = async (name: string): Promise<readonly string[] | undefined> => {
    if (clock.now() - readAt > hostsFreshMs) {
      readAt = clock.now()
      hosts = parseHosts(await readFile(hostsFile, 'utf8').catch(() => ''))
    }
    return hosts.get(name)
  }
  return {
    naptr: (name) => orNone(dns.resolveNaptr(name)),
    srv: (name) => orNone(dns.resolveSrv(name)),
    async addresses(name) {
      if (name === 'localhost' || name.endsWith('.localhost')) return ['127.0.0.1', '::1'] // RFC 6761 §6.3
      const known = await fromHosts(name)
      if (known) return known
      const [v4, v6] = await Promise.allSettled([orNone(dns.resolve4(name)), orNone(dns.resolve6(name))])
      const found = [v4, v6].flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
      if (found.length === 0 && v4.status === 'rejected') throw v4.reason
      return found
    },
  }
}

/** Names, in lower case, and their addresses: hosts(5). */
export function parseHosts(text: string): ReadonlyMap<string, readonly string[]> {
  const hosts = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    if (familyOf(address) === 0) continue
    for (const name of names) {
      const key = name.toLowerCase()
      const known = hosts.get(key)
      if (known) known.push(address)
      else hosts.set(key, [address])
    }
  }
  return hosts
}

/** "There is no such thing" is an answer. */
async function orNone<T>(question: Promise<T[]>): Promise<T[]> {
  try {
    return await question
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    // EBADNAME and EBADQUERY: a host part nobody can have registered.
    if (code === 'ENOTFOUND' || code === 'ENODATA' || code === 'EBADNAME' || code === 'EBADQUERY') return []
    throw error
  }
}
