import type { Meter, Role } from '@ringdown/signalling'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Logins, Refusal } from '../login/logins.ts'
import type { Login } from '../login.ts'
import { ApiError } from './status.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; set on every route behind a guard. */
    login: Login
  }
}

/** What a route asks of who asks. */
export interface Needs {
  /** Off: the route behaves as if it did not exist, web-services-api §2.6. */
  feature?: string
  /** Any of them will do. */
  roles?: readonly Role[]
}

export type Guard = (needs?: Needs) => (request: FastifyRequest, reply: FastifyReply) => Promise<void>

/** Makes the check that stands before a route's body is even read: who is it, may they, does the resource exist for them. */
export function guardOf(logins: Logins, meter: Pick<Meter, 'refused'> | undefined): Guard {
  return ({ feature, roles } = {}) =>
    async (request, reply) => {
      const { headers, method } = request
      const login = await logins.authenticate(headers, request.ip)
      if ('refused' in login) {
        meter?.refused(login.refused)
        throw refusal(login, request, reply)
      }
      request.login = login
      const cookie = logins.setCookie(headers, login)
      if (cookie !== undefined) reply.header('set-cookie', cookie)
      if (method === 'GET' || method === 'HEAD') {
        reply.header('x-csrf-header', 'X-CSRF-TOKEN')
        reply.header('x-csrf-token', login.session.csrfToken)
      } else if (!logins.mayChange(headers, login)) {
        meter?.refused('csrf')
        // The usual cause is a client without a cookie jar, and its answer does not say so.
        request.log.warn({ cookie: headers.cookie !== undefined }, 'request without its CSRF token')
        throw new ApiError(3, 'Missing or invalid Csrf token')
      }
      if (feature !== undefined && !login.centre.directory().features.has(feature))
        throw new ApiError(6, `The feature ${feature} is not enabled`)
      if (roles && !roles.some((role) => login.person.roles.includes(role)))
        throw new ApiError(5, `This needs the role ${roles.map((role) => `ROLE_${role.toUpperCase()}`).join(' or ')}`)
    }
}

/** SPEC WS-13: one text for every wrong credential, and a browser's own login window only for who is not a script. */
function refusal({ refused, retryAfter }: Refusal, request: FastifyRequest, reply: FastifyReply): ApiError {
  if (retryAfter !== undefined) reply.header('retry-after', String(Math.ceil(retryAfter / 1000)))
  switch (refused) {
    case 'tooManyAttempts':
      return new ApiError(20, 'Too many failed logins; try again later', 429)
    case 'tooManyRequests':
      return new ApiError(3, 'Too many requests of yours; try again later', 429)
    case 'busy':
      return new ApiError(4, 'Too many logins are being checked; try again', 503)
    case 'noCredentials':
    case 'wrongCredentials':
    case 'sessionEnded':
      if (!isScript(request)) reply.header('www-authenticate', 'Basic realm="Ringdown", charset="UTF-8"')
      return new ApiError(20, texts[refused])
  }
}

const texts = {
  noCredentials: 'Not authenticated; send credentials',
  wrongCredentials: 'Wrong user name or password',
  sessionEnded: 'The HTTP session has ended; send credentials',
}

function isScript({ headers }: FastifyRequest): boolean {
  const mode = headers['sec-fetch-mode']
  return headers['x-requested-with'] !== undefined || (mode !== undefined && mode !== 'navigate')
}
