import type { CallUUID, DNumber } from '@ringdown/signalling'
import { expect, test } from 'vitest'
import { Bindings } from './bindings.ts'

const call = (name: string) => name as CallUUID
const dn = '8001' as DNumber

test('a session’s names are found with the DN they are of', () => {
  const bindings = new Bindings(10)
  bindings.bind(call('a'), dn, { callID: 'c1' })
  bindings.bind(call('a'), dn, { msrp: 'm1' })
  bindings.bind(call('a'), '8002' as DNumber, { callID: 'c1' })
  expect(bindings.of(call('a'))).toEqual({ callIDs: new Map([['c1', '8002']]), msrp: new Map([['m1', dn]]) })
  expect(bindings.of(call('b')).callIDs.size).toBe(0)
  expect(bindings.size).toBe(2)
})

test('[TR-2] the session that was named longest ago is forgotten first', () => {
  const bindings = new Bindings(3)
  for (const name of ['a', 'b', 'c']) bindings.bind(call(name), dn, { callID: name })
  bindings.bind(call('a'), dn, { callID: 'again' })
  expect(bindings.size).toBe(3)
  expect(bindings.of(call('b')).callIDs.size).toBe(0)
  expect([...bindings.of(call('a')).callIDs.keys()]).toEqual(['a', 'again'])
})

test('[TR-2] one session alone forgets its own oldest', () => {
  const bindings = new Bindings(3)
  for (let i = 0; i < 10; i++) bindings.bind(call('a'), dn, { callID: `c${i}` })
  expect([...bindings.of(call('a')).callIDs.keys()]).toEqual(['c7', 'c8', 'c9'])
  expect(bindings.size).toBe(3)
})
