/** What the programs under test have in common: transports on loopback, chance bought in bulk, and how they tell their port. */
import { randomFillSync } from 'node:crypto'
import { createTransports, type FlowUser, type SocketTransports } from '@ringdown/signalling'
import { realClock, type Tokens } from '@ringdown/signalling/testing'

/** UDP on a free port of 127.0.0.1. */
export function loopback(user: FlowUser): Promise<SocketTransports> {
  return createTransports({
    listen: [{ transport: 'udp', address: '127.0.0.1', port: 0 }],
    user,
    clock: realClock,
    onDrop: (reason) => console.error('dropped:', reason),
    onError: (error) => console.error(error),
  })
}

/** Tells the driver where this program listens: it is ready. */
export function ready({ listening }: Pick<SocketTransports, 'listening'>): void {
  process.send?.({ port: listening[0]?.port })
}

/** Random bytes are bought in bulk, as a server does. */
export function tokens(): Tokens {
  const pool = Buffer.alloc(8_192)
  let at = pool.length
  return (bits) => {
    const bytes = Math.ceil(bits / 8)
    if (at + bytes > pool.length) {
      randomFillSync(pool)
      at = 0
    }
    at += bytes
    return pool.toString('hex', at - bytes, at)
  }
}
