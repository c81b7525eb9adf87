import { describe, expect, test } from 'vitest'
import { fuzz, makeInput, type Target } from './fuzz.ts'
import { sipTargets } from './sip-targets.ts'

/** About a second each on a busy machine; `main.ts` does the million. */
const count = 4_000

describe('the fuzzer', () => {
  const target: Target = {
    name: 'thrower',
    corpus: [Buffer.from('a: 1\r\nb: 2\r\n')],
    words: ['x'],
    run: (input) => {
      if (input.includes(0x78)) throw new Error('an x')
    },
  }

  test('makes the same input of the same seed and index', () => {
    for (let index = 0; index < 50; index++) expect(makeInput(target, 7, index)).toEqual(makeInput(target, 7, index))
  })

  test('tells the input that failed, and by which seed it is made again', () => {
    const { failure } = fuzz(target, 1, 1_000)
    expect(failure?.why).toContain('an x')
    expect(makeInput(target, 1, failure?.index ?? -1)).toEqual(failure?.input)
  })
})

describe('the SIP codec', () => {
  for (const target of sipTargets)
    test(`[SC-40] reads ${count} changed inputs of ${target.name}`, () => {
      expect(fuzz(target, 1, count).failure).toBeUndefined()
    })
})
