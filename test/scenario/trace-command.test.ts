import { execFile, spawn } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Io, runCommand } from '@ringdown/server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { until } from '../faults/engine.ts'
import { main, PageFolder } from '../readme/page.ts'
import { Endpoint, freePorts } from './endpoint.ts'
import { Desk } from './scenario.ts'

/** A session of an agent with an MSRP client and one with a phone that knows MESSAGE only; then what `ringdown trace` makes of them. */
const folder = new PageFolder()
const leaving: (() => Promise<unknown>)[] = []
let address: string
let sipPort: number
let msrpSession: string
let messageSession: string
let agent: Desk

const annex = (options: object) => ({ TServer: { multimedia: 'true', ...options } })
const person = (userName: string, roles: string[], more: object = {}) => {
  return { userName, roles, password: `secret-of-${userName}`, ...more }
}
const centre = {
  id: 'stage',
  switches: [{ name: 'S' }],
  dns: [
    { number: '7001', switch: 'S', annex: annex({ 'sip-signaling-chat': 'none' }) },
    { number: '7002', switch: 'S', annex: annex({ 'sip-signaling-chat': 'none' }) },
    { number: '8001', switch: 'S', annex: annex({ password: 'pw-8001', 'sip-signaling-chat': 'message' }) },
    { number: '8002', switch: 'S', annex: annex({ password: 'pw-8002' }) },
  ],
  places: [
    { name: 'P', dns: ['7001'] },
    { name: 'P2', dns: ['7002'] },
  ],
  agentLogins: [
    { code: 'L', switch: 'S' },
    { code: 'L2', switch: 'S' },
  ],
  persons: [
    person('agent0', ['agent'], { place: 'P', agentLogins: ['L'] }),
    person('agent1', ['agent'], { place: 'P2', agentLogins: ['L2'] }),
    person('admin', ['admin']),
    person('boss', ['admin', 'supervisor']),
  ],
}

beforeAll(async () => {
  const [sip = 0, msrp = 0] = await freePorts(2)
  sipPort = sip
  const settings = {
    http: { host: '127.0.0.1' },
    sip: { listen: [{ transport: 'udp', host: '127.0.0.1', port: sip }] },
    msrp: { listen: [{ transport: 'tcp', host: '127.0.0.1', port: msrp }] },
    contactCentres: [centre],
  }
  folder.write('ringdown.yaml', stringify(settings))
  address = await folder.serve()
  agent = new Desk(address, { userName: 'agent0', password: 'secret-of-agent0', dn: '7001' })
  await agent.logsIn()
  leaving.push(() => agent.leaves())
  msrpSession = await overMsrp()
  messageSession = await overMessage()
})
afterAll(async () => {
  for (const leave of leaving.reverse()) await leave()
  await folder.close()
})

async function endpoint(number: string, msrp: boolean): Promise<Endpoint> {
  const engine = { host: '127.0.0.1', port: sipPort }
  const opened = await Endpoint.open({ number, password: `pw-${number}`, engine, msrp })
  leaving.push(() => opened.close())
  await opened.registers()
  return opened
}

async function overMsrp(): Promise<string> {
  const client = await endpoint('8002', true)
  await agent.calls('8002')
  await client.isInvited()
  await agent.sees('Initiating', { peer: '8002' })
  await agent.sees('Talking', { peer: '8002' })
  await agent.says('words nobody reads')
  await client.hears('words nobody reads')
  const session = await agent.session()
  await agent.completes()
  await until(() => agent.isFree(), 20_000, 'it does not end')
  await lines(session, (found) => found.some(({ title }) => title === '200 OK (BYE)'))
  return session
}

async function overMessage(): Promise<string> {
  const phone = await endpoint('8001', false)
  expect((await phone.texts('7001', 'hello')).status).toBe(200)
  await until(async () => !(await agent.isFree()), 20_000, 'no session')
  const session = await agent.session()
  await agent.says('yes?')
  await phone.hears('yes?')
  return session
}

const as = (user: string) => ({ RINGDOWN_ADDRESS: address, RINGDOWN_PASSWORD: `secret-of-${user}` })

/** `ringdown trace` with these words, within this process: starting one takes a second. */
async function trace(words: string, user = 'admin', code = 0, more: Partial<Io> = {}) {
  const out: string[] = []
  const err: string[] = []
  const io: Io = {
    env: as(user),
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    write: async (text) => void out.push(text),
    stdin: async () => '',
    onSignal: () => undefined,
    ...more,
  }
  const argv = ['trace', ...words.split(' ').filter((word) => word !== ''), '--as', user]
  const ended = await runCommand(argv, io)
  expect([ended, err.join('\n')]).toEqual([code, code === 0 ? expect.anything() : expect.stringMatching(/./)])
  return { stdout: out.join('\n'), stderr: err.join('\n'), lines: out }
}

interface Line {
  line: number
  kind: string
  title: string
  content: string
}

/** The ladder, as soon as it is complete. */
async function lines(session: string, complete: (found: readonly Line[]) => boolean): Promise<readonly Line[]> {
  let found: readonly Line[] = []
  const read = async () => {
    found = (JSON.parse((await trace(`${session} --json`)).stdout) as { entries: readonly Line[] }).entries
    return complete(found)
  }
  await until(read, 20_000, 'the ladder is not complete')
  return found
}

test('[TC-1, TC-3] a session with an MSRP client: every kind of line, in its order, numbered', async () => {
  const { stdout } = await trace(`${msrpSession} --width 140`)
  expect(stdout).toMatch(/^session \w{32}: \d+ lines, /)
  const titles = [
    'REST POST InitiateIMSession → 200',
    'EventDialing at 7001',
    'SIP INVITE',
    '200 OK (INVITE)',
    'EventEstablished at 7001',
    'REST POST SendMessage → 200',
    'MSRP SEND text/plain',
    'REST POST Complete → 200',
    '200 OK (BYE)',
  ]
  let from = 0
  for (const title of titles) {
    const at = stdout.indexOf(title, from)
    expect([title, at >= from]).toEqual([title, true])
    from = at
  }
  expect(stdout).toContain('CometD')
  expect(stdout).not.toContain('words nobody reads')
  const msrp = (await trace(`${msrpSession} --kind msrp --width 140 --ascii`)).stdout
  expect(msrp).toMatch(/^[\x20-\x7e\n]*$/)
  expect(msrp).not.toContain('REST POST')
  const all = await lines(msrpSession, () => true)
  const send = all.find(({ kind, title }) => kind === 'msrp' && title.startsWith('SEND text/plain'))
  expect(msrp).toMatch(new RegExp(`^ +${send?.line} .*`, 'm'))
  const content = (await trace(`${msrpSession} --line ${send?.line}`)).stdout
  expect(content).toContain('Content-Type: text/plain')
  expect(content).not.toContain('words nobody reads')
  expect((await trace(`${msrpSession} --grep instance|ByE --kind sip --json`)).stdout).toContain('BYE')
})

test('[TC-3, TC-5] a session by MESSAGE is listed while it lives, and followed to its end', async () => {
  const listed = await trace('')
  expect(listed.lines[1]).toMatch(new RegExp(`^${messageSession} .* talking +8001 - agent0 \\(7001\\)$`))
  const following = spawn(process.execPath, [main, 'trace', messageSession, '--follow', '--width', '200'], {
    cwd: folder.path,
    env: { ...process.env, ...as('admin') },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  following.stdout.on('data', (chunk: Buffer) => {
    said += chunk
  })
  const ended = new Promise((resolve) => following.once('close', resolve))
  try {
    await until(() => said.includes('MESSAGE sip:'), 20_000, 'nothing is printed')
    expect(said).not.toContain('EventReleased')
    await agent.completes()
    expect(await ended).toBe(0)
  } finally {
    following.kill('SIGKILL')
  }
  expect(said).toContain('EventReleased at 7001')
  const numbers = [...said.matchAll(/^ *(\d+) +\d+\.\d{4} /gm)].map(([, number]) => Number(number))
  expect(new Set(numbers).size).toBe(numbers.length)
})

const file = (name: string) => join(folder.path, name)

test('[TC-6] the files: a capture Wireshark reads, a picture, the drawing; for their owner only', async () => {
  const { stdout, stderr } = await trace(
    `${msrpSession} --pcap ${file('s.pcap')} --svg ${file('s.svg')} --out ${file('s.txt')}`,
  )
  expect(stdout).toBe('')
  expect(stderr.split('\n')).toEqual(['s.pcap', 's.svg', 's.txt'].map((name) => `${file(name)} is written`))
  expect(folder.read('s.svg')).toMatch(/^<svg /)
  expect(folder.read('s.txt')).toContain('MSRP SEND text/plain')
  const read = await promisify(execFile)('tshark', ['-r', join(folder.path, 's.pcap'), '-Y', 'msrp'])
  expect(read.stdout).toContain('SEND')
  expect((await folder.shell('stat -c %a s.pcap s.svg s.txt')).lines).toEqual(['600', '600', '600'])
  const beside = await trace(`${msrpSession} --out ${file('no/such/folder')}`, 'admin', 1)
  expect(beside.stderr).toBe(`${file('no/such/folder')} cannot be written (ENOENT)`)
})

test('[TC-4] texts are for supervisors, and each look is in the audit log', async () => {
  const refused = await trace(`${msrpSession} --texts --kind msrp --json`, 'admin', 1)
  expect(refused.stderr).toContain('admin may not do that: Texts are for who has the role ROLE_SUPERVISOR')
  expect((await trace(`${msrpSession} --texts --kind msrp --json`, 'boss')).stdout).toContain('words nobody reads')
  const audit = await folder.shell('curl -sS -u boss:secret-of-boss http://127.0.0.1:8080/api/v2/lab/audit')
  const { entries } = JSON.parse(audit.stdout) as { entries: { who: string; what: string; outcome: string }[] }
  expect(entries.map(({ who, what, outcome }) => `${who} ${what} ${outcome}`)).toEqual(
    expect.arrayContaining(['admin view texts refused', 'boss view texts done']),
  )
})

test('[TC-7] what cannot be told is said in a sentence', async () => {
  const nobody = '00000000000000000000000000000000'
  const said = async (words: string, user = 'admin') => (await trace(words, user, 1)).stderr.trim()
  expect(await said(nobody)).toContain(`There is no session ${nobody}, or it is kept no more`)
  expect(await said(msrpSession, 'agent0')).toMatch(/^agent0 may not do that: /)
  expect(await said(`${msrpSession} --line 9999`)).toMatch(/^the ladder has \d+ lines, and none with the number 9999$/)
  const wrong = await trace(msrpSession, 'admin', 1, { env: { ...as('admin'), RINGDOWN_PASSWORD: 'wrong' } })
  expect(wrong.stderr).toBe('the server does not let admin in: user name or password is wrong')
  const [away = 0] = await freePorts(1)
  expect(await said(`${msrpSession} --address http://127.0.0.1:${away}`)).toContain(
    `no answer from http://127.0.0.1:${away} (ECONNREFUSED): is the server running there?`,
  )
  const usage = async (words: string) => (await trace(words, 'admin', 2)).stderr
  expect(await usage('--pcap x')).toContain('trace: --pcap needs a session')
  expect(await usage(`${msrpSession} --kind phone`)).toContain('--kind must be one of rest,')
  expect(await usage(`${msrpSession} --grep (`)).toContain("--grep '(' is not a regular expression")
  expect(await usage(`${msrpSession} --address http://admin:secret@127.0.0.1`)).toContain('in the list of processes')
})

test('[TC-7, TC-8] where nothing is recorded it says so; the password is in a file, or asked for', async () => {
  const quiet = new PageFolder()
  try {
    quiet.write(
      'ringdown.yaml',
      stringify({
        trace: { enabled: 'false' },
        contactCentres: [
          { ...centre, dns: centre.dns.map((dn) => ({ ...dn, annex: annex({ 'sip-signaling-chat': 'none' }) })) },
        ],
      }),
    )
    quiet.write('password', 'secret-of-admin\n')
    const env = { RINGDOWN_ADDRESS: await quiet.serve() }
    const [caller, callee] = ['agent0', 'agent1'].map(
      (userName, i) =>
        new Desk(env.RINGDOWN_ADDRESS, { userName, password: `secret-of-${userName}`, dn: `700${i + 1}` }),
    )
    if (!caller || !callee) throw new Error('nobody is there')
    for (const desk of [callee, caller]) await desk.logsIn()
    await caller.calls('7002')
    const session = await caller.session()
    for (const desk of [callee, caller]) await desk.leaves()
    const asked = await quiet.shell(`ringdown trace ${session}`, { env, stdin: 'secret-of-admin\n', code: 1 })
    expect(asked.stderr).toMatch(
      /^Password of admin at http.*\nnothing is recorded on this server: set trace.enabled to true/,
    )
    const fromFile = await quiet.shell('ringdown trace --password-file password', { env })
    expect(fromFile.stdout).toContain(session)
    const none = await quiet.shell('ringdown trace', { env, code: 1 })
    expect(none.stderr).toContain('a password is needed: in $RINGDOWN_PASSWORD')
  } finally {
    await quiet.close()
  }
})
