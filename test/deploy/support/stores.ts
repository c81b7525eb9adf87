import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { stringify } from 'yaml'
import { until } from '../../faults/engine.ts'
import { Program } from '../../interop/support/program.ts'
import { root, run } from './package.ts'
import { replaced } from './stack.ts'
import { Person } from './talk.ts'

export const password = 'a-password-of-the-stores'

/** Redis servers with configurations of `deploy/valkey`, an engine over them, and what they leave on the disk. */
export class Stores {
  readonly #folder = mkdtempSync(join(tmpdir(), 'ringdown-stores-'))
  readonly #programs = new Map<number, Program>()
  #engine: Program | undefined
  #address = ''

  constructor() {
    writeFileSync(this.#auth, `requirepass ${password}\nmasterauth ${password}\n`)
  }

  get #auth(): string {
    return join(this.#folder, 'auth.conf')
  }

  /** Starts a server with one of the files; `more` is what its command line adds. */
  async server(file: 'replicated' | 'cluster', port: number, more: readonly string[] = []): Promise<void> {
    const text = replaced(`valkey/${file}.conf`, {
      ...this.#usual(port, 6379),
      '/etc/valkey/auth.conf': this.#auth,
    })
    await this.#run(port, text, more)
  }

  /** Starts a Sentinel that watches the master at this port. */
  async sentinel(port: number, master: number): Promise<void> {
    const text = replaced('valkey/sentinel.conf', {
      ...this.#usual(port, 26379),
      '10.0.0.21 6379': `127.0.0.1 ${master}`,
      'change-me': password,
    })
    await this.#run(port, text, ['--sentinel'])
  }

  /** What a server answers. Rejects where it does not. */
  async ask(port: number, ...words: string[]): Promise<string> {
    const env = { ...process.env, REDISCLI_AUTH: password }
    return (await run('redis-cli', ['-e', '-p', String(port), ...words], { env })).stdout.trim()
  }

  kill(port: number): void {
    this.#programs.get(port)?.signal('SIGKILL')
  }

  /** Starts one engine; its address. People are those of the contact centres, their passwords their names. */
  async engine(redis: object, centres: readonly Centre[]): Promise<string> {
    const file = join(this.#folder, 'ringdown.yaml')
    const store = { redis: { ...redis, password } }
    writeFileSync(file, stringify({ node: 'n1', http: { port: 0 }, store, contactCentres: centres.map(centreOf) }))
    const main = join(root, 'packages/server/src/main.ts')
    const engine = new Program(process.execPath, [main, 'serve', file], { cwd: this.#folder })
    this.#engine = engine
    await engine.says(/Ringdown serves .* at http.*\n/, 30_000)
    this.#address = /Ringdown serves .* at (http:\S+)/.exec(engine.said)?.[1] ?? ''
    return this.#address
  }

  async stop(): Promise<void> {
    await this.#engine?.stop()
    await Promise.all([...this.#programs.values()].map((program) => program.stop()))
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #usual(port: number, from: number) {
    return { 'bind * -::*': 'bind 127.0.0.1', [`port ${from}`]: `port ${port}`, 'dir /data': `dir ${this.#data(port)}` }
  }

  #data(port: number): string {
    const folder = join(this.#folder, String(port))
    mkdirSync(folder, { recursive: true })
    return folder
  }

  async #run(port: number, text: string, more: readonly string[]): Promise<void> {
    const file = join(this.#data(port), 'server.conf')
    writeFileSync(file, text)
    const program = new Program('redis-server', [file, ...more])
    this.#programs.set(port, program)
    await until(async () => /PONG|NOAUTH/.test(await this.ask(port, 'ping').catch(String)), 20_000, 'no answer').catch(
      (error: unknown) => {
        throw new Error(`${error}: ${program.said}`)
      },
    )
  }
}

/** A contact centre of two people at DNs 7001 and 7002. */
export interface Centre {
  id: string
  people: readonly [string, string]
}

function centreOf({ id, people }: Centre): object {
  const numbers = people.map((userName, i) => ({ userName, number: `700${i + 1}` }))
  const annex = { TServer: { multimedia: 'true', 'sip-signaling-chat': 'none' } }
  return {
    id,
    switches: [{ name: 'S' }],
    dns: numbers.map(({ number }) => ({ number, switch: 'S', annex })),
    places: numbers.map(({ number }) => ({ name: `P${number}`, dns: [number] })),
    agentLogins: numbers.map(({ number }) => ({ code: `L${number}`, switch: 'S' })),
    persons: numbers.map(({ userName, number }) => {
      return { userName, password: userName, place: `P${number}`, agentLogins: [`L${number}`] }
    }),
  }
}

/** A session of the two people of a contact centre; each text is sent under its id until it is accepted. */
export class Writing {
  readonly accepted: string[] = []
  readonly #reader: Person
  readonly #writer: Person
  #session = ''

  constructor(address: string, { people: [reader, writer] }: Centre) {
    this.#reader = new Person(reader, () => address)
    this.#writer = new Person(writer, () => address)
  }

  async begin(): Promise<void> {
    await this.#reader.login()
    await this.#writer.login()
    this.#session = await this.#writer.initiate('7001')
  }

  async writes(count: number): Promise<void> {
    for (const end = this.accepted.length + count; this.accepted.length < end; ) {
      const text = `text ${this.accepted.length}`
      const body = { operationName: 'SendMessage', text, messageId: `${this.#session} ${text}` }
      let refused: unknown
      const isAccepted = () =>
        this.#writer.ask(`/me${this.#session}`, body).then(
          () => true,
          (error: unknown) => {
            refused = error
            return false
          },
        )
      await until(isAccepted, 40_000, `${text} is not accepted`).catch((error: unknown) => {
        throw new Error(`${error}: ${refused}`)
      })
      this.accepted.push(text)
    }
  }

  /** The transcript is what was accepted, each text once and in its order. */
  async isWhole(): Promise<void> {
    const answer = await this.#reader.ask(`/me${this.#session}/messages?limit=1000`)
    const { messages } = answer as unknown as { messages: { message: string }[] }
    expect(messages.map(({ message }) => message)).toEqual(this.accepted)
  }
}
