import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Spec, Validation } from '@cyclonedx/cyclonedx-library'
import { expect, test } from 'vitest'
import { componentsOf, printLicences, printSbom } from '../../deploy/sbom/sbom.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const text = (path: string) => readFileSync(`${root}/${path}`, 'utf8')
const { version } = JSON.parse(text('package.json')) as { version: string }
const components = componentsOf(root)

test('[SE-70] the bill of materials is what is installed; `node deploy/sbom/main.ts` writes it anew', () => {
  expect(text('deploy/sbom/ringdown.cdx.json')).toBe(printSbom(components, version))
  expect(text('deploy/sbom/LICENCES.md')).toBe(printLicences(components))
})

test('[SE-70] it is CycloneDX by its schema, strictly', async () => {
  const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6)
  expect(await validator.validate(text('deploy/sbom/ringdown.cdx.json'))).toBeNull()
  const wrong = text('deploy/sbom/ringdown.cdx.json').replace('"type": "library"', '"type": "book"')
  expect(await validator.validate(wrong)).not.toBeNull()
})

test('[SE-71] every direct dependency of what is shipped is in it, and each has a licence that lets it be passed on', () => {
  const names = new Set(components.map(({ name }) => name))
  for (const name of ['signalling', 'msrp', 'session-store', 'facade', 'server', 'desktop']) {
    const { dependencies = {} } = JSON.parse(text(`packages/${name}/package.json`)) as {
      dependencies?: Record<string, string>
    }
    for (const dependency of Object.keys(dependencies))
      if (!dependency.startsWith('@ringdown/')) expect(names).toContain(dependency)
  }
  for (const { license } of components) expect(license).not.toMatch(/GPL|SSPL|BUSL|UNLICENSED|SEE LICENSE/)
  expect(components.length).toBeGreaterThan(20)
})
