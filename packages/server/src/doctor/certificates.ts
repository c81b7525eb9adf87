import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { rootCertificates } from 'node:tls'
import type { Config } from '../config/load-config.ts'
import { certificatesOf } from '../tls/certificate-files.ts'
import type { Check, Context } from './check.ts'
import type { Finding } from './finding.ts'

const dayMs = 86_400_000
const soonDays = 21

/** Certificates of HTTP, SIP and MSRP: dates, chain, names. That each fits its key is checked where the file is read. SPEC DR-9. */
export const certificates: Check = {
  name: 'TLS',
  look: (context) =>
    [...certificatesOf(context.config)].flatMap(([name, { certFile = '' }]) => {
      const chain = readChain(context.system.readText(certFile) ?? '')
      return chain[0] ? judge(name, certFile, chain, context) : []
    }),
}

function judge(name: string, file: string, chain: readonly X509Certificate[], { config, system }: Context): Finding[] {
  const found: Finding[] = []
  const add = (severity: Finding['severity'], what: string, lift: string, more: Partial<Finding> = {}) =>
    found.push({ check: 'TLS', severity, what, lift, ...more })
  const [own] = chain
  if (!own) return found
  const now = system.clock.now()
  for (const [i, { validFromDate, validToDate }] of chain.entries()) {
    const which = i === 0 ? `The certificate of ${name}` : `Certificate ${i + 1} in the chain of ${name}`
    const days = Math.floor((validToDate.getTime() - now) / dayMs)
    const until = validToDate.toISOString().slice(0, 10)
    if (validToDate.getTime() <= now)
      add('problem', `${which} has expired on ${until}.`, `Renew ${file}; a reload takes it up.`, {
        measured: days,
        needed: soonDays,
      })
    else if (validFromDate.getTime() > now)
      add(
        'problem',
        `${which} is not valid before ${validFromDate.toISOString().slice(0, 10)}.`,
        'Wait, or set the clock right.',
      )
    else if (days < soonDays)
      add('limit', `${which} expires on ${until}, in ${days} days.`, `Renew ${file}; a reload takes it up.`, {
        measured: days,
        needed: soonDays,
      })
  }
  const lack = lackOf(chain)
  if (lack === 'chain')
    add(
      'limit',
      `The chain of ${name} is incomplete: who signed its last certificate (${nameOf(chain.at(-1)?.issuer)}) is neither in ${file} nor known to everybody.`,
      'Append the intermediate certificates (fullchain.pem); for an authority of your own see that clients trust it.',
    )
  if (lack === 'order')
    add(
      'problem',
      `The chain of ${name} is out of order: a certificate of it was not signed by the next one.`,
      `Put its own certificate first in ${file}, then each one's issuer.`,
    )
  if (lack === 'self')
    add(
      'note',
      `The certificate of ${name} is signed by itself: clients have to be told to trust it.`,
      'Take one of an authority your clients know.',
    )
  for (const host of hostsFor(name, config)) {
    const fits = isIP(host) === 0 ? own.checkHost(host) : own.checkIP(host)
    if (fits === undefined)
      add(
        'problem',
        `The certificate of ${name} is not for ${host}, which clients connect to.`,
        `Take one with the name ${host} among its subjectAltName.`,
      )
  }
  if (found.length === 0 || found.every(({ severity }) => severity === 'note'))
    found.push({
      check: 'TLS',
      severity: 'ok',
      what: `The certificate of ${name} is good until ${own.validToDate.toISOString().slice(0, 10)}.`,
    })
  return found
}

/** Names that clients know a listener by, as the configuration tells. */
function hostsFor(name: string, { http, sip, msrp }: Config): readonly string[] {
  if (name === 'http')
    return http.externalUrl?.startsWith('https:')
      ? [new URL(http.externalUrl).hostname.replace(/^\[(.*)\]$/, '$1')]
      : []
  const [, protocol, index] = /^(sip|msrp)\.listen\[(\d+)\]$/.exec(name) ?? []
  if (protocol === undefined) return []
  const { advertiseHost } = (protocol === 'sip' ? sip : msrp).listen[Number(index)] ?? {}
  if (protocol === 'msrp') return advertiseHost === undefined ? [] : [advertiseHost]
  // RFC 5922 §7.2: a client that asks for a domain looks for that domain in the certificate.
  return [...new Set([...sip.domains, ...(advertiseHost === undefined ? [] : [advertiseHost])])]
}

/** What a client misses that has only this file and the well-known roots. */
function lackOf(chain: readonly X509Certificate[]): 'order' | 'chain' | 'self' | undefined {
  for (const [i, certificate] of chain.entries()) {
    const next = chain[i + 1]
    if (next && !certificate.checkIssued(next)) return 'order'
  }
  const last = chain.at(-1)
  if (!last) return undefined
  if (last.checkIssued(last)) return chain.length === 1 ? 'self' : undefined
  return rootSubjects().has(last.issuer) ? undefined : 'chain'
}

let roots: ReadonlySet<string> | undefined
const rootSubjects = (): ReadonlySet<string> => {
  roots ??= new Set(rootCertificates.map((pem) => new X509Certificate(pem).subject))
  return roots
}

/** `CN` of a name, or all of it. */
const nameOf = (name = ''): string => /^CN=(.*)$/m.exec(name)?.[1] ?? name.replaceAll('\n', ', ')

/** Every certificate of a PEM file, in its order; none where one is damaged. */
function readChain(pem: string): X509Certificate[] {
  try {
    return (pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []).map(
      (one) => new X509Certificate(one),
    )
  } catch {
    return []
  }
}
