import { describe, expect, test } from 'vitest'
import { type Bench, bench } from '../testing/index.ts'
import type { PersonID } from './ids.ts'
import type { TServer } from './t-server.ts'

const send = (tserver: TServer, person: PersonID, content: string, referenceID?: number) =>
  tserver.request({
    request: 'TSendUserEvent',
    person,
    client: { id: 'c:1', content },
    ...(referenceID !== undefined && { referenceID }),
  })

describe('[IM-18] news for a client', () => {
  test('stand in the feed of the person, in their place, and in no other', async () => {
    const { agent, tserver, other } = bench()
    const [anna, ben] = [agent('anna'), agent('ben')]
    await anna.logIn()
    await ben.logIn()
    const before = [(await anna.feed()).length, (await ben.feed()).length]
    await send(tserver, anna.person, 'one')
    const callUUID = await anna.call('7002')
    await send(other.tserver, anna.person, 'two', 17)
    await anna.release(callUUID)
    const feed = (await anna.feed()).slice(before[0])
    expect(feed.map(({ event }) => event.event)).toEqual([
      'EventUserEvent',
      'EventDialing',
      'EventEstablished',
      'EventUserEvent',
      'EventReleased',
    ])
    expect(feed.map(({ offset }) => offset)).toEqual(feed.map((_, i) => (before[0] ?? 0) + 1 + i))
    expect(feed[0]?.event).toEqual({
      event: 'EventUserEvent',
      time: expect.any(Number),
      extensions: { client: { id: 'c:1', content: 'one' } },
    })
    expect(feed[3]?.event).toMatchObject({ referenceID: 17, extensions: { client: { content: 'two' } } })
    expect((await ben.feed()).slice(before[1]).map(({ event }) => event.event)).toEqual([
      'EventRinging',
      'EventEstablished',
      'EventReleased',
    ])
  })

  test('take 64 KiB with the name of the client, whatever the letters; more are refused and leave nothing', async () => {
    const { agent, tserver } = bench()
    const { person, feed } = agent('anna')
    await send(tserver, person, 'x'.repeat(65_533))
    for (const content of ['x'.repeat(65_534), '€'.repeat(21_845)])
      await expect(send(tserver, person, content)).rejects.toMatchObject({ code: 53 })
    expect(await feed()).toHaveLength(1)
  })
})

describe('[IM-21] a client that is watched', () => {
  interface Lost {
    node: string
    client: string
  }

  function watched() {
    const made = bench()
    const lost: Lost[] = []
    const anna = made.agent('anna').person
    const listen = (tserver: TServer, node: string, deal: (person: PersonID, client: string) => Promise<void>) =>
      tserver.onLostClient(async (person, client) => {
        lost.push({ node, client: `${person === anna ? 'anna' : 'ben'} ${client}` })
        await deal(person, client)
      })
    const { tserver, other } = made
    const leaves = (node: TServer) => (person: PersonID, client: string) => node.watchClient(person, client, 0)
    listen(tserver, 'n1', leaves(tserver))
    listen(other.tserver, 'n2', leaves(other.tserver))
    return { ...made, lost, listen, anna, ben: made.agent('ben').person }
  }

  async function pass({ clock }: Bench, seconds: number): Promise<void> {
    for (let half = 0; half < seconds * 2; half++) {
      clock.advance(500)
      for (let i = 0; i < 5; i++) await new Promise(setImmediate)
    }
  }

  test('is told once its time is over, and once; hearing of it moves that time', async () => {
    const made = watched()
    const { tserver, anna, lost } = made
    tserver.start()
    await tserver.watchClient(anna, 'c:1', 10_000)
    await pass(made, 8)
    await tserver.watchClient(anna, 'c:1', 10_000)
    await pass(made, 9)
    expect(lost).toEqual([])
    await pass(made, 2)
    expect(lost).toEqual([{ node: 'n1', client: 'anna c:1' }])
    await pass(made, 60)
    await tserver.stop()
    expect(lost).toHaveLength(1)
  })

  test('is not told when it has left', async () => {
    const made = watched()
    const { tserver, anna, lost } = made
    tserver.start()
    await tserver.watchClient(anna, 'c:1', 3_000)
    await tserver.watchClient(anna, 'c:1', 0)
    // One that nobody has heard of can leave as well.
    await tserver.watchClient(anna, 'c:2', 0)
    await pass(made, 10)
    await tserver.stop()
    expect(lost).toEqual([])
  })

  test('is told on another node when the one that heard of it is dead', async () => {
    const made = watched()
    const { tserver, other, anna, lost } = made
    tserver.start()
    other.tserver.start()
    await tserver.watchClient(anna, 'c:1', 5_000)
    await tserver.stop()
    await pass(made, 10)
    await other.tserver.stop()
    expect(lost).toEqual([{ node: 'n2', client: 'anna c:1' }])
  })

  test('is told again, on any node, until it was dealt with', async () => {
    const made = watched()
    const { tserver, other, listen, anna, lost } = made
    listen(tserver, 'n1', async () => {
      throw new Error('the store is away')
    })
    tserver.start()
    await tserver.watchClient(anna, 'c:1', 2_000)
    await pass(made, 14)
    expect(lost.length).toBeGreaterThan(1)
    expect(new Set(lost.map(({ node }) => node))).toEqual(new Set(['n1']))
    await tserver.stop()
    other.tserver.start()
    await pass(made, 6)
    const told = lost.length
    expect(lost.at(-1)).toEqual({ node: 'n2', client: 'anna c:1' })
    await pass(made, 30)
    await other.tserver.stop()
    expect(lost).toHaveLength(told)
  })

  test('that gets more time is told again after it', async () => {
    const made = watched()
    const { tserver, listen, anna, lost } = made
    listen(tserver, 'n1', (person, client) => tserver.watchClient(person, client, lost.length < 3 ? 4_000 : 0))
    tserver.start()
    await tserver.watchClient(anna, 'c:1', 4_000)
    await pass(made, 60)
    await tserver.stop()
    expect(lost).toHaveLength(3)
  })

  test('stays for a node that has a listener', async () => {
    const made = bench()
    const person = made.agent('anna').person
    const lost: string[] = []
    made.other.tserver.onLostClient(async (who, client) => {
      lost.push(client)
      await made.other.tserver.watchClient(who, client, 0)
    })
    made.tserver.start()
    await made.tserver.watchClient(person, 'c:1', 1_000)
    await pass(made, 10)
    expect(lost).toEqual([])
    await made.tserver.stop()
    made.other.tserver.start()
    await pass(made, 10)
    await made.other.tserver.stop()
    expect(lost).toEqual(['c:1'])
  })

  test('is not kept from a node that has a listener by one that has none and looks first', async () => {
    const made = bench()
    const { tserver, other, clock, agent } = made
    const lost: string[] = []
    other.tserver.onLostClient(async (who, client) => {
      lost.push(client)
      await other.tserver.watchClient(who, client, 0)
    })
    tserver.start()
    clock.advance(250)
    other.tserver.start()
    for (let i = 0; i < 5; i++) await tserver.watchClient(agent('anna').person, `c:${i}`, 1_000 + i * 100)
    await pass(made, 60)
    await Promise.all([tserver.stop(), other.tserver.stop()])
    expect(lost.sort()).toEqual(['c:0', 'c:1', 'c:2', 'c:3', 'c:4'])
  })

  test('is not that of another person under the same name', async () => {
    const made = watched()
    const { tserver, anna, ben, lost } = made
    tserver.start()
    await tserver.watchClient(anna, 'c:1', 3_000)
    await tserver.watchClient(ben, 'c:1', 3_000)
    await tserver.watchClient(ben, 'c:1', 0)
    await pass(made, 6)
    await tserver.stop()
    expect(lost).toEqual([{ node: 'n1', client: 'anna c:1' }])
  })
})
