import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'

/** So many ports of loopback that were free for UDP and TCP a moment ago, no two alike. */
export async function freePorts(count: number): Promise<number[]> {
  const held: (() => void)[] = []
  const ports: number[] = []
  while (ports.length < count) {
    const tcp = createServer().listen(0, '127.0.0.1')
    await once(tcp, 'listening')
    held.push(() => tcp.close())
    const address = tcp.address()
    if (address === null || typeof address === 'string') throw new Error('a listener without a port')
    const udp = createSocket('udp4')
    held.push(() => udp.close())
    if (await binds(udp, address.port)) ports.push(address.port)
  }
  for (const release of held) release()
  return ports
}

/** One free port. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1)
  if (port === undefined) throw new Error('no free port')
  return port
}

/** Whether somebody listens at this port, over UDP or TCP: a program that says nothing of itself has started. */
export async function isTaken(port: number): Promise<boolean> {
  const udp = createSocket('udp4')
  const free = await binds(udp, port)
  udp.close()
  return !free || answers(port)
}

function binds(udp: Socket, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    udp.once('error', () => resolve(false))
    udp.bind(port, '127.0.0.1', () => resolve(true))
  })
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const tcp = connect(port, '127.0.0.1')
    tcp.once('error', () => resolve(false))
    tcp.once('connect', () => {
      tcp.destroy()
      resolve(true)
    })
  })
}
