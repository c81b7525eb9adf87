import type { Directory } from '../../tserver/directory.ts'
import type { DNumber } from '../../tserver/ids.ts'
import type { SipRequest } from '../message/message.ts'
import { parseUri } from '../message/uri.ts'
import { canonicalHost } from '../registrar/canonical-host.ts'

/** Which hosts of URIs mean us: our domains, and the addresses we listen at. In any case, IPv6 with or without brackets. */
export function localHosts(names: Iterable<string>): (host: string) => boolean {
  const local = new Set([...names].map(canonicalHost))
  return (host) => local.has(canonicalHost(host))
}

/** A contact centre as the SIP side sees it. */
export interface SipCentre {
  readonly directory: () => Directory
  /** Domains that mean this centre; in any case. */
  readonly domains: readonly string[]
}

/**
 * Whose request it is: the centre whose domain the Request-URI names, else To, else From; else the first that has the called DN; else
 * the first that has the caller's; else the only one. Undefined: nobody's. SPEC SR-18.
 */
export function centreOf<C extends SipCentre>(request: SipRequest, centres: readonly C[]): C | undefined {
  if (centres.length <= 1) return centres[0]
  const uris = [request.uri, request.to.uri, request.from.uri].map(parseUri)
  for (const uri of uris) {
    const host = canonicalHost(uri?.host ?? '')
    const centre = centres.find(({ domains }) => domains.some((domain) => canonicalHost(domain) === host))
    if (centre) return centre
  }
  for (const uri of uris) {
    const centre = centres.find(({ directory }) => directory().dns.has((uri?.user ?? '') as DNumber))
    if (centre) return centre
  }
  return undefined
}
