import { describe, expect, test } from 'vitest'
import type { Given } from './harness.ts'
import { callUUID, nothing, person, putCall, sampleCall, sampleText, sendText } from './samples.ts'

/** ST-8 to ST-10. */
export function textsContract(given: Given): void {
  describe('texts', () => {
    test('[ST-8] positions count from 1 over all nodes, and feed entries carry them', async () => {
      const { a, b } = given()
      await a.commit({ ...nothing, ...putCall(1, 0) })
      await a.commit({ ...nothing, ...putCall(2, 0) })
      expect(await a.commit(sendText(1, 1, sampleText('m1')))).toEqual({ outcome: 'committed', feeds: [1, 1], log: 1 })
      expect(await b.commit(sendText(1, 1, sampleText('m2')))).toEqual({ outcome: 'committed', feeds: [2, 2], log: 2 })
      expect(await a.commit(sendText(2, 1, sampleText('m3')))).toEqual({ outcome: 'committed', feeds: [3, 3], log: 1 })
      expect(await b.commit(sendText(1, 1, sampleText('m4')))).toEqual({ outcome: 'committed', feeds: [4, 4], log: 3 })
      const texts = ['m1', 'm2', 'm4'].map((id, i) => ({ position: i + 1, text: sampleText(id) }))
      for (const node of [a, b]) {
        expect(await node.readLog(callUUID(1), 0, 10)).toEqual(texts)
        expect((await node.readFeed(person(2), 0, 10)).entries.map(({ log }) => log)).toEqual([1, 2, 1, 3])
      }
    })

    test('[ST-8] a log is read in pages; a call without texts and one unknown have none', async () => {
      const { a } = given()
      await a.commit({ ...nothing, ...putCall(1, 0) })
      for (let i = 1; i <= 7; i++) await a.commit(sendText(1, 1, sampleText(`m${i}`)))
      const page = async (after: number, limit: number) =>
        (await a.readLog(callUUID(1), after, limit)).map(({ position }) => position)
      expect(await page(0, 3)).toEqual([1, 2, 3])
      expect(await page(3, 3)).toEqual([4, 5, 6])
      expect(await page(6, 3)).toEqual([7])
      expect(await page(7, 3)).toEqual([])
      expect(await a.readLog(callUUID(2), 0, 3)).toEqual([])
    })

    test('[ST-8] a text keeps every character', async () => {
      const { a, b } = given()
      await a.commit({ ...nothing, ...putCall(1, 0) })
      const body = `naïve “日本語” 👩‍💻 \u0000 \u2028 \ud800 \\" \r\n </script> ${'x'.repeat(5000)}`
      await a.commit(sendText(1, 1, sampleText('id \n with, "odd" \u0001 signs', body), true))
      expect((await b.readLog(callUUID(1), 0, 1))[0]?.text).toEqual(sampleText('id \n with, "odd" \u0001 signs', body))
      expect((await b.readFeed(person(1), 0, 1)).entries[0]?.event).toMatchObject({ extensions: { text: { body } } })
    })

    test('[ST-9] the same id again changes nothing and is answered as the first time, on any node', async () => {
      const { a, b } = given()
      await a.commit({ ...nothing, ...putCall(1, 0) })
      await a.commit(sendText(1, 1, sampleText('m0')))
      const first = sampleText('m1', 'first', 1_767_225_601_111)
      expect(await a.commit(sendText(1, 1, first, true))).toMatchObject({ outcome: 'committed', log: 2 })
      await a.commit(sendText(1, 1, sampleText('m2')))
      for (const node of [a, b, a]) {
        const again = sendText(1, 1, sampleText('m1', 'second', 1_767_225_609_999), true)
        expect(await node.commit(again)).toEqual({ outcome: 'duplicate', log: 2, sent: 1_767_225_601_111 })
      }
      expect((await b.readLog(callUUID(1), 0, 10)).map(({ text }) => text.body)).toEqual([
        'text m0',
        'first',
        'text m2',
      ])
      expect((await b.feedEnd(person(1))).offset).toBe(3)
    })

    test('[ST-9] a duplicate is one even when the call has moved on or an agent is gone', async () => {
      const { a } = given()
      await a.commit({ ...nothing, ...putCall(1, 0) })
      await a.commit(sendText(1, 1, sampleText('m1'), true))
      await a.commit({ ...nothing, ...putCall(1, 1) })
      const late = sendText(1, 1, sampleText('m1'), true)
      expect(await a.commit(late)).toMatchObject({ outcome: 'duplicate', log: 1 })
      const claims = [{ person: person(1), from: callUUID(9), to: undefined }]
      expect(await a.commit({ ...late, claims })).toMatchObject({ outcome: 'duplicate', log: 1 })
      expect(await a.commit(sendText(1, 1, sampleText('m2'), true))).toEqual({ outcome: 'conflict' })
      expect(await a.commit(sendText(1, 2, sampleText('m2'), true))).toMatchObject({ outcome: 'committed', log: 2 })
    })

    test('[ST-9] ids are per call, and only `once` looks and remembers', async () => {
      const { a } = given()
      await a.commit({ ...nothing, ...putCall(1, 0) })
      await a.commit({ ...nothing, ...putCall(2, 0) })
      await a.commit(sendText(1, 1, sampleText('m1'), true))
      expect(await a.commit(sendText(2, 1, sampleText('m1'), true))).toMatchObject({ outcome: 'committed', log: 1 })
      expect(await a.commit(sendText(1, 1, sampleText('m1'), false))).toMatchObject({ outcome: 'committed', log: 2 })
      await a.commit(sendText(1, 1, sampleText('m3'), false))
      expect(await a.commit(sendText(1, 1, sampleText('m3'), true))).toMatchObject({ outcome: 'committed', log: 4 })
    })

    test('[ST-9] the same id many times at once is accepted once', async () => {
      const { a, b } = given()
      await a.commit({ ...nothing, ...putCall(1, 0) })
      const outcomes = await Promise.all(
        Array.from({ length: 30 }, (_, i) =>
          (i % 2 ? a : b).commit(sendText(1, 1, sampleText('m1', `copy ${i}`, i), true)),
        ),
      )
      const [first] = await a.readLog(callUUID(1), 0, 10)
      expect(outcomes.filter(({ outcome }) => outcome === 'committed')).toHaveLength(1)
      expect(outcomes.filter(({ outcome }) => outcome === 'duplicate')).toHaveLength(29)
      for (const outcome of outcomes) {
        if (outcome.outcome === 'duplicate')
          expect(outcome).toEqual({ outcome: 'duplicate', log: 1, sent: first?.text.sent })
      }
      expect(await b.readLog(callUUID(1), 0, 10)).toHaveLength(1)
    })

    test('[ST-10] an ended call goes with its log and its message ids, and starts anew', async () => {
      const { a, b, pass } = given()
      const ref = { kind: 'call', id: callUUID(1) } as const
      await a.commit({ ...nothing, ...putCall(1, 0) })
      await a.commit(sendText(1, 1, sampleText('m1'), true))
      await a.commit({ ...nothing, ...putCall(2, 0) })
      await a.commit(sendText(2, 1, sampleText('m1'), true))
      await a.commit({ ...nothing, ...putCall(1, 1, 150) })
      expect(await b.readLog(callUUID(1), 0, 10)).toHaveLength(1)
      expect((await b.read({ records: [ref], claims: [] })).records).toEqual([{ version: 2, value: sampleCall(1) }])
      await pass(250)
      for (const node of [a, b]) {
        expect((await node.read({ records: [ref], claims: [] })).records).toEqual([undefined])
        expect(await node.readLog(callUUID(1), 0, 10)).toEqual([])
        expect(await node.readLog(callUUID(2), 0, 10)).toHaveLength(1)
        expect(await node.commit({ ...nothing, ...putCall(1, 2) })).toEqual({ outcome: 'conflict' })
      }
      expect(await b.commit({ ...nothing, ...putCall(1, 0) })).toMatchObject({ outcome: 'committed' })
      expect(await a.commit(sendText(1, 1, sampleText('m1', 'new'), true))).toMatchObject({
        outcome: 'committed',
        log: 1,
      })
      expect((await b.readLog(callUUID(1), 0, 10)).map(({ text }) => text.body)).toEqual(['new'])
    })

    test('[ST-10] another put begins the time anew, one without a time keeps the record', async () => {
      const { a, b, pass } = given()
      for (const n of [1, 2]) {
        await a.commit({ ...nothing, ...putCall(n, 0, 300) })
        await a.commit(sendText(n, 1, sampleText('m1')))
      }
      await pass(150)
      await a.commit({ ...nothing, ...putCall(1, 1) })
      await b.commit({ ...nothing, ...putCall(2, 1, 400) })
      await pass(250)
      const records = [1, 2].map((n) => ({ kind: 'call', id: callUUID(n) }) as const)
      const versions = async () => (await b.read({ records, claims: [] })).records.map((record) => record?.version)
      expect(await versions()).toEqual([2, 2])
      expect(await b.readLog(callUUID(2), 0, 10)).toHaveLength(1)
      await pass(300)
      expect(await versions()).toEqual([2, undefined])
      expect(await b.readLog(callUUID(1), 0, 10)).toHaveLength(1)
      expect(await b.readLog(callUUID(2), 0, 10)).toEqual([])
    })
  })
}
