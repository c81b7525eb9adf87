import { RequestRefused } from '@ringdown/client'
import { describe, expect, test } from 'vitest'
import { until } from '../faults/engine.ts'
import {
  conversation,
  engineOf,
  inStep,
  numbered,
  offlineUntil,
  patience,
  play,
  proxyOf,
  transcriptOf,
} from './stage.ts'

const transports = ['websocket', 'long-polling'] as const

describe.each(transports)('two agents, %s', (transport) => {
  test('[CL-29] hold a session from its beginning to its end', async () => {
    const engine = await engineOf('embedded', 2, undefined, { login: { csrf: true } })
    const { address } = await engine.startNode('one')
    const { anna, ben, id } = await conversation(engine, [address, address], { transports: [transport] })

    const notices: string[] = []
    anna.client.on('notice', ({ notice }) => notices.push(notice.notificationType))
    const data: object[] = []
    ben.client.on('userData', ({ userData }) => data.push(userData))

    const { messageId = '' } = await anna.client.send(id, 'Hello Ben')
    await until(() => ben.texts.length === 1, patience, 'ben has not heard it')
    expect(await ben.client.displayed(id, messageId)).toBe(true)
    expect(await ben.client.composing(id, true)).toBe(true)
    await until(() => notices.length === 2, patience, 'anna was not told')
    expect(notices).toEqual(['Displayed', 'Composing'])
    expect(anna.client.session?.receipts.get(messageId)).toBe('displayed')

    await anna.client.attachUserData(id, { topic: 'tea', cups: 1 })
    await anna.client.updateUserData(id, { cups: 2 })
    await anna.client.deleteUserData(id, 'topic')
    await until(() => data.length === 3, patience, 'ben was not told of the data')
    expect(data).toEqual([{ topic: 'tea', cups: 1 }, { topic: 'tea', cups: 2 }, { cups: 2 }])

    await ben.client.send(id, 'Hello Anna')
    await ben.client.complete(id)
    await until(() => anna.client.sessions.get(id)?.state === 'Completed', patience, 'it has not ended for anna')
    for (const one of [anna, ben]) {
      expect(one.texts).toEqual(['Hello Ben', 'Hello Anna'])
      expect(one.states.slice(0, 2)).toEqual(['connecting', 'connected'])
      expect(one.client.session).toBe(undefined)
    }
    expect(anna.client.sessions.get(id)?.end?.by).toBe('7002')
  })

  test('[CL-16] [CL-19] lose, repeat and mix up nothing when their connections are cut', async () => {
    const engine = await engineOf('embedded', 2)
    const node = await engine.startNode('one')
    const proxy = await proxyOf(() => node.target)
    const { anna, ben, id, first } = await conversation(engine, [proxy.address, proxy.address], {
      transports: [transport],
    })
    const sent: Promise<unknown>[] = []
    const say = (from: number) => {
      sent.push(...numbered('anna', 10, from).map((text) => anna.client.send(id, text)))
      sent.push(...numbered('ben', 10, from).map((text) => ben.client.send(id, text)))
    }
    say(0)
    proxy.cutAfter(3_000)
    say(10)
    await Promise.race(sent)
    await offlineUntil(proxy, () => [anna, ben].every(({ states }) => states.includes('reconnecting')))
    say(20)
    await Promise.all(sent)
    const whole = await inStep(node.address, first, id, anna, ben)
    for (const who of ['anna', 'ben']) expect(whole.filter((text) => text.startsWith(who))).toEqual(numbered(who, 30))
    for (const one of [anna, ben]) {
      expect(one.texts).toEqual(whole)
      await until(() => one.client.state === 'resynchronised', patience, 'not resynchronised')
      expect([one.gaps, one.missing]).toEqual([[], []])
    }
  })
})

test('[CL-21] [CL-25] what the server refuses is told in its words', async () => {
  const engine = await engineOf('embedded', 3)
  const { address } = await engine.startNode('one')
  const { anna, id, first, second } = await conversation(engine, [address, address])

  const wrong = play(address, { ...first, password: 'wrong' })
  const refused = await wrong.client.start().catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(RequestRefused)
  expect(refused).toMatchObject({ httpStatus: 401, statusCode: 20 })
  expect(wrong.states).toEqual(['connecting', 'refused'])

  const elsewhere = play(address, engine.persons[2] as never, { place: 'no such place' })
  await expect(elsewhere.client.start()).rejects.toMatchObject({ name: 'RequestRefused', statusCode: 6 })

  await expect(anna.client.begin(second.dn)).rejects.toMatchObject({ statusCode: 2 })
  await expect(anna.client.send('no-such-session', 'x')).rejects.toMatchObject({ httpStatus: 404 })
  await expect(anna.client.accept(id)).rejects.toMatchObject({ statusCode: 2 })
  await anna.client.complete(id)
  await expect(anna.client.send(id, 'late')).rejects.toMatchObject({ name: 'RequestRefused' })
  expect(await transcriptOf(address, first, id)).toEqual([])

  await anna.client.signOut()
  expect(anna.states.at(-1)).toBe('ended')
})
