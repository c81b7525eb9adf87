import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ManualClock } from '@ringdown/signalling/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { callUUID, makeCall, nothing, person, putCall, sampleText, sendText } from '../testing/samples.ts'
import {
  checkEmbeddedFile,
  cleanEmbeddedFile,
  copyEmbeddedFile,
  isEmbeddedFileInUse,
  renewEmbeddedEpoch,
} from './file-care.ts'
import { openEmbeddedStore } from './sqlite-store.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'ringdown-care-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

const open = () =>
  openEmbeddedStore({ file: join(dir, 'c.sqlite'), centre: 'c', feedLimit: 100, clock: new ManualClock() })
const bytes = () =>
  readdirSync(dir)
    .map((name) => readFileSync(join(dir, name), 'latin1'))
    .join('')

test('[ST-45] what was written over and forgotten is in no byte of the files, while they are open', async () => {
  const store = await open()
  await store.commit({ ...nothing, ...putCall(1, 0) })
  const long = `XYZZY ${'x'.repeat(6_000)}`
  for (let i = 1; i <= 200; i++) await store.commit(sendText(1, 1, sampleText(`m${i}`, i % 3 === 0 ? long : 'XYZZY')))
  expect(bytes()).toContain('XYZZY')
  const texts = await store.readLog(callUUID(1), 0, 1000)
  await store.rewriteLog(
    callUUID(1),
    texts.map(({ position, text }) => ({ position, text: { ...text, body: 'gone' } })),
  )
  for (const n of [1, 2]) await store.trimFeed(person(n), 200)
  await cleanEmbeddedFile(join(dir, 'c.sqlite'))
  expect(bytes().includes('XYZZY')).toBe(false)
  // The store goes on.
  expect(await store.commit(sendText(1, 1, sampleText('later')))).toMatchObject({ log: 201, feeds: [201, 201] })
  expect(await store.readLog(callUUID(1), 199, 10)).toMatchObject([{ text: { body: 'gone' } }, { position: 201 }])
  await store.close()
})

test('[ST-45] a copy has what was committed, is of its own, and never replaces a file', async () => {
  const store = await open()
  await store.commit(makeCall(1, 1, 2))
  const copy = join(dir, 'copy.sqlite')
  const says = copyEmbeddedFile(join(dir, 'c.sqlite'), copy)
  await store.commit(makeCall(2, 3, 4))
  expect(checkEmbeddedFile(copy)).toEqual(says)
  expect(() => copyEmbeddedFile(join(dir, 'c.sqlite'), copy)).toThrow('EEXIST')
  const db = new DatabaseSync(copy, { readOnly: true })
  expect(db.prepare('SELECT count(*) AS calls FROM live').get()).toEqual({ calls: 1 })
  db.close()
  await store.close()
})

test('[ST-45] a file that is open is known to be, and a closed one gets a new epoch', async () => {
  const file = join(dir, 'c.sqlite')
  const store = await open()
  const { epoch } = await store.feedEnd(person(1))
  expect(isEmbeddedFileInUse(file)).toBe(true)
  await store.close()
  expect(isEmbeddedFileInUse(file)).toBe(false)
  const fresh = renewEmbeddedEpoch(file)
  expect(fresh).not.toBe(epoch)
  const again = await open()
  expect((await again.feedEnd(person(1))).epoch).toBe(fresh)
  await again.close()
})

test('[ST-29] [ST-40] a file of the schema before lists its sessions, and copies in its feeds pass', async () => {
  const clock = new ManualClock()
  const options = { file: join(dir, 'c.sqlite'), centre: 'c', feedLimit: 100, clock }
  const store = await openEmbeddedStore(options)
  await store.commit(makeCall(1, 1, 2, 5))
  await store.close()
  const db = new DatabaseSync(options.file)
  db.exec('DROP INDEX record_session; DROP TABLE passing; PRAGMA user_version = 1')
  db.close()
  const raised = await openEmbeddedStore(options)
  expect((await raised.listSessions({ limit: 10 })).sessions.map((call) => call.callUUID)).toEqual([callUUID(1)])
  const after = new DatabaseSync(options.file, { readOnly: true })
  expect(after.prepare('SELECT count(*) AS feeds FROM passing').get()).toEqual({ feeds: 2 })
  // The list is read by its index.
  const plan = after
    .prepare(`EXPLAIN QUERY PLAN SELECT name FROM record WHERE name GLOB 'call:*' AND json_extract(json, '$.created') >= 1
              ORDER BY json_extract(json, '$.created'), name`)
    .all()
  expect(plan.map(({ detail }) => detail).join()).toContain('record_session')
  after.close()
  await raised.close()
})
