import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate as turn } from 'node:timers/promises'
import { ManualClock } from '@ringdown/signalling/testing'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { agentEvent, callUUID, nothing, person, putCall, sampleText, sendText } from '../testing/samples.ts'
import { openEmbeddedStore } from './sqlite-store.ts'
import { WriteQueue } from './write-queue.ts'

let dir: string
let file: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'ringdown-store-'))
  file = join(dir, 'centre.sqlite')
})
afterEach(() => rmSync(dir, { recursive: true }))

const open = (more: Partial<Parameters<typeof openEmbeddedStore>[0]> = {}) =>
  openEmbeddedStore({ file, centre: 'demo', feedLimit: 100, clock: new ManualClock(), ...more })

describe('the file', () => {
  test('[ST-40] it is readable by its owner only, and so are its companions', async () => {
    const store = await open()
    await store.commit({ ...nothing, ...putCall(1, 0) })
    for (const name of [file, `${file}-wal`, `${file}-shm`]) expect(statSync(name).mode & 0o777).toBe(0o600)
    await store.close()
  })

  test('[ST-40] another contact centre’s file is refused by name', async () => {
    await (await open()).close()
    await expect(open({ centre: 'other' })).rejects.toThrow('belongs to the contact centre "demo", not to "other"')
  })

  test('[ST-40] a file of a newer version is refused and left as it is', async () => {
    await (await open()).close()
    using db = new DatabaseSync(file)
    db.exec('PRAGMA user_version = 99')
    await expect(open()).rejects.toThrow(/was written by a newer version \(schema 99; this one knows \d+\)/)
    expect(db.prepare('PRAGMA user_version').get()).toEqual({ user_version: 99 })
  })

  test('[ST-40] what is no database, another program’s database, or in no folder, is refused', async () => {
    writeFileSync(file, 'once upon a time, and so on for more than a page of text '.repeat(100))
    await expect(open()).rejects.toThrow('not a database')
    rmSync(file)
    using db = new DatabaseSync(file)
    db.exec('CREATE TABLE theirs (a)')
    await expect(open()).rejects.toThrow('not a session store')
    await expect(open({ file: join(dir, 'nowhere', 'x.sqlite') })).rejects.toThrow('ENOENT')
  })

  test('[ST-4] [ST-14] all is there when it is opened again, epoch, offsets and positions go on', async () => {
    const first = await open()
    await first.commit({ ...nothing, ...putCall(1, 0), claims: [] })
    await first.commit(sendText(1, 1, sampleText('m1'), true))
    const before = await first.readFeed(person(1), 0, 10)
    await first.close()
    const second = await open()
    expect(await second.readFeed(person(1), 0, 10)).toEqual(before)
    expect(await second.commit(sendText(1, 1, sampleText('m1'), true))).toMatchObject({ outcome: 'duplicate', log: 1 })
    expect(await second.commit(sendText(1, 1, sampleText('m2'), true))).toMatchObject({ feeds: [2, 2], log: 2 })
    await second.close()
  })

  test('[ST-13] a feed trimmed by a lower limit shrinks step by step and never below it', async () => {
    const wide = await open({ feedLimit: 3000 })
    const append = (count: number) => ({
      ...nothing,
      feeds: Array.from({ length: count }, (_, i) => ({ person: person(1), event: agentEvent(1, i) })),
    })
    await wide.commit(append(3000))
    await wide.close()
    const narrow = await open({ feedLimit: 10 })
    const firsts: number[] = []
    for (let i = 0; i < 4; i++) {
      await narrow.commit(append(1))
      firsts.push((await narrow.readFeed(person(1), 0, 1)).first)
    }
    expect(firsts).toEqual([1025, 2049, 2945, 2945])
    await narrow.close()
  })

  test('[ST-10] what has expired is removed from the file in the background', async () => {
    const clock = new ManualClock()
    const store = await open({ clock })
    for (let n = 1; n <= 300; n++) {
      await store.commit({ ...nothing, ...putCall(n, 0, 1000) })
      await store.commit(sendText(n, 1, sampleText('m1'), true))
    }
    await store.keep('ticket', 'x', 'y', 1000)
    await store.signal('nobody', 'hello')
    using db = new DatabaseSync(file)
    const left = () =>
      ['record', 'message', 'kept', 'signal'].map((table) => db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n)
    const logs = db.prepare(`SELECT count(*) AS n FROM entry JOIN stream ON stream.id = stream WHERE kind = 'log'`)
    expect(left()).toEqual([300, 300, 1, 1])
    await vi.waitFor(
      () => {
        clock.advance(61_000)
        expect(left()).toEqual([0, 0, 0, 0])
      },
      { timeout: 4000, interval: 10 },
    )
    expect(logs.get()?.n).toBe(0)
    await store.close()
  })
})

describe('the writer', () => {
  test('[ST-42] changes that arrive while a commit is in flight go into the next one together', async () => {
    let batches = 0
    const queue = new WriteQueue(
      { file, centre: 'demo', node: 'n', feedLimit: 10, maxBytes: null },
      new ManualClock(),
      {
        batchSettled: () => batches++,
        news: () => undefined,
        doubt: () => undefined,
      },
    )
    await queue.open()
    const count = () => queue.write({ op: 'count', name: 'n', expires: 1e15 }, ([n]) => n)
    const first = count()
    await turn() // it is on its way
    const others = Array.from({ length: 100 }, count)
    expect(await Promise.all([first, ...others])).toEqual(Array.from({ length: 101 }, (_, i) => i + 1))
    expect(batches).toBe(2)
    await queue.close()
  })

  test('[ST-16] [ST-43] a node that would have to be told too much at once is put in doubt instead', async () => {
    const writes = await open({ feedLimit: 10_000 })
    const watches = await open({ feedLimit: 10_000, node: 'other' })
    const told: number[] = []
    let doubts = 0
    watches.watchFeed(
      person(1),
      (entries) => told.push(...entries.map(({ offset }) => offset)),
      () => doubts++,
    )
    const append = (count: number) =>
      writes.commit({
        ...nothing,
        feeds: Array.from({ length: count }, (_, i) => ({ person: person(1), event: agentEvent(1, i) })),
      })
    await append(2)
    await vi.waitFor(() => expect(told).toEqual([1, 2]), { timeout: 3000, interval: 5 })
    await append(6000)
    await vi.waitFor(() => expect(doubts).toBe(1), { timeout: 3000, interval: 5 })
    await append(1)
    await vi.waitFor(() => expect(told).toEqual([1, 2, 6003]), { timeout: 3000, interval: 5 })
    await Promise.all([writes.close(), watches.close()])
  })

  test('[ST-6] a change SQLite cannot take is refused alone', async () => {
    const store = await open()
    const wrong = { id: 't', due: Number.NaN, timer: { timer: 'noAnswer', callUUID: callUUID(1) } } as const
    const outcomes = await Promise.allSettled([
      store.commit({ ...nothing, ...putCall(1, 0), feeds: [{ person: person(1), event: agentEvent(1, 1) }] }),
      store.commit({
        ...nothing,
        feeds: [{ person: person(1), event: agentEvent(1, 666) }],
        timers: { set: [wrong], cancel: [] },
      }),
      store.commit({ ...nothing, ...putCall(2, 0), feeds: [{ person: person(1), event: agentEvent(1, 2) }] }),
    ])
    expect(outcomes).toMatchObject([
      { value: { outcome: 'committed', feeds: [1] } },
      { reason: { reason: 'TERR_INTERNAL' } },
      { value: { outcome: 'committed', feeds: [2] } },
    ])
    expect((await store.readFeed(person(1), 0, 10)).entries.map(({ event }) => event.time)).toEqual([1, 2])
    expect(store.healthy()).toBe(true)
    await store.close()
  })

  test('[ST-25] a store that nobody has asked for anything for a while is healthy', async () => {
    const clock = new ManualClock()
    const store = await open({ clock })
    await store.commit({ ...nothing, ...putCall(1, 0) })
    clock.advance(150)
    expect(store.healthy()).toBe(true)
    await store.close()
  })
})
