import { afterEach, describe } from 'vitest'
import { dialogsContract } from './sip-contract-dialogs.ts'
import { callsOfPeersContract } from './sip-contract-incoming.ts'
import { offersContract } from './sip-contract-offers.ts'
import { ourCallsContract } from './sip-contract-outgoing.ts'
import { requestsContract } from './sip-contract-requests.ts'
import type { PortBench, PortBenchOptions, SipPortHarness } from './sip-port-harness.ts'

/** Opens what a test needs; it is closed after the test. */
export type OpenBench = (options: PortBenchOptions) => Promise<PortBench>

/** What every implementation of `SipPort` does on the wire, as a vitest suite: SD-1 to SD-24 of SPEC.md. It uses the port and raw peers only. */
export function sipPortContract(name: string, harness: SipPortHarness): void {
  describe(`SipPort: ${name}`, () => {
    const benches: PortBench[] = []
    afterEach(async () => {
      for (const bench of benches.splice(0)) await bench.close()
    })
    const open: OpenBench = async (options) => {
      const bench = await harness.open(options)
      benches.push(bench)
      return bench
    }
    requestsContract(open, harness)
    callsOfPeersContract(open, harness)
    ourCallsContract(open, harness)
    dialogsContract(open, harness)
    offersContract(open, harness)
  })
}
