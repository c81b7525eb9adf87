import type { Metrics } from '../metrics.ts'

const nothing = () => undefined

/** Metrics that count nothing of what happens; what is asked for at a scrape is still there. SPEC OB-8. */
export function uncounted(metrics: Metrics): Metrics {
  return {
    ...metrics,
    meter: { commit: () => nothing, text: nothing, refused: nothing },
    cometd: { clients: metrics.cometd.clients, queuedBytes: nothing, gap: nothing, delivered: nothing },
    ucAjax: { sessions: metrics.ucAjax.sessions, polled: nothing, refused: nothing, delivered: nothing },
    delivered: nothing,
    http: nothing,
    sip: { dropped: nothing, answered: nothing },
  }
}
