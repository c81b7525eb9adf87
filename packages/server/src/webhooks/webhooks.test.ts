import { demoDirectory, ManualClock, memoryStore } from '@ringdown/signalling/testing'
import { expect, test } from 'vitest'
import type { Config } from '../config/load-config.ts'
import { Secret } from '../config/secret.ts'
import type { WebhookConfig } from '../config/webhooks-schema.ts'
import { createLog } from '../log.ts'
import { readRecord } from './ownership.ts'
import { settle } from './testing/courier-bench.ts'
import { createWebhooks } from './webhooks.ts'

function config(...names: string[]): Config {
  const webhooks = names.map((name) => ({
    ...{ name, url: 'https://hooks.example/', secret: new Secret(`whsec_${Buffer.alloc(32).toString('base64')}`) },
    ...{ events: ['agent.state'], dns: [], agents: [], allowPrivate: [], texts: false, timeoutMs: 1_000, parallel: 1 },
    retry: { firstMs: 1_000, maxMs: 1_000, forMs: 1_000 },
  })) as unknown as WebhookConfig[]
  return {
    contactCentres: [{ objects: { id: 'acme' }, webhooks }],
    store: { webhookLimit: 1_000 },
  } as unknown as Config
}

function site(...names: string[]) {
  const clock = new ManualClock()
  const store = memoryStore({ epoch: 'e', feedLimit: 1_000, clock })
  const webhooks = createWebhooks({
    ...{ config: config(...names), clock, random: () => 0.5, node: 'n1', log: createLog('silent', 'test') },
    stores: new Map([['acme', store]]),
    directories: new Map([['acme', { now: demoDirectory }]]),
    resolve: async () => [],
  })
  const owners = async () =>
    Promise.all(['a', 'b', 'c'].map(async (name) => (await readRecord(store, name))?.value.owner))
  return { clock, store, webhooks, owners }
}

test('[WH-1] a reload while the store does not answer puts every webhook in place as soon as it does', async () => {
  const { clock, store, webhooks, owners } = site('a')
  await webhooks.start()
  store.outage('TERR_NO_SWITCH')
  await webhooks.reload(config('a', 'b', 'c'))
  store.outage(undefined)
  for (let i = 0; i < 100; i++) {
    clock.advance(50)
    await settle()
  }
  expect(await owners()).toEqual(['n1', 'n1', 'n1'])
  await webhooks.close()
  expect(await owners()).toEqual(['', '', ''])
  expect(clock.pending).toBe(0)
})

test('[WH-10] a reload that is under way when the node stops starts nothing more', async () => {
  const { clock, webhooks, owners } = site('a')
  await webhooks.start()
  const reloaded = webhooks.reload(config('b', 'c'))
  await Promise.all([webhooks.close(), reloaded])
  expect((await owners()).map((owner) => owner ?? '')).toEqual(['', '', ''])
  expect(clock.pending).toBe(0)
})
