import { execFileSync } from 'node:child_process'
import { matchesGlob } from 'node:path'
import { describe, expect, test } from 'vitest'
import config from '../vitest.config.ts'
import { files, root, text } from './repository.ts'

const all = files()

describe('the top level', () => {
  test('holds what the design names, and nothing else', () => {
    const top = new Set(all.map((path) => path.split('/')[0] ?? ''))
    const allowed = new Set([
      ...['packages', 'deploy', 'test', 'package.json', 'pnpm-workspace.yaml', 'pnpm-lock.yaml', 'tsconfig.base.json'],
      ...['README.md', 'LICENSE', 'biome.json', '.ci', '.dependency-cruiser.cjs', '.editorconfig', '.gitignore'],
    ])
    expect([...top].filter((name) => !allowed.has(name))).toEqual([])
    for (const name of ['packages', 'test', 'README.md', 'LICENSE', '.ci']) expect(top).toContain(name)
  })

  test('there are the packages of the design', () => {
    const packages = new Set(files('packages/*').map((path) => path.split('/')[1]))
    expect([...packages].sort()).toEqual([
      'client',
      'desktop',
      'facade',
      'msrp',
      'server',
      'session-store',
      'signalling',
    ])
  })

  test('CI runs npm test and nothing else', () => {
    const commands = text('.ci/run')
      .split('\n')
      .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    expect(commands).toEqual(['set -euo pipefail', 'cd "$(dirname "$0")/.."', 'exec npm test'])
  })
})

describe('dependencies', () => {
  const manifests = files('package.json', 'packages/*/package.json', 'test/package.json')

  test('every version is pinned', () => {
    const loose = manifests.flatMap((path) => {
      const { dependencies = {}, devDependencies = {} } = JSON.parse(text(path)) as Record<string, object | undefined>
      return Object.entries({ ...dependencies, ...devDependencies })
        .filter(([, version]) => !/^(\d+\.\d+\.\d+|workspace:\*)$/.test(String(version)))
        .map(([name, version]) => `${path}: ${name} ${version}`)
    })
    expect(loose).toEqual([])
  })

  test('one library has one version in the whole workspace', () => {
    const versions = new Map<string, Set<string>>()
    for (const path of manifests) {
      const { dependencies = {}, devDependencies = {} } = JSON.parse(text(path)) as Record<string, object | undefined>
      for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
        versions.set(name, (versions.get(name) ?? new Set()).add(String(version)))
    }
    expect([...versions].filter(([, found]) => found.size > 1).map(([name]) => name)).toEqual([])
  })

  test('the lock file names no host', () => {
    expect(text('pnpm-lock.yaml').match(/https?:\/\/\S+/g) ?? []).toEqual([])
  })
})

describe('test files', () => {
  interface Project {
    test: { name: string; include: string[]; exclude: string[] }
  }
  const projects = (config as { test: { projects: Project[] } }).test.projects.map((project) => project.test)
  const belongsTo = (path: string) =>
    projects
      .filter((p) => p.include.some((glob) => matchesGlob(path, glob)))
      .filter((p) => !p.exclude.some((glob) => matchesGlob(path, glob)))
      .map((p) => p.name)

  test('each belongs to exactly one project of vitest', () => {
    const lost = all
      .filter((path) => /[.](test|spec|tests)[.][cm]?[jt]sx?$/.test(path))
      .map((path) => ({ path, projects: belongsTo(path) }))
    expect(lost.length).toBeGreaterThan(0)
    expect(lost.filter((file) => file.projects.length !== 1)).toEqual([])
  })

  test('a file that belongs to none is seen', () => {
    expect(belongsTo('packages/msrp/other/a.test.ts')).toEqual([])
    expect(belongsTo('packages/msrp/src/a.live.test.ts')).toEqual(['live'])
    expect(belongsTo('packages/msrp/src/message/a.test.ts')).toEqual(['unit'])
    expect(belongsTo('test/faults/a.test.ts')).toEqual(['live'])
  })

  test('none is focused, left out or expected to fail', () => {
    const off = /\b(?:it|test|describe|scenario)\.(?:only|skip|todo|fails|skipIf|runIf)\b/
    const found = files('*.ts').filter((path) => path !== 'test/repository/layout.test.ts' && off.test(text(path)))
    expect(found).toEqual([])
  })
})

describe('size', () => {
  test('no source file is longer than 650 lines', () => {
    const generated = 'packages/client/src/api.ts'
    const long = files('*.ts', '*.tsx', '*.lua', '*.cjs')
      .filter((path) => path !== generated)
      .map((path) => ({ path, lines: text(path).split('\n').length - 1 }))
      .filter((file) => file.lines > 650)
    expect(long).toEqual([])
  })

  test('no generated or local file is tracked', () => {
    const tracked = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).split('\n')
    expect(
      tracked.filter((path) => /(^|\/)(node_modules|\.tsc|coverage|\.npmrc|\.env)(\/|$)|\.sqlite/.test(path)),
    ).toEqual([])
  })
})
