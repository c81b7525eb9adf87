import type { Clock } from '@ringdown/signalling'
import { ManualClock, memoryStore } from '@ringdown/signalling/testing'
import { expect, test } from 'vitest'
import { mostNodes, NodeList, nodeTimes } from './node-list.ts'

/** Lets what is under way on the memory store come to rest. */
async function settle(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve()
}

function bench() {
  const clock = new ManualClock()
  const first = memoryStore({ epoch: 'e', feedLimit: 100, clock })
  const errors: unknown[] = []
  const open = async (name: string, store = first.connect(name), at: Clock = clock) => {
    const list = new NodeList({
      node: name,
      version: '1.2.3',
      stores: new Map([['demo', store]]),
      clock: at,
      holds: () => ({ legs: 2, clients: 7 }),
      random: () => 1,
      onError: (error) => errors.push(error),
    })
    await list.start()
    return { list, store, names: async () => (await list.list('demo')).map(({ name: one }) => one) }
  }
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 1_000) {
      clock.advance(Math.min(left, 1_000))
      await settle()
    }
  }
  return { clock, first, errors, open, pass }
}

test('[SV-62] nodes are listed on all of them, with what they are and hold', async () => {
  const { open, clock, pass } = bench()
  const began = clock.now()
  const a = await open('a')
  await pass(4_000)
  const b = await open('b')
  const lease = nodeTimes.lease
  expect(await a.list.list('demo')).toEqual([
    { name: 'a', here: true, started: began, leaseUntil: clock.now() + lease, version: '1.2.3', legs: 2, clients: 7 },
    {
      name: 'b',
      here: false,
      started: began + 4_000,
      leaseUntil: began + 4_000 + lease,
      version: '1.2.3',
      legs: 2,
      clients: 7,
    },
  ])
  expect(await b.names()).toEqual(['a', 'b'])
  expect(await b.list.list('other')).toEqual([])
})

test('[SV-62] a node that dies without a word stays for an hour with a lease that has run out; one that leaves is gone', async () => {
  const { open, clock, pass } = bench()
  const [a, b] = [await open('a'), await open('b')]
  const c = await open('c')
  await c.store.close()
  await b.list.close()
  await pass(60_000)
  const left = await a.list.list('demo')
  expect(left.map(({ name, leaseUntil }) => [name, leaseUntil > clock.now()])).toEqual([
    ['a', true],
    ['c', false],
  ])
  await pass(nodeTimes.remembered)
  expect(await a.names()).toEqual(['a'])
})

test('[SV-62] a node that was lost from the list is back a moment later', async () => {
  const { open, first, pass } = bench()
  const [a, b] = [await open('a'), await open('b')]
  await first.keep('node', 'list', JSON.stringify(['b']), 60_000)
  expect(await b.names()).toEqual(['b'])
  await pass(nodeTimes.lease / 3)
  expect(await b.names()).toEqual(['a', 'b'])
  await pass(2 * nodeTimes.list)
  expect(await a.names()).toEqual(['a', 'b'])
})

test('[SV-62] the list is bounded: who was silent for longest gives way', async () => {
  const { open, pass } = bench()
  for (let i = 0; i < mostNodes + 5; i++) {
    const dead = await open(`dead-${String(i).padStart(3, '0')}`)
    await dead.store.close()
    await pass(1_000)
  }
  const a = await open('a')
  const names = await a.names()
  expect(names).toHaveLength(mostNodes)
  expect(names.slice(0, 2)).toEqual(['a', 'dead-006'])
})

test('[SV-62] a store that does not answer is told of, and the node is listed when it is back', async () => {
  const { open, first, errors, pass } = bench()
  const a = await open('a')
  first.outage('TERR_NO_SWITCH')
  await pass(3_600_000)
  expect(errors.length).toBeGreaterThan(0)
  first.outage(undefined)
  await pass(nodeTimes.lease / 3)
  const b = await open('b')
  expect(await b.names()).toEqual(['a', 'b'])
  expect(await a.names()).toEqual(['a', 'b'])
})
