import { AsyncLocalStorage } from 'node:async_hooks'
import type { Attributes, Context, Span, SpanKind, Tracer } from '@opentelemetry/api'

/** What is used of the packages that are loaded only where traces are wanted. */
export interface OtelParts {
  readonly api: typeof import('@opentelemetry/api')
  readonly tracer: Tracer
  readonly propagator: import('@opentelemetry/api').TextMapPropagator
}

export interface SpanStart {
  readonly kind?: SpanKind
  readonly attributes?: Attributes
  /** The span it is part of, by its context; absent: what runs now. */
  readonly parent?: Context
  /** Milliseconds since 1970; absent: now. */
  readonly at?: number
}

/** Spans, and which of them runs now. One for each server: nothing of it is global. */
export class Spans {
  readonly api: OtelParts['api']
  readonly #tracer: Tracer
  readonly #propagator: OtelParts['propagator']
  readonly #now = new AsyncLocalStorage<Context>()

  constructor({ api, tracer, propagator }: OtelParts) {
    this.api = api
    this.#tracer = tracer
    this.#propagator = propagator
  }

  current(): Context {
    return this.#now.getStore() ?? this.api.ROOT_CONTEXT
  }

  /** Whether what runs now is part of a trace that is not recorded: its parts need no spans. */
  unrecorded(): boolean {
    return this.#now.getStore() !== undefined && !this.recording()
  }

  /** Whether what runs now is recorded. */
  recording(): boolean {
    const context = this.#now.getStore()
    return context !== undefined && this.api.trace.getSpan(context)?.isRecording() === true
  }

  begin(name: string, { kind, attributes, parent, at }: SpanStart = {}): Span {
    const options = {
      ...(kind !== undefined && { kind }),
      ...(attributes && { attributes }),
      ...(at !== undefined && { startTime: at }),
    }
    return this.#tracer.startSpan(name, options, parent ?? this.current())
  }

  /** Runs something, and all that follows of it, as part of a span. */
  within<T>(span: Span, run: () => T): T {
    return this.#now.run(this.api.trace.setSpan(this.current(), span), run)
  }

  /** A span around one piece of work; a failure is told by its name only, for its words may be a client's. */
  async around<T>(span: Span, work: () => Promise<T>, nameOf: (error: unknown) => string): Promise<T> {
    try {
      return await this.within(span, work)
    } catch (error) {
      this.fail(span, nameOf(error))
      throw error
    } finally {
      span.end()
    }
  }

  fail(span: Span, name: string): void {
    span.setAttribute('error.type', name)
    span.setStatus({ code: this.api.SpanStatusCode.ERROR })
  }

  /** The trace a client says its request is part of. W3C Trace Context §3. */
  parentIn(headers: Readonly<Record<string, string | string[] | undefined>>): Context {
    return this.#propagator.extract(this.api.ROOT_CONTEXT, headers, {
      keys: (carrier) => Object.keys(carrier),
      get: (carrier, key) => carrier[key],
    })
  }

  /** A span as W3C Trace Context writes it (§3.2). */
  name(span: Span): string {
    const { traceId, spanId, traceFlags } = span.spanContext()
    return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
  }
}
