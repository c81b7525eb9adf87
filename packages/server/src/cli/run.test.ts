import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { verifyPassword } from '@ringdown/facade'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Io } from './io.ts'
import { readConfig } from './read-config.ts'
import { run } from './run.ts'
import { table } from './sessions.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ringdown-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

async function cli(argv: readonly string[], { stdin = '', env = {} }: { stdin?: string; env?: Io['env'] } = {}) {
  const out: string[] = []
  const err: string[] = []
  const io: Io = {
    env,
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    write: async (text) => void out.push(text),
    stdin: async () => stdin,
    onSignal: () => {},
  }
  const code = await run(argv, io)
  return { code, out: out.join('\n'), err: err.join('\n') }
}
function write(name: string, text: string): string {
  const file = join(directory, name)
  writeFileSync(file, text)
  return file
}
const good = 'contactCentres: [{ id: sales, switches: [{ name: S }], dns: [{ number: 1, switch: S }] }]\n'

test.each([
  [[], 'no command'],
  [['fly'], "there is no command 'fly'"],
  [['serve', '--prot', '1'], 'serve takes no --prot'],
  [['serve', '--port'], "Option '--port <value>' argument missing"],
  [['serve', '--port', '70000'], "--port must be a number from 0 to 65535, not '70000'"],
  [['serve', 'a', 'b'], "serve: 'b' is too much"],
  [['check-config', 'a', 'b'], "check-config: 'b' is too much"],
  [['check-config', 'a', '--config', 'b'], 'check-config: two configuration files'],
  [['check-config', '--port', '1'], 'check-config takes no --port'],
  [['demo', '--config', 'x'], 'demo takes no --config'],
  [['version', 'x'], "version: 'x' is too much"],
])('[SV-40] %j is wrong usage: %s', async (argv, message) => {
  expect(await cli(argv)).toEqual({ code: 2, out: '', err: `ringdown: ${message}\nTry: ringdown --help` })
})

test('[SV-40] --help names every command', async () => {
  const { code, out } = await cli(['--help'])
  expect(code).toBe(0)
  for (const name of ['serve', 'check-config', 'demo', 'sessions', 'hash-password', 'config-table', 'version'])
    expect(out).toContain(`  ${name} `)
  expect(await cli(['-h'])).toMatchObject({ code: 0, out })
})

test('[SV-40] --help of a command tells what it takes', async () => {
  const { code, out } = await cli(['serve', '-h'])
  expect(code).toBe(0)
  expect(out).toContain('Usage: ringdown serve [file] [options]')
  for (const option of ['--config <file>', '--host <address>', '--port <number>', '--help'])
    expect(out).toContain(option)
})

test('[SV-40] version', async () => {
  expect(await cli(['version'])).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+$/) })
})

test('[SV-41] a good file is counted, its warnings told', async () => {
  const file = write('r.yaml', `http: { host: 0.0.0.0 }\n${good}`)
  expect(await cli(['check-config', file])).toEqual({
    code: 0,
    out: `${file} is good: sales (1 DNs, 0 persons)`,
    err: `${file}:1:15: passwords travel in clear: set http.tls, or http.externalUrl if a proxy in front serves HTTPS (warning)`,
  })
})

test('[SV-41] options of DNs that this engine does not know are listed, each once', async () => {
  const dn = (n: number) => `{ number: ${n}, switch: S, annex: { TServer: { refer-enabled: true, contact: '*' } } }`
  const file = write(
    'r.yaml',
    `contactCentres: [{ id: a, switches: [{ name: S }], dns: [${dn(1)}, ${dn(2)}, ${dn(3)}] }]`,
  )
  const { code, err } = await cli(['check-config', file])
  expect([code, err]).toEqual([
    0,
    'contact centre a: option refer-enabled of DN 1 and 2 more is kept, but does nothing here',
  ])
})

test('[SV-41] every mistake is a line that editors can follow', async () => {
  const file = write('r.yaml', `http: { prot: 1 }\n${good.replace('switch: S', 'switch: T')}`)
  expect(await cli(['check-config', file])).toEqual({
    code: 1,
    out: '',
    err: `${file}:1:9: http.prot is not known; did you mean port?\n${file}:2:83: DN 1: there is no switch 'T'`,
  })
  const missing = join(directory, 'none.yaml')
  expect(await cli(['check-config', missing])).toMatchObject({
    code: 1,
    err: `${missing}:1:1: the file cannot be read (ENOENT)`,
  })
  expect(await cli(['check-config', directory])).toMatchObject({ code: 1 })
})

test('[SV-9] the environment names the file, an argument goes before it', async () => {
  const file = write('r.yaml', good)
  const other = write('other.yaml', good.replace('sales', 'other'))
  const env = { RINGDOWN_CONFIG: file }
  expect((await cli(['check-config'], { env })).out).toContain('sales')
  expect((await cli(['check-config', other], { env })).out).toContain('other')
  expect((await cli(['check-config', '--config', other], { env })).out).toContain('other')
})

const testing = (name: string) => readFileSync(new URL(`../testing/${name}`, import.meta.url), 'utf8')

test('[SV-9] paths are relative to the file', () => {
  mkdirSync(join(directory, 'etc'))
  write('etc/pw', 'secret\n')
  write('etc/a.crt', testing('localhost.crt'))
  write('abs.key', testing('localhost.key'))
  const file = write(
    'etc/r.yaml',
    `http: { tls: { certFile: a.crt, keyFile: ${join(directory, 'abs.key')} } }
store: { embedded: { directory: ../data } }
monitoring: { token: { file: pw } }
${good}`,
  )
  const io = { env: {} } as Io
  const { config } = readConfig(file, io, { port: 0 })
  expect(config.http).toMatchObject({
    port: 0,
    tls: { certFile: join(directory, 'etc/a.crt'), keyFile: join(directory, 'abs.key') },
  })
  expect(config.store.embedded?.directory).toBe(join(directory, 'data'))
  expect(config.monitoring.token?.reveal()).toBe('secret')
  write('etc/plain.yaml', good)
  expect(readConfig(join(directory, 'etc/plain.yaml'), io).config.store.embedded?.directory).toBe(
    join(directory, 'etc/ringdown-data'),
  )
})

test('[SV-42] a password from standard input becomes a hash that logins accept', async () => {
  const { code, out } = await cli(['hash-password'], { stdin: 'correct horse\n' })
  expect(code).toBe(0)
  expect(out).toMatch(/^\$scrypt\$ln=15,r=8,p=1\$/)
  expect(await verifyPassword('correct horse', out)).toBe(true)
  expect(await cli(['hash-password'], { stdin: '\n' })).toMatchObject({
    code: 1,
    err: 'write the password to standard input',
  })
})

test('[SV-43] columns are as wide as their widest cell', () => {
  expect(
    table([
      ['A', 'LONG', 'C'],
      ['aaa', 'b', 'c'],
    ]),
  ).toEqual(['A    LONG  C', 'aaa  b     c'])
})

test('[SV-8] a file with a generated password of a demo run beside it is refused beyond loopback', async () => {
  mkdirSync(join(directory, 'data'))
  const passwords = { anna: 'aaaa-bbbb', ben: 'x', admin: 'y' }
  write('data/demo-passwords.json', JSON.stringify(passwords))
  const file = write(
    'r.yaml',
    `http: { host: 0.0.0.0 }
store: { embedded: { directory: data } }
contactCentres: [{ id: sales, persons: [{ userName: eve, password: aaaa-bbbb }] }]
`,
  )
  const { code, err } = await cli(['check-config', file])
  expect(code).toBe(1)
  expect(err).toMatch(
    /^.*r\.yaml:1:1: eve of contact centre sales has a generated demo password, and 0\.0\.0\.0 can be/,
  )
  const { load } = readConfig(
    write('local.yaml', 'contactCentres: [{ id: sales }]\nstore: { embedded: { directory: data } }\n'),
    {
      env: {},
    } as Io,
  )
  expect(load()).toHaveProperty('config')
  write('data/demo-passwords.json', 'broken')
  expect(await cli(['check-config', file])).toMatchObject({
    code: 1,
    err: expect.stringContaining('remove it to get new ones'),
  })
})
