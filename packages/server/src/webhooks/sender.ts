import type { LookupAddress } from 'node:dns'
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import type { Clock } from '@ringdown/signalling'
import { isAllowed, mayConnect } from './address-rules.ts'
import { readRetryAfter } from './backoff.ts'
import { literalHost } from './target.ts'
import type { Webhook } from './webhook.ts'

/** How an attempt ended: with a status, or without one for a reason. */
export type Answer = { status: number; retryAfterMs?: number } | { failure: Failure }
export type Failure = 'timeout' | 'address' | 'name' | 'tls' | 'connection' | 'closed' | 'event'

/** All addresses of a name. */
export type Resolve = (host: string) => Promise<readonly LookupAddress[]>

/** What of an answer's body is read, bytes, so that its connection can be used again. */
const bodyLimit = 16_384
/** How long a connection waits for the next delivery, ms. Shorter than what servers commonly allow. */
const idleMs = 4_000

class AddressRefused extends Error {}
class NameUnknown extends Error {}

/**
 * Sends one webhook's deliveries over sockets of its own. Every connection is made to an address that was looked at just before, so a
 * name that changes its mind leads nowhere else. Redirects are answers like any other; proxies of the environment are not used.
 */
export class Sender {
  readonly #webhook: Webhook
  readonly #clock: Clock
  readonly #agent: HttpAgent | HttpsAgent
  readonly #lookup: LookupFunction
  #closed = false

  constructor(webhook: Webhook, resolve: Resolve, clock: Clock) {
    this.#webhook = webhook
    this.#clock = clock
    const sockets = { keepAlive: true, maxSockets: webhook.parallel, maxFreeSockets: webhook.parallel, timeout: idleMs }
    // Whatever the environment says (NODE_TLS_REJECT_UNAUTHORIZED).
    const verified = { ...sockets, rejectUnauthorized: true }
    this.#agent = webhook.url.protocol === 'https:' ? new HttpsAgent(verified) : new HttpAgent(sockets)
    this.#lookup = (host, options, callback) => {
      const found = resolve(host).then((all) => this.#checked(all))
      found.then(
        (all) => {
          const [first] = all
          if (options.all) callback(null, [...all])
          else callback(null, first?.address ?? '', first?.family)
        },
        (error: Error) => callback(error, '', 0),
      )
    }
  }

  /** One attempt; never rejects. */
  async send(headers: Readonly<Record<string, string>>, body: string): Promise<Answer> {
    const literal = literalHost(this.#webhook.url)
    if (literal !== undefined && !this.#isFine(literal)) return { failure: 'address' }
    const deadline = this.#clock.now() + this.#webhook.timeoutMs
    for (;;) {
      const answer = await this.#attempt(headers, body, Math.max(0, deadline - this.#clock.now()))
      // A connection that was kept may have been closed by the other side just then; that is nobody's failure. It is not kept any more.
      if (answer !== 'stale') return answer
    }
  }

  close(): void {
    this.#closed = true
    this.#agent.destroy()
  }

  #attempt(headers: Readonly<Record<string, string>>, body: string, leftMs: number): Promise<Answer | 'stale'> {
    const { url } = this.#webhook
    if (this.#closed) return Promise.resolve({ failure: 'closed' })
    return new Promise((resolve) => {
      const make = url.protocol === 'https:' ? httpsRequest : httpRequest
      const length = Buffer.byteLength(body)
      const request = make(url, {
        method: 'POST',
        agent: this.#agent,
        lookup: this.#lookup,
        headers: { ...headers, 'content-type': 'application/json', 'content-length': length, 'user-agent': 'Ringdown' },
      })
      const end = (answer: Answer | 'stale') => {
        cancel()
        resolve(answer)
      }
      const cancel = this.#clock.after(leftMs, () => {
        end({ failure: 'timeout' })
        request.destroy()
      })
      request.once('response', (response) => {
        end(answerOf(response, this.#clock.now()))
        this.#drain(response)
      })
      request.on('error', (error) => {
        const stale = request.reusedSocket && !this.#closed && /^(ECONNRESET|EPIPE)$/.test(codeOf(error))
        end(stale ? 'stale' : { failure: this.#closed ? 'closed' : failureOf(error) })
      })
      request.end(body)
    })
  }

  /** Reads what is left of an answer, thrown away, up to a bound of bytes and time. */
  #drain(response: IncomingMessage): void {
    let bytes = 0
    const cancel = this.#clock.after(idleMs, () => response.destroy())
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > bodyLimit) response.destroy()
    })
    response.on('error', () => undefined)
    response.once('close', cancel)
  }

  #checked(all: readonly LookupAddress[]): readonly LookupAddress[] {
    if (all.length === 0) throw new NameUnknown()
    // One that is not fine makes all of them suspect.
    if (!all.every(({ address }) => this.#isFine(address))) throw new AddressRefused()
    return all
  }

  #isFine(address: string): boolean {
    const { url, allowed } = this.#webhook
    return url.protocol === 'https:' ? mayConnect(address, allowed) : isAllowed(address, allowed)
  }
}

function answerOf({ statusCode = 0, headers }: IncomingMessage, now: number): Answer {
  const retryAfterMs = readRetryAfter(headers['retry-after'], now)
  return { status: statusCode, ...(retryAfterMs !== undefined && { retryAfterMs }) }
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : ''
}

function failureOf(error: Error): Failure {
  if (error instanceof AddressRefused) return 'address'
  const code = codeOf(error)
  if (error instanceof NameUnknown || code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'name'
  return /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO|DEPTH_ZERO|SELF_SIGNED|EPROTO)/.test(code) ? 'tls' : 'connection'
}
