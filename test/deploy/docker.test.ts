import { execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../faults/engine.ts'
import { freePort } from '../interop/support/ports.ts'
import { dockerfile, type Instruction, isIgnored, only, stagesOf } from './support/dockerfile.ts'
import { buildPackage, environment, root, run } from './support/package.ts'
import { talk } from './support/talk.ts'

const [build = [], final = []] = stagesOf(dockerfile)
const pinnedNode = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).devDependencies.node as string

/** Stands for the root of the file systems of both stages. */
let place: string
/** Paths of the Dockerfile, where they are in this run. */
const here = (text: string) =>
  text.replaceAll(/(?<![\w./])[/](src|package|opt|var|etc)(?=[/ "]|$)/g, (path) => join(place, path))

const isRoot = process.getuid?.() === 0
const [uid = 0, gid = 0] = isRoot
  ? only(final, 'USER').split(':').map(Number)
  : [process.getuid?.(), process.getgid?.()]

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), 'ringdown-image-'))
  chmodSync(place, 0o755)
  copyContext()
  for (const { name, value } of build) if (name === 'RUN') await shell(value, join(place, 'src'))
  // The image's Node: what runs the tests is of this version too, and may lie where others cannot read.
  mkdirSync(join(place, 'usr/local/bin'), { recursive: true })
  copyFileSync(process.execPath, join(place, 'usr/local/bin/node'))
  for (const { name, value } of final) if (name === 'RUN') await shell(value, place)
  if (!isRoot) await run('chmod', ['-R', 'a-w', join(place, 'opt')])
}, 300_000)
afterAll(async () => {
  if (!isRoot) await run('chmod', ['-R', 'u+w', place])
  rmSync(place, { recursive: true, force: true })
})

const patterns = () =>
  readFileSync(`${dockerfile}.dockerignore`, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))

/** What COPY brings into the build: the repository but for what its ignore file names. */
function copyContext(): void {
  const named = patterns()
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root })
  for (const path of listed.toString().split('\0')) {
    if (path === '' || isIgnored(path, named) || !existsSync(join(root, path))) continue
    mkdirSync(dirname(join(place, 'src', path)), { recursive: true })
    cpSync(join(root, path), join(place, 'src', path))
  }
}

async function shell(command: string, cwd: string): Promise<void> {
  // Who is not root owns what they make already.
  const allowed = isRoot ? command : command.replaceAll(/-[og] \d+ /g, '')
  await run('sh', ['-c', here(allowed)], { cwd, env: environment, maxBuffer: 2 ** 24 })
}

const json = (stage: readonly Instruction[], name: string) => JSON.parse(only(stage, name)) as string[]

/** Starts a command as the image does: its user, its environment, its working directory. */
function start(words: readonly string[], config: string, more: Record<string, string> = {}) {
  const [program = '', ...args] = words.map(here)
  const env = Object.fromEntries([...only(final, 'ENV').matchAll(/(\w+)=(\S+)/g)].map(([, key, value]) => [key, value]))
  const child = spawn(program, args, {
    cwd: here(only(final, 'WORKDIR')),
    env: { PATH: `${join(place, 'usr/local/bin')}:/usr/bin:/bin`, ...env, RINGDOWN_CONFIG: config, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(isRoot && { uid, gid }),
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data) => {
      said += data
    })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  return { child, said: () => said, ended }
}

describe('[DE-6] the image', () => {
  test('begins with images pinned by version, with the Node everything is tested with', () => {
    for (const stage of [build, final])
      expect(only(stage, 'FROM').split(' ')[0]).toBe(`node:${pinnedNode}-bookworm-slim`)
    const launcher = readFileSync(join(root, 'deploy/package/ringdown.sh'), 'utf8')
    expect(launcher).toContain(`\nfetched=${pinnedNode}\n`)
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
    expect(only(final, 'LABEL')).toContain(`org.opencontainers.image.version="${version}"`)
  })

  test('runs as a numeric user that is not root, stops by SIGTERM, asks itself whether it is ready', () => {
    expect(only(final, 'USER')).toMatch(/^[1-9]\d{3,}:[1-9]\d{3,}$/)
    expect(only(final, 'STOPSIGNAL')).toBe('SIGTERM')
    expect(only(final, 'HEALTHCHECK')).toMatch(
      /^--interval=\S+ .*CMD \["[/]opt[/]ringdown[/]bin[/]ringdown", "ready"\]$/,
    )
  })

  test('is built by the commands that make the package, of which it has the very files', async () => {
    const folder = mkdtempSync(join(place, 'again-'))
    const made = readFileSync(await buildPackage(folder))
    const [name = ''] = readdirSync(join(place, 'package'))
    expect(readFileSync(join(place, 'package', name)).equals(made)).toBe(true)
    const unpacked = join(folder, 'unpacked')
    mkdirSync(unpacked)
    await run('tar', ['-xzf', join(place, 'package', name), '-C', unpacked, '--strip-components=1'])
    await run('diff', ['-r', unpacked, join(place, 'opt/ringdown')])
  }, 120_000)

  test('takes nothing into the build that it does not need', () => {
    const all = readdirSync(join(place, 'src'))
    expect(all.filter((name) => !['node_modules', 'packages', 'deploy', 'test'].includes(name)).sort()).toEqual(
      ['LICENSE', 'package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', 'tsconfig.base.json'].sort(),
    )
    const ignored = [
      '.git/config',
      'deploy/secrets/x',
      'packages/server/src/a.test.ts',
      'ringdown-data/a.sqlite',
      'test/run.ts',
    ]
    for (const path of [...ignored, 'packages/server/node_modules/x', 'packages/desktop/dist/index.html'])
      expect([path, isIgnored(path, patterns())]).toEqual([path, true])
    for (const path of ['packages/server/src/main.ts', 'deploy/package/build.ts', 'pnpm-lock.yaml'])
      expect([path, isIgnored(path, patterns())]).toEqual([path, false])
  })

  test('serves where it may write nothing but its data, tells when it is ready, and drains', async () => {
    const port = await freePort()
    const config = join(place, 'etc/ringdown/ringdown.yaml')
    mkdirSync(dirname(config), { recursive: true })
    const example = readFileSync(join(root, 'deploy/ringdown.yaml'), 'utf8')
    const data = here('/var/lib/ringdown')
    writeFileSync(config, example.replace('8080', String(port)).replace('./ringdown-data', data))
    const passwords = { ANNA_PASSWORD: 'anna', BEN_PASSWORD: 'ben', ADMIN_PASSWORD: 'admin' }
    const before = statesOf(join(place, 'opt'))

    const engine = start([...json(final, 'ENTRYPOINT'), ...json(final, 'CMD')], config, passwords)
    try {
      await until(() => engine.said().includes('Ringdown serves') || engine.child.exitCode !== null, 30_000, 'no start')
      expect(engine.said()).toContain('Ringdown serves acme')
      const health = JSON.parse(/CMD (\[.*\])/.exec(only(final, 'HEALTHCHECK'))?.[1] ?? '') as string[]
      const healthy = start(health, config, passwords)
      expect([await healthy.ended, healthy.said()]).toEqual([0, expect.stringContaining('is ready')])
      await talk(`http://127.0.0.1:${port}`, 'websocket')

      engine.child.kill(only(final, 'STOPSIGNAL') as 'SIGTERM')
      expect(await engine.ended).toBe(0)
      expect(await start(health, config, passwords).ended).toBe(1)
    } finally {
      engine.child.kill('SIGKILL')
    }
    expect(readdirSync(data).some((name) => name.includes('sqlite'))).toBe(true)
    expect(statesOf(join(place, 'opt'))).toEqual(before)
  }, 120_000)

  test('says what is missing where no configuration was mounted', async () => {
    const engine = start([...json(final, 'ENTRYPOINT'), ...json(final, 'CMD')], here('/etc/ringdown/absent.yaml'))
    expect(await engine.ended).toBe(1)
    expect(engine.said()).toMatch(/absent[.]yaml:1:1: the file cannot be read \(ENOENT\)\n$/)
  })
})

/** Names and times of everything below a folder. */
function statesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true })
    .map((name) => `${name} ${lstatSync(join(folder, String(name))).mtimeMs}`)
    .sort()
}
