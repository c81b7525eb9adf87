/**
 * Bytes of heap an established dialog keeps: right after the ACK, with the transactions that absorb repetitions, and 40 s later, when those
 * are gone. `node test/load/sip/dialog-memory.ts [dialogs]`
 */
import type { SipDialog } from '@ringdown/signalling'
import { BenchCall, benchStack, collect, idleDialogUser, sdpBytes, settle } from './stack-without-sockets.ts'

const count = Number(process.argv[2] ?? 20_000)
// Room for the dialogs is made before the measurement: what holds them is their user's.
const dialogs: SipDialog[] = new Array(count)
let established = 0

const bench = await benchStack({
  onRequest: async () => ({ status: 404 }),
  onInvite(invite) {
    void invite.accept(sdpBytes).then(({ dialog }) => {
      dialog.user = idleDialogUser
      dialogs[established++] = dialog
    })
  },
  onFlowClosed() {},
})

async function establish(from: number, to: number): Promise<void> {
  for (let n = from; n < to; n++) {
    const call = new BenchCall(n)
    bench.receive(call.invite(), bench.caller)
    call.answered(bench.caller.drain().at(-1) ?? new Uint8Array())
    bench.receive(call.ack(), bench.caller)
    await settle()
  }
}

function used(): number {
  for (let times = 0; times < 4; times++) collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

// What is compiled and allocated once is not the dialogs'.
await establish(0, 1_000)
bench.clock.advance(40_000)
const before = used()
await establish(1_000, count)
const fresh = used()
bench.clock.advance(40_000)
await settle()
const later = used()

const made = count - 1_000
const perDialog = (bytes: number) => Math.round(bytes / made)
console.log(`${made} dialogs, ${bench.stack.counts.dialogs} in the table`)
console.log(`right after the ACK: ${perDialog(fresh - before)} bytes per dialog`)
console.log(`40 s later:          ${perDialog(later - before)} bytes per dialog`)
if (established !== count) throw new Error(`${established} of ${count} were established`)
await bench.close()
