import { ManualClock, seededRandom, seededTokens } from '../testing/index.ts'
import { MemoryNetwork } from '../testing/memory-network.ts'
import { RawPeer } from '../testing/raw-peer.ts'
import { sipPortContract } from '../testing/sip-port.contract.ts'
import type { SipBench, SipBenchOptions } from '../testing/sip-port-harness.ts'
import { createSipStack } from './stack.ts'

const clock = new ManualClock()
const network = new MemoryNetwork()
let hosts = 0

async function open({ user, sessionTimer }: SipBenchOptions): Promise<SipBench> {
  const address = `192.0.2.${++hosts}`
  const random = seededRandom(hosts)
  const peers: RawPeer[] = []
  const port = await createSipStack({
    transports: async (flows) => network.open(address, ['udp', 'tcp'], flows),
    clock,
    tokens: seededTokens(1000 + hosts),
    random: () => random() / 2 ** 32,
    user,
    sessionTimer: sessionTimer ?? null,
    onError: () => undefined,
  })
  const settle = async () => {
    for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve))
  }
  return {
    port,
    settle,
    async peer(transport) {
      const own = `198.51.100.${++hosts}`
      const peer = await RawPeer.open(async (flows) => network.open(own, [transport], flows), {
        transport,
        address,
        port: 5060,
      })
      peers.push(peer)
      return peer
    },
    async advance(ms) {
      await settle()
      for (let left = ms; left > 0; left -= 1_000) {
        clock.advance(Math.min(left, 1_000))
        await settle()
      }
    },
    async close() {
      for (const peer of peers) await peer.close()
      await port.close()
    },
  }
}

sipPortContract('our own stack, in memory', { open, clocked: true, ownsDialogs: true })
