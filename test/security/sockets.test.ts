import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ClientOptions, WebSocket } from 'ws'
import { endAll, eventually, ringdown } from '../../packages/server/src/testing/server-process.ts'
import { basic } from './people.ts'

/* Every WebSocket of a server, for every kind of caller: CometD's, SIP's, and paths where there is none. */

const config = `http: { port: 0 }
trace: { enabled: false }
log: { level: info }
sip:
  listen: [{ transport: ws, port: 0, path: /sip, origins: [https://desk.example] }]
contactCentres:
  - id: north
    switches: [{ name: N }]
    dns: [{ number: 7001, switch: N, annex: { TServer: { multimedia: true, password: secret } } }]
    places: [{ name: P, dns: [7001] }]
    persons:
      - { userName: anna, password: anna, place: P }
      - { userName: ada, password: ada, roles: [admin] }
      - { userName: dora, password: dora, enabled: false }
  - id: south
    persons: [{ userName: zoe, password: zoe, roles: [admin] }]
`

let directory: string
let api: string
let sip: string
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'ringdown-sockets-'))
  writeFileSync(join(directory, 'ringdown.yaml'), config)
  const server = ringdown(['serve'], directory)
  api = (await server.address()).replace('http:', 'ws:')
  const listening = /"sip":\["ws 127\.0\.0\.1:(\d+)"\]/.exec(server.out())?.[1]
  sip = `ws://127.0.0.1:${listening}`
})
afterAll(() => {
  endAll()
  rmSync(directory, { recursive: true, force: true })
})

/** The status an upgrade is answered with; 101: it is open, and closed again. */
async function upgrade(url: string, headers: Record<string, string> = {}, protocol?: string): Promise<number> {
  const options: ClientOptions = { headers, handshakeTimeout: 20_000 }
  const socket = protocol === undefined ? new WebSocket(url, options) : new WebSocket(url, protocol, options)
  return new Promise((resolve, reject) => {
    socket.once('open', () => {
      socket.close()
      resolve(101)
    })
    socket.once('unexpected-response', (_, response) => {
      resolve(response.statusCode ?? 0)
      socket.terminate()
    })
    socket.on('error', reject)
  })
}

describe('[SE-11] CometD', () => {
  const cookie = 'JSESSIONID=0123456789abcdef0123456789abcdef01234567'
  const callers: readonly [who: string, headers: Record<string, string>, status: number][] = [
    ['nobody', {}, 401],
    ['a wrong password', basic('anna', 'guess'), 401],
    ['a session that is none', { cookie }, 401],
    ['a disabled person', basic('dora'), 401],
    ['an agent', basic('anna'), 101],
    ['an administrator', basic('ada'), 101],
    ["another contact centre's administrator", basic('zoe'), 101],
    ['a page of elsewhere with a right credential', { ...basic('anna'), origin: 'https://evil.example' }, 403],
    ['a page of elsewhere', { origin: 'https://evil.example' }, 403],
    ['a page of nowhere', { origin: 'null' }, 403],
  ]
  test.each(callers)('%s', async (_, headers, status) => {
    expect(await upgrade(`${api}/api/v2/notifications`, headers)).toBe(status)
  })

  test('there is no other WebSocket at the HTTP port', async () => {
    for (const path of ['/', '/api/v2/me', '/api/v2/notificationsx', '/sip', '/cwa/AsyncDataChannel.ashx', '/metrics'])
      expect({ path, status: await upgrade(api + path, basic('ada')) }).toEqual({ path, status: 404 })
  })
})

describe('[SE-11] SIP', () => {
  const page = { origin: 'https://desk.example' }

  test('pages of its own origins only, at its own path', async () => {
    expect(await upgrade(`${sip}/sip`, page, 'sip')).toBe(101)
    expect(await upgrade(`${sip}/sip`, {}, 'sip')).toBe(403)
    expect(await upgrade(`${sip}/sip`, { origin: 'https://evil.example' }, 'sip')).toBe(403)
    expect(await upgrade(`${sip}/`, page, 'sip')).toBe(404)
    expect(await upgrade(`${sip}/sip`, page)).toBe(400)
  })

  test('an open socket and a login over HTTP are no credential', async () => {
    const socket = new WebSocket(`${sip}/sip`, 'sip', { headers: { ...page, ...basic('anna') } })
    try {
      await once(socket, 'open')
      for (const [method, uri] of [
        ['REGISTER', 'sip:127.0.0.1'],
        ['MESSAGE', 'sip:7001@127.0.0.1'],
      ] as const) {
        socket.send(requestText(method, uri))
        const [answer] = await once(socket, 'message')
        expect(String(answer)).toMatch(/^SIP\/2\.0 401 /)
      }
    } finally {
      socket.terminate()
    }
  })
})

test('[SE-23] a source that asks too much over SIP is told so, and counted', async () => {
  const text = config
    .replace('sip:\n', 'sip:\n  requestsPerSecond: 1\n  trustedProxies: []\n')
    .replace(', origins: [https://desk.example]', '')
  writeFileSync(join(directory, 'limited.yaml'), text.replaceAll('id: ', 'id: limited-'))
  const server = ringdown(['serve', 'limited.yaml'], directory)
  const address = await server.address()
  const port = /"sip":\["ws 127\.0\.0\.1:(\d+)"\]/.exec(server.out())?.[1]
  const socket = new WebSocket(`ws://127.0.0.1:${port}/sip`, 'sip')
  try {
    await once(socket, 'open')
    const answers: string[] = []
    socket.on('message', (data) => answers.push(String(data)))
    for (let i = 0; i < 20; i++) socket.send(requestText('OPTIONS', 'sip:127.0.0.1', i))
    await eventually(() => answers.length === 20, 20_000)
    // Refusals are faster than answers.
    expect(answers.some((answer) => answer.startsWith('SIP/2.0 200 '))).toBe(true)
    const refused = answers.filter((answer) => answer.startsWith('SIP/2.0 503 Too Many Requests'))
    expect(refused.length).toBeGreaterThan(0)
    expect(refused[0]).toContain('Retry-After: 2')
    const page = await (await fetch(`${address}/metrics`)).text()
    expect(page).toContain(`ringdown_limits_reached_total{protocol="sip",limit="requests"} ${refused.length}`)
  } finally {
    socket.terminate()
    server.child.kill('SIGKILL')
    await server.ended
  }
})

function requestText(method: string, uri: string, n = 1): string {
  return [
    `${method} ${uri} SIP/2.0`,
    `Via: SIP/2.0/WS client.invalid;branch=z9hG4bK${method}${n}`,
    'Max-Forwards: 70',
    `From: <sip:7001@127.0.0.1>;tag=${method}`,
    'To: <sip:7001@127.0.0.1>',
    `Call-ID: ${method}${n}`,
    `CSeq: 1 ${method}`,
    'Contact: <sip:7001@client.invalid;transport=ws>',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n')
}
