import { headerOf, type ResponseHead } from '../message/frame.ts'
import { parseMsrpUri } from '../message/msrp-uri.ts'
import { hex, newTid, printRequest, type Random } from '../message/print.ts'
import type { Attached, Connection } from '../session/connection.ts'
import type { Clock } from '../session/wire.ts'
import { type Challenge, type Credentials, isProven, type Proof, parseChallenge, prove } from './digest.ts'

export interface RelayUseDeps {
  /** A connection of its own: what the relay gives is valid on it only, and some relays take one session for each. */
  readonly connection: Connection
  readonly relayUri: string
  readonly credentials: Credentials
  /** Our own URI. */
  readonly from: string
  readonly clock: Clock
  readonly random: Random
  /** The relay does not extend what it gave; the session cannot be reached by it any more. */
  readonly onEnd: (why: string) => void
}

/** Seconds, where the relay does not say. RFC 4976 §5.1 wants an Expires; Kamailio's default is this. */
const usualExpires = 1800
/** What is asked for is renewed when so much of its time is over. */
const renewAt = 0.8
const shortestRenewal = 5
const hops = 8

/** The use of one MSRP relay by one session: AUTH, and again before it expires. RFC 4976 §5.1. */
export class RelayUse implements Attached {
  readonly #deps: RelayUseDeps
  #usePath: readonly string[] = []
  #stopTimer: (() => void) | undefined
  #over = false
  #lost: ((error: Error) => void) | undefined

  constructor(deps: RelayUseDeps) {
    this.#deps = deps
    deps.connection.attach(this)
  }

  /** What the relay gave: URIs for To-Path, the first hop first. Rejects where it refuses, or does not prove that it knows the password. */
  async open(): Promise<readonly string[]> {
    try {
      const { usePath, expires } = await this.#authorise()
      this.#usePath = usePath
      this.#renewAfter(expires)
      return usePath
    } catch (error) {
      this.close()
      throw error
    }
  }

  close(): void {
    this.#over = true
    this.#stopTimer?.()
    this.#deps.connection.detach(this)
  }

  async #authorise(): Promise<{ usePath: string[]; expires: number }> {
    let challenge: Challenge | undefined
    let proof: Proof | undefined
    let expires: number | undefined
    for (let tries = 0; tries < 4; tries++) {
      const answer = await this.#request(proof?.authorization, expires)
      if (answer.status === 200) return this.#granted(answer, proof)
      if (answer.status === 423) {
        expires = boundOf(answer)
        if (expires === undefined) throw new Error('the relay takes no time we know of')
        // What was proven stays proven only for relays that take a nonce twice: begin again.
        proof = undefined
      } else if (answer.status === 401) {
        const again = challengeOf(answer)
        if (!again) throw new Error('the relay asks for what we cannot prove')
        if (proof && challenge && !again.stale) throw new Error('the relay refuses the password')
        challenge = again
        proof = prove(again, this.#deps.credentials, this.#deps.relayUri, hex(this.#deps.random(16)))
      } else throw new Error(`the relay answered ${answer.status}`)
    }
    throw new Error('the relay asks again and again')
  }

  #request(authorization: string | undefined, expires: number | undefined): Promise<ResponseHead> {
    const { connection, relayUri, from, random } = this.#deps
    const tid = newTid(random)
    const headers: [string, string][] = []
    if (expires !== undefined) headers.push(['Expires', String(expires)])
    if (authorization !== undefined) headers.push(['Authorization', authorization])
    return new Promise((resolve, reject) => {
      this.#lost = reject
      connection.transactions.expect(tid, (answer) => {
        if (answer) resolve(answer)
        else reject(new Error('the relay does not answer'))
      })
      connection.outbox.report(
        printRequest({ tid, method: 'AUTH', toPath: relayUri, fromPath: from, headers, flag: '$' }),
      )
    })
  }

  #granted(answer: ResponseHead, proof: Proof | undefined): { usePath: string[]; expires: number } {
    const usePath = (headerOf(answer, 'use-path') ?? '').split(' ').filter((uri) => uri !== '')
    if (usePath.length === 0 || usePath.length > hops || !usePath.every((uri) => parseMsrpUri(uri)))
      throw new Error('the relay gave no path')
    // COMPAT Kamailio 5.6: says nothing of what it knows; TLS tells who it is.
    const info = headerOf(answer, 'authentication-info')
    if (info !== undefined && proof && !isProven(info, proof)) throw new Error('the relay does not know the password')
    return { usePath, expires: secondsOf(headerOf(answer, 'expires')) ?? usualExpires }
  }

  #renewAfter(expires: number): void {
    const ms = Math.max(shortestRenewal, expires * renewAt) * 1000
    this.#stopTimer = this.#deps.clock.after(ms, () => void this.#renew())
  }

  async #renew(): Promise<void> {
    try {
      const { usePath, expires } = await this.#authorise()
      if (this.#over) return
      if (usePath.join(' ') !== this.#usePath.join(' ')) throw new Error('the relay gave another path')
      this.#renewAfter(expires)
    } catch (error) {
      if (this.#over) return
      this.close()
      this.#deps.onEnd(error instanceof Error ? error.message : 'the relay failed')
    }
  }

  onConnectionLost(why: string): void {
    this.#over = true
    this.#stopTimer?.()
    this.#lost?.(new Error(`the relay is gone: ${why}`))
  }
}

/** Of several challenges the one with the stronger hash. */
function challengeOf(answer: ResponseHead): Challenge | undefined {
  const all = answer.headers.filter(([name]) => name === 'www-authenticate').map(([, value]) => parseChallenge(value))
  return all.find((one) => one?.algorithm === 'SHA-256') ?? all.find((one) => one !== undefined)
}

/** The time a 423 asks for. RFC 4976 §5.1. */
function boundOf(answer: ResponseHead): number | undefined {
  return secondsOf(headerOf(answer, 'min-expires')) ?? secondsOf(headerOf(answer, 'max-expires'))
}

function secondsOf(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,9}$/.test(value) && value !== '0' ? Number(value) : undefined
}
