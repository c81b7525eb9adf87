import { afterEach, describe, expect, test } from 'vitest'
import { type StoreKind, until } from '../faults/engine.ts'
import { Site } from './site.ts'
import { expectWell, patience, talk, textsOf, untilTaken } from './story.ts'

let site: Site | undefined
afterEach(async () => {
  await site?.stop()
  site = undefined
})

describe.each<StoreKind>(['embedded', 'redis'])('webhooks on the store %s', (store) => {
  test('[WH-2] [WH-5] [WH-40] [WH-52] a session from its start to its end, verified by the library of the standard', async () => {
    site = await Site.open(store, 2)
    await site.startNode('n1')
    for (const agent of site.agents) await agent.login()
    const { session, ids } = await talk(site, 0, 4)
    expect(await site.agents[0]?.complete(session)).toBe('accepted')
    await untilTaken(site, ids)
    const { receiver } = site
    const types = () => receiver.taken.filter(({ sessionId }) => sessionId === session).map(({ type }) => type)
    await until(() => types().includes('session.ended'), patience, 'its end was not told')
    const said = Array(4).fill('text.accepted')
    expect(types()).toEqual(['session.started', 'session.established', ...said, 'session.ended'])
    expect(receiver.taken.filter(({ type }) => type === 'agent.state')).toHaveLength(2)
    const [first] = textsOf(receiver.taken)
    expect(first?.data).toMatchObject({ from: '7002', to: '7001', message: '0-0 words', position: 1 })
    expectWell(site)
    expect([...site.nodes.values()].map((node) => node.said).join('')).not.toMatch(/words|whsec_|\/hook/)
  })
})
