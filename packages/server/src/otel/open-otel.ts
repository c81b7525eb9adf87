import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { Clock } from '@ringdown/signalling'
import { version } from '../cli/version.ts'
import type { Config } from '../config/load-config.ts'
import { EngineSpans } from './engine-spans.ts'
import { addHttpSpans } from './http-spans.ts'
import { SipSpans } from './sip-spans.ts'
import { SpanQueue } from './span-queue.ts'
import { Spans } from './spans.ts'
import { noTracing, type Tracing } from './tracing.ts'

/** How long a batch may take, with what the exporter tries again. Milliseconds. */
const exportMs = 5_000

/** Traces as the configuration says. The packages of OpenTelemetry are loaded where they are wanted, and nowhere else. SPEC OT-1. */
export async function openTracing({ otel, store }: Config, node: string, clock: Clock): Promise<Tracing> {
  if (!otel) return noTracing
  const [api, core, resources, sdk, { OTLPTraceExporter }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/core'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
  ])
  const agent = new (otel.url.startsWith('https:') ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: 1 })
  const exporter = new OTLPTraceExporter({
    url: otel.url,
    timeoutMillis: exportMs,
    concurrencyLimit: 1,
    httpAgentOptions: () => agent,
    ...(otel.authorization && { headers: { Authorization: otel.authorization.reveal() } }),
  })
  const queue = new SpanQueue({ exporter, clock, limit: otel.queue })
  const root = new sdk.TraceIdRatioBasedSampler(otel.percent / 100)
  const provider = new sdk.TracerProvider({
    resource: resources.resourceFromAttributes({
      'service.name': otel.service,
      'service.version': version(),
      'service.instance.id': node,
    }),
    sampler: new sdk.ParentBasedSampler({
      root,
      ...(!otel.followParents && { remoteParentSampled: root, remoteParentNotSampled: root }),
    }),
    spanProcessors: [queue],
  })
  const now = () => performance.timeOrigin + performance.now()
  const tracer = provider.getTracer('ringdown', version())
  const spans = new Spans({ api, tracer, propagator: new core.W3CTraceContextPropagator() })
  const engine = new EngineSpans(spans, now, store.redis ? 'redis' : 'sqlite')
  const sip = new SipSpans(spans, now)
  return {
    sipTap: sip.tap,
    wrapUser: (user) => sip.wrapUser(user),
    wrapTServer: (centre, tserver) => engine.wrapTServer(centre, tserver),
    wrapStore: (centre, of) => engine.wrapStore(centre, of),
    wrapTracer: (of) => ({
      on: true,
      request: (exchange) => {
        if (of.on) of.request(exchange)
      },
      delivered: (delivery) => {
        if (of.on) of.delivered(delivery)
        engine.delivered(delivery)
      },
    }),
    addTo: (app) => addHttpSpans(app, spans),
    state: () => queue.state(),
    close: async () => {
      await queue.shutdown()
      // A collector that hangs would keep its connection, and the process, until the exporter gives up.
      agent.destroy()
    },
  }
}
