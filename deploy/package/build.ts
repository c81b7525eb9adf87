/**
 * Makes the package that installs Ringdown: `node deploy/package/build.ts [--out folder]` writes `ringdown-<version>.tgz` there.
 * The server is bundled into plain JavaScript with all it depends on, because Node reads no TypeScript inside `node_modules` and
 * an installation that fetches nothing else cannot fail half way. The same sources make the same bytes. SPEC DE-1 to DE-4.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { bundle } from './bundle.ts'
import { dependenciesOf, licenceList } from './licences.ts'
import { manifest } from './manifest.ts'
import { pack } from './pack.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const { values } = parseArgs({ options: { out: { type: 'string', default: '.' } } })

/** What lies in the package as it lies in the repository. */
const copies: Readonly<Record<string, string>> = {
  LICENSE: 'LICENSE',
  'README.md': 'deploy/package/README.md',
  'CHANGELOG.md': 'packages/server/CHANGELOG.md',
  'CONFIG.md': 'packages/server/CONFIG.md',
  'CLI.md': 'packages/server/CLI.md',
  'METRICS.md': 'packages/server/METRICS.md',
  'openapi.json': 'packages/facade/openapi.json',
  'ringdown.cdx.json': 'deploy/sbom/ringdown.cdx.json',
  'bin/ringdown': 'deploy/package/ringdown.sh',
  'examples/ringdown.yaml': 'deploy/ringdown.yaml',
  'examples/sip.yaml': 'deploy/sip.yaml',
  'examples/ringdown.service': 'deploy/systemd/ringdown.service',
}

function buildDesktop(): void {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'packages/desktop/build/build.ts')], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`the desktop could not be built:\n${stderr}`)
}

const stage = mkdtempSync(join(tmpdir(), 'ringdown-package-'))
try {
  buildDesktop()
  const bundled = await bundle(root, join(stage, 'lib'))
  for (const { from, to } of bundled.files)
    cpSync(from, join(stage, 'lib', to), { recursive: true, filter: (path) => !path.endsWith('.made-from') })
  for (const [to, from] of Object.entries(copies)) {
    mkdirSync(dirname(join(stage, to)), { recursive: true })
    copyFileSync(join(root, from), join(stage, to))
  }
  chmodSync(join(stage, 'bin/ringdown'), 0o755)

  const { text, version } = manifest(root)
  writeFileSync(join(stage, 'package.json'), text)
  const packages = [...bundled.packages, ...dependenciesOf(join(root, 'packages/desktop'))]
  writeFileSync(join(stage, 'THIRD-PARTY-LICENSES.md'), licenceList(packages))

  const out = resolve(values.out)
  mkdirSync(out, { recursive: true })
  const file = join(out, `ringdown-${version}.tgz`)
  await pack(stage, `ringdown-${version}`, file)
  console.log(`${file}: ${(readFileSync(file).length / 2 ** 20).toFixed(1)} MiB`)
} finally {
  rmSync(stage, { recursive: true, force: true })
}
