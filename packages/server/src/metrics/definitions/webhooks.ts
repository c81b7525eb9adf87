import type { Definition } from '../definition.ts'

const centre = 'ids of the contact centres in the configuration'
const webhook = 'names of the webhooks in the configuration'

/** Deliveries to webhooks, by the node that makes them. */
export const webhooks = {
  ringdown_webhook_deliveries_total: {
    type: 'counter',
    help: 'Deliveries to webhooks by outcome; a failed attempt is made again, what was missed was trimmed before it could be delivered',
    unit: 'attempts',
    labels: { centre, webhook, outcome: ['delivered', 'failed', 'givenUp', 'missed'] },
    act: '`failed` grows: `ringdown webhooks` says what the target answers. `givenUp`: send it again with `ringdown webhooks replay <name> --failed`. `missed`: raise `store.webhookLimit`.',
  },
  ringdown_webhook_backlog: {
    type: 'gauge',
    help: 'Events that are not delivered yet, by webhook; on the node that delivers',
    unit: 'events',
    labels: { centre, webhook },
    act: 'It grows without end: the target is down or too slow. Near `store.webhookLimit` events begin to be missed.',
  },
  ringdown_webhook_oldest_seconds: {
    type: 'gauge',
    help: 'How long the oldest event that is not delivered has waited, by webhook; on the node that delivers',
    unit: 'seconds',
    labels: { centre, webhook },
    act: 'Minutes: the target refuses something; hours: it is down. Deliveries are given up after `retry.forMs`.',
  },
  ringdown_webhook_gone: {
    type: 'gauge',
    help: 'Whether the target of a webhook has answered 410 and is not asked any more',
    unit: '0 or 1',
    labels: { centre, webhook },
    act: '1: take the webhook out of the configuration, or reload it when the target is back.',
  },
} as const satisfies Record<string, Definition>
