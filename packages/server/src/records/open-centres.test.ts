import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { webhookFeed } from '@ringdown/signalling'
import { expect, test } from 'vitest'
import { agentEvent, anna, append } from '../webhooks/testing/events.ts'
import { recordsConfig, withCentres } from './open-centres.ts'

test('[WH-2] what a command on the records does is told to webhooks, as what a server does', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'ringdown-records-'))
  try {
    const file = join(directory, 'ringdown.yaml')
    const secret = `whsec_${Buffer.alloc(32).toString('base64')}`
    const webhooks = [{ name: 'crm', url: 'https://hooks.example/', secret, events: ['agent.state'] }]
    const store = { embedded: { directory: join(directory, 'data') } }
    // YAML holds JSON.
    writeFileSync(file, JSON.stringify({ store, contactCentres: [{ id: 'acme', name: 'Acme', webhooks }] }))
    const config = recordsConfig(file, { env: {}, out: () => {}, err: () => {} } as never)
    await withCentres(config, undefined, async ([centre]) => {
      if (!centre) throw new Error('no centre')
      await append(centre.store, [agentEvent('7001')], undefined, anna)
      expect((await centre.store.readFeed(webhookFeed, 0, 10)).entries).toMatchObject([
        { offset: 1, event: { event: 'EventAgentReady', persons: [anna] } },
      ])
    })
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})
