import type { CallUUID, PersonID } from '@ringdown/signalling'
import { expect, test } from 'vitest'
import { storeKeys } from './keys.ts'

test('[ST-R11] every name of a centre has the centre as its one hash tag, whatever its name', () => {
  for (const centre of ['Demo', 'a b', '}{', 'ümlaut:{x}', '%7B']) {
    const keys = storeKeys(centre)
    const names = [keys.epoch, keys.claim('{x}' as PersonID), keys.kept('ticket', '}'), keys.log('1' as CallUUID)]
    const tags = names.map((name) => /\{([^}]*)\}/.exec(name)?.[1])
    expect(new Set(tags)).toEqual(new Set([encodeURIComponent(centre)]))
    expect(encodeURIComponent(centre)).not.toMatch(/[{}]/)
  }
  expect(storeKeys('Demo').epoch).toBe('rd:{Demo}:epoch')
  expect(storeKeys('a').timers).not.toBe(storeKeys('b').timers)
  expect(() => storeKeys('')).toThrow('needs a name')
})

test('[ST-R11] the names of the design', () => {
  const keys = storeKeys('cc')
  expect(keys.record({ kind: 'call', id: 'C1' as CallUUID })).toBe('rd:{cc}:call:C1')
  expect(keys.record({ kind: 'agent', id: 'P1' as PersonID })).toBe('rd:{cc}:agent:P1')
  expect(keys.claim('P1' as PersonID)).toBe('rd:{cc}:agent:P1:session')
  expect(keys.feed('P1' as PersonID)).toBe('rd:{cc}:feed:P1')
  expect(keys.ids('C1' as CallUUID)).toBe('rd:{cc}:ids:C1')
  expect(keys.signals('*')).toBe('rd:{cc}:node:*')
})
