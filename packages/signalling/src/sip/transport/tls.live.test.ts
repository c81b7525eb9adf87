import { once } from 'node:events'
import { connect as connectPlain } from 'node:net'
import { type ConnectionOptions, connect, createServer, type TLSSocket } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type IssuedCertificate, type TestAuthority, testAuthority } from '../../testing/certificates.ts'
import { liveTransports } from '../../testing/live-transports.ts'
import { requestBytes } from '../../testing/sip-messages.ts'
import type { Flow, Target } from './flow.ts'

let authority: TestAuthority
let stranger: TestAuthority
let server: IssuedCertificate
let client: IssuedCertificate
beforeAll(async () => {
  ;[authority, stranger] = await Promise.all([testAuthority(), testAuthority()])
  server = await authority.issue('DNS:im.example', 'DNS:*.wild.example', 'IP:127.0.0.1')
  client = await authority.issue('URI:sip:trunk.example', 'DNS:other.example')
})
afterAll(() => Promise.all([authority.remove(), stranger.remove()]))

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

/** A bare client. */
async function peer(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', ca: authority.ca, servername: 'im.example', ...options })
  stops.push(() => socket.destroy())
  await once(socket, 'secureConnect')
  socket.on('error', () => {})
  return socket
}

const named = (target: Target, serverName: string): Target => ({ ...target, serverName })

describe('TLS', () => {
  test('[SF-5] messages go both ways, whole and in order', async () => {
    const b = await open([{ transport: 'tls', tls: server }])
    const a = await open([], { client: { ca: authority.ca } })
    b.inbox.onEach = (message, flow) => flow.send(requestBytes({ callID: message.callID, body: 'x'.repeat(3_000) }))
    const flow = await a.transports.flowTo(named(b.at('tls'), 'im.example'))
    for (let i = 0; i < 1_000; i++) flow.send(requestBytes({ callID: `c${i}` }))
    await vi.waitFor(() => expect(a.inbox.messages.length).toBe(1_000), { timeout: 20_000, interval: 20 })
    expect(a.inbox.messages.map(({ message }) => message.callID)).toEqual(
      Array.from({ length: 1_000 }, (_, i) => `c${i}`),
    )
    expect(flow.peerNames).toEqual(['im.example', '*.wild.example'])
    expect(b.inbox.messages[0]?.flow.peerNames).toEqual([])
  })

  test('[SF-10] the server must show the name that was asked for, in full, by an authority we trust', async () => {
    const b = await open([{ transport: 'tls', tls: server }])
    const a = await open([], { client: { ca: authority.ca } })
    const to = (name: string) => a.transports.flowTo(named(b.at('tls'), name))
    await expect(to('other.example')).rejects.toThrow('not for other.example')
    await expect(to('a.wild.example')).rejects.toThrow('not for a.wild.example')
    const flows = await Promise.all([to('IM.example'), a.transports.flowTo(b.at('tls'))])
    expect(flows[0]).not.toBe(flows[1])

    const distrusting = await open([], { client: { ca: stranger.ca } })
    await expect(distrusting.transports.flowTo(named(b.at('tls'), 'im.example'))).rejects.toThrow(/certificate/)
    await vi.waitFor(() => expect(distrusting.transports.counts.connections).toBe(0), soon)
    expect(b.inbox.errors).toEqual([])
  })

  test('[SF-10] TLS 1.1 is refused both ways', async () => {
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
    const b = await open([{ transport: 'tls', tls: server }])
    await expect(peer(b.at('tls').port, old)).rejects.toThrow()
    await vi.waitFor(() => expect(b.inbox.drops).toEqual(['handshake-failed']), soon)

    const outdated = createServer({ ...server, ...old })
    outdated.on('tlsClientError', () => {})
    outdated.listen(0, '127.0.0.1')
    await once(outdated, 'listening')
    stops.push(() => outdated.close())
    const { port } = outdated.address() as { port: number }
    const target = { transport: 'tls', address: '127.0.0.1', port, serverName: 'im.example' } as const
    const a = await open([], { client: { ca: authority.ca } })
    await expect(a.transports.flowTo(target)).rejects.toThrow(/protocol|alert/)
  })

  test('[SF-11] a new certificate is for new connections; the flow that is there goes on', async () => {
    const b = await open([{ transport: 'tls', tls: server }])
    const { port } = b.at('tls')
    const before = await peer(port)
    before.write(requestBytes({ callID: 'before' }))
    await vi.waitFor(() => expect(b.inbox.messages.length).toBe(1), soon)

    const renewed = await authority.issue('DNS:im.example')
    b.transports.reload(renewed)
    const after = await peer(port)
    expect(after.getPeerCertificate().serialNumber).not.toBe(before.getPeerCertificate().serialNumber)

    before.write(requestBytes({ callID: 'still' }))
    after.write(requestBytes({ callID: 'after' }))
    await vi.waitFor(() => expect(b.inbox.messages.length).toBe(3), soon)
    expect(b.inbox.messages[1]?.message.callID === 'still').toBe(
      b.inbox.messages[1]?.flow === b.inbox.messages[0]?.flow,
    )
    expect(b.inbox.messages[0]?.flow.send(requestBytes())).toBe(true)
    expect(b.inbox.closed).toEqual([])

    expect(() => b.transports.reload({ cert: renewed.cert, key: server.key })).toThrow()
    const unchanged = await peer(port)
    expect(unchanged.getPeerCertificate().serialNumber).toBe(after.getPeerCertificate().serialNumber)
  })

  test('[SF-11] reload can name one listener, and a session from before is not taken up again', async () => {
    const b = await open([
      { transport: 'tls', tls: server },
      { transport: 'tls', tls: server },
    ])
    const [first, second] = b.transports.listening
    const socket = connect({ port: first?.port ?? 0, host: '127.0.0.1', ca: authority.ca, servername: 'im.example' })
    stops.push(() => socket.destroy())
    const [session] = await once(socket, 'session')
    expect((await peer(first?.port ?? 0, { session })).isSessionReused()).toBe(true)
    b.transports.reload(await authority.issue('DNS:im.example'), first)
    expect((await peer(first?.port ?? 0, { session })).isSessionReused()).toBe(false)
    const [one, two] = await Promise.all([peer(first?.port ?? 0), peer(second?.port ?? 0)])
    expect(one.getPeerCertificate().serialNumber).not.toBe(two.getPeerCertificate().serialNumber)
  })

  test('[SF-15] a certificate that does not fit its key keeps everything closed', async () => {
    const tls = { cert: server.cert, key: client.key }
    await expect(open([{ transport: 'tcp' }, { transport: 'tls', tls }])).rejects.toThrow('cannot listen on tls')
    await expect(open([{ transport: 'tls' }])).rejects.toThrow('needs a certificate')
  })

  test('[SF-12] asked for and verified, a client certificate gives the flow its names', async () => {
    const b = await open([{ transport: 'tls', tls: { ...server, ca: authority.ca, clientCertificate: 'ask' } }])
    const forged = await stranger.issue('URI:sip:trunk.example')
    for (const certificate of [client, forged, undefined]) {
      const socket = await peer(b.at('tls').port, certificate && { cert: certificate.cert, key: certificate.key })
      socket.write(requestBytes())
      const count = b.inbox.messages.length
      await vi.waitFor(() => expect(b.inbox.messages.length).toBe(count + 1), soon)
    }
    expect(b.inbox.messages.map(({ flow }) => flow.peerNames)).toEqual([['trunk.example'], [], []])
  })

  test('[SF-12] where it is required, nobody comes in without a valid one', async () => {
    const b = await open([{ transport: 'tls', tls: { ...server, ca: authority.ca, clientCertificate: 'require' } }])
    const forged = await stranger.issue('URI:sip:trunk.example')
    for (const certificate of [forged, undefined]) {
      // TLS 1.3 tells the client after it believes to be connected.
      const socket = connect({
        port: b.at('tls').port,
        host: '127.0.0.1',
        ca: authority.ca,
        servername: 'im.example',
        ...certificate,
      })
      socket.on('error', () => {}).resume()
      socket.write(requestBytes())
      await new Promise((resolve) => socket.once('close', resolve))
    }
    const socket = await peer(b.at('tls').port, client)
    socket.write(requestBytes())
    await vi.waitFor(() => expect(b.inbox.messages.length).toBe(1), soon)
    expect(b.inbox.drops).toEqual(['handshake-failed', 'handshake-failed'])
  })

  test('[SF-9] two servers that know each other use one connection, as RFC 5923 has it', async () => {
    const [one, two] = await Promise.all([authority.issue('DNS:a.example'), authority.issue('DNS:b.example')])
    const side = async (identity: IssuedCertificate) =>
      open([{ transport: 'tls', tls: { ...identity, ca: authority.ca, clientCertificate: 'ask' } }], {
        client: { ...identity, ca: authority.ca },
      })
    const [a, b] = [await side(one), await side(two)]
    const flow = await a.transports.flowTo(named(b.at('tls'), 'b.example'))
    flow.send(requestBytes({ vias: [`SIP/2.0/TLS ${flow.sentBy};branch=z9hG4bK1;alias`] }))
    await vi.waitFor(() => expect(b.inbox.messages.length).toBe(1), soon)
    const back = b.inbox.messages[0]?.flow as Flow
    expect(await b.transports.flowTo(named(a.at('tls'), 'a.example'))).toBe(back)
    // Not to another name at the same address, nor to one it does not show.
    await expect(b.transports.flowTo(named(a.at('tls'), 'c.example'))).rejects.toThrow('not for c.example')
  })

  test('[SF-8] a handshake that does not come to an end, or is none, is cut off', async () => {
    const b = await open([{ transport: 'tls', tls: server }], { limits: { connectMs: 300 } })
    const { port } = b.at('tls')
    const silent = connectPlain(port, '127.0.0.1')
    const plain = connectPlain(port, '127.0.0.1')
    plain.write(requestBytes())
    stops.push(() => silent.destroy())
    stops.push(() => plain.destroy())
    for (const socket of [silent, plain]) socket.on('error', () => {}).resume()
    await Promise.all([once(silent, 'close'), once(plain, 'close')])
    await vi.waitFor(() => expect(b.transports.counts.connections).toBe(0), soon)
    expect(b.inbox.drops).toEqual(['handshake-failed', 'handshake-failed'])

    expect(b.inbox.errors).toEqual([])
  })

  test('[SF-8] one too many is refused before the handshake', async () => {
    const b = await open([{ transport: 'tls', tls: server }], { limits: { connectionsPerAddress: 3 } })
    const { port } = b.at('tls')
    await Promise.all([peer(port), peer(port), peer(port)])
    await expect(peer(port)).rejects.toThrow()
    expect(b.inbox.drops).toContain('too-many-from-address')
    expect(b.inbox.errors).toEqual([])
  })

  test('[SF-16] close ends flows and half-made handshakes', async () => {
    const b = await open([{ transport: 'tls', tls: server }])
    const half = connectPlain(b.at('tls').port, '127.0.0.1')
    half.on('error', () => {})
    const whole = await peer(b.at('tls').port)
    await vi.waitFor(() => expect(b.transports.counts.connections).toBe(2), soon)
    await b.transports.close()
    expect(b.transports.counts.connections).toBe(0)
    await Promise.all([half, whole].map((socket) => (socket.closed ? undefined : once(socket.resume(), 'close'))))
  })
})
