import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { dependenciesOf, type Licensed, licensed } from '../package/licences.ts'

/** Packages of ours whose code, with all it depends on, is what somebody installs. */
const shipped = ['packages/server', 'packages/desktop']

interface Lock {
  packages?: Readonly<Record<string, { resolution?: { integrity?: string } }>>
}

/** One npm package that is shipped. */
export interface Component extends Licensed {
  /** Its tarball's digest, as the lock file has it: `sha512-` and base64. */
  integrity: string
}

/**
 * All npm packages that are shipped with the repository at `root`, in the order of their names, as they are installed. Throws for a licence that
 * may not be passed on, and for a package the lock file does not know.
 */
export function componentsOf(root: string): readonly Component[] {
  const folders = new Set(shipped.flatMap((path) => dependenciesOf(join(root, path))))
  const lock = parse(readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8')) as Lock
  const components = [...folders].map((folder): Component => {
    const one = licensed(folder)
    const integrity = lock.packages?.[`${one.name}@${one.version}`]?.resolution?.integrity
    if (integrity === undefined) throw new Error(`${one.name} ${one.version} is not in pnpm-lock.yaml`)
    return { ...one, integrity }
  })
  const byName = new Map(components.map((one) => [`${one.name}@${one.version}`, one]))
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one)
}

/** Package URL, https://github.com/package-url/purl-spec: the `@` of a scope is escaped. */
function purlOf({ name, version }: Component): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`
}

/**
 * What is shipped as a CycloneDX bill of materials. It has no time and no serial number: the same sources make the same bytes. SPEC SE-70.
 */
export function printSbom(components: readonly Component[], version: string): string {
  const ours = {
    type: 'application',
    'bom-ref': 'ringdown',
    name: 'ringdown',
    version,
    licenses: licence('Apache-2.0'),
  }
  const bom = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: ours },
    components: components.map((one) => ({
      type: 'library',
      'bom-ref': purlOf(one),
      ...splitName(one.name),
      version: one.version,
      hashes: [{ alg: 'SHA-512', content: hexOf(one.integrity) }],
      licenses: licence(one.license),
      purl: purlOf(one),
    })),
  }
  return `${JSON.stringify(bom, null, 2)}\n`
}

/** The licences of what is shipped, as Markdown. */
export function printLicences(components: readonly Component[]): string {
  const counts = new Map<string, number>()
  for (const { license } of components) counts.set(license, (counts.get(license) ?? 0) + 1)
  const sums = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([license, count]) => `${license}: ${count}`)
  const rows = components.map(({ name, version, license }) => `| ${name} | ${version} | ${license} |`)
  return [
    '# Licences of what is shipped with Ringdown',
    '',
    `Made by \`node deploy/sbom/main.ts\` from what is installed. ${sums.join(', ')}. Their texts are in the package, in`,
    '`THIRD-PARTY-LICENSES.md`.',
    '',
    '| package | version | licence |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n')
}

function splitName(name: string): { group?: string; name: string } {
  const [first = '', second] = name.split('/')
  return second === undefined ? { name: first } : { group: first, name: second }
}

const licence = (id: string) => [{ license: { id } }]

function hexOf(integrity: string): string {
  const base64 = /^sha512-([A-Za-z0-9+/]+=*)$/.exec(integrity)?.[1]
  if (base64 === undefined) throw new Error(`${integrity} is no SHA-512`)
  return Buffer.from(base64, 'base64').toString('hex')
}
