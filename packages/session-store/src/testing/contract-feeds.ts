import type { Change, FeedEntry, SessionStore } from '@ringdown/signalling'
import { seededRandom } from '@ringdown/signalling/testing'
import { describe, expect, test, vi } from 'vitest'
import { type ContractHarness, contractFeedLimit, type Given } from './harness.ts'
import { agentEvent, callUUID, nothing, person, putCall, sampleText, sendText, textEvent } from './samples.ts'

/** ST-11 to ST-16. */
export function feedsContract(given: Given, harness: ContractHarness): void {
  describe('feeds', () => {
    test('[ST-11] offsets count from 1 per feed, in the order of the change', async () => {
      const { a, b } = given()
      const feeds = [1, 2, 1, 3, 1].map((n, mark) => ({ person: person(n), event: agentEvent(n, mark) }))
      expect(await a.commit({ ...nothing, feeds })).toEqual({ outcome: 'committed', feeds: [1, 1, 2, 1, 3] })
      expect(await b.commit({ ...nothing, feeds })).toEqual({ outcome: 'committed', feeds: [4, 2, 5, 2, 6] })
      const { entries } = await b.readFeed(person(1), 0, 10)
      expect(entries.map(({ offset, event }) => [offset, event.time])).toEqual(
        [0, 2, 4, 0, 2, 4].map((t, i) => [i + 1, t]),
      )
    })

    test('[ST-12] a feed is read in pages after an offset', async () => {
      const { a } = given()
      await append(a, 1, 9)
      const { epoch, offset } = await a.feedEnd(person(1))
      expect(offset).toBe(9)
      expect(await a.readFeed(person(1), 0, 2)).toEqual({
        epoch,
        first: 1,
        last: 9,
        entries: [1, 2].map((n) => ({ offset: n, event: agentEvent(1, n) })),
      })
      expect(offsets(await a.readFeed(person(1), 2, 3))).toEqual([3, 4, 5])
      expect(offsets(await a.readFeed(person(1), 8, 100))).toEqual([9])
      expect(await a.readFeed(person(1), 9, 100)).toEqual({ epoch, first: 1, last: 9, entries: [] })
      expect(await a.readFeed(person(1), 12, 100)).toEqual({ epoch, first: 1, last: 9, entries: [] })
    })

    test('[ST-8] [ST-12] any page of a long feed and a long log is what stands there', async () => {
      const { a, b, close } = await harness.open({ feedLimit: 1000 })
      await a.commit({ ...nothing, ...putCall(1, 0) })
      await Promise.all(Array.from({ length: 330 }, (_, i) => a.commit(sendText(1, 1, sampleText(`m${i + 1}`)))))
      const random = seededRandom(12)
      for (let i = 0; i < 60; i++) {
        const after = random() % 340
        const limit = 1 + (random() % 150)
        const length = Math.max(0, Math.min(limit, 330 - after))
        const due = Array.from({ length }, (_, at) => after + 1 + at)
        const page = await b.readFeed(person(1), after, limit)
        expect(page).toMatchObject({ first: 1, last: 330 })
        expect(offsets(page)).toEqual(due)
        const texts = await b.readLog(callUUID(1), after, limit)
        expect(texts.map(({ position }) => position)).toEqual(due)
        expect(page.entries.map(({ event }) => 'extensions' in event && event.extensions)).toEqual(
          texts.map(({ text }) => ({ text })),
        )
      }
      await close()
    })

    test('[ST-32] [ST-27] a feed that holds more than others is trimmed by whoever has not appended to it no further than asked', async () => {
      const { a, b } = given()
      const [many, hold] = [contractFeedLimit + 300, 2 * contractFeedLimit + 300]
      const feeds = Array.from({ length: many }, (_, i) => ({ person: person(1), event: agentEvent(1, i + 1), hold }))
      for (let i = 0; i < many; i += 100) await a.commit({ ...nothing, feeds: feeds.slice(i, i + 100) })
      await b.trimFeed(person(1), 100)
      await b.commit({ ...nothing, feeds: [{ person: person(2), event: agentEvent(2, 1) }] })
      expect(await a.readFeed(person(1), 0, 1)).toMatchObject({ first: 101, last: many })
    })

    test('[ST-32] a feed may hold more than others, or less', async () => {
      const { a, b } = given()
      const append = (n: number, mark: number, hold?: number) =>
        a.commit({ ...nothing, feeds: [{ person: person(n), event: agentEvent(n, mark), ...(hold && { hold }) }] })
      const [many, few, hold] = [contractFeedLimit + 300, 10, contractFeedLimit + 250]
      for (let mark = 1; mark <= many; mark++) {
        await append(1, mark, hold)
        await append(2, mark, few)
        await append(3, mark)
      }
      expect((await b.readFeed(person(1), 0, 1)).first).toBeLessThanOrEqual(many - hold + 1)
      const { first } = await b.readFeed(person(2), 0, 1)
      expect(first).toBeGreaterThanOrEqual(many - few - 200 + 1)
      expect(first).toBeLessThanOrEqual(many - few + 1)
      expect((await b.readFeed(person(3), 0, 1)).first).toBeGreaterThan(many - hold + 1)
    })

    test('[ST-12] a feed nothing was appended to is empty', async () => {
      const { a } = given()
      const { epoch, offset } = await a.feedEnd(person(5))
      expect(offset).toBe(0)
      expect(await a.readFeed(person(5), 0, 10)).toEqual({ epoch, first: 1, last: 0, entries: [] })
    })

    test('[ST-13] what is trimmed shows as a gap, and the newest entries are all there', async () => {
      const { a, b } = given()
      const many = contractFeedLimit + 300
      await append(a, 1, many)
      await append(a, 2, 3)
      const page = await b.readFeed(person(1), 4, 1000)
      expect(page.last).toBe(many)
      expect(page.first).toBeGreaterThanOrEqual(many - contractFeedLimit - 200 + 1)
      expect(page.first).toBeLessThanOrEqual(many - contractFeedLimit + 1)
      expect(offsets(page)).toEqual(Array.from({ length: many - page.first + 1 }, (_, i) => page.first + i))
      expect(page.entries.map(({ event }) => event.time)).toEqual(offsets(page))
      expect((await b.readFeed(person(2), 0, 10)).first).toBe(1)
      expect(await b.commit({ ...nothing, feeds: [{ person: person(1), event: agentEvent(1, 0) }] })).toMatchObject({
        feeds: [many + 1],
      })
    })

    test('[ST-14] the nodes of a memory have one epoch, another memory has another', async () => {
      const { a, b } = given()
      const { epoch } = await a.feedEnd(person(1))
      expect((await b.feedEnd(person(2))).epoch).toBe(epoch)
      expect((await b.readFeed(person(3), 0, 1)).epoch).toBe(epoch)
      const other = await harness.open({ feedLimit: contractFeedLimit })
      expect((await other.a.feedEnd(person(1))).epoch).not.toBe(epoch)
      await other.close()
    })

    test('[ST-15] watchers at both nodes are told of everything in order, of their feed only', async () => {
      const { a, b } = given()
      const seen = [a, b].map((node) => watch(node, 1))
      const other = watch(b, 2)
      await ready(a, seen, 1)
      await a.commit({ ...nothing, ...putCall(1, 0) })
      await Promise.all([
        append(a, 1, 30),
        ...Array.from({ length: 15 }, (_, i) => b.commit(sendText(1, 1, sampleText(`m${i}`), false, 1, 3))),
      ])
      const end = (await a.feedEnd(person(1))).offset
      for (const { entries } of seen) {
        await vi.waitFor(() => expect(entries.at(-1)?.offset).toBe(end), { timeout: 3000, interval: 5 })
        const from = Number(entries[0]?.offset)
        expect(entries.map(({ offset }) => offset)).toEqual(Array.from({ length: end - from + 1 }, (_, i) => from + i))
        // As stored: what a page says, a hint says.
        const { entries: stored, first } = await a.readFeed(person(1), 0, 1000)
        expect(entries.slice(first - from)).toEqual(stored)
      }
      expect(other.entries).toEqual([])
    })

    test('[ST-15] one change is told at once, with the text’s position', async () => {
      const { a } = given()
      const seen = watch(a, 2)
      await ready(a, [seen], 2)
      await a.commit({ ...nothing, ...putCall(1, 0) })
      const before = seen.entries.length
      const offset = (await a.feedEnd(person(2))).offset + 1
      const text = sampleText('m1')
      await a.commit(sendText(1, 1, text))
      await vi.waitFor(() => expect(seen.entries).toHaveLength(before + 1), { timeout: 3000, interval: 5 })
      expect(seen.entries.at(-1)).toEqual({ offset, event: textEvent('EventPrivateInfo', 1, text, 2, 1), log: 1 })
    })

    test('[ST-15] who has stopped is told nothing, and others go on', async () => {
      const { a, b } = given()
      const stopped = watch(b, 1)
      const stays = watch(b, 1)
      await ready(a, [stopped, stays], 1)
      stopped.stop()
      const before = stopped.entries.length
      await append(a, 1, 3)
      const end = (await a.feedEnd(person(1))).offset
      await vi.waitFor(() => expect(stays.entries.at(-1)?.offset).toBe(end), { timeout: 3000, interval: 5 })
      expect(stopped.entries).toHaveLength(before)
      stopped.stop()
    })

    test('[ST-15] nobody is told of a change that was refused', async () => {
      const { a } = given()
      const seen = watch(a, 1)
      await ready(a, [seen], 1)
      const end = (await a.feedEnd(person(1))).offset
      await a.commit({ ...nothing, ...putCall(1, 4), feeds: [{ person: person(1), event: agentEvent(1, 666) }] })
      await append(a, 1, 1)
      await vi.waitFor(() => expect(seen.entries.at(-1)?.offset).toBe(end + 1), { timeout: 3000, interval: 5 })
      expect(seen.entries.map(({ event }) => event.time)).not.toContain(666)
    })
  })
}

async function append(store: SessionStore, n: number, count: number): Promise<void> {
  const changes: Change[] = Array.from({ length: count }, (_, i) => ({
    ...nothing,
    feeds: [{ person: person(n), event: agentEvent(n, i + 1) }],
  }))
  for (const change of changes) await store.commit(change)
}

function watch(store: SessionStore, n: number): { entries: FeedEntry[]; stop: () => void } {
  const entries: FeedEntry[] = []
  const stop = store.watchFeed(
    person(n),
    (news) => entries.push(...news),
    () => undefined,
  )
  return { entries, stop }
}

/** Appends until every watcher hears: a subscription may take a moment to reach a server, and hints before it are lost. */
async function ready(store: SessionStore, watchers: { entries: FeedEntry[] }[], n: number): Promise<void> {
  await vi.waitFor(
    async () => {
      await append(store, n, 1)
      const end = (await store.feedEnd(person(n))).offset
      await vi.waitFor(
        () => {
          for (const { entries } of watchers) expect(entries.at(-1)?.offset).toBe(end)
        },
        { timeout: 500, interval: 5 },
      )
    },
    { timeout: 5000, interval: 10 },
  )
}

function offsets({ entries }: { entries: readonly FeedEntry[] }): number[] {
  return entries.map(({ offset }) => offset)
}
