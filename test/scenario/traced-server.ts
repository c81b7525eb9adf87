import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Centre, hashPassword, type Ladder, type LadderFormat } from '@ringdown/facade'
import { createLog, formatMistake, loadConfig, type RunningServer, startServer } from '@ringdown/server'
import type { CallUUID } from '@ringdown/signalling'
import { stringify } from 'yaml'
import type { Person } from '../faults/engine.ts'

export interface TracedOptions {
  node?: string
  /** Sections of the configuration. */
  settings: object
  dns: readonly { number: string; options: Readonly<Record<string, string>> }[]
  agents: number
}

/** A server within the test's own process, so that a test reads its trace. The n-th agent sits at DN 7001 + n. */
export class TracedServer {
  readonly persons: readonly Person[]
  readonly server: RunningServer
  readonly #folder: string

  private constructor(persons: readonly Person[], server: RunningServer, folder: string) {
    this.persons = persons
    this.server = server
    this.#folder = folder
  }

  static async start({ node = 'stage', settings, dns, agents }: TracedOptions): Promise<TracedServer> {
    const folder = mkdtempSync(join(tmpdir(), 'ringdown-traced-'))
    const persons = Array.from({ length: agents }, (_, i) => {
      return { userName: `agent${i}`, password: `secret-of-${i}`, dn: String(7001 + i) }
    })
    const hashes = await Promise.all(persons.map(({ password }) => hashPassword(password, { ln: 1, r: 1, p: 1 })))
    const agentAnnex = { TServer: { multimedia: 'true', 'sip-signaling-chat': 'none' } }
    const text = stringify({
      http: { host: '127.0.0.1', port: 0 },
      store: { embedded: { directory: join(folder, 'store') } },
      ...settings,
      contactCentres: [
        {
          id: 'stage',
          switches: [{ name: 'S' }],
          dns: [
            ...persons.map(({ dn }) => ({ number: dn, switch: 'S', annex: agentAnnex })),
            ...dns.map(({ number, options }) => {
              return { number, switch: 'S', annex: { TServer: { multimedia: 'true', ...options } } }
            }),
          ],
          places: persons.map(({ dn }) => ({ name: `P${dn}`, dns: [dn] })),
          agentLogins: persons.map(({ dn }) => ({ code: `L${dn}`, switch: 'S' })),
          persons: persons.map(({ userName, dn }, i) => {
            return { userName, place: `P${dn}`, agentLogins: [`L${dn}`], passwordHash: hashes[i] }
          }),
        },
      ],
    })
    const around = { env: {}, readFile: (path: string) => readFileSync(path, 'utf8') }
    const load = () => loadConfig(text, around)
    const format = (mistake: Parameters<typeof formatMistake>[1]) => formatMistake('stage.yaml', mistake)
    const loaded = load()
    if ('mistakes' in loaded) throw new Error(loaded.mistakes.map(format).join('\n'))
    const log = createLog('silent', node)
    const server = await startServer({ config: loaded.config, node, log, load, format })
    return new TracedServer(persons, server, folder)
  }

  get address(): string {
    return this.server.address
  }

  async ladder(callUUID: string, texts = false): Promise<Ladder> {
    const ladder = await this.server.trace.ladder(this.#centre, callUUID as CallUUID, texts)
    if (!ladder) throw new Error(`there is no ladder of ${callUUID}`)
    return ladder
  }

  async file(callUUID: string, format: LadderFormat, texts = false): Promise<Uint8Array> {
    const file = await this.server.trace.file(this.#centre, callUUID as CallUUID, format, texts)
    if (!file) throw new Error(`there is no file of ${callUUID}`)
    return file
  }

  async stop(): Promise<void> {
    await this.server.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  get #centre(): Centre {
    const [centre] = this.server.centres
    if (!centre) throw new Error('no contact centre')
    return centre
  }
}
