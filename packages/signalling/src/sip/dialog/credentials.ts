/** Answers to the challenges of other servers. RFC 3261 §22.2, RFC 7616, RFC 8760. */
import {
  type DigestAlgorithm,
  digestAlgorithms,
  type digestResponse,
  readAlgorithm,
} from '../digest/digest-response.ts'
import { parseDigest } from '../digest/parse-digest.ts'
import type { HeaderLine, SipResponse } from '../message/message.ts'
import type { Tokens } from '../transaction/ports.ts'
import { own } from './dialog.ts'

interface Challenge {
  readonly header: 'Authorization' | 'Proxy-Authorization'
  readonly realm: string
  readonly nonce: string
  readonly opaque: string | undefined
  readonly algorithm: DigestAlgorithm
  /** Whether the challenge names one; a server of RFC 2069 may stumble over an answer that does. */
  readonly namesAlgorithm: boolean
  readonly qop: 'auth' | 'auth-int' | undefined
  readonly stale: boolean
}

/** How many realms one request is made to prove itself to: us, and the proxies on its way. */
const maxRealms = 8

/** A user name and a password, and the challenges they were last asked with. Of one request, or of a dialog and all its requests. */
export class Credentials {
  readonly #user: string
  readonly #password: string
  readonly #respond: typeof digestResponse
  readonly #tokens: Tokens
  /** By header and realm. */
  readonly #challenges = new Map<string, { challenge: Challenge; uses: number }>()

  constructor(
    { user, password }: { readonly user: string; readonly password: string },
    respond: typeof digestResponse,
    tokens: Tokens,
  ) {
    this.#user = user
    this.#password = password
    this.#respond = respond
    this.#tokens = tokens
  }

  /**
   * Takes the challenges of a 401 or 407. False: there is nothing new to be said; none can be answered, or what is in `tried`
   * (the realms this request has answered already) was refused and not merely too old.
   */
  take(response: SipResponse, tried: Set<string>): boolean {
    const best = bestOf(response)
    if (best.size === 0) return false
    for (const [key, challenge] of best) if (tried.has(key) && !challenge.stale) return false
    for (const [key, challenge] of best) {
      if (this.#challenges.size >= maxRealms && !this.#challenges.has(key)) return false
      this.#challenges.set(key, { challenge, uses: 0 })
      tried.add(key)
    }
    return true
  }

  /** The headers that answer all challenges known so far. */
  headers(method: string, uri: string, body: Uint8Array): HeaderLine[] {
    const headers: HeaderLine[] = []
    for (const entry of this.#challenges.values()) {
      entry.uses++
      headers.push([entry.challenge.header, this.#answer(entry.challenge, entry.uses, method, uri, body)])
    }
    return headers
  }

  #answer(challenge: Challenge, uses: number, method: string, uri: string, body: Uint8Array): string {
    const { realm, nonce, algorithm, qop, opaque } = challenge
    const protection = qop && { qop, nc: uses.toString(16).padStart(8, '0'), cnonce: this.#tokens(64) }
    const input = { algorithm, user: this.#user, realm, method, uri, nonce, body, ...(protection && { protection }) }
    const parts = [
      `username="${this.#user}"`,
      `realm="${realm}"`,
      `nonce="${nonce}"`,
      `uri="${uri}"`,
      `response="${this.#respond(input, this.#password)}"`,
    ]
    if (challenge.namesAlgorithm) parts.push(`algorithm=${algorithm}`)
    if (opaque !== undefined) parts.push(`opaque="${opaque}"`)
    if (protection) parts.push(`qop=${protection.qop}`, `nc=${protection.nc}`, `cnonce="${protection.cnonce}"`)
    return `Digest ${parts.join(', ')}`
  }
}

/** Of each realm's challenges the one with the best algorithm we know. RFC 8760 §2.4: SHA-256 before MD5. */
function bestOf(response: SipResponse): Map<string, Challenge> {
  const best = new Map<string, Challenge>()
  for (const [from, header] of [
    ['www-authenticate', 'Authorization'],
    ['proxy-authenticate', 'Proxy-Authorization'],
  ] as const)
    for (const text of response.headers(from)) {
      const challenge = readChallenge(text, header)
      if (!challenge) continue
      const key = `${header} ${challenge.realm}`
      const other = best.get(key)
      if (!other || rank(challenge) < rank(other)) best.set(key, challenge)
    }
  return best
}

function readChallenge(text: string, header: Challenge['header']): Challenge | undefined {
  const params = parseDigest(text)
  const realm = params?.get('realm')
  const nonce = params?.get('nonce')
  const algorithm = readAlgorithm(params?.get('algorithm'))
  if (!params || realm === undefined || nonce === undefined || !algorithm) return undefined
  const offered = params
    .get('qop')
    ?.toLowerCase()
    .split(',')
    .map((each) => each.trim())
  const qop = offered?.includes('auth') ? 'auth' : offered?.includes('auth-int') ? 'auth-int' : undefined
  if (offered && !qop) return undefined
  const opaque = params.get('opaque')
  return {
    header,
    realm: own(realm),
    nonce: own(nonce),
    opaque: opaque === undefined ? undefined : own(opaque),
    algorithm,
    namesAlgorithm: params.has('algorithm'),
    qop,
    stale: params.get('stale')?.toLowerCase() === 'true',
  }
}

function rank(challenge: Challenge): number {
  return digestAlgorithms.indexOf(challenge.algorithm)
}
