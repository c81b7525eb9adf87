import type { Span } from '@opentelemetry/api'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Spans } from './spans.ts'

/** What nobody asks about. */
const quiet = /^\/(?:health|metrics)\b/

/**
 * A span for each HTTP request, by its route template. Paths and queries are left out: they hold ids of people, and by callback-polling
 * whole messages. SPEC OT-2.
 */
export function addHttpSpans(app: FastifyInstance, spans: Spans): void {
  const { SpanKind } = spans.api
  const begun = new WeakMap<FastifyRequest, Span>()
  app.addHook('onRequest', (request, reply, done) => {
    const route = request.routeOptions.url
    if (route !== undefined && quiet.test(route)) return done()
    const span = spans.begin(route === undefined ? request.method : `${request.method} ${route}`, {
      kind: SpanKind.SERVER,
      parent: spans.parentIn(request.headers),
      attributes: {
        'http.request.method': request.method,
        'url.scheme': request.protocol,
        'network.protocol.version': request.raw.httpVersion,
        ...(route !== undefined && { 'http.route': route }),
      },
    })
    begun.set(request, span)
    // W3C Trace Context Level 3, draft: so that a client finds its request again, whether it began the trace or we did.
    if (span.isRecording()) reply.header('traceresponse', spans.name(span))
    done()
  })
  // Behind the body: what runs when its bytes come runs in the connection's own context, and not in the one of the first hook.
  app.addHook('preValidation', (request, _reply, done) => {
    const span = begun.get(request)
    if (span) spans.within(span, done)
    else done()
  })
  app.addHook('onResponse', async (request, reply) => {
    const span = begun.get(request)
    if (!span) return
    span.setAttribute('http.response.status_code', reply.statusCode)
    if (reply.statusCode >= 500) spans.fail(span, String(reply.statusCode))
    span.end()
  })
}
