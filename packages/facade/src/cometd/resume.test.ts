import { describe, expect, test } from 'vitest'
import { cometdBench, settle } from '../testing/cometd-bench.ts'

const kinds = [{ ack: true }, { ack: false }]

describe.each(kinds)('a client that was thrown out and handshakes again, ack $ack', ({ ack }) => {
  async function thrownOut(...subscriptions: string[]) {
    const bench = cometdBench()
    const client = await bench.client({ ack }).start(...subscriptions)
    await bench.append('one', 'two')
    await client.drain()
    bench.clock.advance(61_000)
    await settle()
    expect(bench.a.hub.clients).toBe(0)
    await bench.append('three', 'device', 'four')
    return { bench, client }
  }

  test('[CD-31] goes on behind what it had acknowledged', async () => {
    const { bench, client } = await thrownOut('/v2/me/im-sessions')
    await client.start('/v2/me/im-sessions')
    await bench.append('five')
    expect(await client.drain()).toEqual(['one', 'two', 'three', 'four', 'five'])
    await bench.stop()
  })

  test('[CD-22] misses nothing however slowly it subscribes, and gets nothing twice', async () => {
    const { bench, client } = await thrownOut('/v2/me/devices', '/v2/me/im-sessions')
    await client.handshake()
    await client.connect()
    await bench.append('five')
    await client.subscribe('/v2/me/im-sessions')
    expect(await client.drain()).toEqual(['one', 'two', 'three', 'four', 'five'])
    await bench.append('six')
    await client.drain()
    await client.subscribe('/v2/me/devices')
    await bench.append('seven')
    expect(await client.drain()).toEqual(['one', 'two', 'three', 'four', 'five', 'six', 'EventAgentReady', 'seven'])
    await client.subscribe('/**')
    await bench.append('eight')
    expect((await client.drain()).slice(8)).toEqual(['eight'])
    await bench.stop()
  })

  test('[CD-22] misses nothing when the replies to its late subscriptions are lost', async () => {
    const { bench, client } = await thrownOut('/**')
    await client.handshake()
    await client.subscribe('/v2/me/im-sessions')
    client.take(await client.poll())
    await client.subscribe('/v2/me/devices')
    // The device's event comes in a batch of its own, which is older than what has been acknowledged.
    await client.poll()
    client.lose()
    await bench.append('five')
    expect(await client.drain()).toEqual(['one', 'two', 'three', 'four', 'EventAgentReady', 'five'])
    await bench.stop()
  })

  test('[CD-31] begins anew with topics it did not have before', async () => {
    const { bench, client } = await thrownOut('/v2/me/im-sessions')
    await client.start('/**')
    expect(await client.drain()).toEqual(['one', 'two', 'three', 'four'])
    await bench.stop()
  })

  test('[CD-31] begins anew after a disconnect, and when it takes longer than the window to subscribe', async () => {
    const { bench, client } = await thrownOut('/v2/me/im-sessions')
    await client.handshake()
    const held = await client.poll()
    for (let i = 0; i < 11; i++) {
      bench.clock.advance(29_000)
      client.take(await client.poll())
    }
    expect(held.written).toHaveLength(1)
    await client.subscribe('/v2/me/im-sessions')
    expect(await client.drain()).toEqual(['one', 'two'])
    await client.send({ channel: '/meta/disconnect', clientId: client.clientID })
    await bench.append('unheard')
    await client.start()
    expect(await client.drain()).toEqual(['one', 'two'])
    await bench.stop()
  })

  test('[CD-31] is another one where the login is another', async () => {
    const { bench } = await thrownOut('/v2/me/im-sessions')
    const other = await bench.client({ ack, login: 'session:other' }).start()
    const ben = await bench.client({ ack, user: 'ben' }).start()
    expect(await other.drain()).toEqual([])
    expect(await ben.drain()).toEqual([])
    await bench.stop()
  })

  test('[CD-31] goes on also when it had no cookie at first', async () => {
    const bench = cometdBench()
    const before = await bench.client({ ack, login: `person:${bench.person('anna')}` }).start()
    bench.clock.advance(61_000)
    await settle()
    await bench.append('missed')
    expect(before.said).toEqual([])
    const after = await bench.client({ ack, login: 'session:new' }).start()
    expect(await after.drain()).toEqual(['missed'])
    await bench.stop()
  })

  test('[CD-31] goes on when a node was restarted and its page loaded again while the old session hangs on', async () => {
    const bench = cometdBench()
    const client = await bench.client({ ack }).start()
    const held = await client.poll()
    held.close()
    await bench.append('while it loads')
    await client.start()
    expect(await client.drain()).toEqual(['while it loads'])
    await bench.stop()
  })
})

describe('several clients of a login', () => {
  test('[CD-31] that were thrown out together all go on', async () => {
    const bench = cometdBench()
    const [first, second] = [await bench.client({ ack: true }).start(), await bench.client({ ack: true }).start()]
    await bench.append('one')
    await first.drain()
    bench.clock.advance(61_000)
    await settle()
    await bench.append('two')
    for (const client of [first, second]) await client.start()
    expect((await second.drain()).at(-1)).toBe('two')
    expect(second.said).toEqual(['one', 'two'])
    expect((await first.drain()).at(-1)).toBe('two')
    await bench.stop()
  })

  test('[CD-31] one more beside one in use begins at the end', async () => {
    const bench = cometdBench()
    const first = await bench.client().start()
    await first.poll()
    await bench.append('one')
    const second = await bench.client().start()
    expect(await second.drain()).toEqual([])
    await bench.stop()
  })
})

describe('a replay', () => {
  test('[CD-23] on subscribe goes on behind the position, and says where each topic begins', async () => {
    const bench = cometdBench()
    await bench.append('one', 'two', 'device', 'three')
    const client = bench.client({ ack: true })
    await client.handshake()
    const ext = { replay: { '/v2/me/im-sessions': 'e1:1', '/**': 'e1:4' } }
    expect(await client.subscribe('/v2/me/*', { ext })).toMatchObject({
      successful: true,
      ext: { replay: { '/v2/me/im-sessions': 'e1:1', '/v2/me/devices': 'e1:4' } },
    })
    expect(await client.drain()).toEqual(['two', 'three'])
    await bench.stop()
  })

  test('[CD-23] on the handshake holds for the subscriptions that follow', async () => {
    const bench = cometdBench()
    await bench.append('one', 'device', 'two')
    const client = bench.client()
    await client.handshake({ ext: { replay: { '/**': 'e1:1' } } })
    await client.subscribe('/v2/me/im-sessions')
    expect(await client.drain()).toEqual(['two'])
    await client.subscribe('/v2/me/devices')
    expect(await client.drain()).toEqual(['two', 'EventAgentReady'])
    await bench.stop()
  })

  test('[CD-23] on a session that is further on sends again what it asks for', async () => {
    const bench = cometdBench()
    const client = await bench.client({ ack: true }).start()
    await bench.append('one', 'two')
    await client.drain()
    await client.subscribe('/v2/me/im-sessions', { ext: { replay: { '/v2/me/im-sessions': 'e1:0' } } })
    await bench.append('three')
    expect(await client.drain()).toEqual(['one', 'two', 'one', 'two', 'three'])
    await bench.stop()
  })

  test.each([['old:5'], ['e1:999']])(
    '[CD-24] from %s, where there is nothing to go on from, begins with a gap',
    async (from) => {
      const bench = cometdBench()
      await bench.append('one', 'two')
      const client = bench.client({ ack: true })
      await client.handshake()
      const ext = { replay: { '/v2/me/im-sessions': from } }
      await client.subscribe('/v2/me/im-sessions', { ext })
      const lost = await client.poll()
      client.lose()
      expect(lost.written).toHaveLength(1)
      await bench.append('three')
      const held = from.startsWith('old') ? ['one', 'two'] : []
      expect(await client.drain()).toEqual(['gap', ...held, 'three'])
      const to = from.startsWith('old') ? 'e1:0' : 'e1:2'
      expect(client.heard[0]).toEqual({
        channel: '/v2/me/im-sessions',
        data: { messageType: 'IMSessionGapMessage', notificationType: 'Gap', from, to },
        ext: { replay: to },
      })
      await bench.stop()
    },
  )

  test('[CD-24] from a position that has been trimmed begins with a gap', async () => {
    const bench = cometdBench({}, { feedLimit: 10 })
    await bench.append(...Array.from({ length: 50 }, (_, i) => `t${i}`))
    const client = bench.client()
    await client.handshake()
    await client.subscribe('/v2/me/im-sessions', { ext: { replay: { '/v2/me/im-sessions': 'e1:5' } } })
    const said = await client.drain()
    expect(said[0]).toBe('gap')
    expect(client.heard[0].data.from).toBe('e1:5')
    expect(said.at(-1)).toBe('t49')
    expect(said).toHaveLength(1 + 50 - Number(client.heard[0].data.to.split(':')[1]))
    await bench.stop()
  })

  test.each([
    ['x'],
    [7],
    [[]],
    [{ '/v2/me/im-sessions': 7 }],
    [{ '/nowhere': 'e1:1' }],
    [{ __proto__: null, constructor: 'e1:1' }],
  ])('[CD-23] that is malformed (%j) is refused', async (replay) => {
    const bench = cometdBench()
    const client = bench.client()
    expect(await client.handshake({ ext: { replay } })).toMatchObject({ error: '400::replay_position_malformed' })
    await client.handshake()
    expect(await client.subscribe('/**', { ext: { replay } })).toMatchObject({
      error: '400::replay_position_malformed',
    })
    await bench.stop()
  })
})
