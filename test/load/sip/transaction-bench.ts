/**
 * What the codec and the transaction layer cost, without sockets: CPU per MESSAGE answered and per MESSAGE relayed, and bytes per answer
 * kept for repetitions. `codec` reads a MESSAGE and prints its answer, and nothing else: what is over is the layer's, on whatever machine. `node --max-semi-space-size=64 test/load/sip/transaction-bench.ts [--cpu-prof]`
 *
 * Time is simulated: so many messages a second for as long as it takes, with as many answers kept as timer J asks for.
 */
import { randomFillSync } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Clock } from '@ringdown/signalling'
import {
  createTransactionLayer,
  FakeFlow,
  parseMessage,
  printResponse,
  type SipRequest,
  type Tokens,
} from '@ringdown/signalling/testing'

const rate = 4_000
const tickMs = 50
const batch = (rate * tickMs) / 1000
const warmUpTicks = 200
const measuredTicks = 1_000

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** One callback at a time is all the wheel asks for. */
class SimulatedClock implements Clock {
  #now = 1_700_000_000_000
  #run: (() => void) | undefined

  now(): number {
    return this.#now
  }

  after(_ms: number, run: () => void): () => void {
    this.#run = run
    return () => {
      this.#run = undefined
    }
  }

  advance(ms: number): void {
    this.#now += ms
    const run = this.#run
    this.#run = undefined
    run?.()
  }
}

/** A flow that lets what it takes go, but for what the bench has to answer. */
class SinkFlow extends FakeFlow {
  readonly taken: Uint8Array[] = []
  keep = false

  override send(bytes: Uint8Array): boolean {
    if (this.keep) this.taken.push(bytes)
    return true
  }
}

const alphabet = Buffer.from('abcdefghijklmnopqrstuvwxyz234567')
const pool = Buffer.alloc(8192)
let drawn = pool.length
const tokens: Tokens = (bits) => {
  const length = Math.ceil(bits / 5)
  if (drawn + length > pool.length) {
    randomFillSync(pool)
    for (let at = 0; at < pool.length; at++) pool[at] = alphabet[(pool[at] ?? 0) & 31] ?? 0
    drawn = 0
  }
  drawn += length
  return pool.toString('latin1', drawn - length, drawn)
}

let serial = 0

/** What a phone sends through one proxy. */
function message(): Buffer {
  const id = (serial++).toString(36).padStart(10, '0')
  return Buffer.from(
    [
      'MESSAGE sip:7001@im.example.com SIP/2.0',
      `Via: SIP/2.0/UDP 192.0.2.2:5060;rport;branch=z9hG4bK.${id}`,
      'Max-Forwards: 70',
      'From: "Alice Example" <sip:alice@example.com>;tag=aX3~9sKl',
      'To: <sip:7001@im.example.com>',
      `Call-ID: ${id}-4f1b-9c1a@192.0.2.2`,
      'CSeq: 20 MESSAGE',
      'User-Agent: Phone/5.2.1 (belle-sip/5.2)',
      'Supported: replaces, outbound, gruu, path',
      'Date: Fri, 20 Nov 2026 14:00:00 GMT',
      'Content-Type: text/plain;charset=UTF-8',
      'Content-Length: 36',
      '',
      'Where is my parcel, please? Thanks, A',
    ]
      .join('\r\n')
      .slice(0, -1),
  )
}

/** The 200 of the other end. */
function answerTo(request: Uint8Array): Buffer {
  const text = Buffer.from(request).toString('latin1')
  const via = /Via: ([^\r]*)\r\n/.exec(text)?.[1] ?? ''
  const callID = /Call-ID: ([^\r]*)\r\n/.exec(text)?.[1] ?? ''
  return Buffer.from(
    [
      'SIP/2.0 200 OK',
      `Via: ${via};received=192.0.2.1`,
      'From: "Alice Example" <sip:alice@example.com>;tag=aX3~9sKl',
      'To: <sip:7001@im.example.com>;tag=4f1b9c1a',
      `Call-ID: ${callID}`,
      'CSeq: 20 MESSAGE',
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n'),
  )
}

/** Headers a relay takes over. */
const relayed = ['From', 'To', 'Call-ID', 'CSeq', 'Content-Type', 'Date'] as const

function relayedHeaders(request: SipRequest) {
  const headers: [string, string][] = []
  for (const name of relayed) {
    const value = request.header(name.toLowerCase())
    if (value !== undefined) headers.push([name, value])
  }
  return headers
}

interface Subject {
  readonly clock: SimulatedClock
  readonly flow: SinkFlow
  readonly far: SinkFlow
  readonly kept: () => number
  deliver(bytes: Buffer, flow: FakeFlow): void
}

type Kind = 'codec' | 'answer' | 'relay'

function subject(kind: Kind): Subject {
  const clock = new SimulatedClock()
  const flow = new SinkFlow('udp', '192.0.2.1:5060', '192.0.2.2:5060')
  const far = new SinkFlow('udp', '192.0.2.1:5060', '192.0.2.3:5060')
  far.keep = kind === 'relay'
  const layer = createTransactionLayer({
    clock,
    tokens,
    user: {
      onRequest: (transaction) => {
        if (kind === 'answer') return transaction.respond({ status: 200 })
        const { request } = transaction
        const parts = {
          method: 'MESSAGE',
          uri: 'sip:7001@192.0.2.3:5060',
          headers: relayedHeaders(request),
          body: request.body,
        }
        layer.request(parts, far, {
          onResponse: ({ status }) => transaction.respond({ status }),
          onFailed: () => transaction.respond({ status: 503 }),
        })
      },
      onAck: () => {},
      onStrayResponse: () => {},
      onFlowClosed: () => {},
    },
  })
  return {
    clock,
    flow,
    far,
    kept: () => layer.counts.server,
    deliver: (bytes, on) => {
      const parsed = parseMessage(bytes, undefined, on.remote)
      if (parsed.kind === 'fault') throw new Error(parsed.why)
      if (kind === 'codec' && parsed.kind === 'request') {
        on.send(printResponse(parsed, { status: 200 }, { toTag: tokens(80), seen: on.remote }))
        return
      }
      layer.receive(parsed, on)
    },
  }
}

function heapBytes(): number {
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** Microseconds of CPU, of all threads: what the collector does beside us counts too. */
function cpu(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

function run(kind: Kind) {
  const { clock, flow, far, kept, deliver } = subject(kind)
  const empty = heapBytes()
  let micros = 0
  const oneTick = () => {
    const requests = Array.from({ length: batch }, message)
    let before = cpu()
    for (const bytes of requests) deliver(bytes, flow)
    let spent = cpu() - before
    if (kind === 'relay') {
      const answers = far.taken.splice(0).map(answerTo)
      before = cpu()
      for (const bytes of answers) deliver(bytes, far)
      spent += cpu() - before
    }
    before = cpu()
    clock.advance(tickMs)
    return spent + cpu() - before
  }
  for (let tick = 0; tick < warmUpTicks; tick++) oneTick()
  for (let tick = 0; tick < measuredTicks; tick++) micros += oneTick()
  const held = kept()
  const bytes = heapBytes() - empty
  const each = (micros / (measuredTicks * batch)).toFixed(2).padStart(8)
  const memory =
    held === 0 ? '' : `${String(held).padStart(9)} kept${String(Math.round(bytes / held)).padStart(6)} bytes each`
  console.log(`${kind.padEnd(8)}${each} µs a MESSAGE${memory}`)
}

for (let round = 0; round < 3; round++) for (const kind of ['codec', 'answer', 'relay'] as const) run(kind)
