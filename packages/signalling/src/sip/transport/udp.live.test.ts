import { fork } from 'node:child_process'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { liveTransports } from '../../testing/live-transports.ts'
import { requestBytes } from '../../testing/sip-messages.ts'

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

/** A bare peer. */
async function peer(type: 'udp4' | 'udp6' = 'udp4'): Promise<{ socket: Socket; received: Buffer[] }> {
  const socket = createSocket(type)
  const received: Buffer[] = []
  socket.on('message', (bytes) => received.push(bytes))
  socket.bind(0, type === 'udp4' ? '127.0.0.1' : '::1')
  await once(socket, 'listening')
  stops.push(() => socket.close())
  return { socket, received }
}

describe('UDP', () => {
  test.each([
    ['udp4', '127.0.0.1'],
    ['udp6', '::1'],
  ] as const)('[SF-1] %s: messages both ways over one flow', async (type, address) => {
    const { inbox, at, transports } = await open([{ transport: 'udp', address }])
    const { socket, received } = await peer(type)
    const { port } = at('udp')
    for (const callID of ['a', 'b']) socket.send(requestBytes({ callID }), port, address)
    await vi.waitFor(() => expect(inbox.messages.length).toBe(2), soon)

    const [first, second] = inbox.messages
    expect(first?.flow).toBe(second?.flow)
    expect(first?.flow.remote).toEqual({ address, port: socket.address().port })
    expect(first?.flow.local).toEqual({ address, port })
    expect(first?.flow.sentBy).toBe(type === 'udp6' ? `[::1]:${port}` : `127.0.0.1:${port}`)
    expect(transports.flow(first?.flow.id ?? '')).toBe(first?.flow)
    expect(await transports.flowTo({ transport: 'udp', ...socket.address() })).toBe(first?.flow)

    expect(first?.flow.send(Buffer.from('answer'))).toBe(true)
    await vi.waitFor(() => expect(String(received[0])).toBe('answer'), soon)
  })

  test('[SF-1] peers beyond the limit are forgotten, and found again by the same id', async () => {
    const { inbox, at, transports } = await open([{ transport: 'udp' }], { limits: { udpPeers: 10 } })
    const { socket, received } = await peer()
    socket.send(requestBytes(), at('udp').port, '127.0.0.1')
    await vi.waitFor(() => expect(inbox.messages.length).toBe(1), soon)
    const flow = inbox.messages[0]?.flow
    for (let port = 1; port <= 100; port++) await transports.flowTo({ transport: 'udp', address: '127.0.0.1', port })
    expect(transports.counts.udpPeers).toBeLessThanOrEqual(10)

    const again = transports.flow(flow?.id ?? '')
    expect(again).not.toBe(flow)
    expect(again?.id).toBe(flow?.id)
    for (const one of [flow, again]) one?.send(Buffer.from('still'))
    await vi.waitFor(() => expect(received.length).toBe(2), soon)
    expect(transports.flow(flow?.id.replace(/^./, 'x') ?? '')).toBeUndefined()
  })

  test('[SF-2] garbage is answered where an answer is right, and is the end of nothing', async () => {
    const { inbox, at } = await open([{ transport: 'udp' }])
    const { socket, received } = await peer()
    const { port } = at('udp')
    const via = 'Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1;rport\r\n'
    for (const bytes of [
      Buffer.alloc(1_000, 255),
      Buffer.from('hello\r\n\r\n'),
      Buffer.from([...Array(256).keys()]),
      Buffer.from(`INVITE sip:a@b SIP/7.0\r\n${via}\r\n`),
      Buffer.from(`SIP/2.0 999 what\r\n${via}\r\n`),
    ])
      socket.send(bytes, port, '127.0.0.1')
    socket.send(requestBytes(), port, '127.0.0.1')
    await vi.waitFor(() => expect(inbox.messages.length).toBe(1), soon)
    expect(inbox.faults.length).toBe(5)
    expect(inbox.drops).toEqual(Array(5).fill('malformed'))
    await vi.waitFor(() => expect(received.length).toBeGreaterThan(0), soon)
    const versions = received.map(String).filter((text) => text.startsWith('SIP/2.0 505'))
    expect(versions.length).toBe(1)
    expect(versions[0]).toContain(`;rport=${socket.address().port}`)
    expect(inbox.errors).toEqual([])
  })

  test('[SF-2] a user that throws is told, and hears the next message', async () => {
    const { inbox, at } = await open([{ transport: 'udp' }])
    const { socket } = await peer()
    inbox.onEach = () => {
      throw new Error('broken')
    }
    for (let i = 0; i < 2; i++) socket.send(requestBytes(), at('udp').port, '127.0.0.1')
    await vi.waitFor(() => expect(inbox.errors.length).toBe(2), soon)
  })

  test('[SF-3] STUN is answered, blank and zero bytes are swallowed, and neither makes a flow', async () => {
    const { inbox, at, transports } = await open([{ transport: 'udp' }])
    const { socket, received } = await peer()
    const { port } = at('udp')
    for (const bytes of ['\r\n\r\n', '\0', '\0\0\0\0', '\r\n']) socket.send(bytes, port, '127.0.0.1')
    socket.send(Buffer.from('000100002112a4420102030405060708090a0b0c', 'hex'), port, '127.0.0.1')
    await vi.waitFor(() => expect(received.length).toBe(1), soon)
    expect(received[0]?.readUInt16BE(0)).toBe(0x0101)
    expect((received[0]?.readUInt16BE(26) ?? 0) ^ 0x2112).toBe(socket.address().port)
    expect(transports.counts.udpPeers).toBe(0)
    expect(inbox.faults).toEqual([])
  })

  test('[SF-2] what cannot be sent is not taken, or closes the flow', async () => {
    const { inbox, transports } = await open([{ transport: 'udp' }])
    const flow = await transports.flowTo({ transport: 'udp', address: '127.0.0.1', port: 9 })
    expect(flow.send(Buffer.alloc(65_508))).toBe(false)
    expect(flow.open).toBe(true)

    // From a loopback address nothing leads outside: the kernel says so.
    const outside = await transports.flowTo({ transport: 'udp', address: '192.0.2.1', port: 9 })
    expect(outside.send(Buffer.from('x'))).toBe(true)
    await vi.waitFor(() => expect(inbox.closed).toEqual([outside]), soon)
    expect(outside.open).toBe(false)
    expect(inbox.drops).toEqual(['send-failed'])
  })

  test.each([
    ['127.0.0.1', 0],
    ['127.0.0.1', 65_536],
    ['im.example', 5060],
  ])('[SF-2] %s port %i is no target', async (address, port) => {
    const { transports } = await open([{ transport: 'udp' }])
    await expect(transports.flowTo({ transport: 'udp', address, port })).rejects.toThrow('numeric address and a port')
  })

  test('[SF-14] bound to all addresses, the peer is told the one it sees; advertised is what is advertised', async () => {
    const { transports, at } = await open([
      { transport: 'udp', address: '0.0.0.0' },
      { transport: 'udp', address: '::', advertise: { host: 'im.example', port: 5060 } },
    ])
    const v4 = await transports.flowTo({ transport: 'udp', address: '127.0.0.1', port: 9 })
    expect(v4.sentBy).toBe(`127.0.0.1:${at('udp').port}`)
    const v6 = await transports.flowTo({ transport: 'udp', address: '::1', port: 9 })
    expect(v6.sentBy).toBe('im.example:5060')
    expect(v6.local.address).toBe('::1')
  })

  test('[SF-15] an address in use is named, and the listeners before it are closed again', async () => {
    const { at } = await open([{ transport: 'udp' }])
    const { port } = at('udp')
    const failing = open([{ transport: 'udp' }, { transport: 'tcp' }, { transport: 'udp', port }])
    await expect(failing).rejects.toThrow(`cannot listen on udp 127.0.0.1:${port}: the address is in use`)
    await expect(open([{ transport: 'tcp', address: '192.0.2.1' }])).rejects.toThrow(
      'this machine does not have the address',
    )
  })

  test('[SF-4] two processes share a port, and each peer stays with one of them', async () => {
    const worker = new URL('../../testing/reuse-port-process.ts', import.meta.url)
    const workers = await Promise.all(
      [0, 1].map(async () => {
        const child = fork(worker, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
        stops.push(() => child.kill())
        return child
      }),
    )
    const [first, second] = workers
    const ready = async (child: (typeof workers)[number] | undefined, port: number): Promise<number> => {
      child?.send(port)
      const [answer] = await once(child as NonNullable<typeof child>, 'message')
      return answer
    }
    const port = await ready(first, 0)
    expect(await ready(second, port)).toBe(port)

    const served = new Set<string>()
    for (let i = 0; i < 40; i++) {
      const { socket, received } = await peer()
      for (let n = 0; n < 2; n++) socket.send(requestBytes(), port, '127.0.0.1')
      await vi.waitFor(() => expect(received.length).toBe(2), soon)
      expect(String(received[0])).toBe(String(received[1]))
      served.add(String(received[0]))
    }
    expect(served).toEqual(new Set(workers.map((child) => `process ${child.pid}`)))
  })

  test('[SF-16] close leaves nothing and is asked twice without harm', async () => {
    const { transports, inbox } = await open([{ transport: 'udp' }])
    const flow = await transports.flowTo({ transport: 'udp', address: '127.0.0.1', port: 9 })
    await Promise.all([transports.close(), transports.close()])
    expect(flow.open).toBe(false)
    expect(flow.send(Buffer.from('x'))).toBe(false)
    await expect(transports.flowTo({ transport: 'udp', address: '127.0.0.1', port: 9 })).rejects.toThrow('closed')
    expect(inbox.errors).toEqual([])
  })
})
