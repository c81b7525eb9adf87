import { createSipStack, type SipStack, type SipStackOptions } from '../sip/stack.ts'
import type { TransportName } from '../sip/transport/flow.ts'
import { ManualClock } from './manual-clock.ts'
import { MemoryNetwork } from './memory-network.ts'
import { RawPeer } from './raw-peer.ts'
import { seededRandom } from './seeded-ids.ts'
import { seededTokens } from './sip-messages.ts'
import type { PortBench } from './sip-port-harness.ts'

/** A stack of ours on a network in memory. */
export interface MemoryBench extends PortBench {
  readonly port: SipStack
  peer(transport: TransportName): Promise<RawPeer>
  readonly errors: unknown[]
}

/** Opens stacks and peers that share a network and a clock. */
export class MemoryBenches {
  readonly clock = new ManualClock()
  readonly network = new MemoryNetwork()
  #hosts = 0

  async open(options: Partial<SipStackOptions> & Pick<SipStackOptions, 'user'>): Promise<MemoryBench> {
    const address = `192.0.2.${++this.#hosts}`
    const random = seededRandom(this.#hosts)
    const peers: RawPeer[] = []
    const errors: unknown[] = []
    const port = await createSipStack({
      transports: async (flows) => this.network.open(address, ['udp', 'tcp', 'ws'], flows),
      clock: this.clock,
      tokens: seededTokens(1000 + this.#hosts),
      random: () => random() / 2 ** 32,
      sessionTimer: null,
      onError: (error) => errors.push(error),
      ...options,
    })
    const settle = async () => {
      for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve))
    }
    return {
      port,
      errors,
      settle,
      peer: async (transport) => {
        const own = `198.51.100.${++this.#hosts}`
        const peer = await RawPeer.open(async (flows) => this.network.open(own, [transport], flows), {
          transport,
          address,
          port: 5060,
        })
        peers.push(peer)
        return peer
      },
      // In steps, so that what arrives in between is on time.
      advance: async (ms) => {
        await settle()
        for (let left = ms; left > 0; left -= 1_000) {
          this.clock.advance(Math.min(left, 1_000))
          await settle()
        }
      },
      close: async () => {
        for (const peer of peers) await peer.close()
        await port.close()
      },
    }
  }
}
