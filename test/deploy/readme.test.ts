import { cpSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { freePort } from '../interop/support/ports.ts'
import { blocksOf, blocksWithoutName, deadLinks, PageFolder, readPage, root } from '../readme/page.ts'

const page = readPage('deploy/README.md')
/** The top of the repository, to build in; and a place with a copy of `deploy`, to write into. */
let repository: PageFolder
let machine: PageFolder

beforeAll(async () => {
  repository = new PageFolder()
  for (const name of ['deploy', 'packages', 'node_modules', 'package.json'])
    symlinkSync(join(root, name), join(repository.path, name))
  machine = new PageFolder()
  for (const name of ['compose', 'haproxy', 'kamailio', 'kubernetes', 'prometheus', 'systemd', 'valkey'])
    cpSync(join(root, 'deploy', name), join(machine.path, 'deploy', name), {
      recursive: true,
      filter: (path) => !path.includes('secrets/'),
    })
  expect((await repository.run(page, 'package')).stdout).toContain('ringdown-0.1.0.tgz')
  cpSync(join(repository.path, 'ringdown-0.1.0.tgz'), join(machine.path, 'ringdown-0.1.0.tgz'))
}, 120_000)
afterAll(async () => {
  await repository?.close()
  await machine?.close()
})

describe('[DE-17] deploy/README.md', () => {
  test('installs in three ways', async () => {
    const env = {
      npm_config_cache: join(machine.path, 'npm'),
      npm_config_offline: 'true',
      npm_config_update_notifier: 'false',
    }
    const { lines } = await machine.run(page, 'install', { env })
    expect(lines.filter((line) => line === '0.1.0')).toHaveLength(3)
  })

  test('goes from the example to a server that is ready', async () => {
    const port = await freePort()
    // The port in the file is the one in the command, and both are free here.
    const replace = { ':8080': `:${port}`, 'export ANNA': `sed -i 's/8080/${port}/' ringdown.yaml; export ANNA` }
    const { stdout } = await machine.run(page, 'configure', { replace })
    expect(stdout).toContain('is good')
    expect(stdout).toContain('is ready')
    expect(stdout).toContain('"userName":"anna"')
  })

  test('puts files where the unit for systemd looks for them', async () => {
    const at = (path: string) => join(machine.path, 'system', path)
    const replace = Object.fromEntries(['/opt', '/etc'].map((top) => [` ${top}/`, ` ${at(top)}/`]))
    await machine.shell(`mkdir -p ${at('/etc/systemd/system')}`)
    await machine.run(page, 'systemd', { replace })
    const unit = readFileSync(at('/etc/systemd/system/ringdown.service'), 'utf8').replaceAll(/^#.*$/gm, '')
    const named = [...unit.matchAll(/(?<=[ :=])[/](?:opt|etc)[/][\w./-]+/g)].map(([path]) => path)
    expect(named.length).toBeGreaterThan(7)
    for (const path of named)
      expect([path, statSync(at(path), { throwIfNoEntry: false })?.isFile()]).toEqual([path, true])
    expect(statSync(at('/etc/ringdown/secrets')).mode & 0o777).toBe(0o700)
    expect(statSync(at('/etc/ringdown/secrets/anna-password')).mode & 0o777).toBe(0o600)
  })

  test('makes the secrets of compose and Kubernetes where those look for them', async () => {
    await machine.run(page, 'compose')
    await machine.run(page, 'kubernetes')
    const compose = parse(readPage('deploy/compose.yaml')) as { secrets: Record<string, { file: string }> }
    const made = readdirSync(join(machine.path, 'deploy/secrets')).sort()
    expect(made).toEqual(
      Object.values(compose.secrets)
        .map(({ file }) => file.replace('./secrets/', ''))
        .sort(),
    )
    const overlay = join(machine.path, 'deploy/kubernetes/overlays/lab')
    const { configMapGenerator, secretGenerator } = parse(readFileSync(join(overlay, 'kustomization.yaml'), 'utf8'))
    const files = [...configMapGenerator, ...secretGenerator].flatMap(({ files }) => files as string[])
    for (const file of files) expect(statSync(join(overlay, file.replace(/^.*=/, ''))).isFile()).toBe(true)
  })

  test('[DE-9] has every program check its file', async () => {
    const { stdout, stderr } = await machine.run(page, 'checks')
    expect(stdout + stderr).toContain('Configuration file is valid')
    expect(stdout + stderr).toMatch(/config file ok, exiting/)
    expect(stdout).toContain('SUCCESS')
  })

  test('links to what is there, leaves no command unrun, and shows a store the engine knows', () => {
    expect(deadLinks(page, 'deploy')).toEqual([])
    expect(blocksWithoutName(page)).toEqual([])
    const shown = blocksOf(page).find(({ language }) => language === 'yaml')
    expect(parse(shown?.text ?? '').store.redis.sentinels).toHaveLength(3)
    const readme = readPage('deploy/package/README.md')
    expect(
      blocksOf(readme)
        .map(({ text }) => text)
        .join(),
    ).toContain('npx ./ringdown-0.1.0.tgz serve')
  })
})

describe('[DE-9] files for stores', () => {
  test('promise the same durability', () => {
    const durable = (name: string) =>
      readPage(`deploy/valkey/${name}.conf`)
        .split('\n')
        .filter((line) => /^(append|no-append|auto-aof|save|maxmemory)/.test(line))
    expect(durable('valkey')).toHaveLength(8)
    expect(durable('replicated')).toEqual(durable('valkey'))
    expect(durable('cluster')).toEqual(durable('valkey'))
  })
})
