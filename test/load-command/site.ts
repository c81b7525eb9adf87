import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePorts } from '../interop/support/ports.ts'

const main = fileURLToPath(new URL('../../packages/server/src/main.ts', import.meta.url))
export const password = 'root of the site'

/** Waits until it is so, or fails with what is said. */
export async function until(isSo: () => boolean | Promise<boolean>, what: () => string, ms = 60_000): Promise<void> {
  for (const end = performance.now() + ms; !(await isSo()); await sleep(50))
    if (performance.now() > end) throw new Error(what())
}

/** A command in a process of its own, and what it has said. */
export class Running {
  readonly child: ChildProcess
  readonly ended: Promise<number | string>
  out = ''
  err = ''

  constructor(args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}) {
    this.child = spawn(process.execPath, [main, ...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.child.stdout?.on('data', (bytes: Buffer) => {
      this.out += bytes
    })
    this.child.stderr?.on('data', (bytes: Buffer) => {
      this.err += bytes
    })
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code, signal) => resolve(code ?? signal ?? 'lost'))
    })
  }

  /** It has said this on standard error. */
  says(words: string | RegExp): Promise<void> {
    const found = () => (typeof words === 'string' ? this.err.includes(words) : words.test(this.err))
    return until(
      () => found() || this.child.exitCode !== null,
      () => `it does not say ${words}:\n${this.err}`,
    ).then(() => {
      if (!found()) throw new Error(`it ended without saying ${words}:\n${this.out}\n${this.err}`)
    })
  }
}

/** An engine with SIP and MSRP on loopback, an administrator, two people, two phones, and objects that are nobody's load. */
export class Site {
  readonly folder = mkdtempSync(join(tmpdir(), 'ringdown-load-'))
  readonly #started: Running[] = []
  #engine: Running | undefined
  address = ''
  sip = 0

  static async start(): Promise<Site> {
    const site = new Site()
    const [sip = 0, msrp = 0] = await freePorts(2)
    site.sip = sip
    site.write(
      'ringdown.yaml',
      `http: { port: 0 }
log: { level: warn }
ucAjax: { pollWaitMs: 200, busyPollWaitMs: 100 }
sip: { listen: [{ transport: udp, port: ${sip} }, { transport: tcp, port: ${sip} }] }
msrp: { listen: [{ transport: tcp, port: ${msrp} }] }
contactCentres:
  - id: sales
    switches: [{ name: load }]
    dns:
      - { number: 7001, switch: load, annex: { TServer: { multimedia: true, sip-signaling-chat: none } } }
      - { number: 7002, switch: load, annex: { TServer: { multimedia: true, sip-signaling-chat: none } } }
      - { number: 8001, switch: load, annex: { TServer: { multimedia: true, sip-signaling-chat: message, password: pw8001 } } }
      - { number: 8002, switch: load, annex: { TServer: { multimedia: true, sip-signaling-chat: msrp, password: pw8002 } } }
      - { number: load-1, switch: load }
    places: [{ name: P1, dns: [7001] }, { name: P2, dns: [7002] }, { name: load-mine, dns: [load-1] }]
    agentLogins: [{ code: 1, switch: load }, { code: 2, switch: load }]
    persons:
      - { userName: root, password: ${password}, roles: [admin] }
      - { userName: anna, password: pw of anna, place: P1, agentLogins: [1] }
      - { userName: ben, password: pw of ben, place: P2, agentLogins: [2] }
`,
    )
    await site.serve()
    return site
  }

  /** Starts the engine, again after it was killed. */
  async serve(): Promise<void> {
    this.#engine = this.#start(['serve'])
    await this.#engine.says(/Ringdown serves .* at http/)
    this.address = /at (http:\/\/[^\s,]+)/.exec(this.#engine.err)?.[1] ?? ''
  }

  async kill(): Promise<void> {
    this.#engine?.child.kill('SIGKILL')
    await this.#engine?.ended
  }

  write(name: string, text: string): string {
    const file = join(this.folder, name)
    writeFileSync(file, text)
    return file
  }

  /** Runs `ringdown load` with these words against the engine. */
  load(args: readonly string[], env: Readonly<Record<string, string>> = { RINGDOWN_PASSWORD: password }): Running {
    const where = ['--address', this.address, '--sip', `127.0.0.1:${this.sip}`]
    return this.#start(
      ['load', ...(args.includes('--address') || args.includes('--remove') ? [] : where), ...args],
      env,
    )
  }

  /** Names of all configuration objects of the engine that a load run might have made, or might take for its own. */
  async objects(): Promise<string[]> {
    const authorization = `Basic ${Buffer.from(`root:${password}`).toString('base64')}`
    const names: string[] = []
    for (const [plural, key] of [
      ...([
        ['switches', 'name'],
        ['dns', 'number'],
        ['places', 'name'],
        ['agent-logins', 'loginCode'],
        ['persons', 'userName'],
      ] as const),
    ]) {
      const reply = await fetch(`${this.address}/api/v2/platform/configuration/${plural}`, {
        headers: { authorization },
      })
      const body = (await reply.json()) as Record<string, Record<string, string>[]>
      for (const object of body[plural] ?? []) names.push(`${plural} ${object[key]}`)
    }
    return names.sort()
  }

  /** How many sessions live. */
  async sessions(): Promise<number> {
    const authorization = `Basic ${Buffer.from(`root:${password}`).toString('base64')}`
    const reply = await fetch(`${this.address}/api/v2/lab/sessions`, { headers: { authorization } })
    return ((await reply.json()) as { sessions: unknown[] }).sessions.length
  }

  async stop(): Promise<void> {
    for (const { child } of this.#started) child.kill('SIGKILL')
    await Promise.all(this.#started.map(({ ended }) => ended))
    rmSync(this.folder, { recursive: true, force: true })
  }

  #start(args: readonly string[], env?: Readonly<Record<string, string>>): Running {
    const running = new Running(args, this.folder, env)
    this.#started.push(running)
    return running
  }
}
