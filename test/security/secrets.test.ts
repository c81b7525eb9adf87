import { createHash, randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { endAll, eventually, ringdown, type ServerProcess } from '../../packages/server/src/testing/server-process.ts'

/*
 * Secrets, texts and user data that can be told from anything else, through everything a server does, with its log at its most talkative. Then
 * they are looked for wherever an operator, an administrator or a stranger reads.
 */

const soon = 20_000
/** By what it is. What the server makes itself is added as it is seen. */
const secrets = new Map<string, string>()
const plant = (what: string): string => {
  const value = `${what}-${randomBytes(9).toString('hex')}`
  secrets.set(what, value)
  return value
}
const planted = {
  anna: plant('password-of-anna'),
  ben: plant('password-of-ben'),
  ada: plant('password-of-ada'),
  guess: plant('wrong-password'),
  phone: plant('password-of-phone'),
  token: plant('metrics-token'),
  text: plant('text'),
  sipText: plant('text-over-sip'),
  subject: plant('subject'),
  data: plant('user-data'),
  query: plant('query'),
  body: plant('malformed-body'),
  newcomer: plant('password-of-newcomer'),
}

let directory: string
let server: ServerProcess
let address: string
/** What was read, by where. */
const seen = new Map<string, string>()

/** A variable as the file names it. */
const env = ['$', '{ADA_PASSWORD}'].join('')
const chat = '{ TServer: { multimedia: true, sip-signaling-chat: none, auto-answer: yes } }'
const config = `http: { port: 0 }
log: { level: debug }
monitoring: { token: { file: token } }
login: { csrf: true }
cometd: { csrf: false }
sip: { listen: [{ transport: udp, port: 0 }] }
contactCentres:
  - id: demo
    switches: [{ name: S }]
    dns:
      - { number: 7001, switch: S, annex: ${chat} }
      - { number: 7002, switch: S, annex: ${chat} }
      - { number: 8001, switch: S, annex: { TServer: { multimedia: true, password: { file: phone }, sip-signaling-chat: message } } }
    places: [{ name: P1, dns: [7001] }, { name: P2, dns: [7002] }]
    agentLogins: [{ code: 1, switch: S }, { code: 2, switch: S }]
    persons:
      - { userName: anna, password: { file: anna }, place: P1, agentLogins: [1] }
      - { userName: ben, password: { file: ben }, place: P2, agentLogins: [2] }
      - { userName: ada, password: "${env}", roles: [admin] }
`

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'ringdown-secrets-'))
  for (const name of ['anna', 'ben', 'phone', 'token'] as const) {
    writeFileSync(join(directory, name), `${planted[name]}\n`)
    chmodSync(join(directory, name), 0o600)
  }
  writeFileSync(join(directory, 'ringdown.yaml'), config)
  server = ringdown(['serve'], directory, { ADA_PASSWORD: planted.ada })
  address = await server.address()
})
afterAll(() => {
  endAll()
  rmSync(directory, { recursive: true, force: true })
})

const basic = (user: 'anna' | 'ben' | 'ada', password = planted[user]) => {
  const value = Buffer.from(`${user}:${password}`).toString('base64')
  secrets.set(`Authorization of ${user}`, value)
  return { authorization: `Basic ${value}` }
}

/** A client that keeps its cookie and its token. */
function clientOf(user: 'anna' | 'ben' | 'ada') {
  let cookie = ''
  let token = ''
  return async (method: string, path: string, body?: object | string) => {
    const reply = await fetch(address + path, {
      method,
      headers: {
        ...basic(user),
        ...(cookie && { cookie }),
        ...(token && { 'x-csrf-token': token }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const id = /JSESSIONID=([0-9a-f]{40})/.exec(reply.headers.get('set-cookie') ?? '')?.[1]
    if (id) {
      cookie = `JSESSIONID=${id}`
      secrets.set(`cookie of ${user}`, id)
    }
    const given = reply.headers.get('x-csrf-token')
    if (given) {
      token = given
      secrets.set(`CSRF token of ${user}`, given)
    }
    return { status: reply.status, text: await reply.text() }
  }
}

async function cwa(ticket: string, path: string, body: string) {
  const reply = await fetch(address + path, {
    method: 'POST',
    headers: { 'content-type': 'text/xml', ...(ticket && { 'cwa-ticket': ticket }) },
    body,
  })
  return { text: await reply.text(), ticket: reply.headers.get('cwa-ticket') ?? '' }
}

/** Registers 8001 and sends a text to 7002, each with the digest that is asked for. */
async function callByPhone(): Promise<void> {
  const port = Number(/"sip":\["udp 127\.0\.0\.1:(\d+)"\]/.exec(server.out())?.[1])
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const local = socket.address().port
  const answers: string[] = []
  socket.on('message', (bytes) => {
    const text = String(bytes)
    answers.push(text)
    // Whatever the server sends to the phone is taken.
    if (/^[A-Z]+ sip:/.test(text)) {
      const kept = text.split('\r\n').filter((line) => /^(via|from|to|call-id|cseq):/i.test(line))
      socket.send(`SIP/2.0 200 OK\r\n${kept.join('\r\n')}\r\nContent-Length: 0\r\n\r\n`, port)
    }
  })
  let cseq = 0
  const send = async (method: string, uri: string, more: readonly string[], body = '') => {
    cseq++
    const lines = [
      `${method} ${uri} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:${local};branch=z9hG4bK${cseq}`,
      'Max-Forwards: 70',
      'From: <sip:8001@127.0.0.1>;tag=phone',
      `To: <sip:${method === 'REGISTER' ? '8001' : '7002'}@127.0.0.1>`,
      `Call-ID: call-of-${method}`,
      `CSeq: ${cseq} ${method}`,
      ...more,
      `Content-Length: ${Buffer.byteLength(body)}`,
    ]
    socket.send(`${lines.join('\r\n')}\r\n\r\n${body}`, port)
    const isMine = (text: string) => text.startsWith('SIP/2.0') && text.includes(`CSeq: ${cseq} ${method}`)
    await eventually(() => answers.some((text) => isMine(text) && !text.startsWith('SIP/2.0 1')), soon)
    return answers.find(isMine) ?? ''
  }
  const hash = (text: string) => createHash('md5').update(text).digest('hex')
  try {
    for (const [method, uri, more, body] of [
      ['REGISTER', 'sip:127.0.0.1', [`Contact: <sip:8001@127.0.0.1:${local}>`], ''],
      ['MESSAGE', 'sip:7002@127.0.0.1', [`Subject: ${planted.subject}`, 'Content-Type: text/plain'], planted.sipText],
    ] as const) {
      const nonce = /nonce="([^"]+)"/.exec(await send(method, uri, more, body))?.[1] ?? ''
      const secret = (password: string) => hash(`8001:demo:${password}`)
      const response = hash(
        `${secret(planted.phone)}:${nonce}:00000001:cnonce-of-phone:auth:${hash(`${method}:${uri}`)}`,
      )
      secrets.set(`nonce of ${method}`, nonce)
      secrets.set(`digest of ${method}`, response)
      const given = `username="8001", realm="demo", nonce="${nonce}", uri="${uri}", response="${response}"`
      const credential = `Authorization: Digest ${given}, algorithm=MD5, qop=auth, nc=00000001, cnonce="cnonce-of-phone"`
      expect(await send(method, uri, [...more, credential], body)).toMatch(/^SIP\/2\.0 20[02] /)
    }
  } finally {
    socket.close()
  }
}

test('[SE-42] no secret, text or user data is in the log, metrics, traces, error answers or the list of processes', async () => {
  const [anna, ben, ada] = [clientOf('anna'), clientOf('ben'), clientOf('ada')]
  for (const ask of [anna, ben]) {
    await ask('GET', '/api/v2/me')
    const login = { operationName: 'StartContactCenterSession', channels: ['voice'] }
    expect((await ask('POST', '/api/v2/me', login)).status).toBe(200)
  }
  const initiate = {
    operationName: 'InitiateIMSession',
    destination: { phoneNumber: '7002' },
    // The names of pairs are the site's own words, and are shown.
    userData: { account: planted.data },
  }
  expect((await anna('POST', '/api/v2/me/im-sessions', initiate)).status).toBe(200)
  const { imSessions } = JSON.parse((await anna('GET', '/api/v2/me/im-sessions?fields=*')).text)
  const session = `/api/v2/me/im-sessions/${imSessions[0].id}`
  expect((await anna('POST', session, { operationName: 'SendMessage', text: planted.text })).status).toBe(200)
  expect((await ben('GET', `${session}/messages`)).text).toContain(planted.text)

  // CometD, by headers and by credentials in the message, and a callback with the message in its URL.
  const handshake = { channel: '/meta/handshake', version: '1.0', supportedConnectionTypes: ['long-polling'] }
  const { text: shaken } = await ben('POST', '/api/v2/notifications', [handshake])
  secrets.set('CometD client', JSON.parse(shaken)[0].clientId)
  const query = encodeURIComponent(JSON.stringify([{ ...handshake, ext: { secret: planted.query } }]))
  await ben('GET', `/api/v2/notifications?jsonp=callback&message=${query}`)

  // UC AJAX.
  const logon = (password: string) =>
    `<cwaRequests><logon><user>ben</user><password>${password}</password></logon></cwaRequests>`
  const { ticket } = await cwa('', '/forms/logon.html', logon(planted.ben))
  secrets.set('ticket', ticket)
  await cwa(ticket, '/cwa/MainCommandHandler.ashx', '<cwaRequests sid="0"><initiateSession rid="1"/></cwaRequests>')

  // What goes wrong is answered and logged as well.
  const errors = [
    await cwa('', '/forms/logon.html', logon(planted.guess)),
    await cwa(ticket, '/cwa/MainCommandHandler.ashx', `<cwaRequests><${planted.body}`),
    await anna('POST', session, `{"operationName":"SendMessage","text":"${planted.body}`),
    await anna('POST', session, { operationName: 'SendMessage', text: [planted.body] }),
    await anna('GET', `/api/v2/nowhere?secret=${planted.query}`),
  ]
  const wrong = await fetch(`${address}/api/v2/me?q=${planted.query}`, { headers: basic('anna', planted.guess) })
  seen.set('error answers', [...errors.map(({ text }) => text), await wrong.text()].join('\n'))

  expect((await ben('POST', session, { operationName: 'Complete' })).status).toBe(200)
  await callByPhone()

  // What administrators do and see.
  await ada('GET', '/api/v2/me')
  const person = { userName: 'newcomer', password: planted.newcomer, firstName: 'N', lastName: 'N', roles: ['agent'] }
  expect((await ada('POST', '/api/v2/users', person)).status).toBe(200)
  for (const path of ['users?fields=*', 'platform/configuration/dns', 'platform/configuration/persons'])
    seen.set(path, (await ada('GET', `/api/v2/${path}`)).text)
  const { sessions } = JSON.parse((await ada('GET', '/api/v2/lab/sessions')).text)
  for (const id of [imSessions[0].id, ...sessions.map((one: { id: string }) => one.id)])
    for (const form of ['ladder', 'ladder.json', 'ladder.svg', 'ladder.pcap'])
      seen.set(`${form} ${id}`, (await ada('GET', `/api/v2/lab/sessions/${id}/${form}`)).text)
  for (const path of [
    'audit',
    'audit.jsonl',
    'registrations',
    'flows',
    'lock-outs',
    'nodes',
    'sessions',
    'dns',
    'agents',
  ])
    seen.set(`lab/${path}`, (await ada('GET', `/api/v2/lab/${path}`)).text)
  const scrape = await fetch(`${address}/metrics`, { headers: { authorization: `Bearer ${planted.token}` } })
  seen.set('metrics', await scrape.text())
  seen.set('command line', readFileSync(`/proc/${server.child.pid}/cmdline`, 'utf8'))

  server.child.kill('SIGHUP')
  await eventually(() => server.out().includes('configuration reloaded'), soon)
  server.child.kill('SIGTERM')
  expect(await server.ended).toBe(0)
  seen.set('log', server.out())
  seen.set('standard error', server.err())

  // The ways were gone, and what was read is what it is taken for.
  expect(seen.get('log')).toMatch(/"level":"debug"/)
  expect([...seen.keys()].filter((where) => where.startsWith('ladder ')).length).toBeGreaterThan(1)
  expect(seen.get('metrics')).toContain('ringdown_texts_total')
  expect(secrets.size).toBeGreaterThan(20)
  const found = [...seen].flatMap(([where, text]) =>
    [...secrets].filter(([, value]) => value === '' || text.includes(value)).map(([what]) => `${what} in ${where}`),
  )
  expect(found).toEqual([])
})
