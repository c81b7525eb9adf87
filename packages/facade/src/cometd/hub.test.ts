import { describe, expect, test } from 'vitest'
import { cometdBench, settle } from '../testing/cometd-bench.ts'
import { lifeStep, lifeTable } from './subscriber.ts'

describe('a connect', () => {
  test('[CD-14] is held until there is an event, which comes before the reply', async () => {
    const bench = cometdBench()
    const client = await bench.client({ ack: true }).start()
    const sink = await client.poll()
    expect(sink.written).toEqual([])
    await bench.append('hello')
    expect(sink.written).toEqual([
      [
        {
          channel: '/v2/me/im-sessions',
          data: { messageType: 'EventPrivateInfo', n: 1, said: 'hello' },
          ext: { replay: 'e1:1' },
        },
        {
          id: expect.any(String),
          channel: '/meta/connect',
          clientId: client.clientID,
          successful: true,
          ext: { ack: 1 },
        },
      ],
    ])
    await bench.stop()
  })

  test('[CD-14] is answered empty after the timeout, or sooner when the client asks for that', async () => {
    const bench = cometdBench()
    const client = await bench.client().start()
    const first = await client.poll()
    bench.clock.advance(29_750)
    expect(first.written).toHaveLength(0)
    bench.clock.advance(500)
    expect(first.written).toHaveLength(1)
    client.take(first)
    const second = await client.poll({ advice: { timeout: 2_000 } })
    bench.clock.advance(2_250)
    expect(second.written).toHaveLength(1)
    client.take(second)
    const third = await client.poll({ advice: { timeout: 9e9 } })
    bench.clock.advance(30_250)
    expect(third.written).toHaveLength(1)
    await bench.stop()
  })

  test('[CD-14] has an advice in its reply only when the request had one', async () => {
    const bench = cometdBench()
    const client = bench.client()
    await client.handshake()
    const advised = client.take(await client.poll())
    expect(advised.advice).toEqual({ reconnect: 'retry', interval: 0, timeout: 30_000 })
    expect(await client.connect()).toEqual({
      id: expect.any(String),
      channel: '/meta/connect',
      clientId: client.clientID,
      successful: true,
    })
    await bench.stop()
  })

  test('[CD-15] is not held when it comes with other messages, and brings what there is', async () => {
    const bench = cometdBench()
    const client = await bench.client().start()
    await bench.append('waiting')
    const reply = await client.send({ channel: '/meta/connect', clientId: client.clientID })
    expect(reply).toMatchObject({ channel: '/meta/connect', successful: true })
    await bench.stop()
  })

  test('[CD-17] of a session that has one already fails the first, at once', async () => {
    const bench = cometdBench()
    const client = await bench.client().start()
    const first = await client.poll()
    const second = await client.poll()
    expect(first.failed).toBe(true)
    expect(first.written[0]).toMatchObject([
      { channel: '/meta/connect', successful: false, error: '500::duplicate_connect' },
    ])
    await bench.append('hello')
    expect(second.written).toHaveLength(1)
    client.take(second)
    expect(client.said).toEqual(['hello'])
    await bench.stop()
  })

  test('[CD-36] that comes after its own repetition confirms nothing and takes nobody’s place', async () => {
    const bench = cometdBench()
    const client = await bench.client().start()
    await bench.append('one')
    // The client's connect 50 is stuck on a connection that broke; its repetition 51 gets the batch, but the reply is lost.
    const lost = await client.poll({ id: '51', advice: { timeout: 0 } })
    expect(lost.written[0]?.[0].data.said).toBe('one')
    const late = await client.poll({ id: '50' })
    expect(late.failed).toBe(true)
    expect(late.written[0]).toMatchObject([{ id: '50', successful: false, error: '500::duplicate_connect' }])
    client.take(await client.poll({ id: '52', advice: { timeout: 0 } }))
    expect(client.said).toEqual(['one'])
    // One that is held stays held.
    const held = await client.poll({ id: '53' })
    expect((await client.poll({ id: '49' })).failed).toBe(true)
    expect(held.written).toEqual([])
    await bench.append('two')
    client.take(held)
    expect(client.said).toEqual(['one', 'two'])
    await bench.stop()
  })

  test('[CD-36] a repetition that was overtaken by a second one brings nothing that its client would miss', async () => {
    const bench = cometdBench()
    const client = await bench.client().start()
    await bench.append('one')
    client.lose()
    // 51 is stuck; 52 repeats it and is answered, 53 confirms that and gets the next batch.
    client.take(await client.poll({ id: '52', advice: { timeout: 0 } }))
    const held = await client.poll({ id: '53' })
    await bench.append('two')
    client.take(held)
    await bench.append('three')
    const late = await client.poll({ id: '51', advice: { timeout: 0 } })
    expect(late.written).toEqual([[expect.objectContaining({ id: '51', successful: true })]])
    client.take(await client.poll({ id: '54' }))
    expect(client.said).toEqual(['one', 'two', 'two', 'three'])
    const last = await client.poll({ id: '55' })
    await client.poll({ id: '51', advice: { timeout: 0 } })
    await bench.append('four')
    expect(last.failed).toBe(false)
    client.take(last)
    expect(client.said.at(-1)).toBe('four')
    await bench.stop()
  })

  test('[CD-36] of a page that was loaded anew begins to count anew, and a client need not count at all', async () => {
    const bench = cometdBench()
    const client = await bench.client().start()
    client.take(await client.poll({ id: '900', advice: { timeout: 0 } }))
    client.take(await client.poll({ id: '3', advice: { timeout: 0 } }))
    expect((await client.poll({ id: '4' })).failed).toBe(false)
    expect((await client.poll({ id: 'x' })).failed).toBe(false)
    expect((await client.poll({ id: null })).failed).toBe(false)
    await bench.stop()
  })

  test('[CD-16] the life of a session is the table', () => {
    expect(lifeStep('waiting', 'closed')).toBeUndefined()
    expect(lifeStep('gone', 'connect')).toBeUndefined()
    for (const [from, on, to, action] of lifeTable) expect(lifeStep(from, on)).toEqual({ to, action })
  })

  test('[CD-16] a session without a connect expires after maxInterval, and is then unknown', async () => {
    const bench = cometdBench()
    const client = await bench.client().start()
    bench.clock.advance(29_000)
    expect(bench.a.hub.clients).toBe(1)
    bench.clock.advance(1_500)
    await settle()
    expect(bench.a.hub.clients).toBe(0)
    expect(client.take(await client.poll())).toMatchObject({
      successful: false,
      error: '402::session_unknown',
      advice: { reconnect: 'handshake', interval: 0 },
    })
    await bench.stop()
  })

  test('[CD-16] a held connect whose connection breaks starts the expiry', async () => {
    const bench = cometdBench()
    const client = await bench.client().start()
    const sink = await client.poll()
    bench.clock.advance(20_000)
    sink.close()
    bench.clock.advance(20_000)
    await settle()
    expect(bench.a.hub.clients).toBe(1)
    bench.clock.advance(10_500)
    await settle()
    expect(bench.a.hub.clients).toBe(0)
    expect(sink.written).toEqual([])
    await bench.stop()
  })
})

describe('delivery', () => {
  test('[CD-18] overlapping subscriptions bring an event once', async () => {
    const bench = cometdBench()
    const client = await bench.client().start('/v2/me/im-sessions', '/v2/me/*', '/**', '/v2/me/**')
    await bench.append('one', 'device')
    expect(await client.drain()).toEqual(['one', 'EventAgentReady'])
    await bench.stop()
  })

  test('[CD-18] only what is subscribed comes, and only to the person it is for', async () => {
    const bench = cometdBench()
    const anna = await bench.client().start('/v2/me/im-sessions')
    const ben = await bench.client({ user: 'ben' }).start('/**')
    await bench.append('for anna', 'device', 'nothing')
    await bench.appendFor(bench.person('ben'), ['for ben'])
    await settle()
    expect(await anna.drain()).toEqual(['for anna'])
    expect(await ben.drain()).toEqual(['for ben'])
    await bench.stop()
  })

  test('[CD-18] all clients of a person get every event', async () => {
    const bench = cometdBench()
    const clients = [await bench.client().start(), await bench.client({ ack: true }).start('/**')]
    await bench.append('one', 'two')
    for (const client of clients) expect(await client.drain()).toEqual(['one', 'two'])
    await bench.stop()
  })

  test('[CD-29] events of one tick come in one reply', async () => {
    const bench = cometdBench()
    const client = await bench.client().start()
    const sink = await client.poll()
    const person = bench.person('anna')
    const event = { event: 'EventPrivateInfo', extensions: { text: { body: 'x' } } } as never
    await bench.store.commit({
      expect: [],
      put: [],
      claims: [],
      feeds: [1, 2, 3].map(() => ({ person, event })),
      timers: { set: [], cancel: [] },
    })
    await settle()
    expect(sink.written[0]).toHaveLength(4)
    await bench.stop()
  })

  test('[CD-25] a client that was away reads on from the store, a page at a time, and misses nothing', async () => {
    const bench = cometdBench({ maxIntervalMs: 1e9 })
    const client = await bench.client({ ack: true }).start()
    const texts = Array.from({ length: 700 }, (_, i) => `t${i}`)
    await bench.append(...texts)
    expect(bench.metered.queued).toBeLessThanOrEqual(256 * 1024)
    const first = await client.poll()
    expect(first.written[0]).toHaveLength(129)
    client.take(first)
    expect(await client.drain()).toEqual(texts)
    expect(bench.metered.queued).toBe(0)
    await bench.stop()
  })

  test('[CD-25] long events are bounded by their size, not their number', async () => {
    const bench = cometdBench({ maxIntervalMs: 1e9 })
    const client = await bench.client({ ack: true }).start()
    const other = await bench.client({ login: 'other' }).start()
    const texts = Array.from({ length: 40 }, (_, i) => `${i}${'x'.repeat(20_000)}`)
    for (const text of texts) {
      await bench.append(text)
      await other.drain()
    }
    expect(bench.metered.queued).toBeLessThan(300_000)
    const first = await client.poll()
    expect(JSON.stringify(first.written[0]).length).toBeLessThan(300_000)
    client.take(first)
    expect(await client.drain()).toEqual(texts)
    await bench.stop()
  })

  test('[CD-24] a feed trimmed past a slow client is told as a gap, never passed over', async () => {
    const bench = cometdBench({ maxIntervalMs: 1e9 }, { feedLimit: 100 })
    const client = await bench.client({ ack: true }).start('/**')
    await bench.append('seen')
    client.take(await client.poll())
    await bench.append(...Array.from({ length: 400 }, (_, i) => `t${i}`))
    const said = await client.drain()
    expect(said.slice(0, 3)).toEqual(['seen', 'gap', 'gap'])
    expect(client.heard[1]).toEqual({
      channel: '/v2/me/im-sessions',
      data: {
        messageType: 'IMSessionGapMessage',
        notificationType: 'Gap',
        from: 'e1:1',
        to: expect.stringMatching(/^e1:/),
      },
      ext: { replay: client.heard[1].data.to },
    })
    const first = Number(client.heard[1].data.to.split(':')[1])
    expect(said.slice(3)).toEqual(Array.from({ length: 401 - first }, (_, i) => `t${first - 1 + i}`))
    expect(bench.metered.gaps).toBe(1)
    await bench.stop()
  })

  test('[CD-26] a hint that was lost is made up for at the heartbeat, at doubt, and by the next hint', async () => {
    const bench = cometdBench()
    const client = await bench.client().start()
    const held = await client.poll()
    bench.store.loseHints(true)
    await bench.append('lost')
    expect(held.written).toEqual([])
    bench.store.loseHints(false)
    await bench.append('next')
    client.take(held)
    expect(client.said).toEqual(['lost', 'next'])

    const doubted = await client.poll()
    bench.store.loseHints(true)
    await bench.append('lost again')
    bench.store.doubt()
    await settle()
    client.take(doubted)
    expect(client.said).toEqual(['lost', 'next', 'lost again'])

    await bench.append('lost for long')
    expect(await client.connect()).toMatchObject({ successful: true })
    client.take(await client.poll())
    expect(client.said.at(-1)).toBe('lost for long')
    await bench.stop()
  })

  test('[CD-26] a store that did not answer is asked again, and the connect is held meanwhile', async () => {
    const bench = cometdBench({ maxIntervalMs: 1e9 })
    const client = await bench.client().start()
    const held = await client.poll()
    bench.store.loseHints(true)
    await bench.append('unheard')
    bench.store.outage('TERR_NO_SWITCH')
    bench.store.doubt()
    await settle()
    expect(held.written).toEqual([])
    bench.store.outage(undefined)
    bench.clock.advance(1_500)
    await settle()
    client.take(held)
    expect(client.said).toEqual(['unheard'])
    await bench.stop()
  })
})
