import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type ClientOptions, WebSocket } from 'ws'
import { type IssuedCertificate, type TestAuthority, testAuthority } from '../../testing/certificates.ts'
import { liveTransports } from '../../testing/live-transports.ts'
import { ManualClock } from '../../testing/manual-clock.ts'
import { requestBytes } from '../../testing/sip-messages.ts'
import type { Flow } from './flow.ts'

let authority: TestAuthority
let server: IssuedCertificate
beforeAll(async () => {
  authority = await testAuthority()
  server = await authority.issue('DNS:im.example', 'IP:127.0.0.1')
})
afterAll(() => authority.remove())

const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})
const soon = { timeout: 15_000, interval: 10 }

async function open(...args: Parameters<typeof liveTransports>) {
  const live = await liveTransports(...args)
  stops.push(() => live.transports.close())
  return live
}

/** A bare client that is connected. */
async function peer(url: string, protocol = 'sip', options: ClientOptions = {}) {
  const socket = new WebSocket(url, protocol, options)
  stops.push(() => socket.terminate())
  const frames: { text: string; binary: boolean }[] = []
  socket.on('message', (data, binary) => frames.push({ text: String(data), binary }))
  await once(socket, 'open')
  socket.on('error', () => {})
  return { socket, frames }
}

describe('WebSocket', () => {
  test('[SF-13] a frame is a message, 10 000 of them, text or binary', async () => {
    const { inbox, at } = await open([{ transport: 'ws' }])
    const { socket, frames } = await peer(`ws://127.0.0.1:${at('ws').port}/`)
    inbox.onEach = (message, flow) => flow.send(requestBytes({ callID: message.callID, body: 'Grüße' }))
    for (let i = 0; i < 10_000; i++) socket.send(requestBytes({ callID: `c${i}` }), { binary: i % 2 === 0 })
    await vi.waitFor(() => expect(frames.length).toBe(10_000), { timeout: 40_000, interval: 20 })
    expect(inbox.messages.map(({ message }) => message.callID)).toEqual(
      Array.from({ length: 10_000 }, (_, i) => `c${i}`),
    )
    expect(frames.every(({ binary }) => !binary)).toBe(true)
    const flow = inbox.messages[0]?.flow as Flow
    expect([flow.transport, flow.reliable, flow.peerNames]).toEqual(['ws', true, []])

    flow.send(Buffer.from([0xff, 0xfe]))
    await vi.waitFor(() => expect(frames.at(-1)?.binary).toBe(true), soon)
  })

  test('[SF-13] path, origin and subprotocol are looked at before anything else', async () => {
    const origins = ['https://desktop.example']
    const { inbox, at } = await open([{ transport: 'ws', path: '/sip', origins }])
    const base = `ws://127.0.0.1:${at('ws').port}`
    const origin = 'https://desktop.example'
    await expect(peer(`${base}/`, 'sip', { origin })).rejects.toThrow('404')
    await expect(peer(`${base}/sip`, 'sip', { origin: 'https://evil.example' })).rejects.toThrow('403')
    await expect(peer(`${base}/sip`, 'sip')).rejects.toThrow('403')
    await expect(peer(`${base}/sip`, 'xmpp', { origin })).rejects.toThrow('400')
    expect(inbox.drops).toEqual(['not-found', 'origin', 'origin', 'subprotocol'])
    const { socket } = await peer(`${base}/sip?x=1`, 'sip', { origin })
    expect(socket.protocol).toBe('sip')
    const plain = await fetch(`http://127.0.0.1:${at('ws').port}/sip`)
    expect(plain.status).toBe(426)
  })

  test('[SF-2] a frame that is no message is answered, one that is no frame ends the connection', async () => {
    const { inbox, at } = await open([{ transport: 'ws' }], { limits: { connectMs: 1_000 } })
    const { socket, frames } = await peer(`ws://127.0.0.1:${at('ws').port}/`)
    const via = 'Via: SIP/2.0/WS x.invalid;branch=z9hG4bK1\r\n'
    socket.send(`OPTIONS sip:a@b SIP/7.0\r\n${via}\r\n`)
    socket.send('hello')
    socket.send(requestBytes())
    await vi.waitFor(() => expect(inbox.messages.length).toBe(1), soon)
    await vi.waitFor(() => expect(frames[0]?.text).toMatch(/^SIP\/2\.0 505 /), soon)
    expect(inbox.faults.length).toBe(2)

    socket.send(Buffer.alloc(400_000))
    const [code] = await once(socket, 'close')
    expect(code).toBe(1009)
    expect(inbox.drops).toEqual(['malformed', 'malformed', 'too-large'])

    const raw = connect(at('ws').port, '127.0.0.1')
    raw.write('\0\0\0\0garbage')
    const silent = connect(at('ws').port, '127.0.0.1')
    for (const one of [raw, silent]) one.on('error', () => {}).resume()
    await Promise.all([once(raw, 'close'), once(silent, 'close')])
    expect(inbox.errors).toEqual([])
  })

  test('[SF-7] a silent client is pinged and stays, one that does not answer is gone after 34 s', async () => {
    const clock = new ManualClock()
    const { inbox, at, transports } = await open([{ transport: 'ws' }], { clock })
    const url = `ws://127.0.0.1:${at('ws').port}/`
    const alive = await peer(url)
    const gone = await peer(url, 'sip', { autoPong: false })
    for (const { socket } of [alive, gone]) socket.send(requestBytes())
    await vi.waitFor(() => expect(inbox.messages.length).toBe(2), soon)
    const pings = [alive, gone].map(({ socket }) => once(socket, 'ping'))
    clock.advance(24_000)
    await Promise.all(pings)
    const heard = vi.fn()
    gone.socket.once('close', heard)
    // The pong of the one that is alive is on its way before this.
    alive.socket.send('\r\n\r\n')
    await vi.waitFor(() => expect(alive.frames.map(({ text }) => text)).toEqual(['\r\n']), soon)
    clock.advance(10_000)
    await vi.waitFor(() => expect(heard).toHaveBeenCalled(), soon)
    expect(inbox.drops).toEqual(['no-pong'])
    expect(transports.counts.connections).toBe(1)
  })

  test('[SF-6] a client that stops reading costs a bounded queue and its flow', async () => {
    const { inbox, at } = await open([{ transport: 'ws' }], { limits: { queue: 100_000 } })
    const { socket } = await peer(`ws://127.0.0.1:${at('ws').port}/`)
    socket.send(requestBytes())
    await vi.waitFor(() => expect(inbox.messages.length).toBe(1), soon)
    socket.pause()
    const flow = inbox.messages[0]?.flow as Flow
    const bytes = requestBytes({ body: 'x'.repeat(10_000) })
    let sent = 0
    while (flow.send(bytes) && sent < 10_000) if (++sent % 5 === 0) await new Promise(setImmediate)
    expect(sent).toBeLessThan(10_000)
    expect(inbox.drops).toEqual(['slow-reader'])
    await vi.waitFor(() => expect(inbox.closed).toEqual([flow]), soon)
  })

  test('[SF-8] a client that connects and says nothing is closed after 15 s', async () => {
    const clock = new ManualClock()
    const { inbox, at } = await open([{ transport: 'ws' }], { clock })
    const { socket } = await peer(`ws://127.0.0.1:${at('ws').port}/`)
    clock.advance(15_000)
    await once(socket, 'close')
    expect(inbox.drops).toEqual(['no-message'])
  })

  test('[SF-9] we connect too, once per target', async () => {
    const b = await open([{ transport: 'ws' }])
    const a = await open([{ transport: 'ws' }])
    const [flow, same] = await Promise.all([a.transports.flowTo(b.at('ws')), a.transports.flowTo(b.at('ws'))])
    expect(flow).toBe(same)
    flow.send(requestBytes())
    await vi.waitFor(() => expect(b.inbox.messages.length).toBe(1), soon)
    const back = b.inbox.messages[0]?.flow as Flow
    back.send(requestBytes({ callID: 'back' }))
    await vi.waitFor(() => expect(a.inbox.messages[0]?.message.callID).toBe('back'), soon)
    flow.close()
    await vi.waitFor(() => expect(b.inbox.closed).toEqual([back]), soon)
    await vi.waitFor(() => expect(a.transports.counts.connections).toBe(0), soon)
    // No URL can be made of this one.
    const scoped = { transport: 'ws', address: 'fe80::1%lo', port: 1 } as const
    await expect(a.transports.flowTo(scoped)).rejects.toThrow('no connection to ws [fe80::1%lo]:1')
    const nobody = { transport: 'ws', address: '127.0.0.1', port: 1 } as const
    await expect(a.transports.flowTo(nobody)).rejects.toThrow('no connection to ws 127.0.0.1:1')
    await vi.waitFor(() => expect(a.transports.counts.connections).toBe(0), soon)
  })

  test('[SF-11] WSS: names are checked by the rules of HTTP, and the certificate is renewed under a flow', async () => {
    const b = await open([{ transport: 'wss', tls: { ...server, ca: authority.ca, clientCertificate: 'ask' } }])
    const identity = await authority.issue('DNS:trunk.example')
    const a = await open([], { client: { ...identity, ca: authority.ca } })
    const flow = await a.transports.flowTo({ ...b.at('wss'), serverName: 'im.example' })
    flow.send(requestBytes())
    await vi.waitFor(() => expect(b.inbox.messages.length).toBe(1), soon)
    expect(b.inbox.messages[0]?.flow.peerNames).toEqual(['trunk.example'])
    await expect(a.transports.flowTo({ ...b.at('wss'), serverName: 'other.example' })).rejects.toThrow('other.example')

    b.transports.reload({ ...(await authority.issue('DNS:other.example')), ca: authority.ca })
    await a.transports.flowTo({ ...b.at('wss'), serverName: 'other.example' })
    flow.send(requestBytes())
    await vi.waitFor(() => expect(b.inbox.messages.length).toBe(2), soon)
    expect(b.inbox.messages[1]?.flow).toBe(b.inbox.messages[0]?.flow)
  })

  test('[SF-16] close says goodbye to clients and ends half-made handshakes', async () => {
    const clock = new ManualClock()
    const b = await open([{ transport: 'ws' }], { clock })
    const { socket } = await peer(`ws://127.0.0.1:${b.at('ws').port}/`)
    const half = connect(b.at('ws').port, '127.0.0.1')
    half.on('error', () => {}).resume()
    await vi.waitFor(() => expect(b.transports.counts.connections).toBe(2), soon)
    const closed = Promise.all([once(socket, 'close'), once(half, 'close')])
    await b.transports.close()
    const [[code]] = await closed
    expect(code).toBe(1001)
    expect(clock.pending).toBe(0)
  })
})
