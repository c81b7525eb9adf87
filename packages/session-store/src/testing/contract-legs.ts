import { type Change, type FeedEntry, legID, nodeFeed, pairClaim, type StoredRecords } from '@ringdown/signalling'
import { describe, expect, test, vi } from 'vitest'
import type { ContractHarness, Given } from './harness.ts'
import {
  agentEvent,
  callUUID,
  dn,
  nothing,
  person,
  putCall,
  sampleCall,
  sampleText,
  sendText,
  textEvent,
} from './samples.ts'

const feed = nodeFeed('n-1.example')
const text = sampleText('m1')

/** What a MESSAGE without a session commits: the call, and its first text, to an agent and to the node of a leg. */
function callWithText(n: number): Change {
  return {
    ...nothing,
    ...putCall(n, 0),
    claims: [{ person: pairClaim(dn(1), dn(2)), from: undefined, to: callUUID(n) }],
    feeds: [
      { person: person(2), event: textEvent('EventPrivateInfo', n, text, 2, 1) },
      { person: feed, event: textEvent('EventPrivateInfo', n, text, 2, 1) },
    ],
    log: { callUUID: callUUID(n), text, once: true },
    live: { callUUID: callUUID(n), from: null, to: 'talking', created: sampleCall(n).created },
  }
}

const leg: StoredRecords['leg'] = { callUUID: callUUID(1), dn: dn(1), owner: 'n1', delivered: 3, dialog: null }
const mailbox: StoredRecords['mailbox'] = {
  dn: dn(1),
  texts: [{ text: sampleText('m1', 'grüße'), uri: 'sip:7002@im.example', trunk: null }],
}

/** What bridging asks of a store beyond calls between agents: ST-1, ST-2, ST-5, ST-8 to ST-11, ST-15. */
export function legsContract(given: Given, harness: ContractHarness): void {
  describe('legs', () => {
    test('[ST-1] [ST-8] [ST-9] a call and its first text are one commit', async () => {
      const { a, b } = given()
      const committed = { outcome: 'committed', feeds: [1, 1], log: 1 }
      expect(await a.commit(callWithText(1))).toEqual(committed)
      expect(await b.readLog(callUUID(1), 0, 10)).toEqual([{ position: 1, text }])
      expect((await b.readFeed(feed, 0, 10)).entries.map(({ log }) => log)).toEqual([1])
      expect(await b.commit(sendText(1, 1, text, true))).toEqual({ outcome: 'duplicate', log: 1, sent: text.sent })
      expect(await b.commit(sendText(1, 1, sampleText('m2')))).toMatchObject({ log: 2 })
    })

    test('[ST-1] [ST-5] of two of them for one pair of endpoints one is made, and the other leaves nothing', async () => {
      const { a, b } = given()
      const outcomes = await Promise.all([a.commit(callWithText(1)), b.commit(callWithText(2))])
      expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['committed', 'conflict'])
      const lost = outcomes[0].outcome === 'conflict' ? 1 : 2
      const { records, claims } = await a.read({
        records: [{ kind: 'call', id: callUUID(lost) }],
        claims: [pairClaim(dn(2), dn(1))],
      })
      expect([records, claims]).toEqual([[undefined], [callUUID(3 - lost)]])
      expect(await a.readLog(callUUID(lost), 0, 10)).toEqual([])
      expect((await a.feedEnd(feed)).offset).toBe(1)
    })

    test('[ST-10] the first text goes with its call', async () => {
      const { a, b, pass } = given()
      await a.commit(callWithText(1))
      await a.commit({ ...nothing, ...putCall(1, 1, 1_000) })
      await pass(1_100)
      expect(await b.readLog(callUUID(1), 0, 10)).toEqual([])
      const again = { ...callWithText(1), claims: [] }
      expect(await b.commit(again)).toMatchObject({ outcome: 'committed', log: 1 })
    })

    test('[ST-2] [ST-10] legs and mailboxes are records like others', async () => {
      const { a, b, pass } = given()
      const id = legID(callUUID(1), dn(1))
      const box = { kind: 'mailbox', id: dn(1) } as const
      const of = { kind: 'leg', id } as const
      const put = (version: number): Change => ({
        ...nothing,
        expect: [
          { ...of, version },
          { ...box, version },
        ],
        put: [
          { ...of, value: leg, expireMs: 1_000 },
          { ...box, value: mailbox },
        ],
      })
      expect(await a.commit(put(0))).toMatchObject({ outcome: 'committed' })
      expect(await b.commit(put(0))).toEqual({ outcome: 'conflict' })
      expect(await b.commit(put(1))).toMatchObject({ outcome: 'committed' })
      const records = [of, box]
      expect((await a.read({ records, claims: [] })).records).toEqual([
        { version: 2, value: leg },
        { version: 2, value: mailbox },
      ])
      await pass(1_100)
      expect((await a.read({ records, claims: [] })).records).toEqual([undefined, { version: 2, value: mailbox }])
    })

    test('[ST-27] the feed of a node that is gone is trimmed, and its offsets go on', async () => {
      const { a, b, close } = await harness.open({ feedLimit: 10_000 })
      const feeds = Array.from({ length: 300 }, (_, mark) => ({ person: feed, event: agentEvent(1, mark) }))
      for (let i = 0; i < 5; i++) await a.commit({ ...nothing, feeds })
      expect((await b.readFeed(feed, 0, 1)).first).toBe(1)
      await b.trimFeed(feed)
      await b.trimFeed(person(3))
      const page = await a.readFeed(feed, 0, 10_000)
      expect(page.last).toBe(1500)
      expect(page.first).toBeGreaterThan(1300)
      expect(page.entries.map(({ offset }) => offset)).toEqual(
        Array.from({ length: 1501 - page.first }, (_, i) => page.first + i),
      )
      expect(await a.commit({ ...nothing, feeds: feeds.slice(0, 2) })).toMatchObject({ feeds: [1501, 1502] })
      expect((await b.readFeed(feed, 1500, 10)).entries.map(({ offset }) => offset)).toEqual([1501, 1502])
      expect(await b.feedEnd(person(3))).toMatchObject({ offset: 0 })
      await close()
    })

    test('[ST-11] [ST-15] the feed of a node is watched as a person’s is', async () => {
      const { a, b } = given()
      const heard: FeedEntry[] = []
      const stop = b.watchFeed(
        feed,
        (entries) => heard.push(...entries),
        () => {},
      )
      // A subscription takes a moment to reach a server, and hints before it are lost.
      await vi.waitFor(async () => {
        await a.commit({ ...nothing, feeds: [{ person: feed, event: agentEvent(1, 7) }] })
        expect(heard.at(-1)?.event).toEqual(agentEvent(1, 7))
      })
      const { offset } = await a.feedEnd(feed)
      expect((await b.readFeed(feed, offset - 1, 10)).entries).toMatchObject([{ offset, event: agentEvent(1, 7) }])
      stop()
    })
  })
}
