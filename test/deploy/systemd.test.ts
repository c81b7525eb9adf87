import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { deploy } from './support/compose.ts'
import { buildPackage, environment, run } from './support/package.ts'

let folder: string
let unit: string
const text = readFileSync(join(deploy, 'systemd/ringdown.service'), 'utf8')
const values = (key: string) => [...text.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value = '']) => value)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ringdown-unit-'))
  const opt = join(folder, 'opt/ringdown')
  mkdirSync(opt, { recursive: true })
  await run('tar', ['-xzf', await buildPackage(folder), '-C', opt, '--strip-components=1'])
  unit = join(folder, 'ringdown.service')
  writeFileSync(unit, text.replaceAll('/opt/ringdown', opt))
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('[DE-13] deploy/systemd/ringdown.service', () => {
  test('is what systemd takes without a word', async () => {
    // What it says of other units of this machine is theirs.
    const said = await run('systemd-analyze', ['verify', '--man=no', unit]).then(
      ({ stdout, stderr }) => stdout + stderr,
      (error: { stderr: string }) => error.stderr,
    )
    expect(said.split('\n').filter((line) => line.includes('ringdown'))).toEqual([])
    const wrong = join(folder, 'wrong/ringdown.service')
    mkdirSync(join(folder, 'wrong'))
    writeFileSync(wrong, readFileSync(unit, 'utf8').replace('ProtectSystem=strict', 'ProtectSystem=perhaps'))
    const { stderr } = await run('systemd-analyze', ['verify', '--man=no', wrong]).catch((error) => error)
    expect(stderr).toMatch(/ringdown.*perhaps/)
  })

  test('leaves the engine little to do harm with', async () => {
    const { stdout } = await run('systemd-analyze', ['security', '--offline=true', '--no-pager', unit])
    // A unit that says nothing has 9.6.
    expect(Number(/exposure level for ringdown[.]service: ([\d.]+)/.exec(stdout)?.[1])).toBeLessThan(2)
  })

  test('gives it longer to end than its drain takes', () => {
    const { drain } = parse(readFileSync(join(deploy, 'systemd/ringdown.yaml'), 'utf8'))
    const [seconds] = values('TimeoutStopSec')
    expect(Number(seconds) * 1000).toBeGreaterThanOrEqual(drain.noticeMs + drain.finishMs + 5_000)
  })

  test('runs commands the package has; the configuration is good with the credentials the unit loads', async () => {
    const credentials = join(folder, 'credentials')
    mkdirSync(credentials)
    for (const credential of values('LoadCredential')) {
      const [name = '', source = ''] = credential.split(':')
      expect(source).toBe(`/etc/ringdown/secrets/${name}`)
      writeFileSync(join(credentials, name), `${name} of this test\n`)
    }
    const [check = ''] = values('ExecStartPre')
    const [program = '', ...words] = check.replace('/opt/ringdown', join(folder, 'opt/ringdown')).split(' ')
    const file = join(deploy, 'systemd/ringdown.yaml')
    const env = { ...environment, CREDENTIALS_DIRECTORY: credentials }
    const config = words.map((word) => word.replace('/etc/ringdown/ringdown.yaml', file))
    expect((await run(program, config, { env })).stdout).toContain('is good: acme (2 DNs, 3 persons)')
    const { store } = parse(readFileSync(file, 'utf8'))
    expect(store.embedded.directory).toBe(`/var/lib/${values('StateDirectory')[0]}`)
  })
})
