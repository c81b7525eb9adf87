import { expect, test } from 'vitest'
import { createMetrics } from '../metrics.ts'

test('[WH-51] what webhooks do is on /metrics by their names; where another node delivers there is no backlog', async () => {
  const counts = { delivered: 5, failed: 2, givenUp: 1, missed: 0 }
  const figures = () => [
    { centre: 'acme', webhook: 'crm', counts, state: { backlog: 7, oldestMs: 1_500, gone: true } },
    { centre: 'acme', webhook: 'bi', counts: { ...counts, delivered: 0 }, state: undefined },
  ]
  const page = await createMetrics({ sessions: new Map(), webhooks: figures }).text()
  const lines = page.split('\n').filter((line) => line.startsWith('ringdown_webhook'))
  const of = (webhook: string) => `centre="acme",webhook="${webhook}"`
  expect(lines.filter((line) => line.includes('crm'))).toEqual([
    `ringdown_webhook_deliveries_total{${of('crm')},outcome="delivered"} 5`,
    `ringdown_webhook_deliveries_total{${of('crm')},outcome="failed"} 2`,
    `ringdown_webhook_deliveries_total{${of('crm')},outcome="givenUp"} 1`,
    `ringdown_webhook_deliveries_total{${of('crm')},outcome="missed"} 0`,
    `ringdown_webhook_backlog{${of('crm')}} 7`,
    `ringdown_webhook_oldest_seconds{${of('crm')}} 1.5`,
    `ringdown_webhook_gone{${of('crm')}} 1`,
  ])
  expect(lines.filter((line) => line.includes('"bi"'))).toHaveLength(4)
})
