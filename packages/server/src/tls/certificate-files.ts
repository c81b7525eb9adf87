import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import type { Config } from '../config/load-config.ts'

/** Files of one side of TLS, as the configuration names them. */
export interface CertificateFiles {
  certFile?: string | undefined
  keyFile?: string | undefined
  caFile?: string | undefined
}

type WithFiles = Pick<Config, 'http' | 'sip' | 'msrp' | 'store'>

/** Everything in the configuration that has a certificate, by the name it has in messages and metrics. */
export function certificatesOf({ http, sip, msrp, store }: WithFiles): ReadonlyMap<string, CertificateFiles> {
  const all = new Map<string, CertificateFiles | undefined>([
    ['http', http.tls],
    ['sip.client', sip.client],
    ['store.redis', store.redis],
  ])
  for (const [protocol, { listen }] of [['sip', sip] as const, ['msrp', msrp] as const])
    for (const [i, listener] of listen.entries()) all.set(`${protocol}.listen[${i}]`, listener)
  return new Map([...all].flatMap(([name, files]) => (files?.certFile === undefined ? [] : [[name, files]])))
}

/** When each certificate ends that is in its file now, seconds since 1970. One that cannot be read is left out. */
export function certificateEnds(config: WithFiles): ReadonlyMap<string, number> {
  const ends = [...certificatesOf(config)].flatMap(([name, { certFile = '' }]): [string, number][] => {
    try {
      return [[name, endOf(readFileSync(certFile))]]
    } catch {
      return []
    }
  })
  return new Map(ends)
}

/** The end of the first certificate of a chain, which is the listener's own; seconds since 1970. Throws where it is none. */
function endOf(chain: Buffer): number {
  return new X509Certificate(chain).validToDate.getTime() / 1000
}

/**
 * Why these cannot be used together, in a few words; undefined: they can. SPEC SE-31: asked before anything is replaced, and of a
 * configuration that is only checked.
 */
export function faultOf({ cert, key, ca }: { cert?: string; key?: string; ca?: string }): string | undefined {
  // An empty one is taken for none.
  if ([cert, key, ca].includes('')) return 'it is empty'
  try {
    if (cert !== undefined) createSecureContext({ cert, key })
    // A list of authorities in which none is found would be taken without a word.
    if (ca !== undefined) new X509Certificate(ca)
  } catch (error) {
    return reasonOf(error)
  }
  return undefined
}

// OpenSSL's own words are numbers and file names of its source.
function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH') return 'the key belongs to another certificate'
  if (code.startsWith('ERR_OSSL_PEM_NO_START_LINE')) return 'it is not PEM'
  if (/PEM|ASN1|DECODER|BAD_BASE64/.test(code)) return 'it is damaged, or no PEM'
  if (/KEY_TOO_SMALL|MD_TOO_WEAK/.test(code)) return 'it is too weak'
  return code === '' ? 'it cannot be used' : `it cannot be used (${code})`
}
