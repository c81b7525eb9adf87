import { describe, expect, test } from 'vitest'
import { cometdBench } from '../testing/cometd-bench.ts'

describe('a handshake', () => {
  test('[CD-4] is answered as the Java server does', async () => {
    const bench = cometdBench()
    const client = bench.client({ ack: true })
    expect(await client.handshake({ supportedConnectionTypes: ['long-polling', 'websocket'] })).toEqual({
      id: '1',
      channel: '/meta/handshake',
      successful: true,
      clientId: expect.stringMatching(/^[\w-]{24}$/),
      version: '1.0',
      minimumVersion: '1.0',
      supportedConnectionTypes: ['websocket', 'long-polling', 'callback-polling'],
      advice: { reconnect: 'retry', interval: 0, timeout: 30_000 },
      ext: { ack: true },
    })
    await bench.stop()
  })

  test('[CD-4] may lack everything, and takes both forms of the ack extension', async () => {
    const bench = cometdBench()
    const client = bench.client()
    const plain = await client.send({ channel: '/meta/handshake', id: undefined })
    expect(plain).toMatchObject({ successful: true })
    expect(plain).not.toHaveProperty('id')
    expect(plain).not.toHaveProperty('ext')
    expect(await client.handshake({ ext: { ack: { enabled: true } } })).toMatchObject({ ext: { ack: true } })
    expect(await client.handshake({ ext: { ack: false } })).not.toHaveProperty('ext')
    await bench.stop()
  })

  test('[CD-4] of a client that knows no connection type of ours fails', async () => {
    const bench = cometdBench()
    const reply = await bench.client().handshake({ supportedConnectionTypes: ['flash'] })
    expect(reply).toMatchObject({ successful: false, advice: { reconnect: 'none' } })
    expect(reply.error).toMatch(/^412:/)
    await bench.stop()
  })

  test('[CD-4] answers the timesync extension', async () => {
    const bench = cometdBench()
    const reply = await bench.client().handshake({ ext: { timesync: { tc: 12, l: 0, o: 0 } } })
    expect(reply.ext.timesync).toEqual({ tc: 12, ts: bench.clock.now(), p: 0, a: 0 })
    await bench.stop()
  })

  test('[CD-5] of somebody we do not know is denied, and not to be tried again', async () => {
    const bench = cometdBench()
    const client = bench.client()
    const stranger = { ...client.sender, login: undefined }
    expect(await client.send({ channel: '/meta/handshake' }, stranger)).toEqual({
      id: '1',
      channel: '/meta/handshake',
      successful: false,
      error: '403::handshake_denied',
      advice: { reconnect: 'none' },
    })
    expect(bench.a.hub.clients).toBe(0)
    await bench.stop()
  })

  test('[CD-28] is refused for a while when a person makes too many', async () => {
    const bench = cometdBench()
    const client = bench.client()
    for (let i = 0; i < 10; i++) expect(await client.handshake()).toMatchObject({ successful: true })
    expect(await client.handshake()).toMatchObject({
      successful: false,
      error: '429::too_many_handshakes',
      advice: { reconnect: 'handshake', interval: 1_000 },
    })
    bench.clock.advance(1_000)
    expect(await client.handshake()).toMatchObject({ successful: true })
    await bench.stop()
  })

  test('[CD-28] is refused when the events in memory are too many', async () => {
    const bench = cometdBench({ queuedLimit: 100 })
    await bench.client().start()
    await bench.append('waiting')
    expect(await bench.client().handshake()).toMatchObject({ successful: false, error: '503::overloaded' })
    await bench.stop()
  })

  test('[CD-28] makes the oldest of a login’s nine clients give way', async () => {
    const bench = cometdBench({ handshakesPerSecond: 100 })
    const clients = []
    for (let i = 0; i < 8; i++) clients.push(await bench.client().start())
    const [first, second] = clients
    if (!first || !second) throw new Error('no clients')
    const held = await first.poll()
    const kept = await second.poll()
    await bench.client().start()
    expect(first.take(held)).toMatchObject({
      successful: false,
      error: '402::session_unknown',
      advice: { reconnect: 'handshake' },
    })
    expect(kept.written).toEqual([])
    expect(bench.a.hub.clients).toBe(8)
    expect(first.take(await first.poll())).toMatchObject({ error: '402::session_unknown' })
    await bench.stop()
  })

  test('[CD-28] clients of other logins of the person are bounded as well', async () => {
    const bench = cometdBench({ clientsPerPerson: 4, handshakesPerSecond: 100 })
    const first = await bench.client({ login: 'session:first' }).start()
    const held = await first.poll()
    bench.clock.advance(1)
    for (let i = 0; i < 6; i++) await bench.client({ login: `session:${i}` }).start()
    expect(first.take(held)).toMatchObject({ successful: false, error: '402::session_unknown' })
    expect(bench.a.hub.clients).toBe(4)
    await bench.stop()
  })
})

describe('a session that is unknown, or somebody else’s', () => {
  const unknown = { successful: false, error: '402::session_unknown' }

  test('[CD-6] gets a 402; only a connect gets the advice to handshake', async () => {
    const bench = cometdBench()
    const client = bench.client()
    for (const clientId of [
      'nobody',
      'constructor',
      '__proto__',
      'x'.repeat(9_999),
      '',
      7,
      null,
      {},
      ['x'],
      undefined,
    ]) {
      client.clientID = clientId as never
      expect(client.take(await client.poll())).toMatchObject({
        ...unknown,
        advice: { reconnect: 'handshake', interval: 0 },
      })
      for (const channel of ['/meta/subscribe', '/meta/unsubscribe', '/meta/disconnect', '/v2/me/im-sessions']) {
        const reply = await client.send({ channel, clientId, subscription: '/v2/me/im-sessions' })
        expect(reply).toMatchObject(unknown)
        expect(reply).not.toHaveProperty('advice')
      }
    }
    await bench.stop()
  })

  test('[CD-6] a clientId is worth nothing to another person, on any node', async () => {
    const bench = cometdBench()
    const anna = await bench.client().start()
    const ben = bench.client({ user: 'ben' })
    ben.clientID = anna.clientID
    for (const node of [bench.a, bench.b]) {
      ben.node = node
      expect(ben.take(await ben.poll())).toMatchObject(unknown)
      expect(await ben.subscribe('/**')).toMatchObject(unknown)
      expect(await ben.send({ channel: '/meta/disconnect', clientId: anna.clientID })).toMatchObject(unknown)
    }
    await bench.append('for anna')
    expect(await anna.drain()).toEqual(['for anna'])
    await bench.stop()
  })

  test('[CD-6] a client without credentials has no session', async () => {
    const bench = cometdBench()
    const client = await bench.client().start()
    const stranger = { ...client.sender, login: undefined }
    for (const channel of ['/meta/connect', '/meta/subscribe', '/meta/disconnect', '/x'])
      expect(await client.send({ channel, clientId: client.clientID, subscription: '/**' }, stranger)).toMatchObject(
        unknown,
      )
    await bench.stop()
  })
})

describe('subscriptions', () => {
  test('[CD-11] come one at a time or several at once, and go the same way', async () => {
    const bench = cometdBench()
    const client = bench.client()
    const { clientId } = await client.handshake()
    const several = ['/v2/me/im-sessions', '/v2/me/calls']
    expect(await client.subscribe(several)).toEqual({
      id: '2',
      channel: '/meta/subscribe',
      successful: true,
      clientId,
      subscription: several,
    })
    await client.connect()
    await bench.append('one')
    expect(await client.drain()).toEqual(['one'])
    expect(await client.send({ channel: '/meta/unsubscribe', clientId, subscription: several })).toMatchObject({
      successful: true,
      subscription: several,
    })
    await bench.append('two')
    expect(await client.drain()).toEqual(['one'])
    expect(await client.send({ channel: '/meta/unsubscribe', clientId, subscription: '/**' })).toMatchObject({
      successful: true,
    })
    await bench.stop()
  })

  test('[CD-11] what one pattern gives up, another may still cover', async () => {
    const bench = cometdBench()
    const client = await bench.client().start('/v2/me/*', '/v2/me/im-sessions')
    await client.send({ channel: '/meta/unsubscribe', clientId: client.clientID, subscription: '/v2/me/*' })
    await bench.append('device', 'text')
    expect(await client.drain()).toEqual(['text'])
    await bench.stop()
  })

  test.each([
    ['unknown', '/v2/me/imsessions'],
    ['a wildcard in the middle', '/v2/*/im-sessions'],
    ['meta', '/meta/connect'],
    ['one unknown of several', ['/v2/me/im-sessions', '/nowhere']],
  ])('[CD-12] a channel that is %s is refused, and the known ones are named', async (_what, subscription) => {
    const bench = cometdBench()
    const client = bench.client()
    await client.handshake()
    const reply = await client.subscribe(subscription)
    expect(reply).toMatchObject({ successful: false, subscription })
    expect(reply.error).toMatch(/^403:.*\/v2\/me\/im-sessions.*\/v2\/me\/devices/)
    await client.connect()
    await bench.append('text')
    expect(await client.drain()).toEqual([])
    await bench.stop()
  })

  test('[CD-12] no name, a number, an object and a hundred names are refused', async () => {
    const bench = cometdBench()
    const client = bench.client()
    await client.handshake()
    for (const subscription of [undefined, [], 7, {}, [7], null, '', Array.from({ length: 100 }, () => '/**')])
      expect(await client.subscribe(subscription as never)).toMatchObject({ successful: false })
    await bench.stop()
  })
})

describe('everything else', () => {
  test('[CD-13] clients publish nothing, neither to a topic nor to a service', async () => {
    const bench = cometdBench()
    const client = await bench.client().start('/**')
    for (const channel of ['/v2/me/im-sessions', '/service/echo', '/anything'])
      expect(await client.send({ channel, clientId: client.clientID, data: { text: 'x' } })).toMatchObject({
        channel,
        successful: false,
        error: '403::publish_denied',
      })
    expect(await client.send({ channel: '/meta/nothing', clientId: client.clientID })).toMatchObject({
      successful: false,
    })
    expect(await client.drain()).toEqual([])
    await bench.stop()
  })

  test('[CD-11] a disconnect ends the session and answers the connect that is held', async () => {
    const bench = cometdBench()
    const client = await bench.client().start()
    const held = await client.poll()
    expect(await client.send({ channel: '/meta/disconnect', clientId: client.clientID })).toMatchObject({
      channel: '/meta/disconnect',
      successful: true,
    })
    expect(held.written[0]).toMatchObject([{ successful: true, advice: { reconnect: 'none' } }])
    expect(client.take(await client.poll())).toMatchObject({ error: '402::session_unknown' })
    expect(bench.a.hub.clients).toBe(0)
    await bench.stop()
  })

  test('[CD-35] a store that does not answer is said so, and nothing is lost by it', async () => {
    const bench = cometdBench()
    const client = bench.client()
    bench.store.outage('TERR_TIMEOUT')
    expect(await client.handshake()).toMatchObject({
      successful: false,
      error: '503::session_store_unavailable',
      advice: { reconnect: 'handshake', interval: 1_000 },
    })
    client.clientID = 'somebody'
    expect(client.take(await client.poll())).toMatchObject({
      successful: false,
      error: '503::session_store_unavailable',
      advice: { reconnect: 'retry', interval: 1_000 },
    })
    expect(await client.subscribe('/**')).toMatchObject({ successful: false, error: '503::session_store_unavailable' })
    bench.store.outage(undefined)
    await client.start()
    await bench.append('after')
    expect(await client.drain()).toEqual(['after'])
    await bench.stop()
  })
})
