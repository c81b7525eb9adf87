import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { attach, deletePair, packedSize, type UserData, type UserDataValue, userDataProblem } from './user-data.ts'
import { utf8Length } from './utf8.ts'

const data = fc.dictionary(fc.string({ minLength: 1 }), fc.oneof(fc.string(), fc.integer(), fc.constant(null)))

describe('user data', () => {
  test('[IM-11] attach adds or replaces the named pairs and touches no others', () => {
    fc.assert(
      fc.property(data, data, (held, pairs) => {
        const after = attach(held, pairs)
        for (const key of Object.keys(after))
          expect(after[key]).toEqual(Object.hasOwn(pairs, key) ? pairs[key] : held[key])
        expect(new Set(Object.keys(after))).toEqual(new Set([...Object.keys(held), ...Object.keys(pairs)]))
        // Twice is once.
        expect(attach(after, pairs)).toEqual(after)
      }),
    )
  })

  test('[IM-11] deletePair removes one key and nothing else; what was never there cannot be told from what is gone', () => {
    fc.assert(
      fc.property(data, fc.string({ minLength: 1 }), fc.string(), (held, key, value) => {
        expect(Object.hasOwn(deletePair(held, key), key)).toBe(false)
        expect(deletePair(attach(held, { [key]: value }), key)).toEqual(deletePair(held, key))
      }),
    )
  })

  test('[IM-11] __proto__ is a key like any other', () => {
    const hostile = JSON.parse('{"__proto__":"x"}') as UserData
    const after = attach({ a: '1' }, hostile)
    expect(JSON.stringify(after)).toBe('{"a":"1","__proto__":"x"}')
    expect(Object.getPrototypeOf(after)).toBe(Object.prototype)
  })

  test('[IM-14] the size counts bytes, not characters', () => {
    expect(packedSize({ k: 'v' })).toBe(6)
    expect(packedSize({ k: 'ü' })).toBe(7)
    expect(packedSize({ k: '€' })).toBe(8)
    expect(packedSize({ k: '😀' })).toBe(9)
    expect(packedSize({ k: ['a', { b: 1 }] })).toBe(5 + 5 + 4 + 13)
  })

  test('[IM-14] data over the limit are refused, data at the limit are not', () => {
    expect(userDataProblem({ k: 'x'.repeat(15_995) }, 16_000)).toBeUndefined()
    expect(userDataProblem({ k: 'x'.repeat(15_996) }, 16_000)?.reason).toBe('TERR_INVALID_ATTR')
  })

  test('[IM-14] an empty key and lists without a bottom are refused', () => {
    expect(userDataProblem({ '': 'x' }, 16_000)?.reason).toBe('TERR_BAD_PARAM')
    let deep: UserDataValue = 'x'
    for (let i = 0; i < 100_000; i++) deep = [deep]
    expect(userDataProblem({ k: deep }, 16_000)?.reason).toBe('TERR_BAD_PARAM')
  })

  test('a length in UTF-8 is what an encoder would need', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length)
      }),
    )
    expect(utf8Length('\ud800x')).toBe(4)
  })
})
