import { readFileSync, writeFileSync } from 'node:fs'
import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript'

/** The committed types of the REST API. */
export const apiFile = new URL('../src/api.ts', import.meta.url)

const openapi = new URL('../../facade/openapi.json', import.meta.url)

/** The types as the committed description of the API gives them now. */
export async function apiText(): Promise<string> {
  const whole = JSON.parse(readFileSync(openapi, 'utf8')) as OpenAPI3
  const nodes = await openapiTS(agentsPart(whole), { immutable: true, alphabetize: false })
  // Of what it writes for every description, this one uses two.
  const text = astToString(nodes.filter((node) => 'name' in node && used.has((node.name as { text: string }).text)))
  return `${head}${nothingThere.reduce((all, nothing) => all.replace(nothing, ''), text)}`
}

/** What an agent's program asks for, and its good answers: every refusal is the same envelope, `RequestRefused`. */
function agentsPart({ paths = {}, ...rest }: OpenAPI3): OpenAPI3 {
  const served = Object.entries(paths).filter(([path]) => /^[/]api[/]v2[/](me|places|contacts)([/]|$)/.test(path))
  const good = served.map(([path, operations]) => [path, mapped(operations, onlyGood)])
  return { ...rest, paths: Object.fromEntries(good) }
}

const mapped = <T>(members: object, change: (member: T) => object) =>
  Object.fromEntries(Object.entries(members).map(([name, member]) => [name, change(member as T)]))
const onlyGood = (operation: { responses: Record<string, object> }) => ({
  ...operation,
  responses: { 200: operation.responses[200] ?? {} },
})

/** What says that there is nothing of a name, in the order in which one leaves the other empty; and headers of any kind. */
const nothingThere = [
  /^ +readonly \w+\?: never;\n/gm,
  /^ +readonly parameters: \{\n +\};\n/gm,
  /^ +headers: \{\n +readonly \[name: string\]: unknown;\n +\};\n/gm,
  /^ +\/\*\* @description Default Response \*\/\n/gm,
]

const used = new Set(['paths', 'components'])
const head =
  '// Written by build/write-api.ts from packages/facade/openapi.json; a test compares them. Do not edit.\n\n'

if (import.meta.main) writeFileSync(apiFile, await apiText())
