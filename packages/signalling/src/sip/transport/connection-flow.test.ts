import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../testing/manual-clock.ts'
import { testRequest } from '../../testing/sip-messages.ts'
import { ConnectionFlow, type ConnectionParts, type Pipe } from './connection-flow.ts'
import { ConnectionTable } from './connection-table.ts'
import type { Flow } from './flow.ts'
import type { Hub } from './hub.ts'
import { type DropReason, defaultLimits, type TransportLimits } from './options.ts'

const message = testRequest({ vias: ['SIP/2.0/TLS 192.0.2.1:5060;branch=z9hG4bK1;alias'] })

/** A pipe whose peer reads only when told. */
class HeldPipe implements Pipe {
  readonly written: Uint8Array[] = []
  queued = 0
  pings = 0
  state: 'open' | 'ended' | 'destroyed' = 'open'
  holds = false

  write(bytes: Uint8Array): void {
    this.written.push(bytes)
    if (this.holds) this.queued += bytes.length
  }
  ping(): void {
    this.pings++
  }
  end(): void {
    this.state = 'ended'
  }
  destroy(): void {
    this.state = 'destroyed'
  }
}

function bench(limits: Partial<TransportLimits> = {}) {
  const clock = new ManualClock()
  const all = { ...defaultLimits, ...limits }
  const connections = new ConnectionTable(clock, all)
  const drops: DropReason[] = []
  const closed: Flow[] = []
  const received: string[] = []
  let ids = 0
  const hub: Hub = {
    limits: all,
    clock,
    connections,
    user: {
      onMessage: (m) => received.push(m.callID),
      onFault: () => {},
      onClosed: (flow) => closed.push(flow),
    },
    local: { towards: () => '192.0.2.9' },
    newID: () => `f${ids++}`,
    drop: (reason) => drops.push(reason),
    fail: (error) => {
      throw error
    },
  }
  const open = (parts: Partial<ConnectionParts> = {}) => {
    const pipe = new HeldPipe()
    const flow = new ConnectionFlow(hub, pipe, {
      transport: 'tcp',
      local: { address: '192.0.2.9', port: 5060 },
      remote: { address: '192.0.2.1', port: 40_000 },
      sentBy: '192.0.2.9:5060',
      peerNames: [],
      inbound: true,
      mustPong: false,
      ...parts,
    })
    return { flow, pipe }
  }
  return { clock, connections, drops, closed, received, open }
}

describe('the flow of a connection', () => {
  test('[SF-7] a peer we have connected to is asked after 24 s of silence, and gone 10 s later', () => {
    const { clock, drops, open } = bench()
    const { pipe } = open({ inbound: false, mustPong: true })
    clock.advance(23_000)
    expect(pipe.pings).toBe(0)
    clock.advance(1_000)
    expect(pipe.pings).toBe(1)
    clock.advance(9_000)
    expect(pipe.state).toBe('open')
    clock.advance(1_000)
    expect(pipe.state).toBe('destroyed')
    expect(drops).toEqual(['no-pong'])
  })

  test('[SF-7] whatever it sends shows that it is there', () => {
    const { clock, drops, open } = bench()
    const { flow, pipe } = open({ inbound: false, mustPong: true })
    for (let i = 0; i < 10; i++) {
      clock.advance(30_000)
      flow.heard(false)
    }
    expect(pipe.pings).toBe(10)
    expect(drops).toEqual([])
  })

  test('[SF-7] a peer that connected to us need not answer, unless it did twice', () => {
    const { clock, drops, open } = bench()
    const { flow, pipe } = open()
    flow.heard(false)
    flow.message(message)
    clock.advance(200_000)
    expect(pipe.state).toBe('open')
    expect(pipe.pings).toBeGreaterThan(4)

    for (let i = 0; i < 2; i++) {
      const before = pipe.pings
      while (pipe.pings === before) clock.advance(1_000)
      flow.ponged()
      flow.heard(false)
    }
    clock.advance(34_000)
    expect(pipe.state).toBe('destroyed')
    expect(drops).toEqual(['no-pong'])
  })

  test('[SF-7] a peer that got a request and says nothing at all is gone after 32 s; answers and ACKs want no answer', () => {
    const { clock, drops, open } = bench()
    const { flow, pipe } = open()
    flow.heard(false)
    flow.message(message)
    for (const text of ['SIP/2.0 200 OK\r\n', 'ACK sip:a@b SIP/2.0\r\n', '\r\n']) flow.send(Buffer.from(text))
    clock.advance(100_000)
    expect(pipe.state).toBe('open')

    flow.send(Buffer.from('MESSAGE sip:a@b SIP/2.0\r\n'))
    clock.advance(31_000)
    flow.heard(true)
    flow.heard(false)
    clock.advance(10_000)
    expect(pipe.state).toBe('open')
    flow.send(Buffer.from('MESSAGE sip:a@b SIP/2.0\r\n'))
    flow.send(Buffer.from('MESSAGE sip:a@b SIP/2.0\r\n'))
    clock.advance(32_000)
    expect(pipe.state).toBe('destroyed')
    expect(drops).toEqual(['no-answer'])
  })

  test('[SF-7] nobody is judged for a standstill of ours', () => {
    let now = 0
    let due: (() => void) | undefined
    const { drops, open } = bench()
    const after = (_ms: number, run: () => void): (() => void) => {
      due = run
      return () => {}
    }
    const clock = { now: () => now, after }
    const table = new ConnectionTable(clock, defaultLimits)
    const { flow } = open()
    let checks = 0
    Object.defineProperty(flow, 'check', { value: () => ++checks && 1_000 })
    flow.due = 0
    table.add(flow)
    now = 60_000
    due?.()
    expect(checks).toBe(0)
    now = 61_000
    due?.()
    expect(checks).toBe(1)
    expect(drops).toEqual([])
  })

  test('[SF-8] who connects and says nothing that is SIP is closed after 15 s', () => {
    const { clock, drops, open } = bench()
    const { flow, pipe } = open()
    for (let i = 0; i < 14; i++) {
      clock.advance(1_000)
      flow.heard(false)
      flow.pinged(Buffer.from('\r\n'))
    }
    expect(pipe.state).toBe('open')
    clock.advance(1_000)
    expect(pipe.state).toBe('destroyed')
    expect(drops).toEqual(['no-message'])
  })

  test('[SF-8] a message that comes byte by byte has to be complete after 10 s', () => {
    const { clock, drops, open } = bench()
    const { flow, pipe } = open()
    flow.heard(true)
    flow.message(message)
    clock.advance(20_000)
    for (let i = 0; i < 10; i++) {
      flow.heard(true)
      clock.advance(1_000)
    }
    expect(drops).toEqual(['slow-message'])
    expect(pipe.state).toBe('destroyed')
  })

  test('[SF-6] what a peer does not read is bounded; the flow ends where it would be more', () => {
    const { drops, open } = bench({ queue: 1_000 })
    const { flow, pipe } = open()
    pipe.holds = true
    expect(flow.send(Buffer.alloc(5_000))).toBe(true) // The first is taken whatever its size.
    expect(flow.send(Buffer.alloc(1))).toBe(false)
    expect(flow.open).toBe(false)
    expect(flow.send(Buffer.alloc(1))).toBe(false)
    expect(pipe.written.length).toBe(1)
    expect(drops).toEqual(['slow-reader'])
  })

  test('[SF-6] all long queues together are bounded too; drained ones and closed ones do not count', () => {
    const { connections, drops, open } = bench({ queues: 250_000 })
    const flows = [0, 1, 2, 3].map(() => open())
    for (const { flow, pipe } of flows) {
      pipe.holds = true
      flow.send(Buffer.alloc(50_000))
    }
    const sent = flows.map(({ flow }) => flow.send(Buffer.alloc(50_000)))
    expect(sent).toEqual([true, true, false, false])
    for (const { flow } of flows.slice(2)) flow.gone()
    expect(drops).toEqual(['slow-reader', 'slow-reader'])
    flows[0]?.flow.drained()
    const next = open()
    next.pipe.holds = true
    next.flow.send(Buffer.alloc(1))
    expect(next.flow.send(Buffer.alloc(149_999))).toBe(true)
    next.flow.gone()
    expect(connections.hold(flows[1]?.flow as ConnectionFlow, 250_000)).toBe(true)
  })

  test('[SF-6] a peer that reads nothing at all is closed within 35 s, one that reads a little is not', () => {
    const { clock, drops, open } = bench()
    const { flow, pipe } = open()
    flow.message(message)
    pipe.holds = true
    flow.send(Buffer.alloc(100_000))
    for (let i = 0; i < 60; i++) {
      pipe.queued--
      flow.heard(false)
      clock.advance(1_000)
    }
    expect(drops).toEqual([])
    clock.advance(35_000)
    expect(drops).toEqual(['slow-reader'])
  })

  test('[SF-8] a flow nobody has used for 65 min is closed; a client that keeps it alive uses it', () => {
    const { clock, drops, open } = bench()
    const kept = open()
    kept.flow.message(message)
    const unused = open({ inbound: false, mustPong: true })
    for (let s = 0; s < 3_900; s += 20) {
      kept.flow.heard(false)
      kept.flow.pinged(Buffer.from('\r\n'))
      unused.flow.heard(false)
      clock.advance(20_000)
    }
    expect(unused.pipe.state).toBe('destroyed')
    expect(kept.pipe.state).toBe('open')
    expect(drops).toEqual(['idle'])
  })

  test('[SF-16] close lets go what is written, and waits a second for a peer that does not read', () => {
    const { clock, closed, open, connections } = bench()
    const { flow, pipe } = open()
    flow.close()
    flow.close()
    expect(flow.open).toBe(false)
    expect(pipe.state).toBe('ended')
    clock.advance(2_000)
    expect(pipe.state).toBe('destroyed')
    flow.gone()
    expect(closed).toEqual([flow])
    expect(connections.byID(flow.id)).toBeUndefined()
    expect(clock.pending).toBe(0)
  })

  test('[SF-9] an inbound TLS flow serves requests to a name it has proved and the port it wrote, and no other', () => {
    const { connections, open } = bench()
    const { flow } = open({ transport: 'tls', peerNames: ['a.example'] })
    const target = { transport: 'tls', address: '192.0.2.1', port: 5060 } as const
    expect(connections.byTarget({ ...target, serverName: 'a.example' })).toBeUndefined()
    flow.message(message)
    expect(connections.byTarget({ ...target, serverName: 'A.example' })).toBe(flow)
    expect(connections.byTarget({ ...target, serverName: 'b.example' })).toBeUndefined()
    expect(connections.byTarget({ ...target, address: '192.0.2.2', serverName: 'a.example' })).toBeUndefined()

    const { flow: nameless } = open({ transport: 'tls', remote: { address: '192.0.2.3', port: 1 } })
    nameless.message(message)
    expect(connections.byTarget({ ...target, address: '192.0.2.3', serverName: '' })).toBeUndefined()
    flow.gone()
    expect(connections.byTarget({ ...target, serverName: 'a.example' })).toBeUndefined()
  })

  test('[SF-2] a user that throws harms nobody', () => {
    const errors: unknown[] = []
    const clock = new ManualClock()
    const hub: Hub = {
      limits: defaultLimits,
      clock,
      connections: new ConnectionTable(clock, defaultLimits),
      user: {
        onMessage: () => {
          throw new Error('broken')
        },
        onFault: () => {},
        onClosed: () => {},
      },
      local: { towards: () => '' },
      newID: () => '1',
      drop: () => {},
      fail: (error) => errors.push(error),
    }
    const flow = new ConnectionFlow(hub, new HeldPipe(), {
      transport: 'tcp',
      local: { address: '192.0.2.9', port: 5060 },
      remote: { address: '192.0.2.1', port: 40_000 },
      sentBy: '',
      peerNames: [],
      inbound: true,
      mustPong: false,
    })
    flow.message(message)
    expect(errors).toEqual([new Error('broken')])
    expect(flow.open).toBe(true)
  })
})
