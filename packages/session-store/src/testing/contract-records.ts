import type { FeedEvent, Named, SessionRange, SessionStore } from '@ringdown/signalling'
import { describe, expect, test, vi } from 'vitest'
import type { ContractHarness, Given, OpenedStores } from './harness.ts'
import {
  agentEvent,
  callUUID,
  dn,
  makeCall,
  nothing,
  person,
  putCall,
  releaseCall,
  sampleCall,
  sampleText,
  sendText,
  textEvent,
} from './samples.ts'

const at = 1_767_225_600_000
const call = (n: number) => ({ kind: 'call', id: callUUID(n) }) as const

/** ST-28 to ST-31, and what ST-10 and ST-27 say of records that are kept. */
export function recordsContract(given: Given, harness: ContractHarness): void {
  describe('what is kept', () => {
    test('[ST-29] living and ended sessions are listed in the order they began, in pages, each once', async () => {
      const { a, b } = given()
      const ages = [50, 10, 30, 20, 40, 30, 30]
      for (const [i, age] of ages.entries()) await a.commit(makeCall(i + 1, 2 * i + 2, 2 * i + 3, at + age))
      for (const n of [3, 5]) await b.commit(endOf(n, at + (ages[n - 1] as number), 60_000))
      for (const limit of [1, 2, 3, 100])
        expect(await listed(b, { limit })).toEqual([2, 4, 3, 6, 7, 5, 1].map((n) => callUUID(n)))
      expect(await listed(a, { limit: 2, from: at + 20, until: at + 40 })).toEqual([4, 3, 6, 7].map(callUUID))
      expect(await listed(a, { limit: 9, from: at + 51 })).toEqual([])
      const { sessions } = await a.listSessions({ from: at + 40, until: at + 41, limit: 2 })
      expect(sessions).toEqual([{ ...sampleCall(5, at + 40, [10, 11]) }])
    })

    test('[ST-29] a session is listed as long as it is kept', async () => {
      const { a, b, pass } = given()
      for (const n of [1, 2]) await a.commit(makeCall(n, 2 * n, 2 * n + 1, at + n))
      await a.commit(endOf(1, at + 1, 200))
      expect(await listed(b, { limit: 10 })).toEqual([1, 2].map(callUUID))
      await pass(300)
      expect(await listed(b, { limit: 10 })).toEqual([callUUID(2)])
      expect(await listed(b, { limit: 1 })).toEqual([callUUID(2)])
    })

    test('[ST-29] sessions that begin and end while pages are read make nobody miss or repeat another', async () => {
      const { a, b } = given()
      const early = Array.from({ length: 40 }, (_, i) => i + 1)
      await Promise.all(early.map((n) => a.commit(makeCall(n, 2 * n, 2 * n + 1, at + (n % 4)))))
      const going = Promise.all(
        early.flatMap((n) => [
          b.commit(endOf(n, at + (n % 4), 60_000)),
          a.commit(makeCall(n + 40, 2 * n + 100, 2 * n + 101, at + 10 + n)),
        ]),
      )
      const seen = await listed(b, { limit: 3 })
      await going
      expect(new Set(seen).size).toBe(seen.length)
      const first = [...early].sort((x, y) => (x % 4) - (y % 4) || x - y).map((n) => callUUID(n))
      expect(seen.slice(0, 40)).toEqual(first)
      expect(await listed(a, { limit: 7 })).toHaveLength(80)
    })

    test('[ST-10] a put that leaves the time as it was neither keeps a record nor prolongs it', async () => {
      const { a, b, pass } = given()
      await a.commit({ ...nothing, ...putCall(1, 0) })
      await a.commit(sendText(1, 1, sampleText('m1')))
      const again = (version: number, expireMs: number | 'asBefore') => {
        const { expect: seen, put } = putCall(1, version)
        return { ...nothing, expect: seen, put: put.map((one) => ({ ...one, expireMs })) }
      }
      expect(await a.commit(again(1, 'asBefore'))).toMatchObject({ outcome: 'committed' })
      await pass(50)
      expect((await b.read({ records: [call(1)], claims: [] })).records[0]?.version).toBe(2)
      await a.commit(again(2, 400))
      await b.commit(again(3, 'asBefore'))
      expect((await a.read({ records: [call(1)], claims: [] })).records[0]?.version).toBe(4)
      await pass(500)
      expect((await a.read({ records: [call(1)], claims: [] })).records).toEqual([undefined])
      expect(await b.readLog(callUUID(1), 0, 10)).toEqual([])
    })

    test('[ST-28] what feeds hold of a session goes with it, and offsets go on', async () => {
      const stores = await harness.open({ feedLimit: 1000 })
      const { a, b, close } = stores
      await a.commit(makeCall(1, 1, 2, at))
      for (let i = 0; i < 70; i++) await a.commit(sendText(1, 1, sampleText(`m${i}`)))
      await a.commit(endOf(1, at, 300, [1, 2]))
      await a.commit({ ...nothing, feeds: [{ person: person(1), event: agentEvent(1, 7) }] })
      const before = await b.readFeed(person(1), 0, 1000)
      expect(before).toMatchObject({ first: 1, last: 73 })
      await gone(stores, 1, 73)
      const { entries, last } = await b.readFeed(person(1), 0, 1000)
      expect([entries.map(({ offset, event }) => [offset, event.time]), last]).toEqual([[[73, 7]], 73])
      await gone(stores, 2, 73)
      // Nothing is left of the other's feed; it goes on where it was all the same.
      for (const node of [a, b]) {
        expect(await node.readFeed(person(2), 0, 10)).toMatchObject({ first: 73, last: 72, entries: [] })
        expect((await node.feedEnd(person(2))).offset).toBe(72)
      }
      const more = { ...nothing, feeds: [1, 2].map((n) => ({ person: person(2), event: agentEvent(2, n) })) }
      expect(await b.commit(more)).toMatchObject({ feeds: [73, 74] })
      expect((await a.readFeed(person(2), 72, 10)).entries.map(({ offset }) => offset)).toEqual([73, 74])
      await close()
    })

    test('[ST-28] what came after its end stays, and what another session left as well', async () => {
      const stores = given()
      const { a, b } = stores
      await a.commit(makeCall(1, 1, 2, at))
      await a.commit(endOf(1, at, 300, [1, 2]))
      await a.commit(makeCall(2, 1, 2, at + 1))
      await a.commit(sendText(2, 1, sampleText('later')))
      await gone(stores, 1, 3)
      const { entries } = await b.readFeed(person(1), 0, 10)
      expect(entries.map(({ offset, event }) => [offset, event.event])).toEqual([
        [3, 'EventDialing'],
        [4, 'EventACK'],
      ])
      await a.commit(endOf(2, at + 1, 60_000, [1, 2]))
      expect((await b.readFeed(person(1), 0, 10)).first).toBe(3)
    })

    test('[ST-27] a feed is trimmed up to an offset, every entry, and goes on', async () => {
      const { a, b, close } = await harness.open({ feedLimit: 1000 })
      const feeds = Array.from({ length: 300 }, (_, mark) => ({ person: person(1), event: agentEvent(1, mark + 1) }))
      await a.commit({ ...nothing, feeds })
      for (const upTo of [5, 5, 64, 65, 130, 0, 299]) {
        await b.trimFeed(person(1), upTo)
        const { first, last, entries } = await a.readFeed(person(1), 0, 1000)
        const due = Math.max(upTo, first - 1) + 1
        expect([first, last, entries.length]).toEqual([due, 300, 301 - due])
        expect(entries.map(({ event }) => event.time)).toEqual(entries.map(({ offset }) => offset))
      }
      expect((await a.readFeed(person(1), 0, 10)).first).toBe(300)
      await b.trimFeed(person(1), 5000)
      expect(await a.readFeed(person(1), 0, 10)).toMatchObject({ first: 301, last: 300, entries: [] })
      expect(await a.commit({ ...nothing, feeds })).toMatchObject({ outcome: 'committed' })
      await a.trimFeed(person(1), 333)
      const { entries } = await b.readFeed(person(1), 0, 1000)
      expect(entries.map(({ offset }) => offset)).toEqual(Array.from({ length: 267 }, (_, i) => 334 + i))
      await a.trimFeed(person(1))
      expect((await b.readFeed(person(1), 0, 1000)).last).toBe(600)
      await close()
    })

    test('[ST-30] feeds, records and short-lived values are found by their sort', async () => {
      const { a, b } = given()
      const many = Array.from({ length: 30 }, (_, i) => i + 1)
      await Promise.all(many.map((n) => a.commit({ ...nothing, ...putCall(n, 0) })))
      await a.commit({ ...nothing, feeds: many.map((n) => ({ person: person(n), event: agentEvent(n, 1) })) })
      const box = { dn: dn(1), texts: [] }
      await a.commit({
        ...nothing,
        expect: [{ kind: 'mailbox', id: dn(1), version: 0 }],
        put: [{ kind: 'mailbox', id: dn(1), value: box }],
      })
      for (const id of ['x:1', 'x 2', 'ü*']) await a.keep('cwaSession', id, 'value', 60_000)
      await a.keep('cwaPerson', 'x', 'value', 60_000)
      expect(await named(b, { records: 'call' })).toEqual(many.map((n) => callUUID(n)))
      expect(await named(b, { feeds: true })).toEqual(many.map((n) => person(n)))
      expect(await named(b, { records: 'mailbox' })).toEqual([dn(1)])
      expect(await named(b, { kept: 'cwaSession' })).toEqual(['x 2', 'x:1', 'ü*'])
      expect(await named(b, { kept: 'cwaPerson' })).toEqual(['x'])
      expect(await named(b, { kept: 'ticket' })).toEqual([])
    })

    test('[ST-31] other words stand in the place of texts and events, and all else is as it was', async () => {
      const { a, b, close } = await harness.open({ feedLimit: 1000 })
      await a.commit({ ...nothing, ...putCall(1, 0) })
      for (let i = 1; i <= 150; i++) await a.commit(sendText(1, 1, sampleText(`m${i}`), i % 2 === 0))
      const before = { log: await b.readLog(callUUID(1), 0, 1000), feed: await b.readFeed(person(1), 0, 1000) }
      const erased = (n: number) => sampleText(`m${n}`, 'other words')
      const places = [3, 64, 65, 128, 150]
      const texts = [...places, 151, 0].map((position) => ({ position, text: erased(position) }))
      expect(await a.rewriteLog(callUUID(1), texts)).toBe(places.length)
      const events = [...places, 999].map((offset) => ({ offset, event: eventOf(erased(offset)) }))
      expect(await a.rewriteFeed(person(1), events)).toBe(places.length)
      expect(await a.rewriteFeed(person(9), events)).toBe(0)
      expect(await a.rewriteLog(callUUID(9), texts)).toBe(0)
      expect(await a.rewriteLog(callUUID(1), [])).toBe(0)
      for (const node of [a, b]) {
        expect(await node.readLog(callUUID(1), 0, 1000)).toEqual(
          before.log.map((entry) =>
            places.includes(entry.position) ? { ...entry, text: erased(entry.position) } : entry,
          ),
        )
        expect(await node.readFeed(person(1), 0, 1000)).toEqual({
          ...before.feed,
          entries: before.feed.entries.map((entry) =>
            places.includes(entry.offset) ? { ...entry, event: eventOf(erased(entry.offset)) } : entry,
          ),
        })
      }
      // Positions go on, and an id that was accepted is known.
      expect(await b.commit(sendText(1, 1, sampleText('m64'), true))).toMatchObject({ outcome: 'duplicate', log: 64 })
      expect(await b.commit(sendText(1, 1, sampleText('new')))).toMatchObject({ log: 151, feeds: [151, 151] })
      await close()
    })

    test('[ST-31] a log that is written over goes when its call goes', async () => {
      const { a, b, pass } = given()
      await a.commit({ ...nothing, ...putCall(1, 0) })
      await a.commit(sendText(1, 1, sampleText('m1')))
      await a.commit({ ...nothing, ...putCall(1, 1, 300) })
      expect(await b.rewriteLog(callUUID(1), [{ position: 1, text: sampleText('m1', 'other') }])).toBe(1)
      expect((await a.readLog(callUUID(1), 0, 9))[0]?.text.body).toBe('other')
      await pass(400)
      expect(await b.readLog(callUUID(1), 0, 9)).toEqual([])
    })

    test('[ST-31] what is accepted while a log and a feed are written over is all there', async () => {
      const { a, b, close } = await harness.open({ feedLimit: 1000 })
      await a.commit({ ...nothing, ...putCall(1, 0) })
      await a.commit(sendText(1, 1, sampleText('m1')))
      const writing = Promise.all(
        Array.from({ length: 100 }, (_, i) => (i % 2 ? a : b).commit(sendText(1, 1, sampleText(`n${i}`)))),
      )
      for (let i = 0; i < 20; i++) {
        await b.rewriteLog(callUUID(1), [{ position: 1, text: sampleText('m1', `times ${i}`) }])
        await a.rewriteFeed(person(1), [{ offset: 1, event: eventOf(sampleText('m1', `times ${i}`)) }])
      }
      await writing
      const log = await a.readLog(callUUID(1), 0, 1000)
      expect(log.map(({ position }) => position)).toEqual(Array.from({ length: 101 }, (_, i) => i + 1))
      expect(new Set(log.map(({ text }) => text.messageID)).size).toBe(101)
      expect(log[0]?.text.body).toBe('times 19')
      const { entries } = await b.readFeed(person(1), 0, 1000)
      expect(entries.map(({ offset }) => offset)).toEqual(log.map(({ position }) => position))
      await close()
    })
  })
}

/** The end of the n-th call, made by `makeCall` between these two, kept for so long. */
function endOf(n: number, created: number, expireMs: number, pair: [number, number] = [2 * n, 2 * n + 1]) {
  const value = sampleCall(n, created, pair)
  const change = releaseCall(n, ...pair, expireMs)
  return {
    ...change,
    put: change.put.map((put) => ({ ...put, value }) as (typeof change.put)[number]),
    live: { callUUID: value.callUUID, from: 'dialing', to: null, created } as const,
  }
}

function eventOf(text: ReturnType<typeof sampleText>): FeedEvent {
  return textEvent('EventACK', 1, text, 1, 2)
}

/** Lets time pass until the n-th person's feed begins at an offset. */
async function gone({ b, pass }: OpenedStores, n: number, first: number): Promise<void> {
  await vi.waitFor(
    async () => {
      await pass(250)
      expect((await b.readFeed(person(n), 0, 1)).first).toBe(first)
    },
    { timeout: 20_000, interval: 1 },
  )
}

async function listed(store: SessionStore, range: Omit<SessionRange, 'after'>): Promise<string[]> {
  const seen: string[] = []
  let after: string | undefined
  do {
    const page = await store.listSessions({ ...range, after })
    expect(page.sessions.length).toBeLessThanOrEqual(range.limit)
    seen.push(...page.sessions.map((session) => session.callUUID))
    after = page.next
  } while (after !== undefined)
  return seen
}

async function named(store: SessionStore, of: Named): Promise<string[]> {
  const seen = new Set<string>()
  let after: string | undefined
  do {
    const page = await store.listNames(of, after, 7)
    for (const name of page.names) seen.add(name)
    after = page.next
  } while (after !== undefined)
  return [...seen].sort()
}
