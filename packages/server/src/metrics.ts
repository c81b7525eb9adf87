import { errorCatalogue, type LiveState, type Meter } from '@ringdown/signalling'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { type Bucket, createDeliveryMeter, type OnDelivered } from './delivery-meter.ts'

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
  /** What SIP and MSRP hold now, by kind; absent: both are off. */
  sip?: () => Readonly<Record<SipHolding, number>>
  /** What the trace holds and has given up. */
  trace?: () => { entries: number; bytes: number; discarded: Readonly<Record<string, number>> }
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

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])
// The T-Server's refusals, and those of the login before it.
const reasons = new Set<string>([
  ...Object.keys(errorCatalogue),
  'noCredentials',
  'wrongCredentials',
  'sessionEnded',
  'tooManyAttempts',
  'busy',
  'csrf',
  'tooManyTickets',
])
const ticketReasons = new Set(['noTicket', 'unknownTicket', 'ticketEnded'])
const sipMethods = new Set(['INVITE', 'MESSAGE', 'REGISTER', 'OPTIONS'])
/** Routes are ours and few; this is for the day one is built from input by mistake. */
const maxRoutes = 300
const maxReasons = 50

/** Words of ours as they come, as long as they are few. */
function bounded(limit: number): (word: string | undefined) => string {
  const words = new Set<string>()
  return (word) => {
    if (word === undefined) return 'none'
    if (!words.has(word) && words.size >= limit) return 'other'
    words.add(word)
    return word
  }
}

/** A registry of its own, so that two servers in one process do not meet. */
export function createMetrics({ sessions, sip, trace }: MetricsSources): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]

  new Gauge({
    name: 'ringdown_sessions',
    help: 'Living IM sessions by state',
    labelNames: ['centre', 'state'] as const,
    registers,
    async collect() {
      // A store that does not answer leaves a hole in the graph, not an old number.
      this.reset()
      await Promise.all(
        [...sessions].map(async ([centre, count]) => {
          const states = await count().catch(() => undefined)
          for (const [state, number] of Object.entries(states ?? {})) this.set({ centre, state }, number)
        }),
      )
    },
  })
  const texts = new Counter({ name: 'ringdown_texts_total', help: 'Texts accepted', registers })
  const commits = new Histogram({
    name: 'ringdown_commit_seconds',
    help: 'Time of a commit to the store, whatever its outcome',
    buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2],
    registers,
  })
  const refusals = new Counter({
    name: 'ringdown_refusals_total',
    help: 'T-requests and logins refused, by reason',
    labelNames: ['reason'] as const,
    registers,
  })
  const requests = new Histogram({
    name: 'ringdown_http_request_seconds',
    help: 'HTTP requests by route template; a held connect lasts as long as it is held',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 2.5, 10, 60],
    registers,
  })
  const deliveries = createDeliveryMeter(registers)
  let commitsNow = 0
  const clientsNow = { cometd: 0, ucAjax: 0 }
  let queuedNow = 0
  new Gauge({
    name: 'ringdown_commits_under_way',
    help: 'Commits to the store that have not ended',
    registers,
    collect() {
      this.set(commitsNow)
    },
  })
  const clients = new Gauge({ name: 'ringdown_cometd_clients', help: 'CometD clients this node serves', registers })
  const queued = new Gauge({
    name: 'ringdown_cometd_queued_bytes',
    help: 'Events held in memory for CometD clients of this node',
    registers,
  })
  const gaps = new Counter({
    name: 'ringdown_cometd_gaps_total',
    help: 'Gap notices sent to CometD clients',
    registers,
  })

  const cwaSessions = new Gauge({
    name: 'ringdown_uc_ajax_sessions',
    help: 'UC AJAX sessions this node holds in memory: those that were polled here lately',
    registers,
  })
  const polls = new Counter({
    name: 'ringdown_uc_ajax_polls_total',
    help: 'Polls of UC AJAX sessions that were answered, and whether they were held before',
    labelNames: ['held'] as const,
    registers,
  })
  const cwaEvents = new Counter({
    name: 'ringdown_uc_ajax_events_total',
    help: 'Events in the answers to polls of UC AJAX sessions, repetitions among them',
    registers,
  })
  const tickets = new Counter({
    name: 'ringdown_uc_ajax_tickets_refused_total',
    help: 'Requests of UC AJAX clients refused for their ticket, by reason',
    labelNames: ['reason'] as const,
    registers,
  })

  const drops = new Counter({
    name: 'ringdown_sip_drops_total',
    help: 'What SIP and MSRP threw away or refused unread, by protocol and reason',
    labelNames: ['protocol', 'reason'] as const,
    registers,
  })
  const answers = new Counter({
    name: 'ringdown_sip_answers_total',
    help: 'Answers to SIP requests outside dialogs, by method and class of status',
    labelNames: ['method', 'status'] as const,
    registers,
  })
  if (sip)
    new Gauge({
      name: 'ringdown_sip_held',
      help: 'SIP legs, dialogs and transactions, and MSRP sessions and connections of this node',
      labelNames: ['kind'] as const,
      registers,
      collect() {
        for (const [kind, count] of Object.entries(sip())) this.set({ kind }, count)
      },
    })

  if (trace) {
    new Gauge({
      name: 'ringdown_trace_held',
      help: 'What the trace of this node holds: bytes, and entries',
      labelNames: ['kind'] as const,
      registers,
      collect() {
        const { entries, bytes } = trace()
        this.set({ kind: 'bytes' }, bytes)
        this.set({ kind: 'entries' }, entries)
      },
    })
    new Counter({
      name: 'ringdown_trace_discarded_bytes_total',
      help: 'Bytes the trace has given up, by reason',
      labelNames: ['reason'] as const,
      registers,
      collect() {
        this.reset()
        for (const [reason, bytes] of Object.entries(trace().discarded)) this.inc({ reason }, bytes)
      },
    })
  }

  const known = bounded(maxRoutes)
  const knownReason = bounded(maxReasons)
  return {
    meter: {
      commit: () => {
        const ended = commits.startTimer()
        commitsNow++
        return () => {
          commitsNow--
          ended()
        }
      },
      text: () => texts.inc(),
      refused: (reason) => refusals.inc({ reason: reasons.has(reason) ? reason : 'other' }),
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
      refused: (reason) => tickets.inc({ reason: ticketReasons.has(reason) ? reason : 'other' }),
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
        method: methods.has(method) ? method : 'other',
        route: known(route),
        status: status >= 100 && status < 600 ? `${Math.floor(status / 100)}xx` : 'other',
      }
      requests.observe(labels, ms / 1000)
    },
    sip: {
      dropped: (protocol, reason) => drops.inc({ protocol, reason: knownReason(reason) }),
      answered: (method, status) =>
        answers.inc({ method: sipMethods.has(method) ? method : 'other', status: `${Math.floor(status / 100)}xx` }),
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}
