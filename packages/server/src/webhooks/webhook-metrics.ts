import { definitions } from '../metrics/definitions.ts'
import type { Instruments } from '../metrics/instruments.ts'
import type { WebhookFigures } from './webhooks.ts'

const outcomes = definitions.ringdown_webhook_deliveries_total.labels.outcome

/** Adds what the webhooks of this node do, asked at each scrape. Names come from the configuration. SPEC WH-51. */
export function addWebhookMetrics(instruments: Instruments, figures: () => readonly WebhookFigures[]): void {
  instruments.counter('ringdown_webhook_deliveries_total', (counter) => {
    counter.reset()
    for (const { centre, webhook, counts } of figures())
      for (const outcome of outcomes) counter.inc({ centre, webhook, outcome }, counts[outcome])
  })
  const gauge = (
    name: 'ringdown_webhook_backlog' | 'ringdown_webhook_oldest_seconds' | 'ringdown_webhook_gone',
    value: (state: NonNullable<WebhookFigures['state']>) => number,
  ) =>
    instruments.gauge(name, (made) => {
      // Another node delivers: it tells.
      made.reset()
      for (const { centre, webhook, state } of figures()) if (state) made.set({ centre, webhook }, value(state))
    })
  gauge('ringdown_webhook_backlog', ({ backlog }) => backlog)
  gauge('ringdown_webhook_oldest_seconds', ({ oldestMs }) => oldestMs / 1000)
  gauge('ringdown_webhook_gone', ({ gone }) => (gone ? 1 : 0))
}
