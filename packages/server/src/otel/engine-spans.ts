import type { Context, Span } from '@opentelemetry/api'
import type { TracedDelivery } from '@ringdown/facade'
import { type Change, type CommitOutcome, type SessionStore, type TServer, TServerError } from '@ringdown/signalling'
import { delegateStore } from './delegate-store.ts'
import type { Spans } from './spans.ts'

/** Events that were committed here lately, so that their deliveries are found to be part of the same trace. */
const mostCommitted = 4_096

interface Committed {
  readonly context: Context
  readonly at: number
}

/** Spans of what the engine does between a request and a delivery. SPEC OT-2. */
export class EngineSpans {
  readonly #spans: Spans
  readonly #now: () => number
  readonly #system: 'redis' | 'sqlite'
  /** By contact centre, person and offset. */
  readonly #committed = new Map<string, Committed>()

  constructor(spans: Spans, now: () => number, system: 'redis' | 'sqlite') {
    this.#spans = spans
    this.#now = now
    this.#system = system
  }

  /** The same T-Server, with a span for each request and each input of SIP or MSRP. */
  wrapTServer(centre: string, tserver: TServer): TServer {
    return {
      ...tserver,
      request: (request) => this.#accept(`T-request ${request.request}`, centre, () => tserver.request(request)),
      input: (input) => this.#accept(`T-input ${input.input}`, centre, () => tserver.input(input)),
    }
  }

  /** The same store, with a span for each commit of what is recorded. */
  wrapStore(centre: string, store: SessionStore): SessionStore {
    const { SpanKind } = this.#spans.api
    return delegateStore(store, (change) => {
      if (!this.#spans.recording()) return store.commit(change)
      const span = this.#spans.begin('commit', {
        kind: SpanKind.CLIENT,
        attributes: { 'db.system.name': this.#system, 'db.operation.name': 'commit', 'db.namespace': centre },
      })
      return this.#spans.around(span, () => this.#commit(span, centre, store, change), nameOf)
    })
  }

  /** A text was written to a client: part of the trace of its acceptance, where that was here. */
  delivered({ tongue, centre, person, position }: TracedDelivery): void {
    const committed = this.#committed.get(`${centre} ${person} ${position}`)
    if (!committed) return
    const attributes = { 'messaging.system': 'ringdown', 'messaging.operation.type': 'send', 'ringdown.tongue': tongue }
    const { context: parent, at } = committed
    this.#spans
      .begin(`deliver ${tongue}`, { kind: this.#spans.api.SpanKind.PRODUCER, attributes, parent, at })
      .end(this.#now())
  }

  async #accept<T extends { callUUID?: string }>(name: string, centre: string, work: () => Promise<T>): Promise<T> {
    if (this.#spans.unrecorded()) return work()
    const span = this.#spans.begin(name, { attributes: { 'ringdown.centre': centre } })
    const told = async () => {
      const accepted = await work()
      if (accepted.callUUID !== undefined) span.setAttribute('ringdown.call_uuid', accepted.callUUID)
      return accepted
    }
    return this.#spans.around(span, told, nameOf)
  }

  async #commit(span: Span, centre: string, store: SessionStore, change: Change): Promise<CommitOutcome> {
    const outcome = await store.commit(change)
    span.setAttribute('ringdown.commit.outcome', outcome.outcome)
    if (outcome.outcome !== 'committed') return outcome
    const committed = { context: this.#spans.current(), at: this.#now() }
    for (const [i, { person }] of change.feeds.entries()) {
      this.#committed.set(`${centre} ${person} ${outcome.feeds[i]}`, committed)
      if (this.#committed.size <= mostCommitted) continue
      const [oldest] = this.#committed.keys()
      if (oldest !== undefined) this.#committed.delete(oldest)
    }
    return outcome
  }
}

/** What may be told of a failure: never its words. */
const nameOf = (error: unknown): string => {
  if (error instanceof TServerError) return error.reason
  return error instanceof Error ? error.name : 'unknown'
}
