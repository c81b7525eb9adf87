import { expect, test } from 'vitest'
import { type Person, until } from '../faults/engine.ts'
import { conversation, engineOf, numbered, offlineUntil, patience, play, proxyOf } from './stage.ts'

test('[CL-20] more is missed than the feed keeps: the gap is told, and every text all the same', async () => {
  const engine = await engineOf('embedded', 3, undefined, { feedLimit: 100 })
  const node = await engine.startNode('one')
  const proxy = await proxyOf(() => node.target)
  const { anna, ben, id, first } = await conversation(engine, [proxy.address, node.address])
  await ben.client.send(id, 'ben 0')
  await until(() => anna.texts.length === 1, patience, 'anna has not heard it')
  let isBack = false
  const away = offlineUntil(proxy, () => isBack)
  // The feed is trimmed in steps; this is many times what it keeps.
  await Promise.all(numbered('ben', 600, 1).map((text) => ben.client.send(id, text)))
  await ben.client.complete(id)
  // Another session begins and ends, of which nothing is in the feed but its end.
  const [, , third] = engine.persons
  const cleo = play(node.address, third as Person)
  await cleo.client.start()
  const { id: short } = await cleo.client.begin(first.dn)
  await Promise.all(numbered('cleo', 30).map((text) => cleo.client.send(short, text)))
  await cleo.client.complete(short)
  isBack = true
  await away
  await until(() => anna.client.state === 'resynchronised', patience, 'not resynchronised')
  await until(() => anna.texts.length >= 631, patience, 'not every text was told')
  expect(anna.texts).toEqual([...numbered('ben', 601), ...numbered('cleo', 30)])
  expect(anna.gaps.length).toBeGreaterThan(0)
  expect(anna.states.slice(0, 3)).toEqual(['connecting', 'connected', 'reconnecting'])
  expect(anna.states).toContain('gap')
  expect([...anna.client.sessions.values()].map(({ state }) => state)).toEqual(['Completed', 'Completed'])
  expect(anna.missing).toEqual([])
})
