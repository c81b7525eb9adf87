import fc from 'fast-check'
import { expect, test } from 'vitest'
import { demoYaml } from './demo-config.ts'
import { loadConfig } from './load-config.ts'

const good = demoYaml({ host: '127.0.0.1', port: 1, directory: 'd' })
const around = {
  env: { anna: 'a', ben: 'b', admin: 'c' },
  readFile: () => {
    throw new Error('none')
  },
}
/** A good file with one stretch of it taken out, doubled or overwritten. */
const damaged = fc
  .tuple(
    fc.nat(good.length),
    fc.nat(40),
    fc.constantFrom('', '{', '*a', '&a', '- ', ': ', '"', '\n', '#', '[[', '__proto__: 1', '~'),
  )
  .map(([at, length, put]) => good.slice(0, at) + put + good.slice(at + length))

test('[SV-2] no text makes the reader throw: it is a configuration, or mistakes with a place', () => {
  fc.assert(
    fc.property(fc.oneof(damaged, fc.string({ unit: 'binary', maxLength: 200 })), (text) => {
      const loaded = loadConfig(text, around)
      if (!('mistakes' in loaded)) return
      expect(loaded.mistakes.length).toBeGreaterThan(0)
      const lines = text.split('\n').length
      for (const { line, column, message } of loaded.mistakes) {
        expect(line).toBeGreaterThanOrEqual(1)
        expect(line).toBeLessThanOrEqual(lines + 1)
        expect(column).toBeGreaterThanOrEqual(1)
        expect(message).not.toBe('')
      }
    }),
    { numRuns: 400, seed: 7 },
  )
})
