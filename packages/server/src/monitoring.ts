import { timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import type { FastifyInstance, FastifyRequest, FastifySchema } from 'fastify'
import { isLoopback } from './config/loopback.ts'
import type { Secret } from './config/secret.ts'
import type { Health } from './health.ts'
import type { Metrics } from './metrics.ts'

export interface MonitoringDeps {
  health: Health
  metrics: Metrics
  /** Opens `/metrics` to other than this machine. */
  token: Secret | undefined
}

// They are the operator's, not a part of the API that is described to clients.
const hidden = { hide: true } as FastifySchema

/** Adds the probes and the metrics page, and counts every exchange. To be called before any route is added. */
export function addMonitoring(app: FastifyInstance, { health, metrics, token }: MonitoringDeps): void {
  app.addHook('onResponse', async (request, reply) => {
    metrics.http({
      method: request.method,
      route: request.routeOptions.url,
      status: reply.statusCode,
      ms: reply.elapsedTime,
    })
  })

  app.get('/health/live', { schema: hidden }, async () => ({ status: 'live' }))
  // SPEC SV-30
  app.get('/health/ready', { schema: hidden }, async (_, reply) => {
    const trouble = health.trouble()
    return reply
      .code(trouble.length === 0 ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ status: trouble[0] ?? 'ready', trouble })
  })
  app.get('/metrics', { schema: hidden }, async (request, reply) => {
    if (!mayRead(request, token)) return reply.code(403).send({ statusCode: 5, statusMessage: 'Not for this address' })
    return reply.header('content-type', metrics.contentType).send(await metrics.text())
  })
}

// SPEC SV-22. A proxy on this machine makes everybody look like loopback; what it forwards says so.
function mayRead({ headers, socket }: FastifyRequest, token: Secret | undefined): boolean {
  const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1]
  if (token && bearer !== undefined) return equal(bearer, token.reveal())
  const forwarded = headers.forwarded ?? headers['x-forwarded-for'] ?? headers['x-real-ip']
  return forwarded === undefined && isLoopback(socket.remoteAddress ?? '') && isOwnName(headers.host ?? '')
}

/**
 * Whether a Host header names this machine by its address or its own name. A page of elsewhere can have its name lead to 127.0.0.1 (DNS
 * rebinding), and then its browser here asks as if it were we. SPEC SE-52
 */
function isOwnName(host: string): boolean {
  const name = host
    .replace(/:\d{1,5}$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase()
  return isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost') || name === hostname().toLowerCase()
}

function equal(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)]
  return x.length === y.length && timingSafeEqual(x, y)
}
