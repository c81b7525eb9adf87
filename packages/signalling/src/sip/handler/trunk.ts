import { isIP } from 'node:net'
import type { Directory } from '../../tserver/directory.ts'
import { type DN, isTrunk } from '../../tserver/dn.ts'
import type { Clock } from '../../tserver/ports.ts'
import type { SipRequest } from '../message/message.ts'
import { parseNameAddr } from '../message/name-addr.ts'
import { parseUri } from '../message/uri.ts'
import type { SipSource } from '../ports.ts'
import { canonicalHost } from '../registrar/canonical-host.ts'

export interface PeerDeps {
  readonly directory: () => Directory
  /** Addresses of a SIP URI, RFC 3263. May reject. */
  readonly resolve: (uri: string) => Promise<readonly { readonly address: string }[]>
  readonly clock: Clock
  /** How often names are looked up again, milliseconds. Default 60 000. */
  readonly refreshMs?: number
}

/** One configured address of a DN. */
interface Peer {
  readonly dn: DN
  readonly uri: string
  readonly host: string
  /** Known by the name its certificate shows, not by its address. */
  readonly secure: boolean
}

/** Recognises trunks and devices with a configured `contact` by where a request comes from. SPEC SR-15. */
export class Peers {
  readonly #deps: PeerDeps
  #directory: Directory | undefined
  #peers: readonly Peer[] = []
  /** What names resolved to; kept when a later look-up fails. */
  readonly #addresses = new Map<string, readonly string[]>()
  #byAddress = new Map<string, Peer[]>()
  #byName = new Map<string, Peer[]>()
  #cancel: () => void = () => {}
  #closed = false

  constructor(deps: PeerDeps) {
    this.#deps = deps
  }

  /** The trunk a request comes from; of several with one address the first. */
  trunkAt(source: SipSource): DN | undefined {
    return this.#at(source).find(({ dn }) => isTrunk(dn))?.dn
  }

  /** Whether a request comes from an address configured for this DN. */
  isAt(dn: DN, source: SipSource): boolean {
    return dn.options.contact !== null && this.#at(source).some((peer) => peer.dn.number === dn.number)
  }

  /** Looks all names up now, and from time to time; resolves when what could be found is known. */
  async refresh(): Promise<void> {
    this.#cancel()
    this.#follow()
    const names = this.#peers.filter(({ host, secure }) => !secure && isIP(host) === 0)
    await Promise.all([...new Set(names.map(({ uri }) => uri))].map((uri) => this.#lookUp(uri)))
    this.#index()
    // Another look-up may have ended meanwhile.
    this.#cancel()
    if (this.#closed) return
    this.#cancel = this.#deps.clock.after(this.#deps.refreshMs ?? 60_000, () => void this.refresh())
  }

  close(): void {
    this.#closed = true
    this.#cancel()
  }

  async #lookUp(uri: string): Promise<void> {
    try {
      const found = await this.#deps.resolve(uri)
      if (found.length > 0) this.#addresses.set(uri, [...new Set(found.map(({ address }) => canonicalHost(address)))])
    } catch {
      // What is known stays: a name server that is away for a minute must not cut a trunk off.
    }
  }

  #at({ address, transport, peerNames }: SipSource): readonly Peer[] {
    if (this.#follow()) void this.refresh()
    const byAddress = this.#byAddress.get(canonicalHost(address)) ?? []
    if (transport !== 'tls' && transport !== 'wss') return byAddress
    return [...byAddress, ...peerNames.flatMap((name) => this.#named(name.toLowerCase()))]
  }

  #named(name: string): readonly Peer[] {
    if (!name.startsWith('*.')) return this.#byName.get(name) ?? []
    // RFC 6125 §6.4.3: the star is one label. (RFC 5922 §7.2 has no wildcards; operators of carriers have.)
    return [...this.#byName].flatMap(([host, peers]) => (host.slice(host.indexOf('.')) === name.slice(1) ? peers : []))
  }

  /** Takes up a directory that was reloaded. */
  #follow(): boolean {
    const directory = this.#deps.directory()
    if (directory === this.#directory) return false
    this.#directory = directory
    this.#peers = [...directory.dns.values()].flatMap((dn) =>
      contactsOf(dn).flatMap((uri) => {
        const parsed = parseUri(uri)
        if (!parsed) return []
        const transport = parsed.params.get('transport')?.toLowerCase()
        const secure = parsed.scheme === 'sips' || transport === 'tls' || transport === 'wss'
        return [{ dn, uri, host: canonicalHost(parsed.host), secure }]
      }),
    )
    this.#index()
    return true
  }

  #index(): void {
    this.#byAddress = new Map()
    this.#byName = new Map()
    for (const peer of this.#peers) {
      if (peer.secure) add(this.#byName, peer.host, peer)
      else if (isIP(peer.host) !== 0) add(this.#byAddress, peer.host, peer)
      else for (const address of this.#addresses.get(peer.uri) ?? []) add(this.#byAddress, address, peer)
    }
  }
}

function add(map: Map<string, Peer[]>, key: string, peer: Peer): void {
  const peers = map.get(key)
  if (peers) peers.push(peer)
  else map.set(key, [peer])
}

/** Where a DN with a configured address is reached, the first choice first. */
export function contactsOf({ options }: DN): readonly string[] {
  return options.contact === null ? [] : [options.contact, ...options.contactList]
}

/** The way out for a number: the trunk with the longest `prefix` of it that `isUsable`, and the number it gets. SPEC SR-17. */
export function trunkFor(
  { dns }: Directory,
  number: string,
  isUsable: (dn: DN) => boolean,
): { readonly dn: DN; readonly number: string } | undefined {
  let best: { dn: DN; prefix: string } | undefined
  for (const dn of dns.values()) {
    const { prefix, contact } = dn.options
    if (prefix === null || contact === null || !isTrunk(dn) || !number.startsWith(prefix)) continue
    if ((best === undefined || prefix.length > best.prefix.length) && isUsable(dn)) best = { dn, prefix }
  }
  if (!best) return undefined
  const { replacePrefix } = best.dn.options
  return {
    dn: best.dn,
    number: replacePrefix === null ? number : replacePrefix + number.slice(best.prefix.length),
  }
}

/** The number that stands for a caller behind a trunk: P-Asserted-Identity before From (RFC 3325 §5), for a trunk is trusted. SPEC SR-16. */
export function callingNumber(request: SipRequest): string {
  for (const text of request.headers('p-asserted-identity')) {
    const number = numberIn(parseNameAddr(text)?.uri)
    if (number !== undefined) return number
  }
  return numberIn(request.from.uri) ?? 'anonymous'
}

function numberIn(uri: string | undefined): string | undefined {
  if (uri === undefined) return undefined
  const tel = /^tel:([^;?]{1,64})/i.exec(uri)?.[1]
  return tel ?? parseUri(uri)?.user?.slice(0, 64)
}
