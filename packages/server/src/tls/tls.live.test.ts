import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { type IssuedCertificate, type TestAuthority, testAuthority } from '@ringdown/signalling/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { endAll, eventually, ringdown, type ServerProcess } from '../testing/server-process.ts'

/* HTTPS, WSS of CometD, and SIP and MSRP over TLS and WSS of one server, with certificates of an authority made for this test. */

const soon = 20_000
const listeners = ['http', 'sip tls', 'sip wss', 'msrp tls', 'msrp wss'] as const
type Listener = (typeof listeners)[number]

let directory: string
let authority: TestAuthority
let first: IssuedCertificate
let second: IssuedCertificate
let server: ServerProcess
let address: string
let ports: Record<Listener, number>

const files = '{ certFile: node.crt, keyFile: node.key }'
const config = `http: { port: 0, tls: ${files} }
login: { sessionIdleMs: 3600000 }
sip:
  listen:
    - { transport: tls, port: 0, certFile: node.crt, keyFile: node.key }
    - { transport: wss, port: 0, certFile: node.crt, keyFile: node.key }
msrp:
  listen:
    - { transport: tls, port: 0, certFile: node.crt, keyFile: node.key }
    - { transport: wss, port: 0, certFile: node.crt, keyFile: node.key }
contactCentres:
  - id: demo
    persons: [{ userName: ada, password: ada, roles: [admin] }]
`
const authorization = `Basic ${Buffer.from('ada:ada').toString('base64')}`

function show(cert: string, key: string): void {
  writeFileSync(join(directory, 'node.crt'), cert)
  writeFileSync(join(directory, 'node.key'), key)
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'ringdown-tls-'))
  authority = await testAuthority()
  first = await authority.issue('IP:127.0.0.1', 'DNS:localhost')
  second = await authority.issue('IP:127.0.0.1', 'DNS:localhost')
  show(first.cert, first.key)
  writeFileSync(join(directory, 'ringdown.yaml'), config)
  server = ringdown(['serve'], directory)
  address = await server.address()
  const told = /"sip":\[("[^\]]*)\],"msrp":\[("[^\]]*)\]/.exec(server.out())
  const [sipTls, sipWss, msrpTls, msrpWss] = [...`${told?.[1]},${told?.[2]}`.matchAll(/:(\d+)"/g)].map(([, port]) =>
    Number(port),
  ) as [number, number, number, number]
  const http = Number(new URL(address).port)
  ports = { http, 'sip tls': sipTls, 'sip wss': sipWss, 'msrp tls': msrpTls, 'msrp wss': msrpWss }
})
afterAll(async () => {
  for (const socket of sockets) socket.destroy()
  endAll()
  await authority?.remove()
  rmSync(directory, { recursive: true, force: true })
})

const sockets: TLSSocket[] = []
async function dial(listener: Listener, options: object = {}): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port: ports[listener], ca: authority.ca, ...options })
  socket.on('error', () => undefined)
  sockets.push(socket)
  await once(socket, 'secureConnect')
  return socket
}

const fingerprint = ({ cert }: IssuedCertificate) => new X509Certificate(cert).fingerprint256
async function shown(listener: Listener): Promise<string> {
  const socket = await dial(listener)
  const { fingerprint256 } = socket.getPeerCertificate()
  socket.destroy()
  return fingerprint256
}
const allShow = async (certificate: IssuedCertificate): Promise<boolean> => {
  const seen = await Promise.all(listeners.map(shown))
  return seen.every((each) => each === fingerprint(certificate))
}

/** Says something over a connection that is there, and gives the answer's first line. */
async function ask(socket: TLSSocket, text: string): Promise<string> {
  socket.write(text)
  for (let said = ''; ; ) {
    const [bytes] = await once(socket, 'data', { signal: AbortSignal.timeout(soon) })
    said += bytes
    if (said.includes('\r\n')) return said.split('\r\n', 1)[0] ?? ''
  }
}
const httpAsks = 'GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n'
const sipAsks = (n: number) =>
  `OPTIONS sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.0.1;branch=z9hG4bK${n}\r\nMax-Forwards: 70\r\nFrom: <sip:a@127.0.0.1>;tag=a\r\nTo: <sip:127.0.0.1>\r\nCall-ID: ${n}\r\nCSeq: ${n} OPTIONS\r\nContent-Length: 0\r\n\r\n`
const msrpAsks = (n: number) =>
  `MSRP id${n}id${n} SEND\r\nTo-Path: msrps://127.0.0.1:${ports['msrp tls']}/nobody;tcp\r\nFrom-Path: msrps://127.0.0.1:9/me;tcp\r\nMessage-ID: ${n}\r\nByte-Range: 1-0/0\r\n-------id${n}id${n}$\r\n`

async function metric(name: string): Promise<number> {
  const socket = await dial('http')
  socket.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  let page = ''
  for await (const bytes of socket) page += bytes
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(page)?.[1])
}

async function reloadByApi(): Promise<string> {
  const body = JSON.stringify({ operationName: 'ReloadConfiguration' })
  const socket = await dial('http')
  const head = `POST /api/v2/system HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\nConnection: close`
  socket.write(`${head}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
  let answer = ''
  for await (const bytes of socket) answer += bytes
  return answer
}

test('[SE-30, SE-31, SE-33] each listener shows a new certificate after a reload, and connections that were there go on', async () => {
  expect(await allShow(first)).toBe(true)
  const [http, sip, msrp] = [await dial('http'), await dial('sip tls'), await dial('msrp tls')]
  expect(await ask(http, httpAsks)).toBe('HTTP/1.1 200 OK')
  expect(await ask(sip, sipAsks(1))).toBe('SIP/2.0 200 OK')
  expect(await ask(msrp, msrpAsks(1))).toMatch(/^MSRP id1id1 481 /)
  const cometd = new WebSocket(`${address.replace('https', 'wss')}/api/v2/notifications`, {
    ca: authority.ca,
    headers: { authorization },
  })
  await once(cometd, 'open')

  show(second.cert, second.key)
  server.child.kill('SIGHUP')
  await eventually(() => allShow(second), soon)
  expect(await ask(http, httpAsks)).toBe('HTTP/1.1 200 OK')
  expect(await ask(sip, sipAsks(2))).toBe('SIP/2.0 200 OK')
  expect(await ask(msrp, msrpAsks(2))).toMatch(/^MSRP id2id2 481 /)
  expect(http.getPeerCertificate().fingerprint256).toBe(fingerprint(first))
  cometd.send('[{"channel":"/meta/handshake","version":"1.0","supportedConnectionTypes":["websocket"]}]')
  const [reply] = await once(cometd, 'message', { signal: AbortSignal.timeout(soon) })
  expect(JSON.parse(String(reply))[0].successful).toBe(true)
  cometd.terminate()

  const ends = new X509Certificate(second.cert).validToDate.getTime() / 1000
  for (const listener of ['http', 'sip.listen[0]', 'sip.listen[1]', 'msrp.listen[0]', 'msrp.listen[1]']) {
    const name = `ringdown_certificate_expiry_seconds{listener="${listener.replace(/[[\]]/g, '\\$&')}"}`
    expect({ listener, ends: await metric(name.replace(/[{}]/g, '\\$&')) }).toEqual({ listener, ends })
  }
})

test('[SE-31] a bad certificate replaces nothing and is told, to the log and to who asked', async () => {
  const before = await shown('http')
  show(first.cert, second.key)
  server.child.kill('SIGHUP')
  const told = 'http.tls.certFile: the key belongs to another certificate'
  await eventually(() => server.out().includes(told), soon)
  const refused = await reloadByApi()
  expect(refused).toMatch(/^HTTP\/1\.1 400 /)
  expect(refused).toContain(told)
  for (const listener of listeners)
    expect({ listener, shown: await shown(listener) }).toEqual({ listener, shown: before })

  show(first.cert, first.key)
  expect(await reloadByApi()).toMatch(/^HTTP\/1\.1 200 /)
  expect(await allShow(first)).toBe(true)
})

test('[SE-32] no listener speaks less than TLS 1.2', async () => {
  for (const listener of listeners) {
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' }
    await expect(dial(listener, old)).rejects.toMatchObject({ code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' })
    const socket = await dial(listener, { maxVersion: 'TLSv1.2' })
    expect({ listener, protocol: socket.getProtocol() }).toEqual({ listener, protocol: 'TLSv1.2' })
    socket.destroy()
  }
  // HTTPS takes forward secrecy and authenticated encryption only.
  await expect(dial('http', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA256' })).rejects.toThrow()
})
