import { TServerError } from '@ringdown/signalling'
import { describe, expect, test, vi } from 'vitest'
import { type CwaBench, type CwaClient, type CwaNode, cwaBench } from '../testing/cwa-bench.ts'
import { keptLimits, windowLimits } from './window.ts'

/** Anna and Ben in a conversation that Anna began; both know of it. */
async function talking(bench: CwaBench): Promise<{ anna: CwaClient; ben: CwaClient }> {
  const anna = await bench.client('anna').signIn()
  const ben = await bench.client('ben').signIn()
  await anna.invite('sip:ben@demo', 'hello')
  await ben.drain()
  await ben.handle('acceptImSession')
  await anna.drain()
  await ben.drain()
  return { anna, ben }
}

describe('AckId', () => {
  test('[UC-61] an answer holds what is behind it, and names the last; with nothing new it names the same', async () => {
    const bench = cwaBench()
    const { anna, ben } = await talking(bench)
    const known = ben.ackId
    await anna.say('one')
    await anna.say('two')
    const answer = await ben.poll()
    expect(answer?.events.map(({ eid }) => eid)).toEqual([known + 1, known + 2])
    expect(answer?.ackId).toBe(known + 2)
    expect(await ben.poll()).toMatchObject({ ackId: known + 2, events: [] })
    await bench.stop()
  })

  test('[UC-61] the answer that was lost comes again, also when more has come', async () => {
    const bench = cwaBench()
    const { anna, ben } = await talking(bench)
    await anna.say('one')
    const lost = await ben.send()
    await anna.say('two')
    const again = await ben.poll()
    expect(again?.events.slice(0, 1)).toEqual(lost && 'events' in lost && lost.events)
    expect(ben.texts).toEqual(['hello', 'one', 'two'])
    await bench.stop()
  })

  test('[UC-61] an older one brings again what was acknowledged lately, for a minute', async () => {
    const bench = cwaBench()
    const { anna, ben } = await talking(bench)
    await anna.say('one')
    await ben.drain()
    const all = await ben.poll({ ackId: 0 })
    expect(all?.events.map(({ eid }) => eid)).toEqual([...ben.told.keys()])
    for (let i = 0; i < 65; i++) {
      bench.clock.advance(1_000)
      await ben.poll()
    }
    expect((await ben.poll({ ackId: 0 }))?.events).toEqual([])
    await bench.stop()
  })

  test('[UC-61] one above the counter brings nothing and acknowledges nothing', async () => {
    const bench = cwaBench()
    const { anna, ben } = await talking(bench)
    const known = ben.ackId
    await anna.say('one')
    expect(await ben.send({ ackId: 999 })).toMatchObject({ ackId: known, events: [] })
    await ben.drain()
    expect(ben.texts).toEqual(['hello', 'one'])
    await bench.stop()
  })

  test('[UC-61] an answer holds 128 events, and 262144 characters but for a single longer text', async () => {
    const bench = cwaBench()
    const { anna, ben } = await talking(bench)
    for (let i = 0; i < 130; i++) await anna.say(`t${i}`)
    const first = await ben.poll()
    expect(first?.events).toHaveLength(128)
    expect(first?.pollWaitMs).toBe(50) // [UC-71] the rest waits already
    expect((await ben.poll())?.events).toHaveLength(2)
    for (let i = 0; i < 30; i++) await anna.say(String(i % 10).repeat(10_000))
    expect((await ben.poll())?.events).toHaveLength(25)
    expect((await ben.poll())?.events).toHaveLength(5)
    await bench.stop()
  })

  test('[UC-75] a client that acknowledges nothing is held no more for than a window, and loses nothing', async () => {
    const bench = cwaBench({}, { feedLimit: 10_000 })
    const { anna, ben } = await talking(bench)
    const count = windowLimits.events + keptLimits.events + 200
    for (let i = 0; i < count; i++) {
      await anna.say(`t${i}`)
      if (i % 200 === 0) await ben.send()
    }
    const session = await ben.node.sessions.find(ben.node.centre, ben.person.id, ben.sid)
    expect((await session?.current())?.eid).toBe(ben.ackId + count)
    await ben.drain()
    expect(ben.texts).toEqual(['hello', ...Array.from({ length: count }, (_, i) => `t${i}`)])
    await bench.stop()
  })

  test('[UC-75] the outcome of a request is known as not acknowledged, also behind the window', async () => {
    const bench = cwaBench({}, { feedLimit: 10_000 })
    const { anna, ben } = await talking(bench)
    await ben.drain()
    for (let i = 0; i < windowLimits.events + 10; i++) await anna.say(`t${i}`)
    await ben.say('behind it all')
    const rid = String(ben.rid)
    const session = await ben.node.sessions.find(ben.node.centre, ben.person.id, ben.sid)
    await session?.current()
    expect(session?.unacknowledged(rid)).toBe(true)
    await ben.drain()
    await ben.poll()
    await session?.current()
    expect(session?.unacknowledged(rid)).toBe(false)
    await bench.stop()
  })
})

describe('nodes', () => {
  test('[UC-60] a number is its person\u2019s: nobody else finds a session under it', async () => {
    const bench = cwaBench()
    const anna = await bench.client('anna').signIn()
    const { sessions, centre } = bench.a
    expect(await sessions.find(centre, bench.person('ben').id, anna.sid)).toBeUndefined()
    expect(await sessions.find(centre, anna.person.id, anna.sid + 1)).toBeUndefined()
    expect(anna.sid).toBeGreaterThan(0)
    expect(anna.sid).toBeLessThan(2 ** 31)
    await bench.stop()
  })

  test('[UC-62] take turns in the middle of a conversation, and count alike', async () => {
    const bench = cwaBench()
    const { anna, ben } = await talking(bench)
    const said: string[] = ['hello']
    for (let i = 0; i < 20; i++) {
      ben.node = i % 2 ? bench.a : bench.b
      said.push(`t${i}`)
      await anna.say(`t${i}`)
      const answer = await ben.send()
      ben.node = i % 3 ? bench.a : bench.b
      // Whoever is asked with the old AckId says the same.
      expect(await ben.poll()).toEqual(answer)
    }
    expect(ben.texts).toEqual(said)
    await bench.stop()
  })

  test('[UC-62] a node that is started again goes on, and says what was not acknowledged', async () => {
    const bench = cwaBench()
    const { anna, ben } = await talking(bench)
    await anna.say('one')
    const lost = await ben.send()
    bench.a.restart()
    expect(await ben.poll()).toEqual(lost)
    await anna.say('two')
    await ben.drain()
    expect(ben.texts).toEqual(['hello', 'one', 'two'])
    await bench.stop()
  })

  test('[UC-62] an AckId that another node was told is understood, though its cursor was never written', async () => {
    const bench = cwaBench()
    const { anna, ben } = await talking(bench)
    bench.store.loseHints(true)
    ben.node = bench.b
    for (let i = 0; i < 200; i++) await anna.say(`t${i}`)
    await ben.drain()
    ben.node = bench.a
    expect(await ben.poll()).toMatchObject({ events: [], ackId: ben.ackId })
    await anna.say('last')
    bench.a.store.doubt()
    expect((await ben.poll())?.events).toHaveLength(1)
    expect(ben.texts.at(-1)).toBe('last')
    await bench.stop()
  })

  test('[UC-63] a cursor that a slow node wrote late does not take the client back', async () => {
    const bench = cwaBench()
    const { anna, ben } = await talking(bench)
    const name = `${ben.person.id}:${ben.sid} cursor`
    await bench.pass(1_000)
    const old = (await bench.store.kept('cwaSession', name)) as string
    await anna.say('one')
    await ben.drain()
    await bench.pass(1_000)
    const newer = (await bench.store.kept('cwaSession', name)) as string
    expect(JSON.parse(newer).acknowledged).toBe(JSON.parse(old).acknowledged + 1)
    await bench.store.keep('cwaSession', name, old, 60_000)
    ben.node = bench.b
    expect(await ben.poll()).toMatchObject({ events: [], ackId: ben.ackId })
    await anna.say('two')
    await ben.drain()
    expect(ben.texts).toEqual(['hello', 'one', 'two'])
    await bench.stop()
  })

  test('[UC-63] a poll with nothing new does not touch the store, until it looks after 30 s', async () => {
    const bench = cwaBench()
    const ben = await bench.client('ben').signIn()
    await ben.drain()
    await bench.pass(2_000)
    const touched = (['readFeed', 'feedEnd', 'kept', 'keep', 'read', 'commit', 'readLog'] as const).map((method) =>
      vi.spyOn(bench.a.store, method),
    )
    const calls = () => touched.reduce((sum, { mock }) => sum + mock.calls.length, 0)
    for (let i = 0; i < 9; i++) {
      bench.clock.advance(3_000)
      await ben.poll()
    }
    expect(calls()).toBe(0)
    for (let i = 0; i < 10; i++) {
      bench.clock.advance(3_000)
      await ben.poll()
    }
    expect(calls()).toBeGreaterThan(0)
    expect(calls()).toBeLessThanOrEqual(6)
    await bench.stop()
  })

  test('[UC-63] a hint that was lost hides an event for half a minute at most', async () => {
    const bench = cwaBench()
    const { anna, ben } = await talking(bench)
    bench.store.loseHints(true)
    await anna.say('one')
    expect((await ben.poll())?.events).toEqual([])
    for (let i = 0; i < 10; i++) {
      bench.clock.advance(3_000)
      await ben.poll()
    }
    expect(ben.texts).toEqual(['hello', 'one'])
    await bench.stop()
  })

  test('[UC-63] a session that nobody asks here for is left after a minute, and can be asked for again', async () => {
    const bench = cwaBench()
    const { anna, ben } = await talking(bench)
    ben.node = bench.b
    await ben.poll()
    expect(bench.held).toEqual(
      new Map([
        ['n1', 2],
        ['n2', 1],
      ]),
    )
    for (let i = 0; i < 25; i++) {
      await bench.pass(3_000)
      await ben.poll()
    }
    expect(bench.held).toEqual(
      new Map([
        ['n1', 0],
        ['n2', 1],
      ]),
    )
    await ben.say('still here')
    await anna.drain()
    expect(anna.texts).toEqual(['still here'])
    await bench.stop()
  })

  test('[UC-77] know what a client with one rid for everything has acknowledged, so that no text is swallowed', async () => {
    const bench = cwaBench()
    const anna = await bench.client('anna').signIn()
    const ben = await bench.client('ben').signIn()
    anna.rid = 0
    await anna.invite('sip:ben@demo', 'hello')
    await ben.drain()
    await ben.handle('acceptImSession')
    await anna.drain()
    await anna.poll()
    const said: string[] = ['hello']
    const say = (node: CwaNode) => {
      anna.node = node
      anna.rid = 0
      return anna.say('yes')
    }
    for (let i = 0; i < 6; i++) {
      said.push('yes')
      const [one, other] = i % 2 ? [bench.a, bench.b] : [bench.b, bench.a]
      await say(one)
      await say(other) // the repetition of a POST whose answer was lost
      anna.node = i % 3 ? one : other
      await anna.drain()
      await anna.poll()
    }
    await ben.drain()
    expect(ben.texts).toEqual(said)

    // A node that is not asked any more writes nothing that takes back what is acknowledged at another.
    await say(bench.a)
    await anna.drain()
    await bench.pass(1_000)
    await anna.poll()
    await say(bench.b)
    await bench.pass(1_000)
    await anna.drain()
    await anna.poll()
    const kept = vi.spyOn(bench.a.store, 'keep')
    for (let i = 0; i < 20; i++) {
      await bench.pass(3_000)
      await anna.poll()
    }
    expect(kept.mock.calls.filter(([, id]) => id.startsWith(`${anna.person.id}:`))).toEqual([])
    await bench.stop()
  })

  test('[UC-74] a node that closes writes what its clients had acknowledged', async () => {
    const bench = cwaBench()
    const { anna, ben } = await talking(bench)
    await anna.say('one')
    await ben.drain()
    await ben.poll()
    await bench.a.sessions.close()
    const kept = await bench.store.kept('cwaSession', `${ben.person.id}:${ben.sid} cursor`)
    expect(JSON.parse(kept as string)).toMatchObject({ acknowledged: ben.ackId })
    await ben.poll() // on its way when the node closed
    expect(bench.held.get('n1')).toBe(0)
    await bench.stop()
  })
})

describe('a store that does not answer', () => {
  test('[UC-73] makes a poll fail, and the next one brings everything', async () => {
    const bench = cwaBench()
    const { anna, ben } = await talking(bench)
    await anna.say('one')
    bench.store.outage('TERR_NO_SWITCH')
    await expect(ben.send()).rejects.toThrow(TServerError)
    bench.store.outage(undefined)
    await ben.drain()
    expect(ben.texts).toEqual(['hello', 'one'])
    await bench.stop()
  })

  test('[UC-73] once, is asked again by the next poll, though nothing else happens', async () => {
    const bench = cwaBench()
    const { anna, ben } = await talking(bench)
    await anna.say('one')
    vi.spyOn(bench.a.store, 'readFeed').mockRejectedValueOnce(new TServerError('TERR_TIMEOUT'))
    await expect(ben.send()).rejects.toThrow(TServerError)
    await ben.drain()
    expect(ben.texts).toEqual(['hello', 'one'])
    await bench.stop()
  })

  test('[UC-73] in the middle of many pages, does not acknowledge what was not seen', async () => {
    const bench = cwaBench()
    const { anna, ben } = await talking(bench)
    ben.node = bench.b
    for (let i = 0; i < 400; i++) await anna.say(`t${i}`)
    const pages = vi.spyOn(bench.b.store, 'readFeed')
    pages.mockImplementationOnce((...asked) => bench.a.store.readFeed(...asked))
    pages.mockRejectedValueOnce(new TServerError('TERR_TIMEOUT'))
    await expect(ben.send()).rejects.toThrow(TServerError)
    await ben.drain()
    expect(ben.texts).toHaveLength(401)
    await bench.stop()
  })

  test('[UC-73] keeps the cursor unwritten only until it is back', async () => {
    const bench = cwaBench()
    const { anna, ben } = await talking(bench)
    await anna.say('one')
    await ben.drain()
    bench.store.outage('TERR_NO_SWITCH')
    await bench.pass(3_000)
    bench.store.outage(undefined)
    await bench.pass(1_000)
    const kept = await bench.store.kept('cwaSession', `${ben.person.id}:${ben.sid} cursor`)
    expect(JSON.parse(kept as string)).toMatchObject({ acknowledged: ben.ackId })
    await bench.stop()
  })
})

describe('what a client is told about time', () => {
  test('[UC-71] the short wait while there is a conversation, the long one without', async () => {
    const bench = cwaBench({ pollWaitMs: 4_000, busyPollWaitMs: 500 })
    const anna = await bench.client('anna').signIn()
    expect((await anna.poll())?.pollWaitMs).toBe(4_000)
    const ben = await bench.client('ben').signIn()
    await anna.invite('sip:ben@demo', 'hello')
    expect((await anna.poll())?.pollWaitMs).toBe(500)
    await anna.handle('terminateImSession')
    expect((await anna.poll())?.pollWaitMs).toBe(4_000)
    await ben.drain()
    await bench.stop()
  })

  test('[UC-71] the time left counts from what the user did, and is a minute at least', async () => {
    const bench = cwaBench()
    const anna = await bench.client('anna').signIn()
    expect((await anna.poll({ active: true }))?.sessionTimeoutMs).toBe(600_000)
    bench.clock.advance(3_000)
    expect((await anna.poll())?.sessionTimeoutMs).toBe(597_000)
    for (let i = 0; i < 12; i++) {
      bench.clock.advance(50_000)
      await anna.poll()
    }
    expect((await anna.poll())?.sessionTimeoutMs).toBe(60_000)
    await anna.ask({ request: 'publishSelfPresence' })
    expect((await anna.poll())?.sessionTimeoutMs).toBe(600_000)
    await bench.stop()
  })
})
