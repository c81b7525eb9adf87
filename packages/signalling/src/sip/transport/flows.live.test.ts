import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { liveTransports } from '../../testing/live-transports.ts'
import { requestBytes } from '../../testing/sip-messages.ts'
import type { OpenFlow } from './options.ts'

const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})
const soon = { timeout: 15_000, interval: 10 }

test('[SF-23] connections and UDP peers are listed page by page, as long as they are there', async () => {
  const began = Date.now()
  const { transports, inbox, at } = await liveTransports([{ transport: 'udp' }, { transport: 'tcp' }])
  stops.push(() => transports.close())
  expect(transports.flows(undefined, 10)).toEqual({ flows: [], more: false })
  const ports: number[] = []
  for (let i = 0; i < 4; i++) {
    const socket = createSocket('udp4')
    stops.push(() => socket.close())
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    socket.send(requestBytes({ callID: `u${i}` }), at('udp').port, '127.0.0.1')
    ports.push(socket.address().port)
  }
  const streams = await Promise.all(
    [0, 1, 2].map(async (i) => {
      const socket = connect(at('tcp').port, '127.0.0.1')
      stops.push(() => socket.destroy())
      await once(socket, 'connect')
      socket.write(requestBytes({ callID: `t${i}` }))
      ports.push(socket.localPort ?? 0)
      return socket
    }),
  )
  await vi.waitFor(() => expect(inbox.messages.length).toBe(7), soon)

  const seen: OpenFlow[] = []
  for (let after: string | undefined; ; ) {
    const { flows, more } = transports.flows(after, 3)
    seen.push(...flows)
    if (!more) break
    expect(flows).toHaveLength(3)
    after = flows.at(-1)?.id
  }
  expect(seen.map(({ remote }) => remote.port).sort()).toEqual(ports.sort())
  expect(seen.map(({ transport }) => transport).sort()).toEqual(['tcp', 'tcp', 'tcp', 'udp', 'udp', 'udp', 'udp'])
  for (const { openedAt, local, id } of seen) {
    expect(openedAt).toBeGreaterThanOrEqual(began)
    expect(openedAt).toBeLessThanOrEqual(Date.now())
    expect(local.address).toBe('127.0.0.1')
    expect(transports.flow(id)?.id).toBe(id)
  }
  streams[0]?.destroy()
  await vi.waitFor(() => expect(transports.flows(undefined, 10).flows).toHaveLength(6), soon)
})
