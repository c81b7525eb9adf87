import { readFileSync, writeFileSync } from 'node:fs'
import openapiTS, { astToString } from 'openapi-typescript'

/** The committed types of the REST API. */
export const apiFile = new URL('../src/api.ts', import.meta.url)

const openapi = new URL('../../facade/openapi.json', import.meta.url)

/** The types as the committed description of the API gives them now. */
export async function apiText(): Promise<string> {
  const nodes = await openapiTS(JSON.parse(readFileSync(openapi, 'utf8')), { immutable: true, alphabetize: false })
  // Of what it writes for every description, this one uses two.
  const text = astToString(nodes.filter((node) => 'name' in node && used.has((node.name as { text: string }).text)))
  return `${head}${text}`
}

const used = new Set(['paths', 'components'])
const head =
  '// Written by build/write-api.ts from packages/facade/openapi.json; a test compares them. Do not edit.\n\n'

if (import.meta.main) writeFileSync(apiFile, await apiText())
