import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock, SessionStore } from '../../tserver/ports.ts'
import type { HeaderLine, Reply, SipRequest } from '../message/message.ts'
import { parseUri } from '../message/uri.ts'
import type { IncomingRequest } from '../ports.ts'
import {
  type DigestAlgorithm,
  type DigestInput,
  digestAlgorithms,
  digestResponse,
  readAlgorithm,
} from './digest-response.ts'
import { type DigestLockOut, defaultFailureLimits, FailureCounts, type FailureLimits } from './failures.ts'
import { makeNonce, type Nonce, ownerOf, readNonce } from './nonce.ts'
import { type DigestParams, parseDigest } from './parse-digest.ts'
import type { SharedKey } from './shared-key.ts'

export interface DigestDeps {
  readonly store: SessionStore
  readonly clock: Clock
  /** 1 to 128 characters without quotes and backslashes. */
  readonly realm: string
  /** What nonces are signed with. */
  readonly key: SharedKey
  /** What is offered and taken, the better first. Default SHA-256 and MD5. */
  readonly algorithms?: readonly DigestAlgorithm[]
  /** How long a nonce is good for, milliseconds. Default 120 000: each use is remembered in the store for as long. */
  readonly nonceLifetimeMs?: number
  readonly failures?: FailureLimits
  /** Somebody is refused because of their failures before. For metrics. */
  readonly onLocked?: () => void
  /** Bytes of chance; by default the runtime's. */
  readonly random?: (bytes: number) => Uint8Array
}

/** Who proved to know a password, or what to answer instead. */
export type DigestOutcome = { readonly user: string } | { readonly reply: Reply }

/** A credential that can be checked. */
interface Credential extends DigestInput {
  readonly response: string
}

/** Digest authentication of requests, RFC 7616 and RFC 8760, in the role of a UAS (RFC 3261 §22.2). SPEC SR-1 to SR-9. */
export class DigestAuthenticator {
  readonly #store: SessionStore
  readonly #clock: Clock
  readonly #realm: string
  readonly #opaque: string
  readonly #algorithms: readonly DigestAlgorithm[]
  readonly #lifetimeMs: number
  readonly #random: (bytes: number) => Uint8Array
  readonly #key: SharedKey
  readonly #failures: FailureCounts
  readonly #onLocked: () => void
  /** Stands in for the password of somebody who has none; as long as a usual one, for hashing takes time by length. */
  readonly #nobody: string

  constructor({
    store,
    clock,
    realm,
    key,
    nonceLifetimeMs,
    failures,
    random = randomBytes,
    algorithms,
    onLocked,
  }: DigestDeps) {
    this.#onLocked = onLocked ?? (() => undefined)
    this.#store = store
    this.#clock = clock
    // Both sides hash it, and not all clients take escapes out alike.
    if (!/^[^"\\\p{Cc}]{1,128}$/u.test(realm))
      throw new Error('a realm is 1 to 128 characters without quotes and backslashes')
    this.#realm = realm
    this.#opaque = hash('md5', realm, 'hex').slice(0, 16)
    this.#algorithms = algorithms ?? digestAlgorithms
    this.#lifetimeMs = nonceLifetimeMs ?? 120_000
    this.#random = random
    this.#key = key
    this.#failures = new FailureCounts({ store, clock, limits: failures ?? defaultFailureLimits })
    this.#nobody = Buffer.from(random(8)).toString('hex')
  }

  /**
   * Checks the credential a request carries for our realm. `passwordOf` answers undefined for a user who is unknown or has no password; that
   * takes the same steps as a wrong password. Rejects as the store does.
   */
  async verify(
    { request, source }: IncomingRequest,
    passwordOf: (user: string) => string | undefined,
  ): Promise<DigestOutcome> {
    const params = this.#ours(request)
    if (!params) return this.#challenge(source.address)
    const credential = readCredential(params, request)
    if (credential === 'malformed') return { reply: { status: 400, reason: 'Bad Authorization' } }
    if (credential === 'unknown algorithm' || !this.#algorithms.includes(credential.algorithm))
      return this.#challenge(source.address)

    const nonce = await this.#nonce(credential.nonce)
    // RFC 7616 §3.3: a nonce that is over, or that no node here has made, is no fault of the user's.
    if (!nonce || nonce.leftMs === 0) return this.#challenge(source.address, 'stale')
    const wait = this.#failures.wait(nonce.owner, credential.user)
    if (wait > 0) {
      this.#onLocked()
      return { reply: tooManyFailures(wait) }
    }

    const password = passwordOf(credential.user)
    const right = equal(digestResponse(credential, password ?? this.#nobody), credential.response)
    if (!right || password === undefined) {
      await this.#failures.failed(nonce.owner, credential.user, source.address)
      return this.#challenge(source.address)
    }
    if (!(await this.#isFresh(nonce, credential, request))) return this.#challenge(source.address, 'stale')
    return { user: credential.user }
  }

  /**
   * Whether whoever sends this has got a nonce of ours at the address it comes from, and so is there: nobody can forge that address
   * without hearing what is sent to it. The response is not looked at. Rejects as the store does.
   */
  async isThere({ request, source }: IncomingRequest): Promise<boolean> {
    const text = this.#ours(request)?.get('nonce')
    const nonce = text === undefined ? undefined : await this.#nonce(text)
    return nonce !== undefined && nonce.leftMs > 0 && nonce.owner === ownerOf(await this.#key.current(), source.address)
  }

  /** Sources that have to wait because of wrong responses, as this node knows them. */
  lockOuts(): readonly DigestLockOut[] {
    return this.#failures.lockOuts()
  }

  /** Lets a source try again at once. False: none has to wait under that id. Rejects as the store does. */
  lift(id: string): Promise<boolean> {
    return this.#failures.lift(id)
  }

  /** The same here alone: another node has lifted it. */
  forgetLockOut(id: string): void {
    this.#failures.forget(id)
  }

  /** The credential for our realm whose algorithm we know best; the others are somebody else's business. */
  #ours(request: SipRequest): DigestParams | undefined {
    const ours = request.headers('authorization').flatMap((text) => {
      const params = parseDigest(text)
      return params?.get('realm') === this.#realm ? [params] : []
    })
    return ours.find((params) => readAlgorithm(params.get('algorithm')) !== undefined) ?? ours[0]
  }

  async #nonce(text: string): Promise<Nonce | undefined> {
    const read = (key: Uint8Array) => readNonce(key, this.#realm, text, this.#clock.now(), this.#lifetimeMs)
    return read(await this.#key.current()) ?? read(await this.#key.doubted())
  }

  /**
   * Each count of a nonce is good for one request, whatever node gets it. Counts may overtake each other: UDP does not keep order.
   * A MESSAGE whose answer died with its node comes again to another one. Challenged there, it would come back under another CSeq, as
   * another text; so the very same MESSAGE passes, which the core accepts once and answers alike.
   */
  async #isFresh(nonce: Nonce, { protection }: Credential, request: SipRequest): Promise<boolean> {
    const use = `${nonce.id} ${Number.parseInt(protection?.nc ?? '0', 16)}`
    const count = (what: string) => this.#store.count('sipNonce', what, nonce.leftMs + 1000)
    if (request.method !== 'MESSAGE') return (await count(use)) === 1
    const [all, same] = await Promise.all([count(use), count(`${use} ${identityOf(request)}`)])
    return all === 1 || all === same
  }

  async #challenge(address: string, stale?: 'stale'): Promise<{ reply: Reply }> {
    const key = await this.#key.current()
    const nonce = makeNonce(key, this.#realm, address, this.#clock.now(), this.#random(8))
    const common = `realm="${this.#realm}", nonce="${nonce}", opaque="${this.#opaque}", qop="auth,auth-int"`
    const headers = this.#algorithms.map(
      (algorithm): HeaderLine => [
        'WWW-Authenticate',
        `Digest ${common}, algorithm=${algorithm}${stale ? ', stale=true' : ''}`,
      ],
    )
    return { reply: { status: 401, headers } }
  }
}

/** What makes a request the very same: who asks whom for what, under which ids. */
function identityOf({ callID, cseq, from, uri, contentType = '', body }: SipRequest): string {
  const ids = [callID, cseq.number, from.tag ?? '', from.uri, uri, contentType].join('\n')
  return hash('sha256', Buffer.concat([Buffer.from(`${ids}\n\n`), body]), 'hex')
}

function readCredential(params: DigestParams, request: SipRequest): Credential | 'malformed' | 'unknown algorithm' {
  const algorithm = readAlgorithm(params.get('algorithm'))
  if (algorithm === undefined) return 'unknown algorithm'
  const [user, realm, nonce, uri, response] = ['username', 'realm', 'nonce', 'uri', 'response'].map((name) =>
    params.get(name),
  )
  if (user === undefined || realm === undefined || nonce === undefined || uri === undefined || response === undefined)
    return 'malformed'
  if (!isFor(request.uri, uri)) return 'malformed'
  const { method, body } = request
  const credential = { algorithm, user, realm, method, uri, nonce, response: response.toLowerCase(), body }
  const qop = params.get('qop')?.toLowerCase()
  // COMPAT clients written to RFC 2069: no qop in the credential. Its nonce serves once.
  if (qop === undefined) return credential
  const [nc, cnonce] = [params.get('nc'), params.get('cnonce')]
  if ((qop !== 'auth' && qop !== 'auth-int') || !cnonce || !/^[0-9a-f]{8}$/i.test(nc ?? '') || nc === undefined)
    return 'malformed'
  return { ...credential, protection: { qop, nc, cnonce } }
}

/** RFC 7616 §3.4.6: a credential is for the resource that is asked for. A proxy may have changed ports and parameters on the way. */
function isFor(asked: string, named: string): boolean {
  if (named === asked) return true
  const [is, says] = [parseUri(asked), parseUri(named)]
  if (!is || !says || is.scheme !== says.scheme || is.host !== says.host) return false
  // COMPAT SIPp 3.6: names the server alone.
  return says.user === undefined || says.user === is.user
}

function equal(expected: string, given: string): boolean {
  return expected.length === given.length && timingSafeEqual(Buffer.from(expected), Buffer.from(given, 'latin1'))
}

// Not 503: a proxy in front would take the whole node for dead, and every user with it.
function tooManyFailures(waitMs: number): Reply {
  const seconds = String(Math.ceil(waitMs / 1000))
  return { status: 403, reason: 'Too Many Failed Attempts', headers: [['Retry-After', seconds]] }
}
