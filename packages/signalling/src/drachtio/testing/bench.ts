import { randomBytes } from 'node:crypto'
import type { SipUser } from '../../sip/ports.ts'
import type { TransportName } from '../../sip/transport/flow.ts'
import { createTransports } from '../../sip/transport/transports.ts'
import { realClock } from '../../testing/live-transports.ts'
import { RawPeer } from '../../testing/raw-peer.ts'
import { createDrachtioStack, type DrachtioOptions, type DrachtioStack, type ServerAddress } from '../drachtio-stack.ts'

/** The stack with a server of that address. */
export function stackWith(
  server: ServerAddress,
  user: SipUser,
  more: Partial<Pick<DrachtioOptions, 'sessionTimer' | 'patienceMs' | 'onConnection' | 'onError'>> = {},
): Promise<DrachtioStack> {
  return createDrachtioStack({
    server,
    clock: realClock,
    tokens: (bits) => randomBytes(Math.ceil(bits / 8)).toString('hex'),
    random: Math.random,
    user,
    sessionTimer: null,
    ...more,
  })
}

/** A peer on loopback that speaks this transport with whoever listens there. */
export function peerOf(listening: readonly { transport: TransportName; port: number }[], transport: 'udp' | 'tcp') {
  const target = listening.find((each) => each.transport === transport)
  if (!target) throw new Error(`nobody listens on ${transport}`)
  const listen = [{ transport, address: '127.0.0.1', port: 0 }]
  return RawPeer.open(
    (flows) => createTransports({ listen, user: flows, clock: realClock }),
    { transport, address: '127.0.0.1', port: target.port },
    5_000,
  )
}

/** Loopback is faster than this; nothing is lost where it is not, a test only sees less. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50))
}

/** Resolves when it is so; rejects after 10 s. */
export async function until(isSo: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (isSo()) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`never: ${what}`)
}
