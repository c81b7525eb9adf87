import { describe, expect, test, vi } from 'vitest'
import type { Given } from './harness.ts'
import { nothing, person } from './samples.ts'

const soon = { timeout: 3000, interval: 5 }

/** ST-20 to ST-24, ST-26. */
export function sharedContract(given: Given): void {
  describe('configuration objects', () => {
    test('[ST-20] an object is written, replaced and removed if the revision is the one read', async () => {
      const { a, b } = given()
      const { revision, objects } = await a.readObjects()
      expect(objects).toEqual([])
      const dn = { kind: 'dn', id: '7001', value: { number: '7001', annex: { TServer: { multimedia: true } } } }
      const place = { kind: 'place', id: 'P1', value: ['7001'] }
      expect(await a.putObject(place, revision)).toBe(true)
      expect(await b.putObject(dn, revision)).toBe(false)
      expect(await b.putObject(dn, revision + 1)).toBe(true)
      expect(await a.readObjects()).toEqual({ revision: revision + 2, objects: [dn, place] })
      expect(await a.putObject({ ...dn, value: null }, revision + 1)).toBe(false)
      expect(await a.putObject({ ...place, value: 5 }, revision + 2)).toBe(true)
      expect(await a.putObject({ ...dn, value: null }, revision + 3)).toBe(true)
      expect(await b.readObjects()).toEqual({ revision: revision + 4, objects: [{ ...place, value: 5 }] })
    })

    test('[ST-20] of many writers at one revision one wins', async () => {
      const { a, b } = given()
      const { revision } = await a.readObjects()
      const done = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          (i % 2 ? a : b).putObject({ kind: 'dn', id: String(i), value: i }, revision),
        ),
      )
      expect(done.filter(Boolean)).toHaveLength(1)
      expect((await a.readObjects()).objects).toHaveLength(1)
    })

    test('[ST-21] listeners of every node learn of a changed object', async () => {
      const { a, b } = given()
      const told = { a: 0, b: 0, stopped: 0 }
      a.onObjects(() => told.a++)
      b.onObjects(() => told.b++)
      b.onObjects(() => told.stopped++)()
      await vi.waitFor(async () => {
        const { revision } = await a.readObjects()
        await a.putObject({ kind: 'dn', id: '1', value: revision }, revision)
        await vi.waitFor(() => expect(Math.min(told.a, told.b)).toBeGreaterThan(0), { timeout: 500, interval: 5 })
      }, soon)
      expect(told.stopped).toBe(0)
    })
  })

  describe('short-lived values', () => {
    test('[ST-22] a value is kept for every node until it is forgotten or its time is over', async () => {
      const { a, b, pass } = given()
      expect(await a.kept('ticket', 'x')).toBeUndefined()
      await a.keep('ticket', 'x', 'one', 200)
      await a.keep('httpSession', 'x', 'two \u0000 “three”', 100_000)
      await a.keep('httpSession', 'y', 'four', 100_000)
      expect(await b.kept('ticket', 'x')).toBe('one')
      expect(await b.kept('httpSession', 'x')).toBe('two \u0000 “three”')
      await b.forget('httpSession', 'y')
      await b.forget('httpSession', 'never')
      expect(await a.kept('httpSession', 'y')).toBeUndefined()
      await pass(300)
      for (const node of [a, b]) expect(await node.kept('ticket', 'x')).toBeUndefined()
      expect(await a.kept('httpSession', 'x')).toBe('two \u0000 “three”')
    })

    test('[ST-22] saving again begins the time anew', async () => {
      const { a, b, pass } = given()
      await a.keep('ticket', 'x', 'one', 300)
      await pass(200)
      await b.keep('ticket', 'x', 'two', 400)
      await pass(250)
      expect(await a.kept('ticket', 'x')).toBe('two')
      await pass(300)
      expect(await a.kept('ticket', 'x')).toBeUndefined()
    })

    test('[ST-23] a counter counts for all nodes and starts over after its time', async () => {
      const { a, b, pass } = given()
      expect(await a.count('attempts', 'x', 300)).toBe(1)
      await pass(200)
      expect(await b.count('attempts', 'x', 100_000)).toBe(2)
      expect(await a.count('attempts', 'y', 100_000)).toBe(1)
      await pass(200)
      expect(await b.count('attempts', 'x', 300)).toBe(1)
      await a.count('attempts', 'y', 100_000)
      await b.forget('attempts', 'y')
      expect(await a.count('attempts', 'y', 100_000)).toBe(1)
    })

    test('[ST-23] many who count at once each get their own number', async () => {
      const { a, b } = given()
      const numbers = await Promise.all(
        Array.from({ length: 50 }, (_, i) => (i % 2 ? a : b).count('attempts', 'x', 9999)),
      )
      expect(numbers.toSorted((x, y) => x - y)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1))
    })
  })

  describe('hints between nodes', () => {
    test('[ST-24] a signal reaches the node it is for, or all', async () => {
      const { a, b, names } = given()
      const heard = { a: new Set<string>(), b: new Set<string>() }
      a.onSignal((message) => heard.a.add(message))
      b.onSignal((message) => heard.b.add(message))
      const stopped: string[] = []
      b.onSignal((message) => stopped.push(message))()
      await vi.waitFor(async () => {
        await a.signal(names.b, 'a to b')
        await b.signal(names.b, 'b to itself')
        await b.signal(names.a, 'b to a')
        await a.signal('*', 'a to all')
        await a.signal('nobody', 'lost')
        await vi.waitFor(
          () => {
            expect([...heard.a].sort()).toEqual(['a to all', 'b to a'])
            expect([...heard.b].sort()).toEqual(['a to all', 'a to b', 'b to itself'])
          },
          { timeout: 500, interval: 5 },
        )
      }, soon)
      expect(stopped).toEqual([])
    })
  })

  describe('the end', () => {
    test('[ST-26] a closed store does what it was asked before and refuses the rest; the other node goes on', async () => {
      const { a, b } = given()
      expect([a.healthy(), b.healthy()]).toEqual([true, true])
      const kept = a.keep('ticket', 'x', 'asked before', 100_000)
      await a.close()
      await kept
      const refused = expect.objectContaining({ reason: 'TERR_NO_SWITCH' })
      await expect(a.commit(nothing)).rejects.toThrow(refused)
      await expect(a.read({ records: [], claims: [person(1)] })).rejects.toThrow(refused)
      await expect(a.readFeed(person(1), 0, 1)).rejects.toThrow(refused)
      await expect(a.kept('ticket', 'x')).rejects.toThrow(refused)
      await expect(a.signal('*', 'hello')).rejects.toThrow(refused)
      expect([a.healthy(), b.healthy()]).toEqual([false, true])
      expect(await b.kept('ticket', 'x')).toBe('asked before')
      await a.close()
    })
  })
}
