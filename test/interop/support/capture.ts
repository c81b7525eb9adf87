import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Program } from './program.ts'

const run = promisify(execFile)

/** Ports of loopback, and what is spoken there. */
export interface Spoken {
  readonly sip: readonly number[]
  readonly msrp?: readonly number[]
  /** SIP over WebSocket. */
  readonly ws?: readonly number[]
}

/** What tshark made of a capture. */
export interface Seen {
  readonly sip: number
  readonly msrp: number
  /** A line for each packet that somebody could not read. */
  readonly malformed: readonly string[]
}

/** Everything on these ports while a test runs, read afterwards by a judge that is not us. */
export class Capture {
  readonly #file: string
  readonly #spoken: Spoken
  readonly #program: Program
  #stopped = false

  private constructor(file: string, spoken: Spoken, program: Program) {
    this.#file = file
    this.#spoken = spoken
    this.#program = program
  }

  static async start(folder: string, spoken: Spoken): Promise<Capture> {
    const file = join(folder, 'capture.pcapng')
    const ports = [...spoken.sip, ...(spoken.msrp ?? []), ...(spoken.ws ?? [])]
    const filter = ports.map((port) => `port ${port}`).join(' or ')
    const program = new Program('dumpcap', ['-q', '-i', 'lo', '-f', filter, '-w', file], { endsBy: 'SIGINT' })
    await program.readyWhen(() => program.says('File:'))
    return new Capture(file, spoken, program)
  }

  async stop(): Promise<void> {
    if (this.#stopped) return
    this.#stopped = true
    await this.#program.stop()
  }

  /** Ends the capture and reads it. */
  async read(): Promise<Seen> {
    // dumpcap hands packets over in batches of a moment.
    await sleep(500)
    await this.stop()
    const { sip, msrp = [], ws = [] } = this.#spoken
    const decodings = [
      ...sip.flatMap((port) => [`udp.port==${port},sip`, `tcp.port==${port},sip`]),
      ...msrp.map((port) => `tcp.port==${port},msrp`),
      ...ws.map((port) => `tcp.port==${port},http`),
    ].flatMap((decoding) => ['-d', decoding])
    const filter = 'sip or msrp or _ws.malformed'
    const fields = ['frame.number', 'frame.protocols', '_ws.expert.message'].flatMap((field) => ['-e', field])
    const args = ['-n', '-r', this.#file, ...decodings, '-Y', filter, '-T', 'fields', ...fields]
    const { stdout } = await run('tshark', args, { maxBuffer: 64 * 1024 * 1024 })
    const frames = stdout.split('\n').filter((line) => line !== '')
    const having = (layer: string) => frames.filter((line) => line.split('\t')[1]?.split(':').includes(layer))
    return { sip: having('sip').length, msrp: having('msrp').length, malformed: having('_ws.malformed') }
  }
}
