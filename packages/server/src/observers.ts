import type { Tracer } from '@ringdown/facade'
import type { Clock, FlowUser, SessionStore, SipTap, TServer } from '@ringdown/signalling'
import type { FastifyInstance } from 'fastify'
import type { Config } from './config/load-config.ts'
import { openHep } from './hep/open-hep.ts'
import type { MetricsSources } from './metrics.ts'
import { openTracing } from './otel/open-otel.ts'
import type { Trace } from './trace/trace.ts'

/** Everybody who looks on: the trace in memory, Homer, OpenTelemetry. None of them can hold up what they look at. */
export interface Observers extends Pick<Trace, 'bind' | 'msrp'> {
  /** Of all who want to see SIP messages; absent where nobody does. */
  readonly sip: SipTap | undefined
  readonly tracer: Tracer
  wrapUser(user: FlowUser): FlowUser
  wrapStore(centre: string, store: SessionStore): SessionStore
  wrapTServer(centre: string, tserver: TServer): TServer
  addTo(app: FastifyInstance): void
  readonly sources: Pick<MetricsSources, 'hep' | 'otel'>
  close(): Promise<void>
}

/** Opens what the configuration names, beside the trace. */
export async function openObservers(config: Config, node: string, clock: Clock, trace: Trace): Promise<Observers> {
  const tracing = await openTracing(config, node, clock)
  const hep = openHep(config, node, clock)
  const taps = [trace.sip, hep?.tap, tracing.sipTap].filter((tap) => tap !== undefined)
  const [only] = taps
  const all: SipTap = (sent, flow, bytes) => {
    for (const tap of taps) tap(sent, flow, bytes)
  }
  return {
    sip: taps.length > 1 ? all : only,
    msrp: trace.msrp,
    bind: hep
      ? (callUUID, dn, name) => {
          trace.bind(callUUID, dn, name)
          hep.bind(callUUID, name)
        }
      : trace.bind,
    tracer: tracing.wrapTracer(trace.tracer),
    wrapUser: tracing.wrapUser,
    wrapStore: (centre, store) => tracing.wrapStore(centre, trace.wrapStore(centre, store)),
    wrapTServer: tracing.wrapTServer,
    addTo: tracing.addTo,
    sources: { ...(hep && { hep: () => hep.state() }), ...(tracing.state && { otel: tracing.state }) },
    close: async () => {
      await Promise.all([hep?.close(), tracing.close()])
    },
  }
}
