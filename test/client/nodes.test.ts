import { expect, test } from 'vitest'
import { until } from '../faults/engine.ts'
import { conversation, engineOf, inStep, numbered, patience, proxyOf } from './stage.ts'

test('[CL-16] [CL-22] a server that is killed and started again costs nothing that was accepted', async () => {
  const engine = await engineOf('embedded', 2)
  const node = await engine.startNode('one')
  const { address } = node
  const { anna, ben, id, first } = await conversation(engine, [address, address])
  const before = numbered('anna', 20).map((text) => anna.client.send(id, text))
  await Promise.race(before)
  await node.kill()
  await until(() => anna.states.includes('reconnecting'), patience, 'anna has not noticed')
  // Written while nobody is there to take them.
  const offline = numbered('ben', 20).map((text) => ben.client.send(id, text))
  await engine.startNode('one', node.target.port)
  await Promise.all([...before, ...offline])
  const whole = await inStep(address, first, id, anna, ben)
  for (const who of ['anna', 'ben']) expect(whole.filter((text) => text.startsWith(who))).toEqual(numbered(who, 20))
  for (const one of [anna, ben]) {
    expect(one.texts).toEqual(whole)
    await until(() => one.client.state === 'resynchronised', patience, 'not resynchronised')
  }
})

test('[CL-16] a client that is moved to another node goes on where it was', async () => {
  const engine = await engineOf('redis', 2)
  const [one, two] = [await engine.startNode('one'), await engine.startNode('two')]
  let target = one.target
  const proxy = await proxyOf(() => target)
  const { anna, ben, id, first } = await conversation(engine, [proxy.address, two.address])
  await Promise.all(numbered('ben', 5).map((text) => ben.client.send(id, text)))
  target = two.target
  await one.kill()
  const sent = [...numbered('ben', 5, 5).map((text) => ben.client.send(id, text)), anna.client.send(id, 'anna 0')]
  await Promise.all(sent)
  const whole = await inStep(two.address, first, id, anna, ben)
  expect(whole.filter((text) => text.startsWith('ben'))).toEqual(numbered('ben', 10))
  for (const client of [anna, ben]) expect(client.texts).toEqual(whole)
  await until(() => anna.client.state === 'resynchronised', patience, 'not resynchronised')
  expect([anna.gaps, anna.missing]).toEqual([[], []])
})
