import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { verifyPassword } from '@ringdown/facade'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadConfig } from '../../config/load-config.ts'
import { ConfigSchema } from '../../config/schema.ts'
import type { Io } from '../io.ts'
import { run } from '../run.ts'
import { commentedYaml } from './commented-yaml.ts'
import { initialise } from './init.ts'
import { interview } from './interview.ts'
import { makeConfig } from './make-config.ts'
import { type Answers, questions } from './questions.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ringdown-init-'))
  for (const kind of ['crt', 'key'])
    copyFileSync(new URL(`../../testing/localhost.${kind}`, import.meta.url), join(directory, `a.${kind}`))
  writeFileSync(join(directory, 'redis-password'), 'secret\n')
})
afterEach(() => rmSync(directory, { recursive: true }))

let made = 0
/** As long as a real hash, and made at once. */
const hashOf = (password: string) =>
  `$scrypt$ln=1,r=1,p=1$c2FsdA$${Buffer.from(password.padEnd(24)).toString('base64')}`
const chance = { password: () => `password-${++made}`, hash: async (password: string) => hashOf(password) }
const readable = { read: (file: string) => readFileSync(join(directory, file), 'utf8') }
const silent = { err: () => undefined }

/** Answers of flags, everything else as usual. */
const answersOf = (given: Answers) => interview({ given, yes: true, io: silent, around: readable })

async function cli(argv: readonly string[], typed: readonly string[] = []) {
  const [out, err, asked]: [string[], string[], string[]] = [[], [], []]
  const lines = [...typed]
  const io: Io = {
    env: {},
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    write: async () => undefined,
    stdin: async () => '',
    onSignal: () => undefined,
    ask: async (question) => {
      asked.push(question)
      return lines.shift()
    },
  }
  const code = await run(['init', '--config', join(directory, 'r.yaml'), ...argv], io)
  return { code, out: out.join('\n'), err: err.join('\n'), asked, left: lines }
}
const there = () => readdirSync(directory).sort()
const before = ['a.crt', 'a.key', 'redis-password']

/** Every way through the questions: what each answer of those with a few makes of the others. */
const ways = (() => {
  let all: Record<string, string>[] = [{}]
  const choices: Readonly<Record<string, readonly string[]>> = {
    listen: ['127.0.0.1', '0.0.0.0', '::1'],
    https: ['none', 'tls', 'proxy'],
    store: ['embedded', 'redis'],
    'redis-password-file': ['none', 'redis-password'],
    sip: ['no', 'yes'],
    'sip-domain': ['none', 'im.example'],
    msrp: ['no', 'yes'],
    'agent-legs': ['api', 'sip'],
    beside: ['none', 'kamailio', 'asterisk'],
  }
  for (const { name, when } of questions)
    all = all.flatMap((way) => {
      const values = when?.(way) === false ? undefined : choices[name]
      return values ? values.map((value) => ({ ...way, [name]: value })) : [way]
    })
  return all.filter(({ listen, https }) => listen !== '0.0.0.0' || https !== 'none')
})()

const free = fc.record({
  name: fc
    .string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
    .filter((text) => text.trim() !== '' && !/\p{Cc}/u.test(text)),
  centre: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/),
  agents: fc.oneof(
    fc.integer({ min: 1, max: 30 }).map(String),
    fc
      .uniqueArray(fc.stringMatching(/^[b-z][A-Za-z0-9._@-]{0,12}$/), {
        minLength: 1,
        maxLength: 5,
        selector: (name) => name.toLowerCase(),
      })
      .map((names) => names.join(',')),
  ),
  'first-number': fc.stringMatching(/^[0-9]{1,12}$/),
  directory: fc.constantFrom('data', `./$${'{'}HOME} of it`, '# not a comment: {x}', "it's"),
  port: fc.integer({ min: 1, max: 999 }).map(String),
})

test('[IN-1, IN-4] every way through the questions ends in a configuration without a mistake or a warning', async () => {
  expect(ways.length).toBeGreaterThan(400)
  const samples = fc.sample(free, { numRuns: ways.length, seed: 6 })
  for (const [i, way] of ways.entries()) {
    const given: Record<string, string> = { ...way, ...samples[i] }
    if (way.store !== 'embedded') delete given.directory
    if (way.https === 'tls') Object.assign(given, { cert: 'a.crt', key: 'a.key' })
    if (way.https === 'proxy') given['external-url'] = 'https://im.example'
    if ((way.beside ?? 'none') !== 'none') given.trunk = '192.0.2.10:5066'
    const answers = await answersOf(given)
    const { config, secrets } = await makeConfig(answers, chance)
    const files = new Map(secrets.map(({ path, content }) => [path, content]))
    const readFile = (path: string) => files.get(path) ?? readFileSync(join(directory, path), 'utf8')
    const yaml = commentedYaml(config, ['head'])
    const loaded = loadConfig(yaml, { env: {}, readFile })
    expect([given, 'mistakes' in loaded ? loaded.mistakes : loaded.warnings]).toEqual([given, []])
    if (!('config' in loaded)) continue
    const { http, store, sip, msrp, contactCentres } = loaded.config
    expect([http.host, String(http.port), http.tls !== undefined, http.externalUrl !== undefined]).toEqual([
      way.listen,
      String(Number(given.port)),
      way.https === 'tls',
      way.https === 'proxy',
    ])
    expect(store.embedded?.directory).toBe(given.directory)
    expect(store.redis?.password?.reveal()).toBe(way['redis-password-file'] === 'redis-password' ? 'secret' : undefined)
    expect([sip.listen.length, msrp.listen.length]).toEqual([way.sip === 'yes' ? 2 : 0, way.msrp === 'yes' ? 1 : 0])
    const [centre] = contactCentres
    const agents = answers.agents?.split(',') ?? []
    expect(centre?.objects.name ?? centre?.objects.id).toBe(given.name?.trim())
    expect(centre?.objects.persons.map(({ userName }) => userName)).toEqual([...agents, 'admin'])
    expect(centre?.objects.dns).toHaveLength(agents.length + ((way.beside ?? 'none') === 'none' ? 0 : 1))
    expect(centre?.passwords.size).toBe(0)
  }
})

test('[IN-6] every comment is what the schema says, and every key has one', async () => {
  const answers = await answersOf({
    sip: 'yes',
    beside: 'kamailio',
    trunk: 'sip:192.0.2.10',
    https: 'tls',
    cert: 'a.crt',
    key: 'a.key',
  })
  const yaml = commentedYaml((await makeConfig(answers, chance)).config, ['one', 'two'])
  const words = (text: string) => text.replace(/\s+/g, ' ').trim()
  const comments = words([...yaml.matchAll(/^[ -]*# ?(.*)$/gm)].map(([, text]) => text).join(' '))
  const { http, sip, contactCentres } = ConfigSchema.properties
  const { dns, persons } = contactCentres.items.properties
  const said = [
    http,
    http.properties.host,
    http.properties.tls,
    http.properties.tls.properties.certFile,
    sip.properties.listen,
    dns,
    dns.items.properties.annex,
    persons.items.properties.userName,
  ].map((schema) => String('description' in schema && schema.description))
  for (const description of said) expect(comments).toContain(words(description))
  const all = new Set<string>()
  const collect = (schema: { description?: string; properties?: object; items?: object }) => {
    if (schema.description) all.add(words(schema.description))
    for (const inner of [...Object.values(schema.properties ?? {}), ...(schema.items ? [schema.items] : [])])
      collect(inner)
  }
  collect(ConfigSchema)
  let rest = comments.replace(/^one two/, '')
  for (const description of [...all].sort((a, b) => b.length - a.length)) rest = rest.replaceAll(description, ' ')
  expect(rest.replace(/\b\w+: /g, ' ').trim()).toBe('')
})

test('[IN-2] questions in a terminal: a wrong answer is asked for again with a sentence, an empty one is what is usual', async () => {
  const typed = [
    'bad id!',
    'acme',
    '',
    'everywhere',
    '0.0.0.0',
    '99999',
    '80',
    'none',
    't',
    'no.crt',
    'redis-password',
    'a.crt',
    'a.key',
    '',
    '',
  ]
  const { code, err, asked, left, out } = await cli(
    ['--first-number', '0100', '--sip', 'n'],
    [...typed, '', 'anna, ben'],
  )
  expect([code, left, err]).toEqual([0, [], expect.anything()])
  expect(err.split('\n').slice(0, 6)).toEqual([
    "'bad id!' is not 1 to 63 letters, digits, dots, dashes or underscores.",
    "'everywhere' is not a numeric address.",
    "'99999' is not a port: a number from 1 to 65535.",
    'none is for 127.0.0.1 only: passwords would travel to 0.0.0.0 in clear.',
    'no.crt cannot be read (ENOENT).',
    'redis-password cannot be used: it is not PEM.',
  ])
  expect(asked[0]).toBe('Id of the contact centre, which never changes [main]: ')
  expect(asked[2]).toBe('What people call it [acme]: ')
  const yaml = readFileSync(join(directory, 'r.yaml'), 'utf8')
  expect(yaml).toContain('number: "0100"')
  expect(yaml).toContain('number: "0101"')
  const hash = /userName: ben,.*passwordHash: "([^"]+)"/.exec(yaml)?.[1] ?? ''
  const password = /^ben +(\S+)$/m.exec(out)?.[1] ?? ''
  expect(await verifyPassword(password, hash)).toBe(true)
  expect(yaml).not.toContain(password)
})

test('[IN-3] the end of input leaves no file', async () => {
  for (const typed of [[], ['acme'], ['acme', '', '', '', '', '', '']]) {
    const { code, err } = await cli([], typed)
    expect([code, err]).toEqual([1, expect.stringMatching(/^nobody answered '.*': nothing was written\. --/)])
    expect(there()).toEqual(before)
  }
})

test.each([
  [['--listen', 'host'], "init: --listen: 'host' is not a numeric address"],
  [['--https', 'tls'], 'init: --cert is needed: certificate chain, PEM'],
  [['--https', 'tls', '--cert', 'x', '--key', 'a.key'], 'init: --cert: x cannot be read (ENOENT)'],
  [['--listen', '0.0.0.0', '--https', 'none'], 'none is for 127.0.0.1 only'],
  [['--msrp', 'yes'], 'init: --msrp does not go with the other answers'],
  [['--sip', 'yes', '--sip-port', '8080'], 'port 8080 is taken by --port'],
  [['--sip', 'yes', '--msrp-port', '5060'], 'port 5060 is taken by --sip-port'],
  [['--sip', 'yes', '--beside', 'kamailio'], 'init: --trunk is needed: its SIP address'],
  [['--sip', 'yes', '--beside', 'kamailio', '--trunk', 'not an address'], "'not an address' is not a SIP address"],
  [['--agents', '0'], '0 is not a number of agents from 1 to 500'],
  [['--agents', 'anna,Anna'], 'the user name anna is there twice'],
  [['--agents', 'anna,admin'], 'admin is the administrator: name agents only'],
  [['--store', 'redis', '--redis-url', 'redis://:secret@host'], 'without user and password'],
])('[IN-2] what is wrong in a flag is a usage error: %j', async (argv, said) => {
  const { code, err } = await cli(['--yes', ...argv])
  expect(code).toBe(2)
  expect(err).toContain(said)
  expect(there()).toEqual(before)
})

test('[IN-7] nothing is written over; --force keeps what was there', async () => {
  expect((await cli(['--yes', '--agents', '1'])).code).toBe(0)
  const first = readFileSync(join(directory, 'r.yaml'), 'utf8')
  const { code, err } = await cli(['--yes'])
  expect([code, err]).toEqual([
    1,
    `${join(directory, 'r.yaml')} is there already: name another file, or --force to keep it as a backup`,
  ])
  expect(readFileSync(join(directory, 'r.yaml'), 'utf8')).toBe(first)
  for (const backup of ['r.yaml.bak', 'r.yaml.bak.2']) {
    const forced = await cli(['--yes', '--agents', '1', '--force'])
    expect(forced.err).toContain(`${join(directory, 'r.yaml')} was there, and is ${join(directory, backup)} now.`)
  }
  expect(readFileSync(join(directory, 'r.yaml.bak'), 'utf8')).toBe(first)
})

test('[IN-5] secrets and passwords are in files of their owner, and nowhere else', async () => {
  const passwords = join(directory, 'passwords.txt')
  const proxy = ['--https', 'proxy', '--external-url', 'https://im.example']
  const { out, err } = await cli([
    '--yes',
    '--agents',
    'anna',
    '--passwords',
    passwords,
    '--sip',
    'yes',
    '--agent-legs',
    'sip',
    ...proxy,
  ])
  const list = readFileSync(passwords, 'utf8')
  expect(list).toMatch(/^anna {6}\S{19}\nadmin {5}\S{19}\nSIP 7001 {2}\S{19}\n$/)
  for (const line of list.split('\n')) {
    const password = line.split(/ +/).at(-1) ?? ''
    if (password !== '') expect(out + err).not.toContain(password)
  }
  const token = join(directory, 'ringdown-secrets/monitoring-token')
  for (const file of [passwords, token, join(directory, 'r.yaml')]) expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(statSync(join(directory, 'ringdown-secrets')).mode & 0o777).toBe(0o700)
  expect(readFileSync(join(directory, 'r.yaml'), 'utf8')).not.toContain(readFileSync(token, 'utf8').trim())
})

test('[IN-8] what cannot be written whole is not written at all', async () => {
  const file = join(directory, 'r.yaml')
  const answers = await answersOf({ https: 'proxy', 'external-url': 'https://im.example' })
  // The folder of the secrets cannot be made.
  writeFileSync(join(directory, 'ringdown-secrets'), 'a file')
  const passwords = join(directory, 'p.txt')
  const wanted = { file, passwords, force: false, answers, chance }
  await expect(initialise(wanted, { out: () => undefined, err: () => undefined })).rejects.toThrow(
    'nothing was written: ',
  )
  expect(there()).toEqual([...before, 'ringdown-secrets'])
  // Nor is what was there lost.
  writeFileSync(file, 'mine')
  rmSync(join(directory, 'ringdown-secrets'))
  mkdirSync(passwords)
  await expect(initialise(wanted, { out: () => undefined, err: () => undefined })).rejects.toThrow(/is there already/)
  const into = { ...wanted, passwords: join(file, 'below-a-file'), force: true }
  await expect(initialise(into, { out: () => undefined, err: () => undefined })).rejects.toThrow(
    'nothing was written: ',
  )
  expect(readFileSync(file, 'utf8')).toBe('mine')
  expect(existsSync(join(directory, 'r.yaml.bak'))).toBe(false)
})
