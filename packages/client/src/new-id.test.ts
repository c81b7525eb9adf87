import { expect, test } from 'vitest'
import { newID } from './new-id.ts'

test('[CL-24] message ids are as long as the server takes, and never the same', () => {
  const ids = new Set(Array.from({ length: 1_000 }, newID))
  expect(ids.size).toBe(1_000)
  for (const id of ids) expect(id).toMatch(/^[\w-]{10,128}$/)
})
