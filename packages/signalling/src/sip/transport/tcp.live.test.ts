import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { liveTransports } from '../../testing/live-transports.ts'
import { ManualClock } from '../../testing/manual-clock.ts'
import { seededRandom } from '../../testing/seeded-ids.ts'
import { requestBytes } from '../../testing/sip-messages.ts'
import type { Flow } from './flow.ts'

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

/** A bare peer that has connected. */
async function peer(at: { address: string; port: number }) {
  const socket = connect(at.port, at.address)
  stops.push(() => socket.destroy())
  let text = ''
  socket.on('data', (bytes) => {
    text += bytes
  })
  socket.on('error', () => {})
  await once(socket, 'connect')
  return { socket, text: () => text }
}

/** A bare peer that listens. */
async function listening(onSocket: (socket: Socket) => void = () => {}): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    stops.push(() => socket.destroy())
    onSocket(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  stops.push(() => server.close())
  const address = server.address()
  return { server, port: typeof address === 'object' ? (address?.port ?? 0) : 0 }
}

const callIDs = (messages: readonly { message: { callID: string } }[]): string[] =>
  messages.map((m) => m.message.callID)

describe('TCP', () => {
  test.each(['127.0.0.1', '::1'])('[SF-5] %s: 10 000 messages each way, cut anywhere', async (address) => {
    const a = await open([{ transport: 'tcp', address }])
    const { socket, text } = await peer(a.at('tcp'))
    a.inbox.onEach = (message, flow) => flow.send(requestBytes({ callID: message.callID }))
    const total = 10_000
    const all = Buffer.concat(Array.from({ length: total }, (_, i) => requestBytes({ callID: `c${i}`, body: 'Grüße' })))
    const random = seededRandom(1)
    for (let at = 0; at < all.length; ) {
      const end = Math.min(all.length, at + 1 + (random() % 40_000))
      if (!socket.write(all.subarray(at, end))) await once(socket, 'drain')
      at = end
    }
    await vi.waitFor(() => expect(a.inbox.messages.length).toBe(total), { timeout: 40_000, interval: 20 })
    expect(callIDs(a.inbox.messages)).toEqual(Array.from({ length: total }, (_, i) => `c${i}`))
    await vi.waitFor(() => expect(text().match(/Call-ID: /g)?.length).toBe(total), { timeout: 40_000, interval: 50 })
    expect(a.inbox.drops).toEqual([])
  })

  test('[SF-5] a message that comes byte by byte is one message', async () => {
    const { inbox, at } = await open([{ transport: 'tcp' }])
    const { socket } = await peer(at('tcp'))
    socket.setNoDelay(true)
    for (const byte of Buffer.concat([requestBytes({ callID: 'a', body: 'x' }), requestBytes({ callID: 'b' })])) {
      socket.write(Buffer.of(byte))
      await new Promise(setImmediate)
    }
    await vi.waitFor(() => expect(callIDs(inbox.messages)).toEqual(['a', 'b']), soon)
  })

  test('[SF-5] CRLF CRLF between messages is answered by CRLF', async () => {
    const { inbox, at } = await open([{ transport: 'tcp' }])
    const { socket, text } = await peer(at('tcp'))
    socket.write(Buffer.concat([requestBytes({ callID: 'a' }), Buffer.from('\r\n\r\n'), requestBytes({ callID: 'b' })]))
    await vi.waitFor(() => expect(text()).toBe('\r\n'), soon)
    for (const byte of '\r\n\r\n') {
      socket.write(byte)
      await new Promise(setImmediate)
    }
    await vi.waitFor(() => expect(text()).toBe('\r\n\r\n'), soon)
    expect(callIDs(inbox.messages)).toEqual(['a', 'b'])
  })

  test('[SF-5] a stream that cannot be read on ends after the answer', async () => {
    const { inbox, at } = await open([{ transport: 'tcp' }])
    const { socket, text } = await peer(at('tcp'))
    const head = String(requestBytes()).replace(/Content-Length: 0/, 'Content-Length: ten')
    socket.write(`${head}${requestBytes()}`)
    await once(socket, 'end')
    expect(text()).toMatch(/^SIP\/2\.0 400 /)
    await vi.waitFor(() => expect(inbox.closed.length).toBe(1), soon)
    expect(inbox.messages).toEqual([])
    expect(inbox.faults.map(({ fault }) => fault.fatal)).toEqual([true])
  })

  test('[SF-2] garbage of every kind ends one connection at most', async () => {
    const { inbox, at } = await open([{ transport: 'tcp' }])
    const random = seededRandom(2)
    for (let i = 0; i < 50; i++) {
      const { socket } = await peer(at('tcp'))
      socket.write(Buffer.from(Array.from({ length: 400 }, () => random() & 0xff)))
      socket.end(i % 2 ? '\r\n\r\n' : '')
    }
    const { socket } = await peer(at('tcp'))
    socket.write(requestBytes())
    await vi.waitFor(() => expect(inbox.messages.length).toBe(1), soon)
    await vi.waitFor(() => expect(inbox.closed.length).toBe(50), soon)
    expect(inbox.errors).toEqual([])
  })

  test('[SF-9] many who ask for one target get one connection, and the next ones too', async () => {
    const b = await open([{ transport: 'tcp' }])
    const a = await open([{ transport: 'tcp' }])
    const flows = await Promise.all(Array.from({ length: 20 }, () => a.transports.flowTo(b.at('tcp'))))
    expect(new Set(flows).size).toBe(1)
    expect(await a.transports.flowTo({ ...b.at('tcp'), serverName: 'ignored' })).toBe(flows[0])
    expect(a.transports.counts.connections).toBe(1)
    expect(flows[0]?.sentBy).toBe(`127.0.0.1:${a.at('tcp').port}`)

    flows[0]?.send(requestBytes())
    await vi.waitFor(() => expect(b.inbox.messages.length).toBe(1), soon)
    const back = b.inbox.messages[0]?.flow as Flow
    expect(b.transports.flow(back.id)).toBe(back)
    // To the very port it came from, and not to where it listens.
    expect(await b.transports.flowTo({ transport: 'tcp', ...back.remote })).toBe(back)
    expect(await b.transports.flowTo(a.at('tcp'))).not.toBe(back)

    flows[0]?.close()
    await vi.waitFor(() => expect(b.inbox.closed).toEqual([back]), soon)
    expect(b.transports.flow(back.id)).toBeUndefined()
    expect(await a.transports.flowTo(b.at('tcp'))).not.toBe(flows[0])
  })

  test('[SF-18] a URI leads to where there is a listener to send from', async () => {
    const { transports } = await open([{ transport: 'udp' }, { transport: 'tcp', address: '::1' }])
    expect(await transports.resolve('sip:localhost:5070')).toEqual([
      { transport: 'udp', address: '127.0.0.1', port: 5070 },
    ])
    const both = await transports.resolve('sip:localhost:5070;transport=tcp')
    expect(both.map(({ address }) => address)).toEqual(['127.0.0.1', '::1'])
  })

  test('[SF-8] a refused or silent target rejects, in words', async () => {
    const clock = new ManualClock()
    const a = await open([{ transport: 'tcp' }], { clock })
    const { server, port } = await listening()
    server.close()
    await expect(a.transports.flowTo({ transport: 'tcp', address: '127.0.0.1', port })).rejects.toThrow(
      `no connection to tcp 127.0.0.1:${port}: connect ECONNREFUSED`,
    )
    // A listener whose queue is full answers no SYN.
    const full = createServer()
    full.listen({ port: 0, host: '127.0.0.1', backlog: 1 })
    await once(full, 'listening')
    stops.push(() => full.close())
    const silent = { transport: 'tcp', address: '127.0.0.1', port: (full.address() as { port: number }).port } as const
    const b = await open([])
    const waiting = b.transports.flowTo({ ...silent, transport: 'tls' })
    const closing = expect(waiting).rejects.toThrow('shutting down')
    await b.transports.close()
    await closing
    const late = expect(a.transports.flowTo({ ...silent, transport: 'tls' })).rejects.toThrow('no answer in 5000 ms')
    clock.advance(5_000)
    await late
    await vi.waitFor(() => expect(a.transports.counts.connections).toBe(0), soon)
  })

  test('[SF-7] a peer that vanished without FIN is gone 34 s after its last byte', async () => {
    const clock = new ManualClock()
    const a = await open([], { clock })
    let got = ''
    // Paused after the ping: its kernel acknowledges everything, nobody answers.
    const { port } = await listening((socket) => socket.on('data', (bytes) => (got += bytes)))
    const flow = await a.transports.flowTo({ transport: 'tcp', address: '127.0.0.1', port })
    clock.advance(24_000)
    await vi.waitFor(() => expect(got).toBe('\r\n\r\n'), soon)
    clock.advance(10_000)
    await vi.waitFor(() => expect(a.inbox.closed).toEqual([flow]), soon)
    expect(a.inbox.drops).toEqual(['no-pong'])
    expect(clock.pending).toBe(0)
  })

  test('[SF-7] a peer that answers stays', async () => {
    const clock = new ManualClock()
    const a = await open([], { clock })
    const b = await open([{ transport: 'tcp' }])
    const flow = await a.transports.flowTo(b.at('tcp'))
    flow.send(requestBytes())
    await vi.waitFor(() => expect(b.inbox.messages.length).toBe(1), soon)
    const heard = vi.spyOn(flow as never, 'heard')
    for (let i = 1; i <= 5; i++) {
      clock.advance(24_000)
      await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(i), soon)
    }
    expect(flow.open).toBe(true)
    expect(b.inbox.drops).toEqual([])
  })

  test('[SF-6] a peer that stops reading costs a bounded queue and its flow, nobody else theirs', async () => {
    const { inbox, at } = await open([{ transport: 'tcp' }], { limits: { queue: 100_000 } })
    const slow = await peer(at('tcp'))
    const quick = await peer(at('tcp'))
    for (const { socket } of [slow, quick]) socket.write(requestBytes())
    await vi.waitFor(() => expect(inbox.messages.length).toBe(2), soon)
    slow.socket.pause()
    const { port } = slow.socket.address() as { port: number }
    const flow = inbox.messages.find((m) => m.flow.remote.port === port)?.flow as Flow
    const bytes = requestBytes({ body: 'x'.repeat(10_000) })
    let sent = 0
    // The kernel's own buffers fill first.
    while (flow.send(bytes) && sent < 10_000) if (++sent % 5 === 0) await new Promise(setImmediate)
    expect(sent).toBeLessThan(10_000)
    expect(flow.open).toBe(false)
    expect(inbox.drops).toEqual(['slow-reader'])
    await vi.waitFor(() => expect(inbox.closed).toEqual([flow]), soon)
    quick.socket.write(requestBytes())
    await vi.waitFor(() => expect(inbox.messages.length).toBe(3), soon)
  })

  test('[SF-8] who says nothing, or nothing that is SIP, is closed; and one byte now and then is no way out', async () => {
    const clock = new ManualClock()
    const { inbox, at } = await open([{ transport: 'tcp' }], { clock })
    await peer(at('tcp'))
    const pinging = await peer(at('tcp'))
    const slow = await peer(at('tcp'))
    slow.socket.write(requestBytes())
    await vi.waitFor(() => expect(inbox.messages.length).toBe(1), soon)
    slow.socket.write('INVITE sip:')
    pinging.socket.write('\r\n\r\n')
    await vi.waitFor(() => expect(pinging.text()).toBe('\r\n'), soon)
    await new Promise(setImmediate)
    clock.advance(9_000)
    slow.socket.write('a')
    await new Promise((resolve) => setTimeout(resolve, 20))
    clock.advance(7_000)
    await vi.waitFor(() => expect(inbox.closed.length).toBe(3), soon)
    expect(inbox.drops.toSorted()).toEqual(['no-message', 'no-message', 'slow-message'])
  })

  test('[SF-8] connections are limited in all and by address, and a place is given back', async () => {
    const { inbox, at, transports } = await open([{ transport: 'tcp' }], { limits: { connectionsPerAddress: 3 } })
    const sockets = await Promise.all([0, 1, 2].map(() => peer(at('tcp'))))
    const refused = await peer(at('tcp'))
    await once(refused.socket, 'close')
    expect(inbox.drops).toEqual(['too-many-from-address'])
    sockets[0]?.socket.destroy()
    await vi.waitFor(() => expect(transports.counts.connections).toBe(2), soon)
    const again = await peer(at('tcp'))
    again.socket.write(requestBytes())
    await vi.waitFor(() => expect(inbox.messages.length).toBe(1), soon)

    const few = await open([{ transport: 'tcp' }], { limits: { connections: 1 } })
    await peer(few.at('tcp'))
    await vi.waitFor(() => expect(few.transports.counts.connections).toBe(1), soon)
    await expect(few.transports.flowTo(at('tcp'))).rejects.toThrow('too many connections')
    expect(few.inbox.drops).toEqual(['too-many-connections'])
  })

  test('[SF-15] a port in use is named', async () => {
    const { at } = await open([{ transport: 'tcp' }])
    const { port } = at('tcp')
    await expect(open([{ transport: 'tcp', port }])).rejects.toThrow(
      `cannot listen on tcp 127.0.0.1:${port}: the address is in use`,
    )
  })

  test('[SF-4] two listeners share a port where both say so', async () => {
    const first = await open([{ transport: 'tcp', reusePort: true }])
    const second = await open([{ transport: 'tcp', reusePort: true, port: first.at('tcp').port }])
    expect(second.at('tcp')).toEqual(first.at('tcp'))
  })

  test('[SF-16] close ends what is open both ways, lets go what is written, and leaves no timer', async () => {
    const clock = new ManualClock()
    const b = await open([{ transport: 'tcp' }])
    const a = await open([{ transport: 'tcp' }], { clock })
    const outgoing = await a.transports.flowTo(b.at('tcp'))
    const incoming = await peer(a.at('tcp'))
    incoming.socket.write(requestBytes())
    await vi.waitFor(() => expect(a.inbox.messages.length).toBe(1), soon)
    outgoing.send(requestBytes({ callID: 'last', body: 'x'.repeat(100_000) }))
    await a.transports.close()
    await vi.waitFor(() => expect(callIDs(b.inbox.messages)).toEqual(['last']), soon)
    expect(a.inbox.closed.length).toBe(2)
    expect(a.transports.counts.connections).toBe(0)
    expect(clock.pending).toBe(0)
    await vi.waitFor(() => expect(b.inbox.closed.length).toBe(1), soon)
  })

  test('[SF-16] a peer that reads nothing does not hold up close for more than a second', async () => {
    const a = await open([{ transport: 'tcp' }], { limits: { queue: 50_000_000 } })
    const { socket } = await peer(a.at('tcp'))
    socket.write(requestBytes())
    await vi.waitFor(() => expect(a.inbox.messages.length).toBe(1), soon)
    socket.pause()
    const flow = a.inbox.messages[0]?.flow as Flow
    for (let i = 0; i < 40; i++) expect(flow.send(Buffer.alloc(1_000_000))).toBe(true)
    const begun = Date.now()
    await a.transports.close()
    expect(Date.now() - begun).toBeLessThan(15_000)
    expect(Date.now() - begun).toBeGreaterThan(500)
  })
})
