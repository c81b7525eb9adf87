import { expect } from 'vitest'
import { type StoreKind, until } from '../faults/engine.ts'
import { oneOf, randomFrom } from '../faults/random.ts'
import type { Behaviour } from './receiver.ts'
import { Site } from './site.ts'
import { expectWell, patience, talk, textsOf, untilTaken } from './story.ts'

/** Agents talk while the target does as it likes and the server that delivers is killed; `opened` is told of the site as soon as it is there. */
export async function throughDeath(store: StoreKind, opened: (site: Site) => void): Promise<void> {
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
  const made = await Site.open(store, 4)
  opened(made)
  const { receiver } = made
  let calm = false
  receiver.behave = () => (calm ? 'take' : oneOf(random, moods))
  await made.startNode('n1')
  if (store === 'redis') await made.startNode('n2')
  for (const agent of made.agents) await agent.login()
  const before = await Promise.all([0, 1].map((pair) => talk(made, pair, 12)))
  // In the middle of it: some were taken, some wait for their time.
  await until(() => textsOf(receiver.got).length > 5, patience, 'nothing is delivered')
  const owner = (await made.record())?.owner.startsWith('n2~') ? 'n2' : 'n1'
  const known = new Map(textsOf(receiver.got).map(({ data, id }) => [data.messageId, id]))
  await made.killNode(owner)
  if (store === 'embedded') await made.startNode('n1')
  const after = await Promise.all([0, 1].map((pair) => talk(made, pair, 6, 12)))
  calm = true
  await untilTaken(
    made,
    [...before, ...after].flatMap(({ ids }) => ids),
  )
  for (const { data, id } of textsOf(receiver.got)) expect(known.get(data.messageId) ?? id).toBe(id)
  expectWell(made)
  await until(async () => ((await made.record())?.waiting.length ?? 1) === 0, patience, 'something still waits')
  expect(await made.record()).toMatchObject({ givenUp: [], counts: { missed: 0 } })
}
