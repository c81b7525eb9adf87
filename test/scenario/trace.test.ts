import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Ladder } from '@ringdown/facade'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { until } from '../faults/engine.ts'
import { Endpoint, freePorts } from './endpoint.ts'
import { Messenger } from './messenger.ts'
import { Desk } from './scenario.ts'
import { TracedServer } from './traced-server.ts'

let stage: TracedServer
let sipPort: number
const leaving: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  const [sip = 0, msrp = 0] = await freePorts(2)
  sipPort = sip
  stage = await TracedServer.start({
    settings: {
      sip: { listen: (['udp', 'tcp'] as const).map((transport) => ({ transport, host: '127.0.0.1', port: sip })) },
      msrp: { listen: [{ transport: 'tcp', host: '127.0.0.1', port: msrp }] },
    },
    dns: [
      { number: '8001', options: { password: 'pw-8001', 'sip-signaling-chat': 'message' } },
      { number: '8002', options: { password: 'pw-8002' } },
    ],
    agents: 2,
  })
})
afterEach(async () => {
  for (const leave of leaving.splice(0).reverse()) await leave()
})
afterAll(() => stage?.stop())

async function endpoint(number: string, msrp: boolean, transport: 'udp' | 'tcp' = 'udp'): Promise<Endpoint> {
  const engine = { host: '127.0.0.1', port: sipPort, transport }
  const opened = await Endpoint.open({ number, password: `pw-${number}`, engine, msrp })
  leaving.push(() => opened.close())
  await opened.registers()
  return opened
}

function person(index: number) {
  const found = stage.persons[index]
  if (!found) throw new Error('nobody there')
  return found
}

async function agent(index: number): Promise<Desk> {
  const desk = new Desk(stage.address, person(index))
  leaving.push(async () => {
    await desk.leaves()
    await desk.logsOut()
  })
  await desk.logsIn()
  return desk
}

/** The ladder, as soon as it has a line with this title. */
async function ladderWith(session: string, title: string, texts = false): Promise<Ladder> {
  const isThere = async () => (await stage.ladder(session)).entries.some((entry) => entry.title === title)
  await until(isThere, 5_000, `no ${title}`)
  return stage.ladder(session, texts)
}

async function startRedis(): Promise<{ socket: string; stop: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'ringdown-trace-'))
  const socket = join(folder, 'redis.sock')
  const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', '']
  const server = spawn('redis-server', ['--port', '0', '--unixsocket', socket, '--dir', folder, ...durable], {
    stdio: 'ignore',
  })
  const stop = async () => {
    const exited = once(server, 'exit')
    server.kill('SIGKILL')
    await exited
    rmSync(folder, { recursive: true, force: true })
  }
  await until(() => existsSync(socket), 5_000, 'redis-server does not listen')
  return { socket, stop }
}

/** These titles are there in this order; others may lie between. */
function expectInOrder({ entries }: Ladder, titles: readonly string[]): void {
  const found = entries.map(({ title }) => title)
  let at = -1
  for (const title of titles) {
    const next = found.indexOf(title, at + 1)
    expect(next, `${title} after ${found[at] ?? 'the beginning'} in ${found.join(' | ')}`).toBeGreaterThan(at)
    at = next
  }
}

/** What tshark says of each packet. It looks at every checksum. */
async function tshark(file: Uint8Array, ...words: readonly string[]): Promise<string[]> {
  const path = join(tmpdir(), `ringdown-trace-${process.pid}.pcap`)
  writeFileSync(path, file)
  const checks = ['ip', 'tcp', 'udp'].flatMap((protocol) => ['-o', `${protocol}.check_checksum:TRUE`])
  try {
    const { stdout } = await promisify(execFile)('tshark', ['-r', path, ...checks, ...words])
    return stdout.split('\n').filter((line) => line !== '')
  } finally {
    rmSync(path)
  }
}

const wrong =
  '_ws.malformed || _ws.expert.severity >= "Warning" || tcp.checksum.status == 0 || udp.checksum.status == 0'

test('[TR-4] a session of an agent and an MSRP client from the request to the goodbye', async () => {
  const client = await endpoint('8002', true)
  const anna = await agent(0)
  await anna.calls('8002', { customer: 'Zoe' })
  await client.isInvited()
  await anna.sees('Initiating', { peer: '8002' })
  await anna.sees('Talking', { peer: '8002' })
  const session = await anna.session()
  await anna.says('süß and secret')
  await client.hears('süß and secret')
  await client.says('secret too')
  await until(async () => (await anna.readsTranscript(session)).length === 2, 5_000, 'no answer')
  await anna.completes()
  const ladder = await ladderWith(session, '200 OK (BYE)')
  expect(ladder.lanes.map(({ label, kind }) => `${kind} ${label}`)).toEqual([
    'client agent0',
    'engine Ringdown',
    'endpoint 8002',
  ])
  expectInOrder(ladder, [
    'POST InitiateIMSession → 200',
    'EventDialing at 7001',
    'EventEstablished at 7001',
    'POST SendMessage → 200',
    'EventPrivateInfo at 8002',
    'SEND text/plain 1-16/16 $',
    'SEND text/plain 1-10/10 $',
    'EventPrivateInfo at 7001',
    'POST Complete → 200',
    'EventReleased at 7001',
    '200 OK (BYE)',
  ])
  expectInOrder(ladder, [
    'EventRinging at 8002',
    '180 Ringing (INVITE)',
    '200 OK (INVITE)',
    'IMLogUpdateMessage NewMessage',
  ])
  expect(ladder.entries.find(({ title }) => title.startsWith('INVITE'))).toMatchObject({
    from: 'engine',
    to: 'dn:8002',
  })
  expect(new Set(ladder.entries.map(({ id }) => id)).size).toBe(ladder.entries.length)
  expect([ladder.discarded, ladder.silent]).toEqual([{}, []])
  expect((await stage.ladder(session)).entries.map(({ id }) => id)).toEqual(ladder.entries.map(({ id }) => id))

  // SPEC TR-5
  const masked = JSON.stringify(ladder)
  for (const written of ['secret', 'süß', 'Zoe']) expect(masked).not.toContain(written)
  const shown = JSON.stringify(await stage.ladder(session, true))
  for (const written of ['süß and secret', 'secret too', 'Zoe']) expect(shown).toContain(written)
})

test('[TR-9] tshark decodes SIP and MSRP of the session, with texts and without, and finds nothing wrong', async () => {
  const client = await endpoint('8002', true)
  const anna = await agent(0)
  await anna.calls('8002')
  await client.isInvited()
  await anna.sees('Initiating', { peer: '8002' })
  await anna.sees('Talking', { peer: '8002' })
  const session = await anna.session()
  const long = 'long '.repeat(2_000)
  for (const text of ['short', long]) {
    await anna.says(text)
    await client.hears(text)
  }
  await anna.completes()
  const ladder = await ladderWith(session, '200 OK (BYE)', true)
  for (const texts of [false, true]) {
    const file = await stage.file(session, 'pcap', texts)
    expect(await tshark(file, '-Y', wrong)).toEqual([])
    const wire = (kind: string) => ladder.entries.filter((entry) => entry.kind === kind).length
    expect(await tshark(file, '-Y', 'sip')).toHaveLength(wire('sip'))
    expect(await tshark(file, '-Y', 'msrp')).toHaveLength(wire('msrp'))
    const methods = await tshark(file, '-Y', 'sip.Method', '-T', 'fields', '-e', 'sip.Method')
    expect(methods).toEqual(expect.arrayContaining(['INVITE', 'ACK', 'BYE']))
    const whole = Buffer.from(file).toString('latin1')
    expect(whole.includes('short')).toBe(texts)
    expect(whole.includes('long long')).toBe(texts)
  }
})

test('[TR-6, TR-9] a phone that writes over TCP: every MESSAGE, and no credential', async () => {
  const phone = await endpoint('8001', false, 'tcp')
  const anna = await agent(0)
  expect((await phone.texts('7001', 'hello', { subject: 'about shoes' })).status).toBe(200)
  await anna.sees('Alerting', { peer: '8001' })
  await anna.sees('Talking', { peer: '8001' })
  await anna.says('yes?')
  await phone.hears('yes?')
  expect((await phone.texts('7001', 'again')).status).toBe(200)
  const session = await anna.session()
  const ladder = await ladderWith(session, 'IMNoticeMessage Delivered')
  const sip = ladder.entries.filter(({ kind }) => kind === 'sip')
  expect(sip.filter(({ from, title }) => from === 'dn:8001' && title.startsWith('MESSAGE')).length).toBeGreaterThan(2)
  expect(sip.filter(({ to, title }) => to === 'dn:8001' && title.startsWith('MESSAGE'))).toHaveLength(1)
  expect(sip.some(({ title }) => title.startsWith('401'))).toBe(true)
  for (const { content } of (await stage.ladder(session, true)).entries)
    expect(content).not.toMatch(/\b(response|nonce)="[^"*]/)
  expect(JSON.stringify(ladder)).not.toContain('shoes')
  expect(await tshark(await stage.file(session, 'pcap'), '-Y', wrong)).toEqual([])
  expect((await tshark(await stage.file(session, 'pcap'), '-Y', 'sip')).length).toBe(sip.length)
})

test('[TR-4, TR-5] agents on UC AJAX: their requests and what polls bring them', async () => {
  const anna = await Messenger.signsIn(stage.address, person(0))
  leaving.push(() => anna.leaves())
  const ben = await Messenger.signsIn(stage.address, person(1))
  leaving.push(() => ben.leaves())
  const conference = await anna.calls(ben.uri, 'secret words', { subject: 'secret matter' })
  const isInvited = async () => {
    await ben.client.poll()
    return ben.client.seen.length > 2
  }
  await until(isInvited, 5_000, 'ben is not told')
  const centre = stage.server.centres[0]
  const owner = [...(centre?.directory().persons.values() ?? [])].find(({ userName }) => userName === 'agent0')
  const session = owner && (await centre?.tserver.session(owner.id))?.callUUID
  if (!session) throw new Error('no session')
  await anna.terminates(conference)
  const ladder = await ladderWith(session, 'EventReleased at 7001')
  expect(ladder.lanes.map(({ label }) => label).sort()).toEqual(['Ringdown', 'agent0', 'agent1'])
  expectInOrder(ladder, ['POST initiateImSession → 200', 'EventDialing at 7001', 'EventReleased at 7001'])
  const told = ladder.entries.filter(({ kind, from }) => kind === 'ucajax' && from === 'engine')
  expect(told.map(({ title }) => title).join()).toContain('imSessionReceived')
  expect(JSON.stringify(ladder)).not.toContain('secret')
  expect(JSON.stringify(await stage.ladder(session, true))).toContain('secret words')
})

test('[TR-8] the picture is read by a parser of XML', async () => {
  const anna = await agent(0)
  await agent(1)
  await anna.calls('7002')
  await anna.sees('Initiating', { peer: '7002' })
  const session = await anna.session()
  const svg = Buffer.from(await stage.file(session, 'svg')).toString('utf8')
  const { SaxesParser } = await import('saxes')
  const parser = new SaxesParser({ xmlns: true })
  const names: string[] = []
  parser.on('opentag', ({ name }) => names.push(name))
  parser.on('error', (error) => {
    throw error
  })
  parser.write(svg).close()
  expect(names.filter((name) => name === 'g')).toHaveLength((await stage.ladder(session)).entries.length)
  expect(names).not.toContain('script')
  expect(svg).not.toMatch(/(href|src|url\()/)
})

test('[TR-7] two nodes over one Redis: each shows what both hold', async () => {
  const redis = await startRedis()
  leaving.push(redis.stop)
  const [sip = 0, other = 0] = await freePorts(2)
  const nodes = await Promise.all(
    [sip, other].map((port, i) =>
      TracedServer.start({
        node: `n${i}`,
        settings: {
          store: { redis: { url: redis.socket } },
          sip: { listen: [{ transport: 'udp', host: '127.0.0.1', port }] },
        },
        dns: [{ number: '8001', options: { password: 'pw-8001', 'sip-signaling-chat': 'message' } }],
        agents: 1,
      }),
    ),
  )
  for (const node of nodes) leaving.push(() => node.stop())
  const [first, second] = nodes
  const engine = { host: '127.0.0.1', port: sip, transport: 'udp' } as const
  const phone = await Endpoint.open({ number: '8001', password: 'pw-8001', engine, msrp: false })
  leaving.push(() => phone.close())
  await phone.registers()
  if (!first || !second) throw new Error('not started')
  const desk = new Desk(second.address, person(0))
  leaving.push(() => desk.leaves())
  await desk.logsIn()
  expect((await phone.texts('7001', 'across')).status).toBe(200)
  await desk.sees('Alerting', { peer: '8001' })
  await desk.sees('Talking', { peer: '8001' })
  await desk.hears('8001', 'across')
  const session = await desk.session()
  const ladders = await Promise.all(nodes.map((node) => node.ladder(session)))
  for (const { entries, silent } of ladders) {
    const held = (name: string) => entries.filter(({ node }) => node === name).map(({ kind }) => kind)
    expect(new Set(held('n0'))).toEqual(new Set(['sip', 'tevent']))
    expect(held('n1')).toContain('cometd')
    expect(silent).toEqual([])
  }
  expect(ladders[0]).toEqual(ladders[1])
})
