import { execFile, spawn } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { list } from 'tar'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../faults/engine.ts'
import { Program } from '../interop/support/program.ts'
import { buildPackage, environment, installPackage, root, run } from './support/package.ts'
import { loadRun, Person, talk } from './support/talk.ts'

let folder: string
let file: string
let program: string
const passwords = { ANNA_PASSWORD: 'anna', BEN_PASSWORD: 'ben', ADMIN_PASSWORD: 'admin' }
const version = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version as string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ringdown-installed-'))
  file = await buildPackage(join(folder, 'first'))
  program = await installPackage(file, join(folder, 'prefix'))
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const running: Program[] = []
afterEach(async () => {
  for (const one of running.splice(0).reverse()) await one.stop()
})

/** Serves the package's own example in `cwd`, where its store is a Redis on request; where it listens. */
async function serve(name: string, redis?: string): Promise<{ engine: Program; address: string }> {
  const cwd = join(folder, name)
  mkdirSync(cwd)
  const example = readFileSync(join(folder, 'prefix/lib/node_modules/ringdown/examples/ringdown.yaml'), 'utf8')
  const embedded = 'embedded: { directory: ./ringdown-data }'
  expect(example).toContain(embedded)
  writeFileSync(join(cwd, 'ringdown.yaml'), redis ? example.replace(embedded, `redis: { url: ${redis} }`) : example)
  const engine = new Program(program, ['serve', '--port', '0'], { cwd, env: { ...environment, ...passwords } as never })
  running.push(engine)
  await engine.says(/Ringdown serves acme at http/, 30_000)
  return { engine, address: /acme at (http:\S+)/.exec(engine.said)?.[1] ?? '' }
}

async function redis(): Promise<string> {
  const dir = mkdtempSync(join(folder, 'redis-'))
  const socket = join(dir, 'redis.sock')
  const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', '']
  const server = new Program('redis-server', ['--port', '0', '--unixsocket', socket, '--dir', dir, ...durable])
  running.push(server)
  await server.says('eady to accept connections', 20_000)
  return socket
}

const page = async (url: string) => {
  const answer = await fetch(url)
  return { status: answer.status, text: await answer.text() }
}

describe('[DE-1] the package, installed where npm may fetch nothing', () => {
  test('knows its version and reads its examples', async () => {
    const options = { cwd: folder, env: { ...environment, ...passwords } }
    expect((await run(program, ['version'], options)).stdout.trim()).toBe(version)
    const example = join(folder, 'prefix/lib/node_modules/ringdown/examples/ringdown.yaml')
    expect((await run(program, ['check-config', example], options)).stdout).toContain('is good')
  })

  test('serves a demo, and says by which words it goes on', async () => {
    const cwd = join(folder, 'demo')
    mkdirSync(cwd)
    const engine = new Program(program, ['serve', '--port', '0'], { cwd, env: environment as never })
    running.push(engine)
    await engine.says('check-config', 30_000)
    expect(engine.said).toMatch(/in your terminal: +ringdown demo\n/)
    expect(engine.said).not.toContain('npm run')
  })

  test('holds sessions with the embedded store; pages, a load run, and SIGTERM drains', async () => {
    const { engine, address } = await serve('embedded')
    await talk(address, 'websocket')

    const desktop = await page(`${address}/`)
    const [script] = /src="([^"]+[.]js)"/.exec(desktop.text)?.slice(1) ?? []
    expect((await page(`${address}${script}`)).text.length).toBeGreaterThan(10_000)
    // What it says of itself is what the package describes; compared as one, the difference would be long.
    const described = JSON.parse(readFileSync(join(root, 'packages/facade/openapi.json'), 'utf8'))
    const { text: said } = await page(`${address}/api/v2/openapi.json`)
    expect(isDeepStrictEqual(JSON.parse(said), described)).toBe(true)
    expect((await page(`${address}/api/v2/docs/`)).text).toContain('swagger-ui-bundle.js')
    expect((await page(`${address}/api/v2/docs/static/swagger-ui-bundle.js`)).status).toBe(200)
    await loadRun(address)

    const anna = new Person('anna', () => address)
    const client = await anna.listen('long-polling')
    try {
      engine.signal('SIGTERM')
      expect(await engine.ended(30_000)).toBe(0)
      // The connect it held was answered before its connections were closed; the next one finds nobody.
      await until(() => client.failed.length > 0, 20_000, 'the client does not notice')
    } finally {
      client.cometd.clearSubscriptions()
      client.cometd.disconnect()
    }
  }, 120_000)

  test('holds sessions with Redis, and a load run', async () => {
    const { engine, address } = await serve('on-redis', await redis())
    await talk(address, 'long-polling')
    await loadRun(address)
    engine.signal('SIGTERM')
    expect(await engine.ended(30_000)).toBe(0)
  }, 120_000)

  test('runs unpacked, and by npx without being installed', async () => {
    const unpacked = join(folder, 'unpacked')
    mkdirSync(unpacked)
    await run('tar', ['-xzf', file, '-C', unpacked])
    const own = join(unpacked, `ringdown-${version}/bin/ringdown`)
    expect((await run(own, ['version'], { env: environment })).stdout.trim()).toBe(version)
    const env = { ...environment, npm_config_cache: join(folder, 'npx-cache') }
    const npx = ['--yes', '--offline', `./ringdown-${version}.tgz`, 'version']
    expect((await run('npx', npx, { cwd: dirname(file), env })).stdout.trim()).toBe(version)
  })
})

describe('[DE-2] the file', () => {
  test('has the same bytes whenever and wherever it is made', async () => {
    // What is copied has another time and another mode by now; its bytes are the same.
    const readme = join(root, 'deploy/package/README.md')
    utimesSync(readme, new Date(), new Date())
    const again = await buildPackage(join(folder, 'second'))
    expect(readFileSync(again).equals(readFileSync(file))).toBe(true)
  })

  test('shows nothing of who made it, and depends on nothing', async () => {
    const entries: { path: string; mode: number; uid: number | undefined; mtime: string }[] = []
    await list({
      file,
      onReadEntry: ({ path, mode = 0, uid, mtime }) => {
        entries.push({ path, mode, uid, mtime: mtime?.toISOString() ?? '' })
      },
    })
    const paths = entries.map(({ path }) => path)
    expect(paths).toEqual([...paths].sort())
    for (const { path, mode, uid, mtime } of entries) {
      expect(path.startsWith(`ringdown-${version}/`)).toBe(true)
      expect(mode.toString(8)).toBe(path.endsWith('bin/ringdown') ? '755' : '644')
      expect([uid ?? 0, mtime]).toEqual([0, '1985-10-26T08:15:00.000Z'])
    }
    const installed = join(folder, 'prefix/lib/node_modules')
    expect(readdirSync(installed)).toEqual(['ringdown'])
    const manifest = JSON.parse(readFileSync(join(installed, 'ringdown/package.json'), 'utf8'))
    expect(Object.keys(manifest).filter((key) => /dependencies|scripts/i.test(key))).toEqual([])
    const code = readFileSync(join(installed, 'ringdown/lib/main.js'), 'utf8')
    expect(code).not.toContain(root)
  })
})

describe('[DE-3] what is bundled', () => {
  test('is listed with its licences and their texts', () => {
    const text = readFileSync(join(folder, 'prefix/lib/node_modules/ringdown/THIRD-PARTY-LICENSES.md'), 'utf8')
    const chapters = text.split(/^## (?=\S+ \d\S*: )/m).slice(1)
    expect(chapters.length).toBeGreaterThan(50)
    const withoutText = chapters.filter((one) => !/^\S+ [\w.-]+: [\w.-]+\n\n````text\n[\s\S]{30,}/.test(one))
    expect(withoutText.map((one) => one.split(' ')[0])).toEqual(['node-noop', 'saxes'])
    for (const name of ['fastify', 'ioredis', 'drachtio-srf', '@fastify/swagger-ui', 'preact', 'cometd'])
      expect(text).toContain(`\n## ${name} `)
  })
})

describe('[DE-4] the launcher', () => {
  /** Calls it where `node` is a program that claims to be this version and npx cannot get another one. */
  function launch(version: string, env: Record<string, string> = {}, own = program) {
    const bin = mkdtempSync(join(folder, 'bin-'))
    for (const [name, script] of [
      ['node', `echo ${version}`],
      ['npx', 'exit 1'],
    ] as const) {
      writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`)
      chmodSync(join(bin, name), 0o755)
    }
    return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
      const path = `${bin}:/usr/bin:/bin`
      const child = spawn(own, ['version'], { cwd: folder, env: { PATH: path, ...env } })
      let [stdout, stderr] = ['', '']
      child.stdout.on('data', (data) => {
        stdout += data
      })
      child.stderr.on('data', (data) => {
        stderr += data
      })
      child.on('close', (code) => resolve({ code, stdout: stdout.trim(), stderr: stderr.trim() }))
    })
  }

  test('says what to do where there is no Node that is new enough and npm cannot bring one', async () => {
    const { code, stderr } = await launch('v18.20.4')
    expect(code).toBe(1)
    const [first, second, ...more] = stderr.split('\n')
    expect(first).toContain('Node 24 or newer is needed and this machine has v18.20.4')
    expect(second).toMatch(/install Node 24 or newer, or say where one is: RINGDOWN_NODE=/)
    expect(more).toEqual([])
  })

  test('takes the one that is named, and says it where that is too old', async () => {
    expect(await launch('v18.20.4', { RINGDOWN_NODE: process.execPath })).toMatchObject({ code: 0, stdout: version })
    const { code, stderr } = await launch('v24.0.0', { RINGDOWN_NODE: '/bin/echo' })
    expect([code, stderr.split('\n').length]).toEqual([1, 1])
    expect(stderr).toContain('RINGDOWN_NODE=/bin/echo is no Node 24 or newer')
  })

  test('takes the npm package `node` that is installed beside it, by way of links too', async () => {
    const modules = join(folder, 'prefix/lib/node_modules')
    symlinkSync(join(root, 'node_modules/node'), join(modules, 'node'))
    const link = join(folder, 'a-link')
    symlinkSync(program, link)
    try {
      expect(await launch('v20.0.0', {}, link)).toMatchObject({ code: 0, stdout: version, stderr: '' })
    } finally {
      rmSync(join(modules, 'node'))
    }
  })

  test('leaves no process between: what is started is the engine itself', async () => {
    const { engine } = await serve('one-process')
    const said = await new Promise<string>((resolve) =>
      execFile('ps', ['-o', 'args=', '-p', String(engine.pid)], (_error, stdout) => resolve(stdout)),
    )
    expect(said).toMatch(/--max-semi-space-size=64 .*lib[/]main[.]js serve --port 0/)
  })
})
