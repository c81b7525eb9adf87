import { type CallUUID, type Change, type DNumber, type LegRecord, legID } from '@ringdown/signalling'
import { type SipBench, sipBench } from '@ringdown/signalling/testing'
import { expect, test } from 'vitest'
import { LegKeeper } from './leg-keeper.ts'

const phone = '8003' as DNumber
const turn = () => new Promise((resolve) => setImmediate(resolve))

/** Anna talks with a phone whose leg is with n1. */
async function talking(): Promise<SipBench & { call: CallUUID }> {
  const made = sipBench()
  const anna = made.agent('anna')
  await anna.logIn()
  return { ...made, call: await anna.call(phone) }
}

function keeper({ store, clock, call }: SipBench & { call: CallUUID }, owner = 'n1', version = 0) {
  const said: string[] = []
  const record: LegRecord = { callUUID: call, dn: phone, owner, delivered: 0, dialog: null }
  const onLost = () => said.push('lost')
  const onError = () => said.push('error')
  return { said, kept: new LegKeeper({ store, clock, retentionMs: 1_000, onLost, onError }, record, version) }
}

async function stored({ store, call }: SipBench & { call: CallUUID }) {
  return (await store.read({ records: [{ kind: 'leg', id: legID(call, phone) }], claims: [] })).records[0]
}

test('[LG-9] the late word of the owner before does not make the new one let go', async () => {
  const made = await talking()
  const before = keeper(made)
  await before.kept.keep({})
  await made.endpoint(phone, { node: 'n2' }).input(made.call, { input: 'takenOver', from: 'n1' })
  const after = keeper(made, 'n2', 1)
  before.kept.moved(3)
  await before.kept.flush()
  after.kept.moved(2)
  await after.kept.flush()
  expect([after.said, await stored(made)]).toMatchObject([[], { value: { owner: 'n2', delivered: 3 } }])
  before.kept.moved(4)
  await before.kept.flush()
  expect([before.said, await stored(made)]).toMatchObject([['lost'], { value: { owner: 'n2', delivered: 3 } }])
})

test('[LG-9] a write whose answer was lost is not taken for somebody else’s', async () => {
  const made = await talking()
  const { kept, said } = keeper(made)
  const { store } = made
  const commit = store.commit.bind(store)
  store.commit = async (change: Change) => {
    store.commit = commit
    await commit(change)
    throw new Error('no answer')
  }
  kept.moved(1)
  const flushed = kept.flush()
  await turn()
  made.clock.advance(500)
  await flushed
  expect([said, await stored(made)]).toMatchObject([['error'], { value: { delivered: 1 } }])
})

test('[LG-9] a leg that ends while its first record is written leaves none for good', async () => {
  const made = await talking()
  const expire: unknown[] = []
  const commit = made.store.commit.bind(made.store)
  made.store.commit = (change) => {
    for (const put of change.put) expire.push(put.expireMs)
    return commit(change)
  }
  const { kept } = keeper(made)
  void kept.keep({})
  await kept.end()
  expect(expire).toEqual([undefined, 1_000])
})

test('[LG-9] stopped in an outage it writes nothing more and leaves no timer', async () => {
  const made = await talking()
  const { kept } = keeper(made)
  const before = made.clock.pending
  made.store.outage('TERR_NO_SWITCH')
  kept.moved(1)
  const flushed = kept.flush()
  await turn()
  kept.moved(2)
  kept.stop()
  await flushed
  expect(made.clock.pending).toBe(before)
})
