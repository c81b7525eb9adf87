import type { Problem } from '@ringdown/signalling'
import { isNetwork } from '../webhooks/address-rules.ts'
import { keyOf } from '../webhooks/signature.ts'
import { targetProblem } from '../webhooks/target.ts'
import type { WebhookConfig } from './webhooks-schema.ts'

/** What is wrong with the webhooks of a contact centre that their schema does not see. URLs, which may be secret, are not shown. */
export function checkWebhooks(webhooks: readonly WebhookConfig[]): Problem[] {
  const problems: Problem[] = []
  for (const [i, webhook] of webhooks.entries()) {
    const wrong = (message: string, ...key: (string | number)[]) =>
      problems.push({ path: ['webhooks', i, ...key], message: `webhook ${webhook.name}: ${message}` })
    if (webhooks.findIndex(({ name }) => name === webhook.name) !== i) wrong('it is there twice', 'name')
    const problem = targetProblem(webhook.url, webhook.allowPrivate.length > 0)
    if (problem) wrong(`url ${problem}`, 'url')
    for (const key of ['secret', 'previousSecret'] as const) {
      const secret = webhook[key]
      if (secret && !keyOf(secret.reveal()))
        wrong(`${key} must be whsec_ and 24 to 64 bytes in base64, as 'ringdown webhooks secret' makes one`, key)
    }
    for (const [j, network] of webhook.allowPrivate.entries()) {
      if (!isNetwork(network)) wrong(`${network} is not an address or a network`, 'allowPrivate', j)
    }
    if (webhook.retry.firstMs > webhook.retry.maxMs)
      wrong('retry.firstMs is longer than retry.maxMs', 'retry', 'firstMs')
  }
  return problems
}

interface Known {
  dns: readonly { number: string }[]
  persons: readonly { userName: string }[]
}

/** Filters that name what the file does not: it may have been made through the API, or be misspelt. */
export function warnOfWebhooks(webhooks: readonly WebhookConfig[], { dns, persons }: Known): Problem[] {
  const numbers = new Set(dns.map(({ number }) => number))
  const names = new Set(persons.map(({ userName }) => userName))
  return webhooks.flatMap((webhook, i) => {
    const warn = (key: 'dns' | 'agents', j: number, what: string) => ({
      path: ['webhooks', i, key, j],
      message: `webhook ${webhook.name}: there is no ${what} in this file`,
    })
    return [
      ...webhook.dns.flatMap((number, j) => (numbers.has(number) ? [] : [warn('dns', j, `DN ${number}`)])),
      ...webhook.agents.flatMap((name, j) => (names.has(name) ? [] : [warn('agents', j, `person ${name}`)])),
    ]
  })
}
