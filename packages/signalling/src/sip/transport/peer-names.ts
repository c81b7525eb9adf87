/** Whom a certificate speaks for. RFC 5922 §7. */
import { checkServerIdentity, type PeerCertificate, type TLSSocket } from 'node:tls'
import { familyOf } from './host-port.ts'

/**
 * The SIP domains of a certificate, in lower case: hosts of `sip:` URIs without a user, else DNS names, else the common name.
 * RFC 5922 §7.1. Wildcards are left as they are written; they match nothing.
 */
export function sipDomains(certificate: Pick<PeerCertificate, 'subject' | 'subjectaltname'>): string[] {
  const names = altNames(certificate.subjectaltname ?? '')
  const uris = names.flatMap(([kind, value]) => {
    const host = kind === 'URI' ? /^sip:([^@;?:/[\]]+)$/i.exec(value)?.[1] : undefined
    return host ? [host.toLowerCase()] : []
  })
  if (uris.length > 0) return [...new Set(uris)]
  const dns = names.flatMap(([kind, value]) => (kind === 'DNS' ? [value.toLowerCase()] : []))
  if (dns.length > 0 || names.length > 0) return [...new Set(dns)]
  const common: unknown = certificate.subject?.CN
  return typeof common === 'string' && common !== '' ? [common.toLowerCase()] : []
}

/** The names a client has proved, empty where its certificate is missing or not verified. */
export function verifiedNames(socket: TLSSocket): readonly string[] {
  if (!socket.authorized) return []
  const certificate = socket.getPeerCertificate()
  return Object.keys(certificate).length === 0 ? [] : sipDomains(certificate)
}

/** For `tls.connect`: a SIP server's certificate names the domain in full, no wildcard (RFC 5922 §7.2). Addresses are compared as Node does. */
export function checkSipServer(name: string, certificate: PeerCertificate): Error | undefined {
  if (familyOf(name) !== 0) return checkServerIdentity(name, certificate)
  const domains = sipDomains(certificate)
  if (domains.includes(name.toLowerCase())) return undefined
  return new Error(`the certificate is for ${domains.slice(0, 5).join(', ') || 'no SIP domain'}, not for ${name}`)
}

/** `DNS:a.example, URI:"sip:x,\u0020y"`: Node quotes, as JSON, what could be taken for two names. */
function altNames(text: string): [kind: string, value: string][] {
  const names: [string, string][] = []
  const entry = /([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/gy
  for (let found = entry.exec(text); found; found = entry.exec(text)) {
    const [, kind = '', value = ''] = found
    names.push([kind, value.startsWith('"') ? unquoted(value) : value])
    if (entry.lastIndex >= text.length) break
  }
  return names
}

function unquoted(json: string): string {
  try {
    return String(JSON.parse(json))
  } catch {
    return json // Still quoted: matches nothing.
  }
}
