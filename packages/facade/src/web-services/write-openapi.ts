import { writeFileSync } from 'node:fs'
import { createApp } from '../app.ts'

/** The committed description of the API. */
export const openapiFile = new URL('../../openapi.json', import.meta.url)

/** The description as the routes' schemas give it now. */
export async function openapiText(): Promise<string> {
  const clock = { now: () => 0, after: () => () => undefined }
  const app = await createApp({ centres: [], clock, node: 'openapi' })
  await app.ready()
  const text = JSON.stringify(app.swagger(), undefined, 2)
  await app.close()
  return `${text}\n`
}

if (import.meta.main) writeFileSync(openapiFile, await openapiText())
