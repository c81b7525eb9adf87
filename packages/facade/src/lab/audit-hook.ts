import { type Clock, TServerError } from '@ringdown/signalling'
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify'
import type { Login } from '../login.ts'
import { currentDirectory } from '../web-services/provisioning.ts'
import { asker, writeDeed } from './audit.ts'
import { type AuditedRoute, auditedRoutes } from './audited-routes.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** What the request changes, in words; looked up before it does. A route that makes the object may name it afterwards. */
    deed: { object: string; detail?: string } | null
  }
}

/**
 * Has what administrators change written down. To be called before the routes are added; `prefix` is the API's root.
 * SPEC LB-21: the entry is durable before the answer goes out. Whoever has not the role for a request leaves no entry.
 */
export function auditChanges(app: FastifyInstance, prefix: string, clock: Pick<Clock, 'now'>): void {
  app.decorateRequest('deed', null)
  app.addHook('onRoute', (route) => {
    const audited = auditedRoutes.get(`${route.method} ${route.url.slice(prefix.length)}`)
    if (audited) audit(route, audited, clock)
  })
}

function audit(route: RouteOptions, audited: AuditedRoute, clock: Pick<Clock, 'now'>): void {
  const { preHandler = [], onSend = [] } = route
  route.preHandler = [
    async (request: FastifyRequest) => {
      request.deed = await wordsOf(request, audited)
    },
    ...[preHandler].flat(),
  ]
  route.onSend = [
    ...[onSend].flat(),
    async (request: FastifyRequest, reply, payload) => {
      const login = request.login as Login | undefined
      if (!login?.person.roles.some((role) => role === 'admin' || role === 'supervisor')) return payload
      const deed = request.deed ?? (await wordsOf(request, audited))
      const outcome = reply.statusCode < 400 ? 'done' : 'refused'
      try {
        const done = { ...asker({ login, ip: request.ip }), what: audited.what, ...deed, outcome } as const
        await writeDeed(login.centre, done, { log: request.log, now: clock.now() })
      } catch (error) {
        // What was done is done, and its answer must say so.
        if (!(error instanceof TServerError)) throw error
        request.log.error({ err: error, who: login.person.userName, what: audited.what }, 'no audit entry was written')
      }
      return payload
    },
  ]
}

async function wordsOf({ login, params, body }: FastifyRequest, { fresh, object, detail }: AuditedRoute) {
  const { centre } = login
  const request = {
    // Without the store there is still what this node knows.
    directory: fresh ? await currentDirectory(centre).catch(() => centre.directory()) : centre.directory(),
    id: String((params as { id?: string } | undefined)?.id ?? ''),
    body: (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>,
  }
  return { object: object(request), ...(detail && { detail: detail(request) }) }
}
