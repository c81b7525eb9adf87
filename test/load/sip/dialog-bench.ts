/**
 * CPU of a call without sockets: INVITE, 200, ACK, BYE, 200, answered by the stack, and relayed by it between two peers.
 * `node --max-semi-space-size=64 test/load/sip/dialog-bench.ts`. The peers' messages are made in the same process; what that costs alone is said too.
 */
import type { SipDialog, SipPort } from '@ringdown/signalling'
import { parseMessage, type SipRequest } from '@ringdown/signalling/testing'
import {
  BenchCall,
  type BenchStack,
  benchStack,
  idleDialogUser,
  okTo,
  sdpBytes,
  settle,
} from './stack-without-sockets.ts'

const calls = 20_000
const batch = 200
/** Calls of one segment: on a machine that others use, the fastest segment says what a call costs, the middle one how busy they are. */
const segment = 1_000

function micros(since: NodeJS.CpuUsage, count: number): number {
  const { user, system } = process.cpuUsage(since)
  return (user + system) / count
}

function summary(times: number[]): string {
  const sorted = times.toSorted((a, b) => a - b)
  return `${sorted[0]?.toFixed(1)} µs a call (middle ${sorted[Math.floor(sorted.length / 2)]?.toFixed(1)})`
}

/** Hands the callee's answers back until the stack says no more. */
async function answerCallee(bench: BenchStack): Promise<void> {
  for (;;) {
    await settle()
    const taken = bench.callee.drain()
    if (taken.length === 0) return
    for (const bytes of taken) {
      const message = parseMessage(bytes)
      if (message.kind === 'request' && message.method !== 'ACK')
        bench.receive(okTo(message as SipRequest), bench.callee)
    }
  }
}

async function run(bench: BenchStack, from: number, count: number): Promise<void> {
  for (let n = from; n < from + count; n += batch) {
    const made = Array.from({ length: batch }, (_, i) => new BenchCall(n + i))
    for (const call of made) bench.receive(call.invite(), bench.caller)
    await answerCallee(bench)
    const answers = bench.caller.drain().filter((bytes) => Buffer.from(bytes).toString('latin1', 8, 11) === '200')
    if (answers.length !== batch) throw new Error(`${answers.length} of ${batch} INVITEs were answered`)
    for (const [i, answer] of answers.entries()) made[i]?.answered(answer)
    for (const call of made) bench.receive(call.ack(), bench.caller)
    await answerCallee(bench)
    for (const call of made) bench.receive(call.bye(), bench.caller)
    await answerCallee(bench)
    if (bench.caller.drain().length !== batch) throw new Error('a BYE was not answered')
    // 4000 calls a second.
    bench.clock.advance(50)
  }
}

async function measure(name: string, bench: BenchStack): Promise<void> {
  await run(bench, 0, calls)
  const times: number[] = []
  for (let n = calls; n < 2 * calls; n += segment) {
    const start = process.cpuUsage()
    await run(bench, n, segment)
    times.push(micros(start, segment))
  }
  console.log(`${name}: ${summary(times)}, ${bench.stack.counts.dialogs} dialogs left`)
  await bench.close()
}

function peersAlone(): void {
  const times: number[] = []
  for (let n = 0; n < 2 * calls; n += segment) {
    const start = process.cpuUsage()
    for (let i = n; i < n + segment; i++) {
      const call = new BenchCall(i)
      for (const bytes of [call.invite(), call.ack(), call.bye()]) parseMessage(bytes)
    }
    times.push(micros(start, segment))
  }
  console.log(`making and reading the caller's messages alone: ${summary(times)}`)
}

peersAlone()
await measure(
  'answered',
  await benchStack({
    onRequest: async () => ({ status: 404 }),
    onInvite(invite) {
      void invite.accept(sdpBytes).then(({ dialog }) => {
        dialog.user = idleDialogUser
      })
    },
    onFlowClosed() {},
  }),
)

let port: SipPort | undefined
const relay = await benchStack({
  onRequest: async () => ({ status: 404 }),
  onInvite(invite) {
    const outgoing = port?.invite({
      to: { uri: 'sip:agent@192.0.2.3:5060' },
      from: '<sip:customer@example.net>',
      body: invite.offer,
    })
    void outgoing?.answered.then(async (answered) => {
      if ('refused' in answered) return invite.reject({ status: answered.refused.status })
      const { dialog } = await invite.accept(answered.sdp)
      join(dialog, answered.dialog)
      join(answered.dialog, dialog)
    })
  },
  onFlowClosed() {},
})
port = relay.stack
await measure('relayed', relay)

function join(one: SipDialog, other: SipDialog): void {
  one.user = { ...idleDialogUser, onEnd: () => void other.bye() }
}
