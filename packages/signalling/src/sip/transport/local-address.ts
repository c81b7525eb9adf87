import { createSocket } from 'node:dgram'
import { BlockList } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { Clock } from '../../tserver/ports.ts'
import { familyOf, isLoopback } from './host-port.ts'

/** Interfaces come and go (DHCP, VPN); looked at again after so long, ms. */
const freshMs = 30_000

interface Net {
  readonly address: string
  readonly family: 4 | 6
  readonly prefix: number
  readonly block: BlockList
}

/** Answers which of our addresses a peer sees, for listeners bound to all of them. */
export interface LocalAddress {
  towards(peer: string): string
}

/** Finds the address of the default route first, so that `towards` can answer at once. */
export async function localAddress(clock: Clock): Promise<LocalAddress> {
  // Connecting a UDP socket sends nothing; the kernel only chooses the source. Documentation addresses (RFC 5737, RFC 3849).
  const [v4, v6] = await Promise.all([sourceFor('udp4', '192.0.2.1'), sourceFor('udp6', '2001:db8::1')])
  let nets: readonly Net[] = []
  let readAt = Number.NEGATIVE_INFINITY
  return {
    towards(peer) {
      const family = familyOf(peer)
      if (isLoopback(peer)) return family === 6 ? '::1' : '127.0.0.1'
      if (clock.now() - readAt > freshMs) {
        nets = readNets()
        readAt = clock.now()
      }
      const net = nets.find((n) => n.family === family && n.block.check(peer, family === 6 ? 'ipv6' : 'ipv4'))
      const first = nets.find((n) => n.family === family && !isLoopback(n.address))
      return net?.address ?? (family === 6 ? v6 : v4) ?? first?.address ?? (family === 6 ? '::1' : '127.0.0.1')
    },
  }
}

/** The nets of all interfaces, the narrowest first. */
function readNets(): Net[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .flatMap(({ address, family, cidr }) => {
      const prefix = Number(cidr?.split('/')[1] ?? Number.NaN)
      if (Number.isNaN(prefix)) return []
      const block = new BlockList()
      block.addSubnet(address, prefix, family === 'IPv6' ? 'ipv6' : 'ipv4')
      return [{ address, family: family === 'IPv6' ? (6 as const) : (4 as const), prefix, block }]
    })
    .sort((a, b) => b.prefix - a.prefix)
}

function sourceFor(type: 'udp4' | 'udp6', peer: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(type)
    const done = (address: string | undefined): void => {
      socket.close()
      resolve(address)
    }
    socket.once('error', () => done(undefined))
    socket.connect(9, peer, (error?: Error) => done(error ? undefined : socket.address().address))
  })
}
