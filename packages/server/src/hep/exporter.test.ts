import type { CallUUID } from '@ringdown/signalling'
import { ManualClock } from '@ringdown/signalling/testing'
import { expect, test } from 'vitest'
import { HepExporter } from './exporter.ts'
import type { SinkUser } from './sink.ts'

const flow = {
  transport: 'tcp',
  local: { address: '10.0.0.1', port: 5060 },
  remote: { address: '10.0.0.7', port: 40_000 },
} as Parameters<HepExporter['tap']>[1]

const message = (callID: string, text = 'hello') =>
  Buffer.from(
    `MESSAGE sip:7001@im.example SIP/2.0\r\nCall-ID: ${callID}\r\nAuthorization: Digest username="8001", response="abcdef"\r\nContent-Type: text/plain\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
  )

function setUp({ bytes = 1_000_000, whole = false } = {}) {
  const clock = new ManualClock(1_700_000_000_000)
  const packets: Buffer[] = []
  let user: SinkUser | undefined
  const state = { takes: true, closed: false }
  const soon: (() => void)[] = []
  const exporter = new HepExporter({
    clock,
    now: () => clock.now(),
    soon: (run) => void soon.push(run),
    agent: { id: 1, name: 'n1' },
    whole,
    correlate: true,
    bytes,
    sink: (told) => {
      user = told
      return {
        trouble: 'unresolved',
        send: (packet) => {
          if (!state.takes) return 'later'
          packets.push(Buffer.from(packet))
          user?.onWritten()
          return 'taken'
        },
        close: () => {
          state.closed = true
        },
      }
    },
  })
  const pass = () => {
    clock.advance(20)
    while (soon.length > 0) soon.shift()?.()
  }
  const ends = async () => {
    let ended = false
    const closing = exporter.close().then(() => {
      ended = true
    })
    while (!ended) {
      clock.advance(10)
      await Promise.resolve()
    }
    await closing
  }
  return { exporter, packets, state, pass, soon, ends, user: () => user }
}

test('[HP-3] texts and credentials are masked and keep their length; whole texts only where asked for', () => {
  for (const whole of [false, true]) {
    const { exporter, packets, pass } = setUp({ whole })
    exporter.tap(true, flow, message('c1'))
    pass()
    const text = packets[0]?.toString('latin1') ?? ''
    expect(text.includes('hello')).toBe(whole)
    expect(text.includes('*****')).toBe(true)
    expect(text).not.toContain('abcdef')
    expect(text).toContain('Content-Length: 5')
  }
})

test('[HP-2] a message carries the session its Call-ID was bound to in the meantime', () => {
  const { exporter, packets, pass } = setUp()
  exporter.tap(false, flow, message('c1'))
  exporter.tap(false, flow, message('c2'))
  exporter.bind('SESSION-1' as CallUUID, { callID: 'c1' })
  pass()
  expect(packets.map((packet) => packet.includes('SESSION-1'))).toEqual([true, false])
})

test('[HP-4] what waits is bounded, the oldest gives way and is counted by why nothing is taken', () => {
  const { exporter, packets, state, pass, user } = setUp({ bytes: 4_000 })
  state.takes = false
  for (let i = 0; i < 1_000; i++) exporter.tap(true, flow, message(`c${i}`))
  pass()
  const { queuedBytes, drops } = exporter.state()
  expect(queuedBytes).toBeLessThanOrEqual(4_000)
  expect(drops.unresolved).toBeGreaterThan(980)
  state.takes = true
  user()?.onReady()
  pass()
  expect(exporter.state()).toEqual({ messages: packets.length, queuedBytes: 0, drops })
  expect(packets.length + (drops.unresolved ?? 0)).toBe(1_000)
  expect(packets.at(-1)?.includes('c999')).toBe(true)
})

test('[HP-4] what is too large for HEP3, or lost on the way, is counted', () => {
  const { exporter, pass, user } = setUp()
  exporter.tap(true, flow, message('c1', 'x'.repeat(70_000)))
  pass()
  expect(exporter.state().drops).toEqual({ tooLarge: 1 })
  user()?.onLost('refused')
  expect(exporter.state().drops).toEqual({ tooLarge: 1, refused: 1 })
})

test('[HP-5] many messages go in slices, so that traffic has its turn', () => {
  const { exporter, packets, soon, pass } = setUp({ bytes: 10_000_000 })
  for (let i = 0; i < 120; i++) exporter.tap(true, flow, message(`c${i}`))
  expect(packets).toHaveLength(0)
  pass()
  expect(packets).toHaveLength(120)
  expect(soon).toHaveLength(0)
})

test('[HP-4] at the end what is left goes as far as it can, and the rest is counted', async () => {
  const { exporter, packets, state, ends } = setUp()
  for (let i = 0; i < 120; i++) exporter.tap(true, flow, message(`c${i}`))
  await ends()
  expect([packets.length, state.closed]).toEqual([120, true])
  exporter.tap(true, flow, message('too late'))
  expect(exporter.state().queuedBytes).toBe(0)

  const dead = setUp()
  dead.state.takes = false
  dead.exporter.tap(true, flow, message('c1'))
  await dead.ends()
  expect(dead.exporter.state()).toEqual({ messages: 0, queuedBytes: 0, drops: { closed: 1 } })
})
