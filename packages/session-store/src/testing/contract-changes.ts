import type { Change } from '@ringdown/signalling'
import { describe, expect, test } from 'vitest'
import type { Given } from './harness.ts'
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
} from './samples.ts'

/** ST-1 to ST-7. */
export function changesContract(given: Given): void {
  const call = { kind: 'call', id: callUUID(1) } as const

  describe('changes', () => {
    test('[ST-2] [ST-4] a call is made at version 1, raised by 1 and read by every node', async () => {
      const { a, b } = given()
      expect(await a.commit({ ...nothing, ...putCall(1, 0) })).toEqual({ outcome: 'committed', feeds: [] })
      for (const node of [a, b]) {
        const { records } = await node.read({ records: [call], claims: [] })
        expect(records).toEqual([{ version: 1, value: sampleCall(1) }])
      }
      await b.commit({ ...nothing, ...putCall(1, 1) })
      for (const node of [a, b]) {
        expect((await node.read({ records: [call], claims: [] })).records[0]?.version).toBe(2)
      }
    })

    test('[ST-2] an old version, a version too high and a record that is there already are conflicts', async () => {
      const { a, b } = given()
      await a.commit({ ...nothing, ...putCall(1, 0) })
      await a.commit({ ...nothing, ...putCall(1, 1) })
      for (const version of [0, 1, 3]) {
        expect(await a.commit({ ...nothing, ...putCall(1, version) })).toEqual({ outcome: 'conflict' })
        expect(await b.commit({ ...nothing, expect: [{ ...call, version }] })).toEqual({ outcome: 'conflict' })
      }
      expect(await b.commit({ ...nothing, expect: [{ ...call, version: 2 }] })).toMatchObject({ outcome: 'committed' })
      expect(await b.commit({ ...nothing, expect: [{ kind: 'dn', id: dn(1), version: 1 }] })).toEqual({
        outcome: 'conflict',
      })
    })

    test('[ST-2] records of different kinds with one id are apart', async () => {
      const { a } = given()
      const login = { dn: dn(1), registered: person(1), login: null }
      const agent = { person: person(1), place: 'Place_1', dns: [dn(1)] }
      await a.commit({
        ...nothing,
        expect: [
          { kind: 'dn', id: dn(1), version: 0 },
          { kind: 'agent', id: person(1), version: 0 },
        ],
        put: [
          { kind: 'dn', id: dn(1), value: login },
          { kind: 'agent', id: person(1), value: agent },
        ],
      })
      const records = [
        { kind: 'agent', id: person(1) },
        { kind: 'dn', id: dn(1) },
        { kind: 'agent', id: person(2) },
        { kind: 'call', id: callUUID(1) },
      ] as const
      expect((await a.read({ records, claims: [] })).records).toEqual([
        { version: 1, value: agent },
        { version: 1, value: login },
        undefined,
        undefined,
      ])
    })

    test('[ST-1] a refused change leaves no record, claim, feed entry, text, timer or living call', async () => {
      const { a, b } = given()
      await a.commit(makeCall(1, 1, 2))
      const ends = await Promise.all([1, 2, 3, 4].map((n) => a.feedEnd(person(n))))
      const base: Change = {
        ...makeCall(2, 3, 4),
        log: { callUUID: callUUID(2), text: sampleText('m1'), once: true },
        timers: { set: [{ id: 'no', due: 1, timer: { timer: 'noAnswer', callUUID: callUUID(2) } }], cancel: [] },
      }
      const refused: Change[] = [
        { ...base, expect: [...base.expect, { kind: 'call', id: callUUID(1), version: 7 }] },
        { ...base, expect: [{ kind: 'call', id: callUUID(2), version: 1 }] },
        { ...base, claims: [...base.claims, { person: person(1), from: undefined, to: callUUID(2) }] },
        { ...base, claims: [...base.claims, { person: person(1), from: callUUID(3), to: undefined }] },
        { ...base, claims: [...base.claims, { person: person(5), from: callUUID(3), to: undefined }] },
      ]
      for (const change of refused) expect(await a.commit(change)).toEqual({ outcome: 'conflict' })

      expect(await b.read({ records: [{ kind: 'call', id: callUUID(2) }], claims: [1, 3, 4, 5].map(person) })).toEqual({
        records: [undefined],
        claims: [callUUID(1), undefined, undefined, undefined],
      })
      expect(await Promise.all([1, 2, 3, 4].map((n) => b.feedEnd(person(n))))).toEqual(ends)
      expect(await b.readLog(callUUID(2), 0, 10)).toEqual([])
      expect(await b.claimTimers(10, 10, 1000)).toEqual([])
      expect(await b.countCalls()).toEqual({ dialing: 1, talking: 0 })
      // The message id was not remembered either, and nothing stands in the way now.
      expect(await a.commit(base)).toMatchObject({ outcome: 'committed', log: 1 })
    })

    test('[ST-3] changes without a meaning are rejected as the caller’s mistake', async () => {
      const { a } = given()
      const { expect: expected, put } = putCall(1, 0)
      const claim = { person: person(1), from: undefined, to: callUUID(1) }
      const wrong: Change[] = [
        { ...nothing, put },
        { ...nothing, expect: [...expected, ...expected], put },
        { ...nothing, expect: expected, put: [...put, ...put] },
        { ...nothing, claims: [claim, claim] },
      ]
      for (const change of wrong) {
        await expect(a.commit({ ...change, feeds: [{ person: person(1), event: agentEvent(1, 1) }] })).rejects.toThrow(
          expect.objectContaining({ reason: 'TERR_INTERNAL' }),
        )
      }
      expect((await a.feedEnd(person(1))).offset).toBe(0)
      expect((await a.read({ records: [call], claims: [] })).records).toEqual([undefined])
    })

    test('[ST-5] a claimed agent cannot be claimed, released by another call, or lost with the call’s end', async () => {
      const { a, b, pass } = given()
      await a.commit(makeCall(1, 1, 2))
      expect(await b.commit(makeCall(2, 2, 3))).toEqual({ outcome: 'conflict' })
      expect(await b.commit(makeCall(2, 3, 1))).toEqual({ outcome: 'conflict' })
      expect(await b.commit({ ...nothing, claims: [{ person: person(1), from: callUUID(2), to: undefined }] })).toEqual(
        { outcome: 'conflict' },
      )
      await a.commit({ ...nothing, ...putCall(1, 1, 50) })
      await pass(120)
      const { claims } = await b.read({ records: [], claims: [person(1), person(3), person(2)] })
      expect(claims).toEqual([callUUID(1), undefined, callUUID(1)])
      const release = { person: person(1), from: callUUID(1), to: undefined }
      expect(await b.commit({ ...nothing, claims: [release] })).toMatchObject({ outcome: 'committed' })
      expect(await a.commit({ ...nothing, claims: [release] })).toEqual({ outcome: 'conflict' })
      expect((await a.read({ records: [], claims: [person(1)] })).claims).toEqual([undefined])
    })

    test('[ST-5] many calls for the same agents from two nodes: one wins, the others change nothing', async () => {
      const { a, b } = given()
      const outcomes = await Promise.all(
        Array.from({ length: 40 }, (_, i) => (i % 2 ? a : b).commit(makeCall(i + 1, 1 + (i % 3), 2 + (i % 3)))),
      )
      // Agents 1-2, 2-3, 3-4: either the middle pair has won, or one or both of the outer ones.
      const winners = outcomes.flatMap(({ outcome }, i) => (outcome === 'committed' ? [i] : []))
      const agents = winners.flatMap((i) => [1 + (i % 3), 2 + (i % 3)])
      expect(new Set(agents).size).toBe(agents.length)
      const { claims } = await a.read({ records: [], claims: [1, 2, 3, 4].map(person) })
      expect(claims.filter((claim) => claim !== undefined).sort()).toEqual(
        winners.flatMap((i) => [callUUID(i + 1), callUUID(i + 1)]).sort(),
      )
      expect(await b.countCalls()).toEqual({ dialing: winners.length, talking: 0 })
      for (const i of winners) {
        const release = releaseCall(i + 1, 1 + (i % 3), 2 + (i % 3))
        expect(await b.commit(release)).toMatchObject({ outcome: 'committed' })
      }
      expect((await b.read({ records: [], claims: [1, 2, 3, 4].map(person) })).claims).toEqual(Array(4).fill(undefined))
    })

    test('[ST-6] many changes at once: each has its own outcome, a refused one leaves the others alone', async () => {
      const { a } = given()
      await a.commit({ ...nothing, ...putCall(1, 0) })
      const outcomes = await Promise.all(
        Array.from({ length: 300 }, (_, i) => a.commit(sendText(1, i % 3 === 2 ? 9 : 1, sampleText(`m${i}`)))),
      )
      expect(outcomes.filter(({ outcome }) => outcome === 'conflict')).toHaveLength(100)
      const positions = outcomes.flatMap((outcome) => (outcome.outcome === 'committed' ? [outcome.log] : []))
      expect(positions.toSorted((x, y) => Number(x) - Number(y))).toEqual(Array.from({ length: 200 }, (_, i) => i + 1))
      const log = await a.readLog(callUUID(1), 0, 300)
      for (const [i, outcome] of outcomes.entries()) {
        if (outcome.outcome === 'committed') expect(log[Number(outcome.log) - 1]?.text.messageID).toBe(`m${i}`)
      }
    })

    test('[ST-6] of many changes of one record one is committed for each version', async () => {
      const { a, b } = given()
      for (let version = 0; version < 3; version++) {
        const outcomes = await Promise.all(
          Array.from({ length: 20 }, (_, i) => (i % 2 ? a : b).commit({ ...nothing, ...putCall(1, version) })),
        )
        expect(outcomes.filter(({ outcome }) => outcome === 'committed')).toHaveLength(1)
      }
      expect((await a.read({ records: [call], claims: [] })).records[0]?.version).toBe(3)
    })

    test('[ST-7] a read shows one moment, in the order asked for', async () => {
      const { a, b } = given()
      await a.commit({ ...nothing, ...putCall(1, 0), claims: [] })
      await a.commit({ ...nothing, ...putCall(2, 0), claims: [] })
      const both = (version: number): Change => ({
        ...nothing,
        expect: [...putCall(1, version).expect, ...putCall(2, version).expect],
        put: [...putCall(1, version).put, ...putCall(2, version).put],
      })
      const writing = (async () => {
        for (let version = 1; version < 30; version++) await a.commit(both(version))
      })()
      const records = [
        { kind: 'call', id: callUUID(2) },
        { kind: 'call', id: callUUID(1) },
      ] as const
      for (let i = 0; i < 30; i++) {
        const reply = await b.read({ records, claims: [] })
        expect(reply.records[0]?.version).toBe(reply.records[1]?.version)
        expect(reply.records.map((record) => record?.value)).toEqual([sampleCall(2), sampleCall(1)])
      }
      await writing
    })
  })
}
