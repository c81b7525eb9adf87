import { expect, test } from 'vitest'
import { ManualClock } from '../../testing/manual-clock.ts'
import { type MemoryStore, memoryStore } from '../../testing/memory-store.ts'
import type { SessionStore } from '../../tserver/ports.ts'
import { SharedKey } from './shared-key.ts'

const clock = new ManualClock()
const open = () => memoryStore({ epoch: 'e', feedLimit: 10, clock })
const keyOf = (store: SessionStore, fill: number) =>
  new SharedKey({ store, clock, random: (bytes) => Buffer.alloc(bytes, fill) })

/** A store whose memory can be exchanged, as by FLUSHALL. */
function exchangeable() {
  const current = { store: open() as MemoryStore, reads: 0 }
  const store = {
    read: (request) => {
      current.reads++
      return current.store.read(request)
    },
    commit: (change) => current.store.commit(change),
  } as Pick<SessionStore, 'read' | 'commit'> as SessionStore
  return { current, store }
}

test('[SR-3] the first node makes the key, the others read it, and a restart changes nothing', async () => {
  const store = open()
  const made = await keyOf(store, 1).current()
  expect(made).toHaveLength(32)
  expect([...(await keyOf(store.connect('b'), 2).current())]).toEqual([...made])
  expect([...(await keyOf(store, 3).current())]).toEqual([...made])
})

test('[SR-3] a store that was emptied gets the key back from the first node that doubts', async () => {
  const { current, store } = exchangeable()
  const key = keyOf(store, 1)
  const made = await key.current()
  current.store = open()
  clock.advance(10_000)
  expect(await key.doubted()).toEqual(made)
  expect([...(await keyOf(current.store, 2).current())]).toEqual([...made])
})

test('[SR-3] wrong nonces make a node ask the store every ten seconds at most', async () => {
  const { current, store } = exchangeable()
  const key = keyOf(store, 1)
  await key.current()
  const { reads } = current
  for (let i = 0; i < 50; i++) await key.doubted()
  expect(current.reads).toBe(reads)
  clock.advance(10_000)
  await Promise.all([key.doubted(), key.doubted(), key.doubted()])
  expect(current.reads).toBe(reads + 1)
})

test('[SR-9] a store that does not answer is asked again by the next request', async () => {
  const store = open()
  const key = keyOf(store, 1)
  store.outage('TERR_TIMEOUT')
  await expect(key.current()).rejects.toMatchObject({ reason: 'TERR_TIMEOUT' })
  store.outage(undefined)
  expect(await key.current()).toHaveLength(32)
})
