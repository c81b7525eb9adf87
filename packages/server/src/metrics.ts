import type { LiveState, Meter } from '@ringdown/signalling'
import { type Bucket, createDeliveryMeter, type OnDelivered } from './delivery-meter.ts'
import { addDefaultMetrics } from './metrics/default-metrics.ts'
import { addHepMetrics, addSpanMetrics, type HepFigures, type SpanFigures } from './metrics/export-metrics.ts'
import { bounded, closed, Instruments } from './metrics/instruments.ts'
import { addNodeMetrics, type NodeSources } from './metrics/node-metrics.ts'
import { addWebhookMetrics } from './webhooks/webhook-metrics.ts'
import type { WebhookFigures } from './webhooks/webhooks.ts'

/** How one HTTP request went. `route` is the template it was matched by, never its path. */
export interface HttpExchange {
  method: string
  route: string | undefined
  status: number
  ms: number
}

/** Where current numbers are asked for at each scrape. */
export interface MetricsSources {
  /** Living sessions of each contact centre, by its id. */
  sessions: ReadonlyMap<string, () => Promise<Record<LiveState, number>>>
  self?: NodeSources
  /** What SIP and MSRP hold now, by kind; absent: both are off. */
  sip?: () => Readonly<Record<SipHolding, number>>
  /** What is handed to Homer and to OpenTelemetry; absent where they are off. */
  hep?: () => HepFigures
  otel?: () => SpanFigures
  /** What the trace holds and has given up. */
  trace?: () => { entries: number; bytes: number; discarded: Readonly<Record<string, number>> }
  /** When each certificate ends, by what shows it; seconds since 1970. */
  certificates?: () => ReadonlyMap<string, number>
  webhooks?: () => readonly WebhookFigures[]
}

/** What SIP and MSRP hold in memory. */
export type SipHolding = 'legs' | 'dialogs' | 'transactions' | 'msrpSessions' | 'msrpConnections'
/** What came in over SIP or MSRP and was thrown away or refused before it was read, by reason. */
export type OnDropped = (protocol: 'sip' | 'msrp', reason: string) => void

/** Everything this process counts. Labels take values from closed sets, so a client cannot make series. SPEC SV-21. */
export interface Metrics {
  meter: Meter
  cometd: {
    clients(count: number): void
    queuedBytes(count: number): void
    gap(): void
    delivered(ms: number): void
  }
  ucAjax: {
    sessions(count: number): void
    polled(events: number, held: boolean): void
    refused(reason: string): void
    delivered(ms: number): void
  }
  delivered: OnDelivered
  http(exchange: HttpExchange): void
  /** What charts are made of: counted since the start. */
  totals(): Promise<Totals>
  /** CometD and UC AJAX sessions this node serves now. */
  clients(): number
  /** A limit was reached, and somebody refused for it. */
  limit(protocol: 'http' | 'sip', limit: string): void
  sip: { dropped: OnDropped; answered(method: string, status: number): void }
  /** The page for Prometheus. */
  text(): Promise<string>
  contentType: string
}

/** Counted since the start, and waiting now. */
export interface Totals {
  /** By reason. */
  refusals: ReadonlyMap<string, number>
  /** By the time they took. */
  deliveries: readonly Bucket[]
  /** By name. */
  queues: Readonly<Record<string, number>>
}

/** Routes are ours and few; this is for the day one is built from input by mistake. */
const maxRoutes = 300
const maxReasons = 50
/** Refusals of a login that are limits as well. */
const loginLimits: Readonly<Record<string, string>> = {
  tooManyAttempts: 'passwords',
  tooManyRequests: 'requestsPerPerson',
}

/** The instruments of this process, by their definitions in `metrics/`. */
export function createMetrics({
  sessions,
  self,
  hep,
  otel,
  sip,
  trace,
  certificates,
  webhooks,
}: MetricsSources): Metrics {
  const instruments = new Instruments()
  const { registry } = instruments
  addDefaultMetrics(registry)
  if (self) addNodeMetrics(instruments, self)
  if (hep) addHepMetrics(instruments, hep)
  if (otel) addSpanMetrics(instruments, otel)
  if (webhooks) addWebhookMetrics(instruments, webhooks)

  instruments.gauge('ringdown_sessions', async (gauge) => {
    // A store that does not answer leaves a hole in the graph, not an old number.
    gauge.reset()
    await Promise.all(
      [...sessions].map(async ([centre, count]) => {
        const states = await count().catch(() => undefined)
        for (const [state, number] of Object.entries(states ?? {})) gauge.set({ centre, state }, number)
      }),
    )
  })
  const texts = instruments.counter('ringdown_texts_total')
  const commits = instruments.histogram('ringdown_commit_seconds')
  const outcomes = instruments.counter('ringdown_commits_total')
  const refusals = instruments.counter('ringdown_refusals_total')
  const requests = instruments.histogram('ringdown_http_request_seconds')
  const deliveries = createDeliveryMeter(instruments)
  let commitsNow = 0
  const clientsNow = { cometd: 0, ucAjax: 0 }
  let queuedNow = 0
  instruments.gauge('ringdown_commits_under_way', (gauge) => gauge.set(commitsNow))
  const clients = instruments.gauge('ringdown_cometd_clients')
  const queued = instruments.gauge('ringdown_cometd_queued_bytes')
  const gaps = instruments.counter('ringdown_cometd_gaps_total')

  const cwaSessions = instruments.gauge('ringdown_uc_ajax_sessions')
  const polls = instruments.counter('ringdown_uc_ajax_polls_total')
  const cwaEvents = instruments.counter('ringdown_uc_ajax_events_total')
  const tickets = instruments.counter('ringdown_uc_ajax_tickets_refused_total')

  const drops = instruments.counter('ringdown_sip_drops_total')
  const answers = instruments.counter('ringdown_sip_answers_total')
  if (sip)
    instruments.gauge('ringdown_sip_held', (gauge) => {
      for (const [kind, count] of Object.entries(sip())) gauge.set({ kind }, count)
    })

  if (trace) {
    instruments.gauge('ringdown_trace_held', (gauge) => {
      const { entries, bytes } = trace()
      gauge.set({ kind: 'bytes' }, bytes)
      gauge.set({ kind: 'entries' }, entries)
    })
    instruments.counter('ringdown_trace_discarded_bytes_total', (counter) => {
      counter.reset()
      for (const [reason, bytes] of Object.entries(trace().discarded)) counter.inc({ reason }, bytes)
    })
  }

  if (certificates)
    instruments.gauge('ringdown_certificate_expiry_seconds', (gauge) => {
      gauge.reset()
      for (const [listener, end] of certificates()) gauge.set({ listener }, end)
    })

  const limits = instruments.counter('ringdown_limits_reached_total')
  const knownLimit = closed('ringdown_limits_reached_total', 'limit')
  const knownReason = closed('ringdown_refusals_total', 'reason')
  const knownTicketReason = closed('ringdown_uc_ajax_tickets_refused_total', 'reason')
  const knownMethod = closed('ringdown_http_request_seconds', 'method')
  const knownSipMethod = closed('ringdown_sip_answers_total', 'method')
  const knownDrop = bounded(maxReasons)
  const knownRoute = bounded(maxRoutes)
  return {
    meter: {
      commit: () => {
        const ended = commits.startTimer()
        commitsNow++
        return (outcome) => {
          commitsNow--
          ended()
          if (outcome) outcomes.inc({ outcome })
        }
      },
      text: () => texts.inc(),
      refused: (reason) => {
        refusals.inc({ reason: knownReason(reason) })
        const limit = loginLimits[reason]
        if (limit) limits.inc({ protocol: 'http', limit })
      },
    },
    cometd: {
      clients: (count) => {
        clientsNow.cometd = count
        clients.set(count)
      },
      queuedBytes: (count) => {
        queuedNow = count
        queued.set(count)
      },
      gap: () => gaps.inc(),
      delivered: (ms) => deliveries.delivered('cometd', ms),
    },
    ucAjax: {
      sessions: (count) => {
        clientsNow.ucAjax = count
        cwaSessions.set(count)
      },
      polled(events, held) {
        polls.inc({ held: String(held) })
        cwaEvents.inc(events)
      },
      refused: (reason) => tickets.inc({ reason: knownTicketReason(reason) }),
      delivered: (ms) => deliveries.delivered('ucajax', ms),
    },
    delivered: deliveries.delivered,
    clients: () => clientsNow.cometd + clientsNow.ucAjax,
    async totals() {
      const refused = (await refusals.get()).values
      return {
        refusals: new Map(refused.map(({ labels, value }) => [String(labels.reason), value])),
        deliveries: await deliveries.buckets(),
        queues: {
          commits: commitsNow,
          cometdBytes: queuedNow,
          ...(sip && { sipTransactions: sip().transactions }),
        },
      }
    },
    http({ method, route, status, ms }) {
      const labels = {
        method: knownMethod(method),
        route: knownRoute(route),
        status: status >= 100 && status < 600 ? `${Math.floor(status / 100)}xx` : 'other',
      }
      requests.observe(labels, ms / 1000)
    },
    limit: (protocol, limit) => limits.inc({ protocol, limit: knownLimit(limit) }),
    sip: {
      dropped: (protocol, reason) => drops.inc({ protocol, reason: knownDrop(reason) }),
      answered: (method, status) =>
        answers.inc({ method: knownSipMethod(method), status: `${Math.floor(status / 100)}xx` }),
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}
