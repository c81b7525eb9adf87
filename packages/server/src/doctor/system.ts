import { execFile } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { availableParallelism, totalmem } from 'node:os'
import { connect as connectTls } from 'node:tls'
import { getHeapStatistics } from 'node:v8'
import type { Clock } from '@ringdown/signalling'
import { systemClock } from '../clock.ts'

export interface Place {
  host: string
  port: number
}

/** What checks see of the machine. Nothing of it throws: what cannot be told is undefined, a code or an empty list. */
export interface System {
  readonly platform: NodeJS.Platform
  readonly clock: Clock
  /** A file of `/proc`, `/sys` or the configuration. */
  readText(path: string): string | undefined
  list(path: string): readonly string[]
  readLink(path: string): string | undefined
  readonly cores: number
  /** Bytes. */
  readonly memory: number
  readonly heapLimit: number
  /** Milliseconds that only grow. */
  monotonic(): number
  /** Addresses of a name; the code of the failure. */
  lookup(name: string): Promise<readonly string[] | string>
  /** What a program writes; undefined where it is not there, fails, or takes longer than 2 s. */
  run(command: string, args: readonly string[]): Promise<string | undefined>
  /** Listens for a moment; the code of the failure. */
  tryListen(transport: 'udp' | 'tcp', place: Place): Promise<string | undefined>
  /** Connects for a moment; the code of the failure, `timeout` after so long. */
  tryConnect(place: Place, options: { tls: boolean; ca?: string; deadlineMs: number }): Promise<string | undefined>
  /** Whether something answers `GET /health/live` there as Ringdown does. */
  isRingdown(address: string): Promise<boolean>
}

/** This machine. */
export const thisSystem: System = {
  platform: process.platform,
  clock: systemClock,
  readText: (path) => attempt(() => readFileSync(path, 'utf8')),
  list: (path) => attempt(() => readdirSync(path)) ?? [],
  readLink: (path) => attempt(() => readlinkSync(path)),
  cores: availableParallelism(),
  memory: totalmem(),
  heapLimit: getHeapStatistics().heap_size_limit,
  monotonic: () => performance.now(),
  lookup: async (name) => {
    try {
      return (await lookup(name, { all: true })).map(({ address }) => address)
    } catch (error) {
      return codeOf(error)
    }
  },
  run: (command, args) =>
    new Promise((resolve) => {
      execFile(command, [...args], { timeout: 2_000 }, (error, stdout) => resolve(error ? undefined : stdout))
    }),
  tryListen,
  tryConnect,
  isRingdown: async (address) => {
    try {
      const reply = await fetch(`${address}/health/live`, { signal: AbortSignal.timeout(2_000) })
      return reply.ok && ((await reply.json()) as { status?: unknown }).status !== undefined
    } catch {
      return false
    }
  },
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

/** `ECONNREFUSED`, or the words where there is no code. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}

// Neither lets others in at the same port: who listens there already keeps all that comes.
function tryListen(transport: 'udp' | 'tcp', { host, port }: Place): Promise<string | undefined> {
  return new Promise((resolve) => {
    if (transport === 'udp') {
      const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4' })
      socket.once('error', (error) => resolve(codeOf(error)))
      socket.bind({ port, address: host, exclusive: true }, () => socket.close(() => resolve(undefined)))
      return
    }
    const server = createServer()
    server.once('error', (error) => resolve(codeOf(error)))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}

function tryConnect(
  { host, port }: Place,
  { tls, ca, deadlineMs }: { tls: boolean; ca?: string; deadlineMs: number },
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = tls
      ? connectTls({ host, port, servername: host.includes(':') ? '' : host, ...(ca !== undefined && { ca }) })
      : connect({ host, port })
    const end = (why: string | undefined) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(why)
    }
    const timer = setTimeout(() => end('timeout'), deadlineMs)
    socket.once(tls ? 'secureConnect' : 'connect', () => end(undefined))
    socket.on('error', (error) => end(codeOf(error)))
  })
}
