import type { Call, CallUUID, ConnID, DNumber, MessageID, SessionStore } from '@ringdown/signalling'
import { ManualClock, memoryStore } from '@ringdown/signalling/testing'
import { expect, test } from 'vitest'
import { exportSessions } from './export-sessions.ts'
import { jsonLines } from './print-session.ts'

const retentionMs = 60_000

/** A store with sessions that have ended, each with as many texts as are named. */
async function past(texts: readonly number[]) {
  const clock = new ManualClock()
  const store = memoryStore({ epoch: 'e', feedLimit: 1000, clock })
  for (const [i, count] of texts.entries()) {
    const callUUID = `c${i}` as CallUUID
    const end = { by: null, why: 'completed' as const, at: clock.now() }
    const call: Call = {
      ...{ callUUID, connID: `k${i}` as ConnID, callType: 'Internal', created: clock.now(), parties: [], userData: {} },
      end,
    }
    const change = { claims: [], feeds: [], timers: { set: [], cancel: [] } }
    const at = { kind: 'call' as const, id: callUUID }
    await store.commit({ ...change, expect: [{ ...at, version: 0 }], put: [{ ...at, value: call }] })
    for (let n = 0; n < count; n++) {
      const text = {
        messageID: `m${n}` as MessageID,
        from: '1' as DNumber,
        sent: 0,
        contentType: 'text/plain',
        body: 'x',
      }
      await store.commit({ ...change, expect: [], put: [], log: { callUUID, text, once: false } })
    }
    const put = [{ ...at, value: call, expireMs: retentionMs }]
    await store.commit({ ...change, expect: [{ ...at, version: 1 }], put })
    clock.advance(1_000)
  }
  return { clock, store }
}

async function linesOf(store: SessionStore) {
  let out = ''
  for await (const piece of exportSessions({ id: 'c', store, people: new Map() }, {}, jsonLines)) out += piece
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { session: string; texts: unknown[] })
}

test('[RC-1] a session that passes while it is exported is whole or not there, never without its texts', async () => {
  const { clock, store } = await past([3, 3, 0])
  const readLog = store.readLog.bind(store)
  store.readLog = async (call, after, limit) => {
    // The first one passes between the list and its log.
    if (call === 'c0') clock.advance(retentionMs - 3_000)
    return readLog(call, after, limit)
  }
  expect((await linesOf(store)).map(({ session, texts }) => [session, texts.length])).toEqual([
    ['c1', 3],
    ['c2', 0],
  ])
})

test('[RC-1] sessions of exactly a page of texts, and more, are whole', async () => {
  const { store } = await past([200, 201, 400])
  expect((await linesOf(store)).map(({ texts }) => texts.length)).toEqual([200, 201, 400])
})
