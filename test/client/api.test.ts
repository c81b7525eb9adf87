import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { apiFile, apiText } from '../../packages/client/build/write-api.ts'

test('[CL-15] the types of the API are those of its OpenAPI file', async () => {
  // Else: `pnpm --filter @ringdown/client api`.
  expect(readFileSync(apiFile, 'utf8')).toBe(await apiText())
})
