import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openEmbeddedStore } from '@ringdown/session-store'
import type { Call, CallUUID, ConnID, DNumber, MessageID } from '@ringdown/signalling'
import { ManualClock } from '@ringdown/signalling/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Io } from './io.ts'
import { run } from './run.ts'

let folder: string
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ringdown export-'))
  mkdirSync(join(folder, 'store'))
  const text = 'store: { embedded: { directory: store } }\ncontactCentres: [{ id: sales }]\n'
  writeFileSync(join(folder, 'ringdown.yaml'), text)
  await fill()
})
afterEach(() => rmSync(folder, { recursive: true }))

/** One session, with one text. */
async function fill(): Promise<void> {
  const store = await openEmbeddedStore({
    ...{ file: join(folder, 'store', 'sales.sqlite'), centre: 'sales', feedLimit: 100 },
    clock: new ManualClock(),
  })
  const callUUID = 'c1' as CallUUID
  const call: Call = {
    ...{ callUUID, connID: 'k1' as ConnID, callType: 'Internal', created: 0, parties: [], userData: {} },
  }
  const text = { messageID: 'm1' as MessageID, from: '1' as DNumber, sent: 0, contentType: 'text/plain', body: 'hello' }
  await store.commit({
    expect: [{ kind: 'call', id: callUUID, version: 0 }],
    put: [{ kind: 'call', id: callUUID, value: call }],
    ...{ claims: [], feeds: [], timers: { set: [], cancel: [] } },
    log: { callUUID, text, once: false },
  })
  await store.close()
}

async function exported(...words: string[]): Promise<{ code: number | undefined; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []]
  const io = {
    env: {},
    out: (line: string) => void out.push(line),
    err: (line: string) => void err.push(line),
    write: async (text: string) => void out.push(text),
    stdin: async () => '',
    onSignal: () => {},
  } satisfies Io
  // What is no error for the user is thrown, and ends the program with 1.
  const code = await run(['export', '--config', join(folder, 'ringdown.yaml'), ...words], io).catch(() => 1)
  return { code, out: out.join(''), err: err.join('') }
}

test('[RC-4] a file is for its owner alone, and what is there is not written over', async () => {
  const out = join(folder, 'to read.jsonl')
  expect(await exported('--out', out)).toEqual({ code: 0, out: '', err: '' })
  expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({ session: 'c1', texts: [{ body: 'hello' }] })
  expect(statSync(out).mode & 0o777).toBe(0o600)
  const before = readFileSync(out, 'utf8')
  expect(await exported('--out', out)).toMatchObject({ code: 1, err: expect.stringContaining('it is there already') })
  expect(readFileSync(out, 'utf8')).toBe(before)
})

test('[RC-4] an export that breaks off leaves no file that could be taken for all there was', async () => {
  const db = new DatabaseSync(join(folder, 'store', 'sales.sqlite'))
  db.exec(`UPDATE entry SET json = '{' WHERE json LIKE '%hello%'`)
  db.close()
  const { code } = await exported('--out', join(folder, 'out.jsonl'))
  expect(code).toBe(1)
  expect(readdirSync(folder).sort()).toEqual(['ringdown.yaml', 'store'])
})
