import { createHash } from 'node:crypto'

/** What a relay asks for in WWW-Authenticate. RFC 4976 §5.1, RFC 2617 §3.2.1. */
export interface Challenge {
  readonly realm: string
  readonly nonce: string
  readonly opaque: string | undefined
  readonly algorithm: 'MD5' | 'SHA-256'
  /** Whether the last answer was right but for the age of its nonce. */
  readonly stale: boolean
}

/** Who we are to a relay. */
export interface Credentials {
  readonly user: string
  readonly password: string
}

/** The value of Authorization, and what the relay has to prove that it knows the password as well. */
export interface Proof {
  readonly authorization: string
  readonly cnonce: string
  readonly rspauth: string
}

const parameter = /([!#$%&'*+.^_`|~\dA-Za-z-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))[ \t]*(?:,[ \t]*|$)/gy
const hashes = { MD5: 'md5', 'SHA-256': 'sha256' } as const
/** Every exchange is begun with a new nonce. */
const nc = '00000001'

/** Reads a challenge; undefined where it is none we can answer: `auth` is the only quality MSRP has, and no algorithm ends in `-sess`. */
export function parseChallenge(value: string): Challenge | undefined {
  const given = parameters(value.replace(/^Digest[ \t]+/i, ''))
  if (!/^Digest[ \t]/i.test(value) || !given) return undefined
  const [realm, nonce] = [given.get('realm'), given.get('nonce')]
  const qop = (given.get('qop') ?? '').split(',').map((one) => one.trim().toLowerCase())
  const algorithm = (given.get('algorithm') ?? 'MD5').toUpperCase()
  if (realm === undefined || nonce === undefined || !qop.includes('auth')) return undefined
  if (algorithm !== 'MD5' && algorithm !== 'SHA-256') return undefined
  const stale = given.get('stale')?.toLowerCase() === 'true'
  return { realm, nonce, opaque: given.get('opaque'), algorithm, stale }
}

/** Answers a challenge. The URI is the rightmost one of To-Path. RFC 4976 §5.1, RFC 2617 §3.2.2. */
export function prove(challenge: Challenge, { user, password }: Credentials, uri: string, cnonce: string): Proof {
  const { realm, nonce, opaque, algorithm } = challenge
  const hash = (text: string) => createHash(hashes[algorithm]).update(text).digest('hex')
  const secret = hash(`${user}:${realm}:${password}`)
  const digest = (method: string) => hash([secret, nonce, nc, cnonce, 'auth', hash(`${method}:${uri}`)].join(':'))
  const parts = [
    `username=${quoted(user)}`,
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri=${quoted(uri)}`, // COMPAT Kamailio: takes no credentials without it, though To-Path has it
    `response="${digest('AUTH')}"`,
    `algorithm=${algorithm}`,
    ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`]),
    'qop=auth',
    `cnonce="${cnonce}"`,
    `nc=${nc}`,
  ]
  return { authorization: `Digest ${parts.join(', ')}`, cnonce, rspauth: digest('') }
}

/** Whether Authentication-Info shows that the relay knows the password. RFC 2617 §3.2.3. */
export function isProven(authenticationInfo: string, { cnonce, rspauth }: Proof): boolean {
  const given = parameters(authenticationInfo)
  return given?.get('rspauth')?.toLowerCase() === rspauth && (given.get('cnonce') ?? cnonce) === cnonce
}

function parameters(list: string): Map<string, string> | undefined {
  const found = new Map<string, string>()
  parameter.lastIndex = 0
  for (let at = 0; at < list.length; at = parameter.lastIndex) {
    const [, name, text, token] = parameter.exec(list) ?? []
    if (name === undefined || found.has(name.toLowerCase())) return undefined
    found.set(name.toLowerCase(), text?.replace(/\\(.)/g, '$1') ?? token ?? '')
  }
  return found
}

function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`
}
