import { hash } from 'node:crypto'

/** Digest algorithms we offer, the better first: a client takes the first it knows. RFC 8760 §2.4. */
export const digestAlgorithms = ['SHA-256', 'MD5'] as const
export type DigestAlgorithm = (typeof digestAlgorithms)[number]

const hashNames = { 'SHA-256': 'sha256', MD5: 'md5' } as const satisfies Record<DigestAlgorithm, string>

/** What both sides hash besides the password. Values as they stand between the quotes of the credential. */
export interface DigestInput {
  readonly algorithm: DigestAlgorithm
  readonly user: string
  readonly realm: string
  readonly method: string
  readonly uri: string
  readonly nonce: string
  /** Absent: the form of RFC 2069, without count and client nonce. */
  readonly protection?: { readonly qop: 'auth' | 'auth-int'; readonly nc: string; readonly cnonce: string }
  /** Hashed with `auth-int` only. */
  readonly body: Uint8Array
}

/** The `response` that proves the password, in lower-case hex. RFC 7616 §3.4.1. */
export function digestResponse(input: DigestInput, password: string): string {
  const { algorithm, user, realm, method, uri, nonce, protection, body } = input
  const h = (data: string | Uint8Array) => hash(hashNames[algorithm], data, 'hex')
  const secret = h(`${user}:${realm}:${password}`)
  const asked = protection?.qop === 'auth-int' ? h(`${method}:${uri}:${h(body)}`) : h(`${method}:${uri}`)
  if (!protection) return h(`${secret}:${nonce}:${asked}`)
  const { qop, nc, cnonce } = protection
  return h(`${secret}:${nonce}:${nc}:${cnonce}:${qop}:${asked}`)
}

/** The algorithm a credential names, in any case; MD5 where it names none (RFC 7616 §3.4); undefined for one we do not offer. */
export function readAlgorithm(text: string | undefined): DigestAlgorithm | undefined {
  if (text === undefined) return 'MD5'
  return digestAlgorithms.find((algorithm) => algorithm === text.toUpperCase())
}
