import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate as turn } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import type { SessionStore } from '@ringdown/signalling'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { agentEvent, callUUID, nothing, person, putCall, sampleText, sendText } from '../testing/samples.ts'
import { systemClock } from '../testing/system-clock.ts'
import { openEmbeddedStore } from './sqlite-store.ts'

let dir: string
let file: string
let store: SessionStore
let writer: Worker

const soon = { timeout: 3000, interval: 10 }
const append = { ...nothing, feeds: [{ person: person(1), event: agentEvent(1, 1) }] }

async function open(maxBytes?: number): Promise<void> {
  process.once('worker', (worker) => {
    writer = worker
  })
  const options = { file, centre: 'demo', feedLimit: 100, clock: systemClock }
  store = await openEmbeddedStore({ ...options, ...(maxBytes !== undefined && { maxBytes }) })
}

/** How a refused method ended, and how long it took. */
async function refusal(asked: Promise<unknown>): Promise<{ reason: unknown; ms: number }> {
  const since = performance.now()
  const reason = await asked.then(
    () => 'not refused',
    (error) => error.reason,
  )
  return { reason, ms: performance.now() - since }
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'ringdown-faults-'))
  file = join(dir, 'centre.sqlite')
})
afterEach(async () => {
  await store.close()
  rmSync(dir, { recursive: true })
})

test('[ST-25] while somebody holds the file, changes are refused within 2 s; reads go on, and so does all when it is free', async () => {
  await open()
  await store.commit(append)
  using other = new DatabaseSync(file)
  other.exec('BEGIN IMMEDIATE')
  const refused = await Promise.all([refusal(store.commit(append)), refusal(store.keep('ticket', 'x', 'y', 1000))])
  for (const { reason, ms } of refused) {
    expect(reason).toBe('TERR_TIMEOUT')
    expect(ms).toBeLessThan(8_000)
  }
  expect(store.healthy()).toBe(false)
  expect((await store.feedEnd(person(1))).offset).toBe(1)
  other.exec('ROLLBACK')
  await vi.waitFor(() => expect(store.healthy()).toBe(true), soon)
  expect(await store.commit(append)).toEqual({ outcome: 'committed', feeds: [2] })
})

test('[ST-25] [ST-44] a full store refuses at once, and takes changes again when expiry has made room', async () => {
  await open(1_000_000)
  const long = 'x'.repeat(10_000)
  await store.commit({ ...nothing, ...putCall(1, 0, 1500) })
  let taken = 0
  const fill = async () => {
    for (;;) {
      await store.commit({ ...sendText(1, 1, sampleText(`m${taken}`, long)), feeds: [] })
      taken++
    }
  }
  const { reason } = await refusal(fill())
  expect(reason).toBe('TERR_NO_SWITCH')
  expect(store.healthy()).toBe(false)
  expect(taken).toBeGreaterThan(50)
  // Nothing of what was refused is there, all of what was accepted is.
  expect(await store.readLog(callUUID(1), 0, 1000)).toHaveLength(taken)
  await vi.waitFor(() => expect(store.healthy()).toBe(true), { timeout: 5000, interval: 20 })
  await store.commit({ ...nothing, ...putCall(2, 0) })
  expect(await store.commit(sendText(2, 1, sampleText('m', long)))).toMatchObject({ outcome: 'committed' })
})

test('[ST-16] [ST-25] a writer that dies is started again; what waits is done, watchers are in doubt', async () => {
  await open()
  await store.commit(append)
  let doubts = 0
  store.watchFeed(
    person(1),
    () => undefined,
    () => doubts++,
  )
  const underWay = refusal(store.commit(append))
  await turn() // it is on its way
  await writer.terminate()
  expect(store.healthy()).toBe(false)
  expect(['TERR_NO_SWITCH', 'not refused']).toContain((await underWay).reason)
  const { offset } = await store.feedEnd(person(1))
  expect(await store.commit(append)).toEqual({ outcome: 'committed', feeds: [offset + 1] })
  expect([store.healthy(), doubts]).toEqual([true, 1])
})

test('[ST-25] a disk that does not answer: refused within 2 s, also what waits behind', async () => {
  await open()
  await store.commit(append)
  const post = writer.postMessage
  writer.postMessage = () => undefined
  const first = refusal(store.commit(append))
  await turn() // it is on its way
  const behind = refusal(store.commit(append))
  for (const { reason, ms } of await Promise.all([first, behind])) {
    expect(reason).toBe('TERR_TIMEOUT')
    expect(ms).toBeLessThan(8_000)
  }
  expect(store.healthy()).toBe(false)
  writer.postMessage = post
  // It has lost a batch that it will never answer; only a new one can.
  await writer.terminate()
  await vi.waitFor(() => expect(store.healthy()).toBe(true), soon)
  expect(await store.commit(append)).toEqual({ outcome: 'committed', feeds: [2] })
})

test('[ST-26] closing does not wait for a writer that will not answer, or that is gone', async () => {
  await open()
  writer.postMessage = () => undefined
  const refused = refusal(store.commit(append))
  await turn() // it is on its way
  await store.close()
  expect((await refused).reason).toBe('TERR_TIMEOUT')

  await open()
  await writer.terminate()
  const waiting = refusal(store.commit(append))
  await store.close()
  expect((await waiting).reason).toBe('TERR_TIMEOUT')
  expect(store.healthy()).toBe(false)
})
