import { webhookFeed } from '@ringdown/signalling'
import { afterEach, expect, test } from 'vitest'
import { until } from '../faults/engine.ts'
import { Site } from './site.ts'
import { expectWell, patience, talk, untilTaken } from './story.ts'

let site: Site | undefined
afterEach(async () => {
  await site?.stop()
  site = undefined
})

test('[WH-24] [WH-50] [WH-23] a target that is dead for long: the gap is told; the command line tells and sends again', async () => {
  site = await Site.open('embedded', 2, {}, 1_000)
  const made = site
  const { receiver } = site
  receiver.behave = () => 'reset'
  await site.startNode('n1')
  for (const agent of site.agents) await agent.login()
  const { ids } = await talk(site, 0, 2)
  const event = {
    event: 'EventAgentReady',
    agentID: 'L7001',
    state: 'ready',
    time: Date.now(),
  } as const
  await site.withStore(async (store) => {
    // What agents would take minutes for, as the T-Server of another node would write it.
    const feeds = Array.from({ length: 200 }, (_, i) => {
      // Of many devices, which are told of at the same time.
      const told = { ...event, thisDN: `${7_001 + (i % 40)}` }
      return { person: webhookFeed, event: told as never, hold: 1_000 }
    })
    const change = { expect: [], put: [], claims: [], feeds, timers: { set: [], cancel: [] } }
    for (let i = 0; i < 2; i++) await store.commit(change)
    // From here on the node has no room for more: what it loses is lost when it is told of it.
    await until(async () => (await made.record())?.waiting.length === 256, patience, 'there is still room')
    for (let i = 0; i < 8; i++) await store.commit(change)
  })
  const listed = await site.ringdown('n1', 'webhooks')
  expect(listed).toMatchObject({ code: 0 })
  expect(listed.said).toMatch(/faults +crm +retries +n1~\w+ +\d+ +20\d\d +\d+ +0 +0 +connection at \S+ +\S+/)
  receiver.behave = () => 'take'
  await until(() => receiver.taken.some(({ type }) => type === 'webhook.gap'), patience, 'no gap was told')
  await untilTaken(site, ids)
  await until(async () => (await made.record())?.position === (await end(made)), patience, 'it is not at the end')
  const gap = receiver.taken.find(({ type }) => type === 'webhook.gap')?.data as { from: number; to: number }
  const missed = gap.to - gap.from + 1
  expect(missed).toBeGreaterThan(500)
  expect((await site.record())?.counts.missed).toBe(missed)

  const [last] = receiver.taken.slice(-1)
  const count = receiver.taken.length
  const again = await site.ringdown('n1', 'webhooks', 'replay', 'crm', '--from', last?.id ?? '')
  expect(again.said).toMatch(/events \d+ to \d+ will be sent again/)
  await until(() => receiver.taken.slice(count).some(({ id }) => id === last?.id), patience, 'it was not sent again')
  const replay = (...args: string[]) => made.ringdown('n1', 'webhooks', 'replay', ...args)
  const [failed, other, nothing, early] = await Promise.all([
    replay('crm', '--failed'),
    replay('other', '--failed'),
    replay('crm'),
    replay('crm', '--from', '2001-01-01', '--until', '2001-01-02'),
  ])
  expect(failed).toEqual({ code: 0, said: 'nothing was given up\n' })
  expect(other).toMatchObject({ code: 1 })
  expect(nothing).toMatchObject({ code: 2 })
  expect(early).toEqual({ code: 0, said: 'nothing was delivered in that range\n' })
  const metrics = await (await fetch(`${site.address}/metrics`)).text()
  expect(metrics).toContain(
    `ringdown_webhook_deliveries_total{centre="faults",webhook="crm",outcome="missed"} ${missed}`,
  )
  expect(metrics).toMatch(/ringdown_webhook_backlog\{centre="faults",webhook="crm"\} 0/)
  expectWell(site)
})

const end = (made: Site) => made.withStore(async (store) => (await store.feedEnd(webhookFeed)).offset)
