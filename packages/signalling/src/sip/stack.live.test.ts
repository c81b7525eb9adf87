import { randomBytes } from 'node:crypto'
import { realClock } from '../testing/live-transports.ts'
import { RawPeer } from '../testing/raw-peer.ts'
import { sipPortContract } from '../testing/sip-port.contract.ts'
import type { PortBench, PortBenchOptions } from '../testing/sip-port-harness.ts'
import { createSipStack } from './stack.ts'
import type { TransportName } from './transport/flow.ts'
import { createTransports } from './transport/transports.ts'

const address = '127.0.0.1'
const listen = (transport: TransportName) => ({ transport, address, port: 0 })

async function open({ user, sessionTimer }: PortBenchOptions): Promise<PortBench> {
  const peers: RawPeer[] = []
  const port = await createSipStack({
    transports: (flows) => createTransports({ listen: [listen('udp'), listen('tcp')], user: flows, clock: realClock }),
    clock: realClock,
    tokens: (bits) => randomBytes(Math.ceil(bits / 8)).toString('hex'),
    random: Math.random,
    user,
    sessionTimer: sessionTimer ?? null,
  })
  return {
    port,
    async peer(transport) {
      const target = port.listening.find((each) => each.transport === transport)
      if (!target) throw new Error(`the stack does not listen on ${transport}`)
      const peer = await RawPeer.open(
        (flows) => createTransports({ listen: [listen(transport)], user: flows, clock: realClock }),
        target,
        10_000,
      )
      peers.push(peer)
      return peer
    },
    advance: () => Promise.reject(new Error('the clock is the machine’s')),
    // Loopback is faster than this; nothing is lost where it is not, a test only sees less.
    settle: () => new Promise((resolve) => setTimeout(resolve, 50)),
    async close() {
      for (const peer of peers) await peer.close()
      await port.close()
    },
  }
}

sipPortContract('our own stack, over UDP and TCP', { open, clocked: false, ownsDialogs: true })
