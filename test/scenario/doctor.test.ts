import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Io, runCommand } from '@ringdown/server'
import { RedisServer } from '@ringdown/session-store/testing'
import { createSipStack, createTransports } from '@ringdown/signalling'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PageFolder } from '../readme/page.ts'
import { clock, freePorts } from './endpoint.ts'

let folder: PageFolder
const leaving: (() => Promise<unknown>)[] = []
beforeEach(() => {
  folder = new PageFolder()
})
afterEach(async () => {
  for (const leave of leaving.splice(0).reverse()) await leave()
  await folder.close()
})

const centre = (more = '') => `
contactCentres:
  - id: acme
    switches: [{ name: S }]
    dns: [{ number: 7001, switch: S, annex: { TServer: { multimedia: true, sip-signaling-chat: none } } }${more}]
    places: [{ name: P, dns: [7001] }]
    agentLogins: [{ code: L, switch: S }]
    persons:
      - { userName: anna, place: P, agentLogins: [L], passwordHash: $scrypt$x }
      - { userName: root, roles: [admin], passwordHash: $scrypt$x }
`
interface Found {
  check: string
  severity: string
  what: string
  at?: number
}

/** `ringdown doctor` within this process: starting one takes a second. */
async function printed(...words: string[]): Promise<{ code: number; text: string }> {
  const lines: string[] = []
  const io: Io = {
    env: {},
    out: (line) => lines.push(line),
    err: (line) => lines.push(line),
    write: async () => undefined,
    stdin: async () => '',
    onSignal: () => undefined,
  }
  return { code: await runCommand(['doctor', ...words], io), text: lines.join('\n') }
}

/** What it found, and how it ended. */
async function doctor(yaml: string, ...words: string[]): Promise<{ code: number; findings: Found[]; first: Found }> {
  folder.write('r.yaml', yaml)
  const { code, text } = await printed(join(folder.path, 'r.yaml'), '--json', ...words)
  return { code, ...(JSON.parse(text) as { findings: Found[]; first: Found }) }
}
const of = (findings: readonly Found[], check: string) =>
  findings.filter((found) => found.check === check).map(({ severity, what }) => `${severity}: ${what}`)
const free = async () => (await freePorts(1))[0] ?? 0

test('[DR-1, DR-2] a machine that is fit: what will bite first is named, with the agents it bears', async () => {
  const yaml = `http: { port: ${await free()} }\nstore: { embedded: { directory: data } }${centre()}`
  const { code, findings, first } = await doctor(yaml)
  expect(findings.filter(({ severity }) => severity === 'problem')).toEqual([])
  expect(code).toBe(0)
  expect(first.at).toBe(Math.min(...findings.flatMap(({ at }) => (at === undefined ? [] : [at]))))
  for (const check of ['open files', 'ports', 'TCP backlog', 'memory', 'cores', 'clock', 'embedded store'])
    expect(of(findings, check).length, check).toBeGreaterThan(0)
  // So many agents that something gives way; only a little fewer are a limit.
  const many = await doctor(yaml, '--agents', String((first.at ?? 0) + 1))
  expect([many.code, many.findings[0]?.severity, many.findings[0]?.check]).toEqual([1, 'problem', first.check])
  const few = String(Math.ceil((first.at ?? 0) * 0.9))
  expect([(await doctor(yaml, '--agents', few)).code, (await doctor(yaml, '--agents', few, '--strict')).code]).toEqual([
    0, 1,
  ])
})

test('[DR-4] a port that somebody has is told with who', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  leaving.push(async () => server.close())
  const { port } = server.address() as { port: number }
  const { code, findings } = await doctor(`http: { port: ${port} }${centre()}`)
  expect(code).toBe(1)
  expect(of(findings, 'ports')[0]).toMatch(
    new RegExp(`^problem: tcp 127\\.0\\.0\\.1:${port} \\(http\\) is taken by \\S.* \\(pid ${process.pid}\\)`),
  )
})

test('[DR-16] beside a server that runs: it is known, and goes on', async () => {
  const [http = 0, sip = 0] = await freePorts(2)
  const trunk = `, { number: pbx, type: Trunk, switch: S, annex: { TServer: { multimedia: true, contact: "sip:127.0.0.1:${sip}", prefix: 9 } } }`
  const yaml = `http: { port: ${http} }\nsip: { listen: [{ transport: udp, port: ${sip} }, { transport: tcp, port: ${sip} }] }\nstore: { embedded: { directory: data } }${centre(trunk)}`
  folder.write('ringdown.yaml', yaml)
  await folder.serve([], {}, String(http))
  const { findings } = await doctor(yaml)
  expect(of(findings, 'ports')).toEqual([
    `ok: Ringdown runs here, and has the ports ${http}/tcp, ${sip}/udp, ${sip}/tcp.`,
  ])
  expect(of(findings, 'open files')[0]).toContain('The server that runs (pid ')
  // It is its own trunk here, and answers.
  expect(of(findings, 'trunks')[0]).toMatch(/^(ok|note): The trunk pbx answers OPTIONS at sip:127\.0\.0\.1:\d+ with /)
  const { stdout } = await folder.shell(`curl -sS http://127.0.0.1:${http}/health/ready`)
  expect(stdout).toContain('ready')
})

test('[DR-13, DR-14] a real Redis with good settings, and with bad ones', async () => {
  const start = async (...options: Parameters<typeof RedisServer.start>) => {
    const server = await RedisServer.start(...options)
    leaving.push(() => server.stop())
    return server
  }
  const yaml = async (url: string, more = '') =>
    `http: { port: ${await free()} }\nstore: { redis: { url: "${url}"${more} } }${centre()}`
  const good = await start({ appendfsync: 'always', config: ['--maxmemory-policy', 'noeviction'] })
  const fine = await doctor(await yaml(good.url))
  expect(
    of(fine.findings, 'Redis').filter((text) => !text.startsWith('ok') && !text.includes('answers after')),
  ).toEqual([])
  expect(fine.code).toBe(0)

  const bad = await start({ config: ['--maxmemory-policy', 'allkeys-lru', '--min-replicas-to-write', '1'] })
  await bad.admin.call('ACL', 'SETUSER', 'shy', 'on', '>secret', '~*', '&*', '+@all', '-xadd')
  const { code, findings } = await doctor(await yaml(bad.url, ', username: shy, password: secret, waitReplicas: 2'))
  expect(code).toBe(1)
  const told = of(findings, 'Redis').join('\n')
  for (const what of [
    'problem: Redis would throw sessions away when it is full: maxmemory-policy is allkeys-lru',
    'problem: Redis keeps everything in memory',
    'problem: min-replicas-to-write is 1, and 0 replicas are connected',
    'problem: Every text waits for 2 replicas',
    'problem: The user of store.redis may not say xadd',
  ])
    expect(told).toContain(what)
  const wrong = await doctor(await yaml(bad.url, ', username: shy, password: wrong'))
  expect(of(wrong.findings, 'Redis')[0]).toMatch(/^problem: Redis does not let us in \(WRONGPASS/)
})

test('[DR-9] certificates made by openssl: good, expired, for another name, without its chain', async () => {
  const openssl = (...words: string[]) => promisify(execFile)('openssl', words, { cwd: folder.path })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const authority = async (name: string) =>
    openssl(
      'req',
      '-x509',
      ...key,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
      '-days',
      '90',
      '-subj',
      `/CN=${name}`,
    )
  const signed = async (name: string, by: string, extensions: string, dates: string[]) => {
    folder.write(`${name}.ext`, extensions)
    await openssl('req', '-new', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`)
    const words = ['-CA', `${by}.pem`, '-CAkey', `${by}.key`, '-set_serial', '7', '-extfile', `${name}.ext`, ...dates]
    await openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.pem`, ...words)
  }
  await authority('root')
  await signed('between', 'root', 'basicConstraints=critical,CA:TRUE\n', ['-days', '80'])
  const named = 'subjectAltName=DNS:im.example\n'
  await signed('leaf', 'between', named, ['-days', '60'])
  await signed('soon', 'between', named, ['-days', '5'])
  await openssl('x509', '-in', 'leaf.pem', '-out', 'leaf.pem')
  const past = ['-startdate', '20200101000000Z', '-enddate', '20200201000000Z']
  folder.write('ca/index.txt', '')
  folder.write('ca/serial', '01\n')
  folder.write(
    'ca.cnf',
    '[ca]\ndefault_ca=x\n[x]\ndatabase=ca/index.txt\nserial=ca/serial\nnew_certs_dir=ca\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n',
  )
  await openssl('req', '-new', ...key, '-keyout', 'old.key', '-out', 'old.csr', '-subj', '/CN=old')
  await openssl(
    'ca',
    '-batch',
    '-config',
    'ca.cnf',
    '-cert',
    'root.pem',
    '-keyfile',
    'root.key',
    '-in',
    'old.csr',
    '-out',
    'old.pem',
    '-notext',
    ...past,
  )
  const full = (leaf: string) => `${folder.read(`${leaf}.pem`)}${folder.read('between.pem')}${folder.read('root.pem')}`
  for (const leaf of ['leaf', 'soon']) folder.write(`${leaf}-full.pem`, full(leaf))
  folder.write('disorder.pem', `${folder.read('leaf.pem')}${folder.read('root.pem')}`)

  const port = await free()
  const tls = async (cert: string, leaf: string, host = 'im.example') => {
    const { findings } = await doctor(
      `http: { port: ${port}, externalUrl: "https://${host}", tls: { certFile: ${cert}.pem, keyFile: ${leaf}.key } }${centre()}`,
    )
    return of(findings, 'TLS').join('\n')
  }
  expect(await tls('leaf-full', 'leaf')).toMatch(/^ok: The certificate of http is good until \d{4}-\d\d-\d\d\.$/)
  expect(await tls('leaf', 'leaf')).toMatch(
    /^limit: The chain of http is incomplete: who signed its last certificate \(between\)/,
  )
  expect(await tls('disorder', 'leaf')).toMatch(/^problem: The chain of http is out of order/)
  expect(await tls('leaf-full', 'leaf', 'other.example')).toMatch(
    /^problem: The certificate of http is not for other\.example/,
  )
  expect(await tls('soon-full', 'soon')).toMatch(/^limit: The certificate of http expires on .*, in [45] days\.$/)
  expect(await tls('old', 'old')).toContain('problem: The certificate of http has expired on 2020-02-01.')
})

test('[DR-10] trunks: one that answers, one that refuses, one that is not there', async () => {
  const [there = 0, refusing = 0, away = 0, own = 0] = await freePorts(4)
  for (const [port, status] of [
    [there, 200],
    [refusing, 403],
  ] as const) {
    const stack = await createSipStack({
      transports: (user) =>
        createTransports({ listen: [{ transport: 'udp', address: '127.0.0.1', port }], user, clock }),
      clock,
      tokens: (bits) =>
        Math.random()
          .toString(16)
          .slice(2)
          .padEnd(bits / 4, '7'),
      random: Math.random,
      user: { onRequest: async () => ({ status }), onInvite: () => undefined, onFlowClosed: () => undefined },
    })
    leaving.push(() => stack.close())
  }
  const trunk = (name: string, port: number) =>
    `, { number: ${name}, type: Trunk, switch: S, annex: { TServer: { multimedia: true, contact: "sip:127.0.0.1:${port}", prefix: 9 } } }`
  const dns = [trunk('good', there), trunk('shy', refusing), trunk('gone', away)].join('')
  const yaml = `http: { port: ${await free()} }\nsip: { listen: [{ transport: udp, port: ${own} }] }${centre(dns)}`
  const { code, findings } = await doctor(yaml)
  expect(code).toBe(1)
  const told = of(findings, 'trunks').join('\n')
  expect(told).toMatch(/^problem: The trunk gone does not answer OPTIONS/m)
  expect(told).toMatch(/^note: The trunk shy answers OPTIONS at \S+ with 403 Forbidden after \d+ ms: it lives/m)
  expect(told).toMatch(/^ok: The trunk good answers OPTIONS at \S+ with 200 OK after \d+ ms/m)
})

test('[DR-15] nothing can be reached: every check ends, and says so', async () => {
  // RFC 5737: nobody has these addresses; RFC 6761: nor this name.
  const trunk =
    ', { number: pbx, type: Trunk, switch: S, annex: { TServer: { multimedia: true, contact: "sip:nobody.invalid", prefix: 9 } } }'
  const yaml = `http: { port: ${await free()} }
store: { redis: { url: "redis://192.0.2.1" } }
sip: { listen: [{ transport: udp, port: ${await free()} }] }
msrp: { relay: { uri: "msrp://192.0.2.2:2855;tcp", user: u, password: p } }
otel: { url: "http://192.0.2.3:4318/v1/traces" }${centre(trunk)}`
  const { code, findings } = await doctor(yaml)
  expect(code).toBe(1)
  expect(of(findings, 'Redis')[0]).toMatch(/^problem: Redis cannot be reached/)
  expect(of(findings, 'trunks')[0]).toMatch(/^problem: The trunk pbx does not answer/)
  expect(of(findings, 'peers').filter((text) => text.includes('cannot be connected to'))).toHaveLength(2)
  expect(of(findings, 'DNS')[0]).toMatch(/^problem: The name nobody\.invalid/)
})

test('[DR-18] as it is printed, and its exit codes', async () => {
  const port = await free()
  folder.write('good.yaml', `http: { port: ${port} }\nstore: { embedded: { directory: data } }${centre()}`)
  const { stdout } = await folder.shell('ringdown doctor good.yaml')
  expect(stdout).toMatch(/^What will bite first: [\w ]+, at about [\d ]+ agents; there are to be 1\.\n/)
  expect(stdout).toMatch(/\d+ more things are fine: --all tells them\.\n$/)
  const bad = folder
    .read('good.yaml')
    .replace('{ TServer: { multimedia: true, sip-signaling-chat: none } }', '{ TServer: { multimedia: true } }')
  folder.write('bad.yaml', bad)
  const file = (name: string) => join(folder.path, name)
  const told = await printed(file('bad.yaml'))
  expect([told.code, told.text]).toEqual([
    1,
    expect.stringMatching(
      /^problem +numbers +DN 7001 of acme has a SIP leg, and there is no SIP listener\.\n +→ Set sip\.listen/m,
    ),
  ])
  folder.write('broken.yaml', 'http: { prot: 1 }\n')
  const broken = await printed(file('broken.yaml'))
  expect([broken.code, broken.text]).toEqual([1, expect.stringContaining('broken.yaml:1:9: http.prot is not known')])
  const wrong = await printed('--agents', 'none')
  expect([wrong.code, wrong.text]).toEqual([2, expect.stringContaining('--agents must be a number')])
})
