/**
 * What a message costs a process that only receives, reads and answers it, by transport: CPU per message with 64 in flight, beside the bare
 * socket of the runtime echoing as many bytes. `node --max-semi-space-size=64 test/load/sip/flow-bench.ts [rounds]`
 *
 * The server is a process of its own; its CPU is that of all its threads. Rates depend on what else the machine does, the CPU less so.
 */
import { fork } from 'node:child_process'
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { createTransports } from '@ringdown/signalling'
import {
  type IssuedCertificate,
  realClock,
  requestBytes,
  responseBytes,
  testAuthority,
  testRequest,
} from '@ringdown/signalling/testing'
import { WebSocket } from 'ws'

const kinds = ['bare udp', 'udp', 'tcp', 'tls', 'ws'] as const
type Kind = (typeof kinds)[number]
type Ports = Record<Kind, number>

const inFlight = 64
const warmUpMs = 1_000
const measuredMs = 3_000
const host = '127.0.0.1'
const blankLine = Buffer.from('\r\n\r\n')
const question = requestBytes({ body: 'Guten Tag, wie kann ich Ihnen helfen? '.repeat(3).trimEnd() })
const answer = responseBytes(testRequest(), 200)

/** Answers everything; tells its ports, and its CPU whenever asked. */
async function serve(): Promise<void> {
  const [tls] = (await once(process, 'message')) as [IssuedCertificate]
  const transports = await createTransports({
    listen: [
      { transport: 'udp', address: host, port: 0 },
      { transport: 'tcp', address: host, port: 0 },
      { transport: 'tls', address: host, port: 0, tls },
      { transport: 'ws', address: host, port: 0 },
    ],
    user: {
      onMessage: (_message, flow) => flow.send(answer),
      onFault: ({ why }) => console.error(why),
      onClosed: () => {},
    },
    clock: realClock,
    onDrop: (reason) => console.error('dropped:', reason),
  })
  const bare = await boundUdp()
  bare.on('message', (_bytes, { port, address }) => bare.send(answer, port, address))
  const ports = Object.fromEntries(transports.listening.map(({ transport, port }) => [transport, port]))
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send?.(user + system)
  })
  process.send?.({ ...ports, 'bare udp': bare.address().port })
}

async function measure(rounds: number): Promise<void> {
  const authority = await testAuthority()
  const server = fork(import.meta.filename, ['serve'], { execArgv: ['--max-semi-space-size=64'] })
  try {
    server.send(await authority.issue('DNS:im.example'))
    const [ports] = (await once(server, 'message')) as [Ports]
    const cpu = async (): Promise<number> => {
      server.send('cpu')
      const [microseconds] = (await once(server, 'message')) as [number]
      return microseconds
    }
    for (let round = 0; round < rounds; round++)
      for (const kind of kinds) {
        const peer = await openers[kind](ports[kind])
        for (let i = 0; i < inFlight; i++) peer.send()
        await pause(warmUpMs)
        const [cpuBefore, before, begun] = [await cpu(), peer.answered(), performance.now()]
        await pause(measuredMs)
        const [answered, elapsed] = [peer.answered() - before, performance.now() - begun]
        const each = ((await cpu()) - cpuBefore) / answered
        peer.close()
        const rate = Math.round((answered / elapsed) * 1_000)
        console.log(
          `${kind.padEnd(9)} ${String(rate).padStart(7)} messages/s  ${each.toFixed(1).padStart(5)} µs CPU each`,
        )
      }
  } finally {
    server.kill()
    await authority.remove()
  }
}

/** The driver's end: asks again for each answer. */
interface Peer {
  send(): void
  answered(): number
  close(): void
}

async function udpPeer(port: number): Promise<Peer> {
  const socket = await boundUdp()
  let count = 0
  const send = (): void => socket.send(question, port, host)
  socket.on('message', () => {
    count++
    send()
  })
  return { send, answered: () => count, close: () => socket.close() }
}

function streamPeer(socket: Socket): Peer {
  let count = 0
  const send = (): void => {
    socket.write(question)
  }
  socket.on('data', (bytes: Buffer) => {
    socket.cork()
    for (let at = bytes.indexOf(blankLine); at !== -1; at = bytes.indexOf(blankLine, at + blankLine.length)) {
      count++
      send()
    }
    socket.uncork()
  })
  return { send, answered: () => count, close: () => socket.destroy() }
}

async function wsPeer(port: number): Promise<Peer> {
  const socket = new WebSocket(`ws://${host}:${port}/`, 'sip')
  await once(socket, 'open')
  let count = 0
  const send = (): void => socket.send(question)
  socket.on('message', () => {
    count++
    send()
  })
  return { send, answered: () => count, close: () => socket.terminate() }
}

const openers: Record<Kind, (port: number) => Promise<Peer>> = {
  'bare udp': udpPeer,
  udp: udpPeer,
  tcp: async (port) => {
    const socket = connect(port, host)
    await once(socket, 'connect')
    return streamPeer(socket)
  },
  tls: async (port) => {
    const socket = connectTls({ port, host, rejectUnauthorized: false })
    await once(socket, 'secureConnect')
    return streamPeer(socket)
  },
  ws: wsPeer,
}

async function boundUdp(): Promise<UdpSocket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4 << 20 })
  socket.bind(0, host)
  await once(socket, 'listening')
  return socket
}

if (process.argv[2] === 'serve') await serve()
else await measure(Number(process.argv[2] ?? 2))
