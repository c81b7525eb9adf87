import { afterEach, describe, expect, test } from 'vitest'
import { type StoreKind, until } from '../faults/engine.ts'
import { oneOf, randomFrom } from '../faults/random.ts'
import type { Behaviour } from './receiver.ts'
import { Site } from './site.ts'
import { expectWell, patience, talk, textsOf, untilTaken } from './story.ts'

let site: Site | undefined
afterEach(async () => {
  await site?.stop()
  site = undefined
})

describe.each<StoreKind>(['embedded', 'redis'])('webhooks on the store %s', (store) => {
  test('[WH-11] [WH-12] [WH-20] every text is delivered, whatever the target does and however servers die', async () => {
    const random = randomFrom(store === 'redis' ? 20 : 10)
    const moods: readonly [Behaviour, ...Behaviour[]] = [
      'take',
      'take',
      'take',
      'take',
      'fail',
      'reset',
      'redirect',
      'hang',
      'drip',
    ]
    site = await Site.open(store, 4)
    const made = site
    const { receiver } = site
    let calm = false
    receiver.behave = () => (calm ? 'take' : oneOf(random, moods))
    await site.startNode('n1')
    if (store === 'redis') await site.startNode('n2')
    for (const agent of site.agents) await agent.login()
    const before = await Promise.all([0, 1].map((pair) => talk(made, pair, 12)))
    // In the middle of it: some were taken, some wait for their time.
    await until(() => textsOf(receiver.got).length > 5, patience, 'nothing is delivered')
    const owner = (await site.record())?.owner.startsWith('n2~') ? 'n2' : 'n1'
    const known = new Map(textsOf(receiver.got).map(({ data, id }) => [data.messageId, id]))
    await site.killNode(owner)
    if (store === 'embedded') await site.startNode('n1')
    const after = await Promise.all([0, 1].map((pair) => talk(made, pair, 6, 12)))
    calm = true
    await untilTaken(
      site,
      [...before, ...after].flatMap(({ ids }) => ids),
    )
    for (const { data, id } of textsOf(receiver.got)) expect(known.get(data.messageId) ?? id).toBe(id)
    expectWell(site)
    await until(async () => ((await made.record())?.waiting.length ?? 1) === 0, patience, 'something still waits')
    expect(await site.record()).toMatchObject({ givenUp: [], counts: { missed: 0 } })
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
