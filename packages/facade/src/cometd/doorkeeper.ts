import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { sessionIDOf } from '../login/http-sessions.ts'
import type { Logins } from '../login/logins.ts'
import type { Login } from '../login.ts'
import { ApiError } from '../web-services/status.ts'
import type { BayeuxMessage } from './bayeux.ts'
import type { CometdOptions } from './options.ts'

/** Who asks; nobody we know where `login` is undefined. */
export interface Known {
  login: Login | undefined
  loginID: string
}

/** Lets requests in: who are they from, and from whose page. */
export class Doorkeeper {
  readonly connectionTypes = ['websocket', 'long-polling', 'callback-polling'] as const
  readonly #logins: Logins
  readonly #options: CometdOptions

  constructor(logins: Logins, options: CometdOptions) {
    this.#logins = logins
    this.#options = options
  }

  /**
   * Who an HTTP request comes from. Nobody is told so by Bayeux, SPEC CD-5; who is to wait or to bring a token, by HTTP.
   * Rejects with ApiError, or TServerError when the store does not answer.
   */
  async authenticate(request: FastifyRequest, reply: FastifyReply, messages: readonly BayeuxMessage[]): Promise<Known> {
    const { headers, ip, method } = request
    const known = await this.#logins.authenticate(headers, ip)
    if ('refused' in known) {
      if (known.retryAfter !== undefined) reply.header('retry-after', String(Math.ceil(known.retryAfter / 1_000)))
      if (known.refused === 'tooManyAttempts') throw new ApiError(20, 'Too many failed logins; try again later', 429)
      if (known.refused === 'tooManyRequests') throw tooManyRequests()
      if (known.refused === 'busy') throw new ApiError(4, 'Too many logins are being checked; try again', 503)
      return { login: undefined, loginID: '' }
    }
    const isHandshake = messages.every(({ channel }) => channel === '/meta/handshake')
    if (this.#options.csrf && method === 'POST' && !isHandshake && !this.#logins.mayChange(headers, known))
      throw new ApiError(3, 'Missing or invalid Csrf token')
    const cookie = isHandshake ? this.#logins.setCookie(headers, known) : undefined
    if (cookie !== undefined) reply.header('set-cookie', cookie)
    return { login: known, loginID: loginIDOf(headers, known) }
  }

  /**
   * The same for a websocket's upgrade, or for the headers it was opened with: undefined where it is nobody we know. Rejects with
   * ApiError 429 where it is somebody who asks too much.
   */
  async recognise(headers: IncomingHttpHeaders, address: string): Promise<Known | undefined> {
    const known = await this.#logins.authenticate(headers, address)
    if ('refused' in known && known.refused === 'tooManyRequests') throw tooManyRequests()
    return 'refused' in known ? undefined : { login: known, loginID: loginIDOf(headers, known) }
  }

  /** Refuses what another site's page makes a browser send with our cookie, where no preflight stands before it. SPEC CD-8. */
  checkSite({ headers }: { headers: IncomingHttpHeaders }): void {
    if (!this.isOurSite(headers)) throw new ApiError(3, 'This origin may not use the notifications')
  }

  isOurSite(headers: IncomingHttpHeaders): boolean {
    const { origin, referer, host } = headers
    const { origins } = this.#options
    if (origins.includes('*')) return true
    const page = origin ?? originOf(referer)
    if (page !== undefined) return origins.includes(page) || hostOf(page) === host
    // A script element sends neither; browsers that do not tell the site either are older than the cookie's SameSite.
    const site = headers['sec-fetch-site']
    return site === undefined || site === 'same-origin' || site === 'none'
  }
}

const tooManyRequests = () => new ApiError(3, 'Too many requests of yours; try again later', 429)

/** What stands for a login when it comes back: its HTTP session where it keeps the cookie, else the person. */
function loginIDOf(headers: IncomingHttpHeaders, { session, person }: Login): string {
  return sessionIDOf(headers.cookie) === session.id ? `session:${session.id}` : `person:${person.id}`
}

function originOf(url: string | undefined): string | undefined {
  return url !== undefined && URL.canParse(url) ? new URL(url).origin : undefined
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}
