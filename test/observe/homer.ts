import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTLSServer } from 'node:tls'
import { until } from '../faults/engine.ts'
import { freePort, isTaken } from '../interop/support/ports.ts'
import { Program } from '../interop/support/program.ts'

/** A packet as Kamailio has read it. */
export interface Read {
  readonly version: string
  readonly family: string
  readonly protocol: string
  readonly from: string
  readonly to: string
  readonly at: string
  readonly type: string
  readonly agent: string
  readonly key: string
  readonly correlation: string
  /** The SIP message, one character per byte. */
  readonly payload: string
}

/** Kamailio as a collector of HEP3. */
export class Homer {
  readonly port: number
  readonly #program: Program
  readonly #folder: string

  private constructor(port: number, program: Program, folder: string) {
    this.port = port
    this.#program = program
    this.#folder = folder
  }

  static async open(): Promise<Homer> {
    const folder = mkdtempSync(join(tmpdir(), 'ringdown-homer-'))
    const port = await freePort()
    const text = readFileSync(new URL('capture.cfg', import.meta.url), 'utf8')
    const file = join(folder, 'capture.cfg')
    writeFileSync(file, text.replaceAll('FOLDER', folder).replaceAll('PORT', String(port)))
    const memory = ['-x', 'fm', '-X', 'fm', '-m', '32', '-M', '8']
    const words = ['-DD', '-E', ...memory, '-f', file, '-Y', folder, '-w', folder]
    const program = new Program('kamailio', words, { cwd: folder })
    await program.readyWhen(() => until(() => isTaken(port), 20_000, `Kamailio does not listen: ${program.said}`))
    return new Homer(port, program, folder)
  }

  get read(): Read[] {
    const lines = this.#program.said
      .split('\n')
      .flatMap((line) => /HEP (version=.* payload=[0-9a-f]+)/.exec(line)?.[1] ?? [])
    return lines.map((line) => {
      const fields = Object.fromEntries(
        line.split(' ').map((field) => field.split(/=(.*)/s).slice(0, 2)),
      ) as unknown as Read
      return { ...fields, payload: Buffer.from(fields.payload, 'hex').toString('latin1') }
    })
  }

  async close(): Promise<void> {
    await this.#program.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** Takes HEP3 over TCP and hands each packet, told by its length alone, to a collector by UDP. */
export class Splitter {
  readonly port: number
  readonly #close: () => Promise<void>

  private constructor(port: number, close: () => Promise<void>) {
    this.port = port
    this.#close = close
  }

  /** Over TLS where there are certificate and key. */
  static async open(to: number, tls?: { cert: Buffer; key: Buffer }): Promise<Splitter> {
    const out = createSocket('udp4')
    const sockets = new Set<Socket>()
    const take = (socket: Socket) => {
      sockets.add(socket)
      let held = Buffer.alloc(0)
      socket.on('error', () => undefined)
      socket.on('data', (bytes: Buffer) => {
        held = Buffer.concat([held, bytes])
        while (held.length >= 6 && held.length >= held.readUInt16BE(4)) {
          const length = held.readUInt16BE(4)
          out.send(held.subarray(0, length), to, '127.0.0.1')
          held = held.subarray(length)
        }
      })
    }
    const server = (tls ? createTLSServer(tls, take) : createServer(take)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new Splitter((server.address() as { port: number }).port, async () => {
      for (const socket of sockets) socket.destroy()
      out.close()
      server.close()
      await once(server, 'close')
    })
  }

  close(): Promise<void> {
    return this.#close()
  }
}

/** A collector that takes connections and reads nothing. */
export async function deafCollector(): Promise<{ port: number; close: () => Promise<void> }> {
  const sockets = new Set<Socket>()
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as { port: number }).port,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
