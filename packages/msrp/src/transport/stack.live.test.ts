import { once } from 'node:events'
import { request } from 'node:http'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { MsrpSession, MsrpStack, MsrpTransport } from '../session/ports.ts'
import type { Drop } from '../session/wire.ts'
import { certificate } from '../testing/certificate.ts'
import { realClock } from '../testing/real-clock.ts'
import { recorder } from '../testing/recorder.ts'
import { relayPeer } from '../testing/relay-peer.ts'
import { createMsrpStack, type MsrpListen, type MsrpStackOptions } from './stack.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()))
})

const localhost = certificate('localhost')

async function stackOn(
  transport: MsrpTransport,
  more: Partial<MsrpStackOptions> = {},
  listen: Partial<MsrpListen> = {},
) {
  const secure = transport === 'tls' || transport === 'wss'
  const stack = await createMsrpStack({
    listen: [{ transport, address: '127.0.0.1', port: 0, ...(secure && { tls: certificate('localhost') }), ...listen }],
    clock: realClock,
    ...more,
  })
  closing.push(() => stack.close())
  return stack
}

const portOf = (stack: MsrpStack) => stack.listening[0]?.port ?? 0
const bytes = (text: string) => new TextEncoder().encode(text)
const hello = { messageID: 'm-0001', contentType: 'text/plain', body: bytes('Grüße €'), successReport: true }

async function open(stack: MsrpStack, transport: MsrpTransport = 'tcp') {
  const user = recorder()
  const session = await stack.open({ transport, user, maxSize: 1_000_000 })
  return { session, user }
}

/** Two stacks with a session between them; `a` connects. */
async function pair(transport: MsrpTransport, address = '127.0.0.1') {
  const [first, second] = [await stackOn(transport, {}, { address }), await stackOn(transport, {}, { address })]
  const [a, b] = [await open(first, transport), await open(second, transport)]
  const prints = (stack: MsrpStack) => (stack.fingerprint === undefined ? {} : { fingerprints: [stack.fingerprint] })
  // A WebSocket server knows no certificate of its client.
  await b.session.start({ path: a.session.path, role: 'passive', ...(transport === 'tls' && prints(first)) })
  await a.session.start({ path: b.session.path, role: 'active', ...prints(second) })
  return { first, second, a, b }
}

describe('two stacks', () => {
  for (const [transport, address] of [
    ['tcp', '127.0.0.1'],
    ['tcp', '::1'],
    ['tls', '127.0.0.1'],
    ['ws', '127.0.0.1'],
    ['wss', '127.0.0.1'],
  ] as const)
    test(`[MS-60] say something to each other over ${transport} at ${address}`, async () => {
      const { a, b } = await pair(transport, address)
      expect(await a.session.send(hello)).toEqual({ sent: true })
      await a.user.seen(1)
      expect(b.user.messages).toMatchObject([{ messageID: 'm-0001', contentType: 'text/plain', successReport: true }])
      expect(Buffer.from(b.user.messages[0]?.body ?? []).toString()).toBe('Grüße €')
      expect(a.user.reports).toEqual([{ messageID: 'm-0001', status: 200, comment: 'OK', complete: true }])

      const long = Buffer.alloc(500_000, 'b\r\n-------')
      expect(await b.session.send({ ...hello, messageID: 'm-0002', body: long })).toEqual({ sent: true })
      expect(Buffer.compare(a.user.messages[0]?.body ?? Buffer.alloc(0), long)).toBe(0)
      expect(a.user.failures.concat(b.user.failures)).toEqual([])
    })

  test('[MS-77] use one connection for all their sessions, also when they begin at once', async () => {
    const [first, second] = [await stackOn('tcp'), await stackOn('tcp')]
    const all = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const [a, b] = [await open(first), await open(second)]
        await b.session.start({ path: a.session.path, role: 'passive' })
        await a.session.start({ path: b.session.path, role: 'active' })
        return { a, b }
      }),
    )
    for (const { a } of all) expect(await a.session.send(hello)).toEqual({ sent: true })
    expect(first.counts).toEqual({ sessions: 10, connections: 1 })
    for (const { a } of all) a.session.close()
    expect(first.counts.sessions).toBe(0)
  })

  test('[MS-65] are told when the other one is gone', async () => {
    const { second, a } = await pair('tcp')
    await second.close()
    await a.user.seen(1)
    expect(a.user.failures).toHaveLength(1)
  })

  test('[MS-84] connect to another place than the path says where the SDP says so', async () => {
    const [first, second] = [
      await stackOn('tcp'),
      await stackOn('tcp', {}, { advertise: { host: 'nowhere.invalid', port: 1 } }),
    ]
    const [a, b] = [await open(first), await open(second)]
    expect(b.session.path[0]).toMatch(/^msrp:\/\/nowhere\.invalid:1\//)
    await b.session.start({ path: a.session.path, role: 'passive' })
    const connectTo = { host: '127.0.0.1', port: portOf(second) }
    await a.session.start({ path: b.session.path, role: 'active', connectTo })
    expect(await a.session.send(hello)).toEqual({ sent: true })
  })
})

describe('TLS', () => {
  async function reach(
    second: MsrpStack,
    more: Partial<MsrpStackOptions>,
    remote: { host?: string; fingerprints?: string[] },
  ) {
    const first = await stackOn('tls', more)
    const [a, b] = [await open(first, 'tls'), await open(second, 'tls')]
    await b.session.start({ path: a.session.path, role: 'passive' })
    const path = b.session.path.map((uri) => uri.replace('127.0.0.1', remote.host ?? '127.0.0.1'))
    const { fingerprints = [] } = remote
    const connectTo = { host: remote.host ?? '127.0.0.1', port: portOf(second) }
    await a.session.start({ path, role: 'active', connectTo, fingerprints })
  }

  test('[MS-78] a self-signed certificate is taken by its fingerprint and not by another one', async () => {
    const second = await stackOn('tls')
    const own = second.fingerprint ?? ''
    await reach(second, {}, { fingerprints: ['sha-256 00:11', own.toUpperCase().replace('SHA', 'sha')] })
    await expect(reach(second, {}, { fingerprints: [`sha-256 ${'00:'.repeat(31)}00`] })).rejects.toThrow('fingerprint')
    await expect(reach(second, {}, { fingerprints: [own.replace('sha-256', 'md5')] })).rejects.toThrow('fingerprint')
  })

  test('[MS-78] without a fingerprint the name and an authority have to be right', async () => {
    const second = await stackOn('tls', {}, { tls: localhost })
    await expect(reach(second, {}, { host: 'localhost' })).rejects.toThrow(/self-signed/)
    await expect(reach(second, { ca: localhost.cert }, {})).rejects.toThrow(/altnames/i)
    await expect(reach(second, { ca: localhost.cert }, { host: 'localhost' })).resolves.toBeUndefined()
  })

  test('[MS-85] another certificate is shown to who connects from then on, and sessions go on', async () => {
    const { first, second, a } = await pair('tls')
    const before = second.fingerprint
    expect(() => second.reload({ key: 'none', cert: 'none' })).toThrow()
    expect(second.fingerprint).toBe(before)
    second.reload(localhost, { address: '127.0.0.1', port: portOf(first) })
    expect(second.fingerprint).toBe(before)
    second.reload(localhost, second.listening[0])
    expect(second.fingerprint).not.toBe(before)
    expect(await a.session.send(hello)).toEqual({ sent: true })
    await reach(second, {}, { fingerprints: [second.fingerprint ?? ''] })
    await expect(reach(second, {}, { fingerprints: [before ?? ''] })).rejects.toThrow('fingerprint')
  })

  test('[MS-78] nothing older than TLS 1.2 is spoken', async () => {
    const stack = await stackOn('tls')
    const socket = connectTls({
      port: portOf(stack),
      host: '127.0.0.1',
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1',
      rejectUnauthorized: false,
    })
    const [error] = await once(socket, 'error')
    expect(String(error)).toMatch(/version|protocol|alert/i)
  })

  test('[MS-68] a peer without the certificate of its SDP is answered 403', async () => {
    const [first, second] = [await stackOn('tls'), await stackOn('tls')]
    const [a, b] = [await open(first, 'tls'), await open(second, 'tls')]
    await b.session.start({ path: a.session.path, role: 'passive', fingerprints: [second.fingerprint ?? ''] })
    await a.session.start({ path: b.session.path, role: 'active', fingerprints: [second.fingerprint ?? ''] })
    expect(await a.session.send(hello)).toMatchObject({ sent: false, status: 403 })
    expect(b.user.messages).toEqual([])
  })
})

describe('WebSocket', () => {
  const status = (port: number, path: string, protocol: string | undefined, origin?: string) =>
    new Promise<number | undefined>((resolve) => {
      const webSocket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocol === undefined ? [] : [protocol], {
        ...(origin !== undefined && { origin }),
      })
      webSocket.on('unexpected-response', (_request, response) => {
        resolve(response.statusCode)
        webSocket.terminate()
      })
      webSocket.on('error', () => {})
      webSocket.on('open', () => {
        resolve(101)
        webSocket.close()
      })
    })

  test('[MS-79] is taken at its path and for the subprotocol msrp', async () => {
    const port = portOf(await stackOn('ws', {}, { path: '/msrp' }))
    expect(await status(port, '/msrp', 'msrp')).toBe(101)
    expect(await status(port, '/msrp?x', 'msrp')).toBe(101)
    expect(await status(port, '/other', 'msrp')).toBe(404)
    expect(await status(port, '/msrp', 'sip')).toBe(400)
    expect(await status(port, '/msrp', undefined)).toBe(400)
    const plain = request({ port, path: '/msrp' }).end()
    const [response] = (await once(plain, 'response')) as [{ statusCode: number }]
    expect(response.statusCode).toBe(426)
  })

  test('[MS-79] is taken from pages of the origins that are named, and from all where none is', async () => {
    const port = portOf(await stackOn('ws', {}, { origins: ['https://desk.example'] }))
    const from = (origin: string | undefined) => status(port, '/', 'msrp', origin)
    expect(await from('https://desk.example')).toBe(101)
    expect(await from('https://other.example')).toBe(403)
    expect(await from(undefined)).toBe(403)
    expect(await status(portOf(await stackOn('ws')), '/', 'msrp', 'https://other.example')).toBe(101)
  })

  test('[MS-70, MS-79] may have frames in text messages, one in each', async () => {
    const stack = await stackOn('ws')
    const { session, user } = await open(stack, 'ws')
    await session.start({ path: ['msrps://df7jal23ls0d.invalid/x;ws'], role: 'passive' })
    const webSocket = new WebSocket(`ws://127.0.0.1:${portOf(stack)}/`, 'msrp')
    await once(webSocket, 'open')
    const frame = `MSRP tid1 SEND\r\nTo-Path: ${session.path[0]}\r\nFrom-Path: msrps://df7jal23ls0d.invalid/x;ws\r\nMessage-ID: aaaa\r\nContent-Type: text/plain\r\n\r\n€\r\n-------tid1$\r\n`
    webSocket.send(frame)
    const [answer, isBinary] = (await once(webSocket, 'message')) as [Buffer, boolean]
    expect(answer.toString()).toMatch(/^MSRP tid1 200 OK\r\n/)
    expect(isBinary).toBe(true)
    expect(Buffer.from(user.messages[0]?.body ?? []).toString()).toBe('€')
    webSocket.send(frame + frame.slice(0, 20))
    await once(webSocket, 'close')
  })
})

describe('peers', () => {
  const send = (session: MsrpSession, tid: string, body: string) =>
    `MSRP ${tid} SEND\r\nTo-Path: ${session.path[0]}\r\nFrom-Path: msrp://p.example:1/p;tcp\r\nMessage-ID: ${tid}\r\nContent-Type: text/plain\r\n\r\n${body}\r\n-------${tid}$\r\n`

  async function socketTo(stack: MsrpStack): Promise<Socket> {
    const socket = connect(portOf(stack), '127.0.0.1')
    socket.on('error', () => {})
    closing.push(() => socket.destroy())
    await once(socket, 'connect')
    return socket
  }

  test('[MS-10] may write byte by byte', async () => {
    const stack = await stackOn('tcp')
    const { session, user } = await open(stack)
    await session.start({ path: ['msrp://p.example:1/p;tcp'], role: 'passive' })
    const socket = (await socketTo(stack)).setNoDelay(true)
    for (const byte of Buffer.from(send(session, 'tid1', 'slow'))) {
      socket.write(Buffer.of(byte))
      await new Promise((done) => setImmediate(done))
    }
    await user.seen(1)
    expect(Buffer.from(user.messages[0]?.body ?? []).toString()).toBe('slow')
  })

  test('[MS-80] have so many connections, all together and from one address', async () => {
    for (const limits of [{ connections: 2 }, { connectionsPerAddress: 2 }]) {
      const drops: Drop[] = []
      const stack = await stackOn('tcp', { limits, onDrop: (drop) => drops.push(drop) })
      await socketTo(stack)
      await socketTo(stack)
      const third = await socketTo(stack)
      await once(third, 'close')
      expect(drops).toEqual([{ why: 'too many connections', remote: '127.0.0.1' }])
      expect(stack.counts.connections).toBe(2)
    }
  })

  test('[MS-58] that ask and do not read are closed', async () => {
    const drops: Drop[] = []
    const stack = await stackOn('tcp', { limits: { controlBytes: 20_000 }, onDrop: (drop) => drops.push(drop) })
    const { session, user } = await open(stack)
    await session.start({ path: ['msrp://p.example:1/p;tcp'], role: 'passive' })
    const socket = (await socketTo(stack)).pause()
    const closed = new Promise((done) => socket.once('close', done))
    const frames = Buffer.from(Array.from({ length: 500 }, (_, i) => send(session, `tid${i}`, '')).join(''))
    while (drops.length === 0 && !socket.destroyed) {
      if (!socket.write(frames)) await new Promise((done) => setTimeout(done, 1))
    }
    expect(drops[0]?.why).toMatch(/^does not read/)
    socket.resume()
    await closed
    expect(user.failures).toHaveLength(1)
  })
})

describe('a stack', () => {
  test('[MS-81] says where it listens and by which name it is reached', async () => {
    await expect(stackOn('tcp', {}, { address: '0.0.0.0' })).rejects.toThrow('advertise')
    await expect(
      createMsrpStack({ listen: [{ transport: 'tls', address: '127.0.0.1', port: 0 }], clock: realClock }),
    ).rejects.toThrow('certificate')
    const stack = await stackOn('tcp', {}, { address: '0.0.0.0', advertise: { host: 'im.example' } })
    const { session } = await open(stack)
    expect(session.path).toEqual([
      expect.stringMatching(new RegExp(`^msrp://im\\.example:${portOf(stack)}/[0-9a-f]{32};tcp$`)),
    ])
    await expect(open(stack, 'ws')).rejects.toThrow('does not listen')
    await expect(stackOn('tcp', {}, { port: portOf(stack) })).rejects.toThrow('EADDRINUSE')
  })

  test('[MS-81] has another session id each time, of 128 random bits', async () => {
    const stack = await stackOn('tcp')
    const paths = await Promise.all(Array.from({ length: 50 }, async () => (await open(stack)).session.path[0]))
    expect(new Set(paths).size).toBe(50)
  })

  test('[MS-82] does not wait for ever for a connection, nor connects where it should not', async () => {
    const deaf = createServer().listen(0, '127.0.0.1')
    await once(deaf, 'listening')
    closing.push(() => deaf.close())
    const { port } = deaf.address() as AddressInfo
    const stack = await stackOn('tls', { limits: { connectMs: 200 }, mayConnect: (_host, asked) => asked === port })
    const start = async (to: number) => {
      const { session } = await open(stack, 'tls')
      await session.start({ path: [`msrps://127.0.0.1:${to}/x;tcp`], role: 'active' })
    }
    await expect(start(port)).rejects.toThrow('in time')
    await expect(start(port + 1)).rejects.toThrow('wanted there')
    expect(stack.counts).toEqual({ sessions: 0, connections: 0 })
  })

  test('[MS-83] refuses a transport it does not know', async () => {
    const { session } = await open(await stackOn('tcp'))
    await expect(session.start({ path: ['msrp://127.0.0.1:9/x;dc'], role: 'active' })).rejects.toThrow('dc')
  })
})

describe('relays', () => {
  test('[MS-73] carry sessions whose ends both use one', async () => {
    const relay = await relayPeer()
    closing.push(() => relay.close())
    const { uri, user: name, password } = relay
    const stack = await stackOn('tcp')
    const [userA, userB] = [recorder(), recorder()]
    const use = { transport: 'tcp' as const, maxSize: 100_000, relay: { uri, user: name, password } }
    const a = await stack.open({ ...use, user: userA })
    const b = await stack.open({ ...use, user: userB })
    expect(a.path).toHaveLength(2)
    expect(a.path[0]).toMatch(/\/token1;tcp$/)
    await b.start({ path: a.path, role: 'passive' })
    await a.start({ path: b.path, role: 'active' })
    expect(await a.send({ ...hello, body: Buffer.alloc(10_000, 'x') })).toEqual({ sent: true })
    await userA.seen(1)
    expect(userB.messages[0]?.body).toHaveLength(10_000)
    expect(userA.reports).toMatchObject([{ status: 200, complete: true }])
    expect(relay.forwarded).toBe(7) // an empty one, five chunks, a REPORT
    await relay.close()
    await Promise.all([userA.seen(2), userB.seen(2)])
    expect([userA.failures.length, userB.failures.length]).toEqual([1, 1])
  })

  test('[MS-74] that refuse leave no session behind', async () => {
    const relay = await relayPeer()
    closing.push(() => relay.close())
    const stack = await stackOn('tcp')
    const refused = stack.open({
      ...{ transport: 'tcp', maxSize: 1, user: recorder() },
      relay: { uri: relay.uri, user: 'ann', password: 'wrong' },
    })
    await expect(refused).rejects.toThrow('refuses the password')
    expect(stack.counts.sessions).toBe(0)
  })
})
