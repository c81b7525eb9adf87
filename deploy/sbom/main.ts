/**
 * Writes what is shipped: `node deploy/sbom/main.ts` makes `ringdown.cdx.json`, a CycloneDX bill of materials, and `LICENCES.md`, both beside
 * this file. A test compares them with what is installed.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { componentsOf, printLicences, printSbom } from './sbom.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}
const components = componentsOf(root)
writeFileSync(new URL('ringdown.cdx.json', import.meta.url), printSbom(components, version))
writeFileSync(new URL('LICENCES.md', import.meta.url), printLicences(components))
