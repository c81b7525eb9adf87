import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hashPassword } from '@ringdown/facade'
import { livingCall } from '@ringdown/facade/testing'
import type { DNumber, SessionStore } from '@ringdown/signalling'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { stringify } from 'yaml'
import { type RunningServer, startServer } from '../compose.ts'
import { formatMistake, loadConfig } from '../config/load-config.ts'
import { createLog } from '../log.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringdown-lab-'))
let server: RunningServer
let sipPort = 0
const soon = { timeout: 20_000, interval: 50 }

async function freePort(): Promise<number> {
  const probe = createSocket('udp4')
  probe.bind(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address()
  await new Promise<void>((resolve) => probe.close(() => resolve()))
  return port
}

beforeAll(async () => {
  sipPort = await freePort()
  const passwordHash = await hashPassword('secret', { ln: 1, r: 1, p: 1 })
  const chat = { TServer: { multimedia: 'true', 'sip-signaling-chat': 'none' } }
  const text = stringify({
    http: { host: '127.0.0.1', port: 0 },
    store: { embedded: { directory: folder } },
    sip: { listen: [{ transport: 'udp', host: '127.0.0.1', port: sipPort }], domains: ['stage'] },
    contactCentres: [
      {
        id: 'stage',
        switches: [{ name: 'S' }],
        dns: [
          ...['7001', '7002'].map((number) => ({ number, switch: 'S', annex: chat })),
          { number: '8001', switch: 'S', annex: { TServer: { multimedia: 'true' } } },
        ],
        places: ['7001', '7002'].map((dn) => ({ name: `P${dn}`, dns: [dn] })),
        agentLogins: ['7001', '7002'].map((dn) => ({ code: `L${dn}`, switch: 'S' })),
        persons: [
          { userName: 'anna', place: 'P7001', agentLogins: ['L7001'], passwordHash },
          { userName: 'ben', place: 'P7002', agentLogins: ['L7002'], passwordHash },
          { userName: 'admin', roles: ['admin'], passwordHash },
          { userName: 'boss', roles: ['admin', 'supervisor'], passwordHash },
        ],
      },
    ],
  })
  const load = () => loadConfig(text, { env: {}, readFile: () => '' })
  const format = (mistake: Parameters<typeof formatMistake>[1]) => formatMistake('stage.yaml', mistake)
  const loaded = load()
  if ('mistakes' in loaded) throw new Error(loaded.mistakes.map(format).join('\n'))
  server = await startServer({ config: loaded.config, node: 'one', log: createLog('silent', 'one'), load, format })
})
afterAll(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

// biome-ignore lint/suspicious/noExplicitAny: answers of every shape
async function ask(user: string, path: string, body?: object): Promise<any> {
  const reply = await fetch(`${server.address}/api/v2${path}`, {
    method: body ? 'POST' : 'GET',
    headers: {
      authorization: `Basic ${Buffer.from(`${user}:secret`).toString('base64')}`,
      'x-requested-with': 'XMLHttpRequest',
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  })
  return reply.json()
}
/** As a REGISTER leaves it. */
async function register(contact: string, port: number): Promise<void> {
  const now = Date.now()
  const source = { transport: 'udp', address: '127.0.0.1', port } as const
  const binding = { contact, expires: now + 600_000, updated: now, callID: '1', cseq: 1, source, node: 'one~1' }
  const id = '8001' as DNumber
  await server.centres[0]?.store.commit({
    expect: [{ kind: 'registration', id, version: 0 }],
    put: [{ kind: 'registration', id, value: { bindings: [{ ...binding, userAgent: 'phone/1' }] } }],
    claims: [],
    feeds: [],
    timers: { set: [], cancel: [] },
  })
}

const lab = (path: string) => ask('admin', `/lab/${path}`)

test('[SV-62] [SV-63] [SV-65] a node shows itself, its flows and what is registered there', async () => {
  const { nodes } = await lab('nodes')
  expect(nodes).toMatchObject([{ name: 'one', here: true, version: expect.stringMatching(/^\d+\./), legs: 0 }])
  expect((await lab('registrations')).registrations).toEqual([])

  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  const options = [
    'OPTIONS sip:stage SIP/2.0',
    `Via: SIP/2.0/UDP 127.0.0.1:${port};branch=z9hG4bK1;rport`,
    'Max-Forwards: 70',
    'From: <sip:8001@stage>;tag=1',
    'To: <sip:stage>',
    'Call-ID: 1@127.0.0.1',
    'CSeq: 1 OPTIONS',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n')
  const answered = once(socket, 'message')
  socket.send(options, sipPort, '127.0.0.1')
  await answered
  socket.close()
  const remote = `127.0.0.1:${port}`
  await register(`sip:8001@${remote}`, port)
  expect((await lab('registrations')).registrations).toMatchObject([
    { dn: '8001', contact: `sip:8001@${remote}`, transport: 'udp', remote, userAgent: 'phone/1' },
  ])
  expect((await lab('flows')).flows).toMatchObject([{ transport: 'udp', remote, opened: expect.any(Number) }])
  expect((await lab('dns?q=8001')).dns).toMatchObject([{ number: '8001', contacts: 1, problems: [] }])
})

test('[SV-24] [SV-64] [LB-10] a text is in the metrics, in the next sample and in the ladder of its session', async () => {
  for (const user of ['anna', 'ben'])
    await ask(user, '/me', { operationName: 'StartContactCenterSession', channels: ['voice'] })
  const bayeux = (...messages: object[]) => ask('ben', '/notifications', messages)
  const [{ clientId }] = await bayeux({
    channel: '/meta/handshake',
    version: '1.0',
    supportedConnectionTypes: ['long-polling'],
  })
  await bayeux({ channel: '/meta/subscribe', clientId, subscription: '/v2/me/im-sessions' })
  const connect = { channel: '/meta/connect', clientId, connectionType: 'long-polling' }
  await ask('anna', '/me/im-sessions', {
    operationName: 'InitiateIMSession',
    destination: { phoneNumber: '7002' },
  })
  let told = ''
  const listening = (async () => {
    while (!told.includes('hello there')) told += JSON.stringify(await bayeux(connect))
  })()
  await vi.waitFor(async () => expect((await lab('sessions')).counts.talking).toBe(1), soon)
  const { sessions } = await lab('sessions')
  await ask('anna', `/me/im-sessions/${sessions[0].callUUID}`, { operationName: 'SendMessage', text: 'hello there' })
  await listening
  const metrics = await (await fetch(`${server.address}/metrics`)).text()
  expect(metrics).toContain('ringdown_delivery_seconds_count{to="cometd"} 1')
  await vi.waitFor(async () => {
    const { samples } = await lab('history')
    // biome-ignore lint/suspicious/noExplicitAny: an answer
    const sample = samples.find(({ texts }: any) => texts > 0)
    expect(sample).toMatchObject({ texts: 1, sessions: { talking: 1 }, delivery: { p50: expect.any(Number) } })
  }, soon)
  const path = `/lab/sessions/${sessions[0].callUUID}/ladder`
  const masked = JSON.stringify((await ask('admin', path)).ladder)
  expect(masked).toContain('SendMessage')
  expect(masked).not.toContain('hello there')
  expect(JSON.stringify((await ask('boss', `${path}?texts=show`)).ladder)).toContain('hello there')
  expect((await lab('audit')).entries).toMatchObject([{ who: 'boss', what: 'view texts', outcome: 'done' }])
  expect((await lab('trace')).entries).toBeGreaterThan(0)
  await ask('anna', `/me/im-sessions/${sessions[0].callUUID}`, { operationName: 'Complete' })
  for (const user of ['anna', 'ben']) await ask(user, '/me', { operationName: 'EndContactCenterSession' })
})

test('[LB-1] with 10 000 sessions in the embedded store a page takes no longer than with ten, but for the counting', async () => {
  const store = server.centres[0]?.store as SessionStore
  const none = { claims: [], feeds: [], timers: { set: [], cancel: [] } }
  const fill = async (from: number, to: number) => {
    for (let i = from; i < to; i += 500)
      await Promise.all(
        Array.from({ length: Math.min(500, to - i) }, (_, j) => store.commit({ ...none, ...livingCall(i + j) })),
      )
  }
  const median = async () => {
    const times: number[] = []
    for (let i = 0; i < 40; i++) {
      const start = performance.now()
      expect((await lab('sessions?limit=10')).sessions).toHaveLength(10)
      times.push(performance.now() - start)
    }
    return times.sort((a, b) => a - b)[20] ?? 0
  }
  await fill(0, 10)
  await median()
  const few = await median()
  await fill(10, 10_000)
  const many = await median()
  await vi.waitFor(async () => expect((await lab('sessions')).counts.talking).toBe(10_000), soon)
  // Twice would be noise on a busy machine; looking at all of them is a thousand times the work.
  expect(many).toBeLessThan(4 * few + 5)
}, 120_000)
