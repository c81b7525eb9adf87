import type { Change, SessionStore } from '@ringdown/signalling'
import { describe, expect, test } from 'vitest'
import type { Given } from './harness.ts'
import { callUUID, makeCall, nothing, person, putCall, releaseCall, sampleCall } from './samples.ts'

/** ST-17 to ST-19. */
export function timersContract(given: Given): void {
  // Timers go by the asker's clock alone, so any numbers do.
  const at = 1_767_225_600_000
  const timer = { timer: 'noAnswer', callUUID: callUUID(1) } as const
  const set = (...timers: [id: string, due: number][]): Change => ({
    ...nothing,
    timers: { set: timers.map(([id, due]) => ({ id, due: at + due, timer })), cancel: [] },
  })
  const cancel = (...ids: string[]): Change => ({ ...nothing, timers: { set: [], cancel: ids } })
  const claim = async (store: SessionStore, now: number, limit = 10, leaseMs = 1000) =>
    (await store.claimTimers(at + now, limit, leaseMs)).map(({ id }) => id)

  describe('timers', () => {
    test('[ST-17] timers that are due are answered earliest first, no more than asked for', async () => {
      const { a, b } = given()
      await a.commit(set(['t30', 30], ['t10', 10], ['t20', 20], ['t40', 40]))
      expect(await b.claimTimers(at + 9, 10, 1000)).toEqual([])
      expect(await b.claimTimers(at + 10, 10, 1000)).toEqual([{ id: 't10', timer }])
      expect(await a.claimTimers(at + 35, 1, 1000)).toEqual([{ id: 't20', timer }])
      expect(await claim(a, 35)).toEqual(['t30'])
    })

    test('[ST-17] a leased timer is given to nobody until its lease ends, then it comes back', async () => {
      const { a, b } = given()
      await a.commit(set(['t', 10]))
      expect(await claim(a, 10, 10, 500)).toEqual(['t'])
      expect(await claim(a, 509)).toEqual([])
      expect(await claim(b, 509)).toEqual([])
      expect(await claim(b, 510)).toEqual(['t'])
      expect(await claim(a, 511)).toEqual([])
    })

    test('[ST-17] a cancelled timer does not come, leased or not; cancelling an unknown one does nothing', async () => {
      const { a, b } = given()
      await a.commit(set(['t1', 10], ['t2', 10]))
      await b.commit(cancel('t1', 'unknown'))
      expect(await claim(a, 20)).toEqual(['t2'])
      await a.commit(cancel('t2'))
      expect(await claim(b, 100_000)).toEqual([])
    })

    test('[ST-17] many timers are each given once although two nodes look', async () => {
      const { a, b } = given()
      await a.commit(set(...Array.from({ length: 200 }, (_, i): [string, number] => [`t${i}`, i % 7])))
      const given_: string[] = []
      const look = async (store: SessionStore) => {
        for (let ids = await claim(store, 50, 9); ids.length > 0; ids = await claim(store, 50, 9)) given_.push(...ids)
      }
      await Promise.all([look(a), look(b), look(a), look(b)])
      expect(given_).toHaveLength(200)
      expect(new Set(given_).size).toBe(200)
    })

    test('[ST-18] setting a timer again moves it and ends its lease', async () => {
      const { a, b } = given()
      await a.commit(set(['t', 10]))
      await a.commit(set(['t', 300]))
      expect(await claim(b, 299)).toEqual([])
      expect(await claim(b, 300, 10, 100_000)).toEqual(['t'])
      await a.commit(set(['t', 400]))
      expect(await claim(b, 400)).toEqual(['t'])
    })

    test('[ST-18] a change that cancels and sets one timer leaves it set', async () => {
      const { a } = given()
      await a.commit(set(['t', 10]))
      await a.commit({ ...set(['t', 50]), timers: { ...set(['t', 50]).timers, cancel: ['t'] } })
      expect(await claim(a, 49)).toEqual([])
      expect(await claim(a, 50)).toEqual(['t'])
    })
  })

  describe('living calls', () => {
    test('[ST-19] living calls are listed oldest first, in pages, each once', async () => {
      const { a, b } = given()
      const ages = [50, 10, 30, 20, 40, 30]
      for (const [i, age] of ages.entries()) {
        await a.commit(makeCall(i + 1, 2 * i + 1, 2 * i + 2, at + age))
      }
      const seen: string[] = []
      let cursor: string | undefined
      let pages = 0
      do {
        const { calls, next } = await b.listCalls(cursor, 2)
        expect(calls.length).toBeLessThanOrEqual(2)
        seen.push(...calls.map(({ callUUID }) => callUUID))
        cursor = next
        pages++
      } while (cursor !== undefined && pages < 10)
      // Of the same age: by their ids, as good as any order.
      expect(seen).toEqual([2, 4, 3, 6, 5, 1].map(callUUID))
      const all = await b.listCalls(undefined, 100)
      expect(all.calls).toHaveLength(6)
      expect(all.next).toBeUndefined()
      expect(all.calls[0]).toEqual(sampleCall(2, at + 10, [3, 4]))
    })

    test('[ST-19] calls are counted by state and leave the list when they end', async () => {
      const { a, b } = given()
      expect(await b.countCalls()).toEqual({ dialing: 0, talking: 0 })
      expect(await b.listCalls(undefined, 10)).toEqual({ calls: [] })
      for (const n of [1, 2, 3]) await a.commit(makeCall(n, 2 * n, 2 * n + 1, at + n))
      const live = { callUUID: callUUID(2), from: 'dialing', to: 'talking', created: at + 2 } as const
      await b.commit({ ...nothing, ...putCall(2, 1), live })
      expect(await a.countCalls()).toEqual({ dialing: 2, talking: 1 })
      await a.commit({ ...releaseCall(1, 2, 3), live: { ...live, callUUID: callUUID(1), from: 'dialing', to: null } })
      expect(await a.countCalls()).toEqual({ dialing: 1, talking: 1 })
      expect((await b.listCalls(undefined, 10)).calls.map((call) => call.callUUID)).toEqual([2, 3].map(callUUID))
      expect((await b.read({ records: [], claims: [person(2)] })).claims).toEqual([undefined])
    })
  })
}
