import type { Tracer as EngineTracer } from '@ringdown/facade'
import type { FlowUser, SessionStore, SipTap, TServer } from '@ringdown/signalling'
import type { FastifyInstance } from 'fastify'
import type { SpanFigures } from '../metrics/export-metrics.ts'

/** Traces for OpenTelemetry, or none: then everything is as it would be without. */
export interface Tracing {
  readonly sipTap: SipTap | undefined
  wrapUser(user: FlowUser): FlowUser
  wrapTServer(centre: string, tserver: TServer): TServer
  wrapStore(centre: string, store: SessionStore): SessionStore
  wrapTracer(tracer: EngineTracer): EngineTracer
  addTo(app: FastifyInstance): void
  /** For metrics; absent where nothing is recorded. */
  readonly state: (() => SpanFigures) | undefined
  close(): Promise<void>
}

export const noTracing: Tracing = {
  sipTap: undefined,
  wrapUser: (user) => user,
  wrapTServer: (_centre, tserver) => tserver,
  wrapStore: (_centre, store) => store,
  wrapTracer: (tracer) => tracer,
  addTo: () => undefined,
  state: undefined,
  close: async () => undefined,
}
