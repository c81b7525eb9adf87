import { afterEach, expect, test, vi } from 'vitest'
import { liveTransports } from '../../testing/live-transports.ts'
import { requestBytes } from '../../testing/sip-messages.ts'
import type { TransportName } from './flow.ts'

const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

test.each([['udp'], ['tcp'], ['ws']] as const)(
  '[SF-22] over %s a tap sees each message as it stands on the wire, both ways, and no keep-alive',
  async (transport: TransportName) => {
    const seen: string[] = []
    const taps = (name: string) => ({
      tap: (sent: boolean, flow: { transport: string }, bytes: Uint8Array) =>
        seen.push(`${name} ${sent ? 'sent' : 'got'} ${flow.transport} ${Buffer.from(bytes).toString('base64')}`),
    })
    const [here, there] = await Promise.all(['a', 'b'].map((name) => liveTransports([{ transport }], taps(name))))
    if (!here || !there) throw new Error('not opened')
    for (const { transports } of [here, there]) stops.push(() => transports.close())
    const bytes = requestBytes({ callID: 'x' })
    const flow = await here.transports.flowTo(there.at(transport))
    flow.send(bytes)
    await vi.waitFor(() => expect(there.inbox.messages).toHaveLength(1), { timeout: 15_000 })
    if (transport === 'tcp') flow.send(Buffer.from('\r\n\r\n'))
    there.inbox.messages[0]?.flow.send(bytes)
    await vi.waitFor(() => expect(here.inbox.messages).toHaveLength(1), { timeout: 15_000 })
    const text = Buffer.from(bytes).toString('base64')
    expect(seen.map((line) => line.replace(text, '…'))).toEqual([
      `a sent ${transport} …`,
      `b got ${transport} …`,
      `b sent ${transport} …`,
      `a got ${transport} …`,
    ])
  },
)
