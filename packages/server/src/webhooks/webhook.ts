import type { WebhookConfig } from '../config/webhooks-schema.ts'
import { type Networks, networksOf } from './address-rules.ts'
import type { RetryPlan } from './backoff.ts'
import type { EventType } from './event-types.ts'
import type { Wanted } from './outbox.ts'
import { keyOf } from './signature.ts'

/** One webhook, as its configuration says, ready to be used. */
export interface Webhook {
  name: string
  url: URL
  /** Each delivery is signed with each of them. */
  keys: readonly Uint8Array[]
  events: ReadonlySet<EventType>
  /** Empty: all. */
  dns: ReadonlySet<string>
  /** User names; empty: all. */
  agents: ReadonlySet<string>
  texts: boolean
  timeoutMs: number
  /** Requests under way at a time. */
  parallel: number
  allowed: Networks
  retry: RetryPlan
}

/** A webhook of a checked configuration. */
export function webhookOf(config: WebhookConfig): Webhook {
  const { name, url, secret, previousSecret, events, dns, agents, texts, timeoutMs, parallel, allowPrivate } = config
  const keys = [secret, previousSecret].flatMap((one) => (one ? [keyOf(one.reveal())] : []))
  return {
    ...{ name, texts, timeoutMs, parallel },
    url: new URL(url),
    keys: keys.filter((key) => key !== undefined),
    events: new Set(events),
    dns: new Set(dns),
    agents: new Set(agents),
    allowed: networksOf(allowPrivate),
    retry: { firstMs: config.retry.firstMs, maxMs: config.retry.maxMs, forMs: config.retry.forMs },
  }
}

/** What the webhooks of a centre want together; undefined where there is none. */
export function wantedBy(webhooks: readonly Webhook[], hold: number): Wanted | undefined {
  if (webhooks.length === 0) return undefined
  const types = new Set(webhooks.flatMap(({ events }) => [...events]))
  return { types, texts: webhooks.some(({ texts }) => texts), hold }
}
