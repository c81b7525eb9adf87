import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { files, root } from './repository.ts'

interface Cruise {
  summary: {
    totalCruised: number
    violations: { from: string; to: string; rule: { name: string } }[]
  }
}

const packages = ['signalling', 'msrp', 'session-store', 'facade', 'server', 'client', 'desktop']

/** A small tree of the same form that keeps every rule. */
const legal: Record<string, string> = {
  'packages/signalling/src/index.ts': "export { decide } from './tserver/decide.ts'\n",
  'packages/signalling/src/tserver/decide.ts': 'export const decide = 1\n',
  'packages/signalling/src/testing/index.ts': 'export const clock = 1\n',
  'packages/signalling/src/sip/transport/tcp.ts': "import 'node:net'\nimport '../../tserver/decide.ts'\n",
  'packages/msrp/src/index.ts': "import './message/parse.ts'\n",
  'packages/msrp/src/message/parse.ts': 'export const parse = 1\n',
  'packages/session-store/src/index.ts': "import 'node:fs'\nimport '@ringdown/signalling'\n",
  'packages/facade/src/index.ts': "import '@ringdown/signalling'\n",
  'packages/server/src/index.ts':
    "import '@ringdown/client'\nimport '@ringdown/facade'\nimport '@ringdown/msrp'\nimport '@ringdown/session-store'\n",
  'packages/client/src/index.ts': "import 'library'\nimport './model/view.ts'\n",
  'packages/client/src/model/view.ts': 'export const view = 1\n',
  'packages/desktop/src/main.ts': "import '@ringdown/client'\nimport './model/next.ts'\n",
  'packages/desktop/src/model/next.ts': "import '@ringdown/client'\n",
  'test/scenario/one.test.ts': "import '@ringdown/server'\nimport '@ringdown/signalling/testing'\n",
}

/** For each rule, files that break it; the key of the table is the rule that has to catch the first file. */
const planted: Record<string, [path: string, content: string][]> = {
  'core-does-no-io': [
    ['packages/signalling/src/tserver/io.ts', "import 'node:fs'\n"],
    ['packages/signalling/src/sip/message/io.ts', "import { createHash } from 'crypto'\nexport { createHash }\n"],
    ['packages/msrp/src/session/io.ts', "import type { Socket } from 'node:net'\nexport type S = Socket\n"],
    ['packages/signalling/src/tserver/library.ts', "import 'library'\n"],
    ['packages/client/src/model/library.ts', "import 'library'\n"],
  ],
  'core-knows-no-edge': [
    ['packages/signalling/src/tserver/edge.ts', "import '../sip/transport/tcp.ts'\n"],
    ['packages/signalling/src/sip/dialog/edge.ts', "import '../handler/on-invite.ts'\n"],
  ],
  'protocols-are-siblings': [['packages/msrp/src/sip.ts', "import '@ringdown/signalling'\n"]],
  'core-stands-alone': [['packages/signalling/src/store.ts', "import '@ringdown/msrp'\n"]],
  'store-knows-signalling-only': [['packages/session-store/src/up.ts', "import '@ringdown/facade'\n"]],
  'facade-knows-signalling-only': [['packages/facade/src/up.ts', "import type {} from '@ringdown/session-store'\n"]],
  'client-stands-alone': [['packages/client/src/core.ts', "import type {} from '@ringdown/signalling'\n"]],
  'client-runs-everywhere': [['packages/client/src/file.ts', "import 'node:fs'\n"]],
  'desktop-sees-http-only': [['packages/desktop/src/core.ts', "import '@ringdown/signalling'\n"]],
  'desktop-runs-in-a-browser': [['packages/desktop/src/shell/file.ts', "import 'node:fs'\n"]],
  'only-server-composes': [['packages/facade/src/compose.ts', "import '@ringdown/server'\n"]],
  'packages-meet-at-index': [
    ['packages/facade/src/deep.ts', "import '../../signalling/src/tserver/decide.ts'\n"],
    ['packages/server/src/deep.ts', "import type {} from '../../msrp/src/message/parse.ts'\n"],
  ],
  'tests-meet-at-index': [['test/scenario/deep.test.ts', "import '../../packages/msrp/src/message/parse.ts'\n"]],
  'testing-is-for-tests': [
    ['packages/facade/src/clock.ts', "import '@ringdown/signalling/testing'\n"],
    ['packages/signalling/src/again.ts', "import './tserver/decide.test.ts'\n"],
  ],
  'no-circular': [['packages/facade/src/about.ts', "import './round.ts'\n"]],
  'not-resolvable': [
    ['packages/facade/src/nowhere.ts', "import '@ringdown/no-such-package'\n"],
    ['packages/desktop/src/undeclared.ts', "import './missing.ts'\n"],
  ],
}
const besides: Record<string, string> = {
  'packages/facade/src/round.ts': "import './about.ts'\n",
  'packages/signalling/src/sip/handler/on-invite.ts': 'export const onInvite = 1\n',
  'packages/signalling/src/tserver/decide.test.ts': 'export const given = 1\n',
}

let scratch: string
beforeAll(async () => {
  scratch = await realpath(await mkdtemp(join(tmpdir(), 'ringdown-direction-')))
})
afterAll(() => rm(scratch, { recursive: true, force: true }))

async function tree(name: string, content: Record<string, string>): Promise<string> {
  const top = join(scratch, name)
  const put = async (path: string, body: string) => {
    await mkdir(dirname(join(top, path)), { recursive: true })
    await writeFile(join(top, path), body)
  }
  for (const [path, body] of Object.entries(content)) await put(path, body)
  for (const name of packages) {
    const exports = { '.': './src/index.ts', './testing': './src/testing/index.ts' }
    await put(`packages/${name}/package.json`, JSON.stringify({ name: `@ringdown/${name}`, type: 'module', exports }))
  }
  await put('package.json', JSON.stringify({ name: 'planted', private: true, dependencies: { library: '1.0.0' } }))
  await put('node_modules/library/package.json', JSON.stringify({ name: 'library', version: '1.0.0', main: 'x.js' }))
  await put('node_modules/library/x.js', '')
  await mkdir(join(top, 'node_modules/@ringdown'))
  for (const name of packages) await symlink(`../../packages/${name}`, join(top, 'node_modules/@ringdown', name))
  return top
}

function cruise(top: string): Promise<Cruise> {
  const args = ['--config', join(root, '.dependency-cruiser.cjs'), '--output-type', 'json', 'packages', 'test']
  return new Promise((resolve, reject) => {
    const run = { cwd: top, maxBuffer: 64 << 20 }
    execFile(join(root, 'node_modules/.bin/depcruise'), args, run, (error, stdout, stderr) => {
      // It exits with the number of errors; only an answer that is no report is a failure here.
      if (stdout.startsWith('{')) resolve(JSON.parse(stdout) as Cruise)
      else reject(error ?? new Error(stderr))
    })
  })
}

describe('directions', () => {
  let report: Cruise
  beforeAll(async () => {
    const content = { ...legal, ...besides, ...Object.fromEntries(Object.values(planted).flat()) }
    report = await cruise(await tree('planted', content))
  })

  test('a tree that keeps the rules passes, and is read', async () => {
    const clean = await cruise(await tree('legal', legal))
    expect(clean.summary.violations).toEqual([])
    expect(clean.summary.totalCruised).toBeGreaterThanOrEqual(Object.keys(legal).length)
  })

  for (const [rule, cases] of Object.entries(planted))
    for (const [path] of cases)
      test(`${rule} catches ${path}`, () => {
        const found = report.summary.violations.filter((v) => v.from === path).map((v) => v.rule.name)
        expect(found).toContain(rule)
      })

  test('every rule of the configuration has a planted import', async () => {
    const { default: config } = (await import(join(root, '.dependency-cruiser.cjs'))) as {
      default: { forbidden: { name: string; severity: string }[] }
    }
    expect(config.forbidden.map((rule) => rule.name).sort()).toEqual(Object.keys(planted).sort())
    expect(config.forbidden.filter((rule) => rule.severity !== 'error')).toEqual([])
  })

  test('the cruise of this repository reads every source file', async () => {
    const sources = files('packages/*.ts', 'test/*.ts')
    const { summary } = await cruise(root)
    expect(sources.length).toBeGreaterThan(0)
    expect(summary.totalCruised).toBeGreaterThanOrEqual(sources.length)
  })
})
