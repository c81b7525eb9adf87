import { describe, expect, test } from 'vitest'
import { cometdBench, settle } from '../testing/cometd-bench.ts'
import { Cursor } from './cursor.ts'
import { parseRecord, printRecord, type SessionRecord, withProgress } from './record.ts'

const kinds = [
  { ack: true, lasting: false },
  { ack: false, lasting: false },
  { ack: true, lasting: true },
  { ack: false, lasting: true },
]

describe.each(kinds)('another node, ack $ack, websocket $lasting', (kind) => {
  test('[CD-30] takes a session over without a handshake, and the former one lets go of it', async () => {
    const bench = cometdBench()
    const client = await bench.client(kind).start()
    await bench.append('one')
    await client.drain()
    const held = await client.poll()
    client.node = bench.b
    client.lose()
    await bench.append('two')
    client.take(await client.poll())
    await bench.append('three')
    expect([...new Set(await client.drain())]).toEqual(['one', 'two', 'three'])
    expect(held.written).toHaveLength(1)
    expect(bench.a.hub.clients).toBe(0)
    expect(bench.b.hub.clients).toBe(1)
    await bench.stop()
  })

  test('[CD-30] in turns with the first one serves a client as one node does', async () => {
    const bench = cometdBench()
    const client = await bench.client(kind).start()
    const said: string[] = []
    for (let i = 0; i < 20; i++) {
      client.node = i % 2 ? bench.a : bench.b
      const sink = await client.poll()
      said.push(`t${i}`)
      await bench.append(`t${i}`)
      client.take(sink)
    }
    const heard = await client.drain()
    expect(kind.ack ? heard : [...new Set(heard)]).toEqual(said)
    await bench.stop()
  })

  test('[CD-30] takes subscriptions for the node that serves the session, without taking the session', async () => {
    const bench = cometdBench()
    const client = bench.client(kind)
    await client.handshake()
    await client.connect()
    const held = await client.poll()
    client.node = bench.b
    expect(await client.subscribe('/v2/me/im-sessions')).toMatchObject({ successful: true })
    await settle()
    expect([bench.a.hub.clients, bench.b.hub.clients]).toEqual([1, 0])
    await bench.append('one')
    client.node = bench.a
    client.take(held)
    expect(client.said).toEqual(['one'])
    client.node = bench.b
    await client.send({ channel: '/meta/unsubscribe', clientId: client.clientID, subscription: '/v2/me/im-sessions' })
    client.node = bench.a
    await bench.append('two')
    expect(await client.drain()).toEqual(['one'])
    await bench.stop()
  })

  test('[CD-30] a subscription made elsewhere counts although its hint was lost, from when it was made', async () => {
    const bench = cometdBench()
    const client = bench.client(kind)
    await client.handshake()
    await client.connect()
    await client.poll()
    bench.store.loseHints(true)
    client.node = bench.b
    await client.subscribe('/v2/me/im-sessions')
    await bench.append('one')
    client.lose()
    expect(await client.drain()).toEqual(['one'])
    await bench.stop()
  })

  test('[CD-30] ends a session by its disconnect', async () => {
    const bench = cometdBench()
    const client = await bench.client(kind).start()
    client.node = bench.b
    await client.send({ channel: '/meta/disconnect', clientId: client.clientID })
    await settle()
    expect(bench.a.hub.clients).toBe(0)
    expect(client.take(await client.poll())).toMatchObject({ error: '402::session_unknown' })
    await bench.stop()
  })

  test('[CD-30] a node that is started again knows its sessions, and goes on behind what was acknowledged', async () => {
    const bench = cometdBench()
    const client = await bench.client(kind).start()
    await bench.append('one')
    await client.drain()
    bench.clock.advance(1_000)
    await settle()
    bench.a.hub = bench.a.makeHub()
    await bench.append('two')
    client.lose()
    expect(await client.drain()).toEqual(['one', 'two'])
    await bench.stop()
  })

  test('[CD-34] is where a node that goes sends its clients, with nothing twice', async () => {
    const bench = cometdBench()
    const client = await bench.client(kind).start()
    await bench.append('one')
    client.take(await client.poll())
    const held = await client.poll()
    await bench.a.hub.close()
    expect(held.final).toBe(true)
    expect(held.written[0]).toMatchObject([{ successful: true, advice: { reconnect: 'retry', interval: 0 } }])
    client.take(held)
    client.node = bench.b
    await bench.append('two')
    expect(await client.drain()).toEqual(['one', 'two'])
    await bench.stop()
  })
})

describe('what a node writes', () => {
  test('[CD-32] of a client without ack reaches the store within half a second, of one with ack not at every batch', async () => {
    const bench = cometdBench()
    const [plain, acking] = [await bench.client().start(), await bench.client({ ack: true }).start()]
    const written: string[] = []
    const { keep } = bench.store
    bench.store.keep = (kind, id, value, ttlMs) => {
      written.push(id)
      return keep.call(bench.store, kind, id, value, ttlMs)
    }
    for (let i = 0; i < 5; i++) {
      await bench.append(`t${i}`)
      await plain.drain()
      await acking.drain()
    }
    expect(written).toEqual([])
    bench.clock.advance(500)
    await settle()
    expect(written).toEqual([`${plain.clientID} 1`])
    await bench.stop()
  })

  test('[CD-32] a record is written again before it runs out', async () => {
    const bench = cometdBench()
    const client = await bench.client({ ack: true }).start()
    for (let i = 0; i < 60; i++) await client.connect()
    client.node = bench.b
    client.lose()
    expect(client.take(await client.poll())).toMatchObject({ successful: true })
    await bench.stop()
  })

  test('[CD-32] a node that was passed over expires nothing but its own copy', async () => {
    const bench = cometdBench()
    const client = await bench.client({ ack: true }).start()
    bench.store.loseHints(true)
    client.node = bench.b
    client.lose()
    await client.connect()
    expect(bench.a.hub.clients).toBe(1)
    const held = await client.poll()
    bench.clock.advance(30_500)
    await settle()
    expect(bench.a.hub.clients).toBe(0)
    client.take(held)
    expect(await client.connect()).toMatchObject({ successful: true })
    await bench.stop()
  })

  test('[CD-33] a batch written to a broken connection does not pass for received', async () => {
    const bench = cometdBench()
    const client = await bench.client().start()
    bench.store.loseHints(true)
    const broken = await client.poll()
    client.node = bench.b
    client.lose()
    client.take(await client.poll())
    // The first node has not heard that the session moved, nor that the connection is gone.
    await bench.append('one')
    bench.a.store.doubt()
    await settle()
    expect(broken.written).toHaveLength(1)
    client.node = bench.a
    client.take(await client.poll())
    expect(await client.drain()).toEqual(['one'])
    await bench.stop()
  })

  test('[CD-20] without ack, a connect that follows a failed one brings the last batch again, one that follows a good one does not', async () => {
    const bench = cometdBench()
    const client = await bench.client().start()
    await bench.append('one')
    const lost = await client.poll()
    expect(lost.written).toHaveLength(1)
    client.lose()
    client.take(await client.poll())
    expect(client.said).toEqual(['one'])
    expect((await client.poll()).written).toEqual([])
    await bench.stop()
  })

  test('[CD-19] with ack, everything after the number that is echoed comes again, whatever the advice', async () => {
    const bench = cometdBench()
    const client = await bench.client({ ack: true }).start()
    await bench.append('one')
    const lost = await client.poll()
    expect(lost.written[0]?.at(-1).ext).toEqual({ ack: 1 })
    client.take(await client.poll())
    expect(client.said).toEqual(['one'])
    for (const ack of [999, -7, 'x', null, 2 ** 53, 2 ** 41])
      await client.poll({ ext: { ack }, advice: { timeout: 0 } })
    await bench.append('two')
    expect((await client.drain()).at(-1)).toBe('two')
    await bench.stop()
  })
})

describe('a record', () => {
  const cursor = new Cursor()
  cursor.subscribe(0, 7)
  const record: SessionRecord = {
    person: 'p' as never,
    loginID: 'session:x',
    ack: true,
    node: 'n1',
    tenure: 1,
    version: 3,
    epoch: 'e1',
    patterns: [],
    cursor: cursor.save(),
    resume: null,
    gone: false,
  }

  test('[CD-30] is read as it was written; what is none is none', () => {
    expect(parseRecord(printRecord(record))).toEqual(record)
    for (const text of [undefined, '', '[]', 'null', '{}', '{"person":"p"}', '{"person":"p","cursor":{}}'])
      expect(parseRecord(text)).toBeUndefined()
  })

  test('[CD-32] is moved on by a later progress of the same subscription, and never back', () => {
    const progress = { epoch: 'e1', version: 4, confirmed: [9, 9], generations: [0, 1], sent: [0, 9] as const }
    expect(withProgress(record, progress)).toMatchObject({ confirmed: [9, 0], sent: [0, 9] })
    expect(withProgress(record, { ...progress, version: 2, confirmed: [5, 0] })).toMatchObject({
      confirmed: [7, 0],
      sent: [0, -1],
    })
    expect(withProgress(record, { ...progress, epoch: 'other' })).toEqual(record.cursor)
  })
})
