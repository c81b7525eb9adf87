import { afterEach, expect, test } from 'vitest'
import { until } from '../faults/engine.ts'
import { Site } from './site.ts'
import { expectWell, patience, talk, textsOf, untilTaken } from './story.ts'
import { throughDeath } from './through-death.ts'

let site: Site | undefined
afterEach(async () => {
  await site?.stop()
  site = undefined
})

test('[WH-11] [WH-12] [WH-20] every text is delivered, whatever the target does, when the server is killed and started again', async () => {
  await throughDeath('embedded', (made) => {
    site = made
  })
})

test('[WH-12] what was committed and not delivered when the server is killed is delivered by the next one', async () => {
  site = await Site.open('embedded', 2)
  const { receiver } = site
  receiver.behave = ({ type }) => (type === 'text.accepted' ? 'hang' : 'take')
  await site.startNode('n1')
  for (const agent of site.agents) await agent.login()
  const { ids } = await talk(site, 0, 3)
  await until(() => textsOf(receiver.got).length > 0, patience, 'nothing came')
  await site.killNode('n1')
  const first = textsOf(receiver.got)[0]
  receiver.behave = () => 'take'
  await site.startNode('n1')
  await untilTaken(site, ids)
  expect(textsOf(receiver.taken)[0]?.id).toBe(first?.id)
  expectWell(site)
})
