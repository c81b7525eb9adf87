import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { hashPassword } from '@ringdown/facade'
import { type Io, runCommand } from '@ringdown/server'
import { openEmbeddedStore, openRedisStore } from '@ringdown/session-store'
import { RedisServer } from '@ringdown/session-store/testing'
import type { SessionStore } from '@ringdown/signalling'
import { stringify } from 'yaml'

const main = fileURLToPath(new URL('../../packages/server/src/main.ts', import.meta.url))

export type StoreKind = 'embedded' | 'redis'

/** Agents of the file; the n-th works at DN 7001 + n. Their password is their name. */
export const agents = ['anna', 'ben', 'cara', 'dora'] as const
export type Agent = (typeof agents)[number]

export interface SiteOptions {
  retentionMs?: number
  /** Words for redis-server besides. */
  redis?: readonly string[]
}

/** What a command has said. */
export interface Ran {
  code: number
  out: string
  err: string
}

/** A contact centre in a folder of its own: a configuration, a store, servers over it, and the command line beside them. */
export class Site {
  readonly folder: string
  readonly kind: StoreKind
  readonly #redis: RedisServer | undefined
  #text = ''
  readonly #servers = new Map<string, ChildProcess>()
  readonly #addresses = new Map<string, string>()

  private constructor(kind: StoreKind, redis: RedisServer | undefined) {
    this.kind = kind
    this.#redis = redis
    this.folder = mkdtempSync(join(tmpdir(), 'ringdown-records-'))
  }

  static async create(kind: StoreKind, { retentionMs = 86_400_000, redis = [] }: SiteOptions = {}): Promise<Site> {
    const server = kind === 'redis' ? await RedisServer.start({ appendfsync: 'always', config: redis }) : undefined
    const site = new Site(kind, server)
    const hashes = await Promise.all(agents.map((name) => hashPassword(name, { ln: 1, r: 1, p: 1 })))
    const admin = await hashPassword('admin', { ln: 1, r: 1, p: 1 })
    const dn = (i: number) => String(7001 + i)
    const text = stringify({
      http: { host: '127.0.0.1', port: 0 },
      log: { level: 'warn' },
      store: server ? { redis: { url: server.url } } : { embedded: { directory: 'store' } },
      contactCentres: [
        {
          id: 'site',
          options: { retentionMs },
          switches: [{ name: 'S' }],
          dns: agents.map((_, i) => {
            return {
              number: dn(i),
              switch: 'S',
              annex: { TServer: { multimedia: 'true', 'sip-signaling-chat': 'none' } },
            }
          }),
          places: agents.map((_, i) => ({ name: `P${i}`, dns: [dn(i)] })),
          agentLogins: agents.map((_, i) => ({ code: `L${i}`, switch: 'S' })),
          persons: [
            ...agents.map((userName, i) => {
              const name = { firstName: userName.toUpperCase(), lastName: 'Tester' }
              return { userName, ...name, place: `P${i}`, agentLogins: [`L${i}`], passwordHash: hashes[i] }
            }),
            { userName: 'admin', roles: ['admin', 'supervisor'], passwordHash: admin },
          ],
        },
      ],
    })
    site.#text = text
    writeFileSync(join(site.folder, 'ringdown.yaml'), text)
    return site
  }

  /** The configuration, good in any folder. */
  get configuration(): string {
    return this.#text.replace('directory: store', `directory: ${join(this.folder, 'store')}`)
  }

  /** The embedded store's file. */
  get file(): string {
    return join(this.folder, 'store', 'site.sqlite')
  }

  get redis(): RedisServer {
    if (!this.#redis) throw new Error('the site has no Redis')
    return this.#redis
  }

  /** `ringdown` with these words, within this process: to start one takes seconds where others work as well. */
  async run(name: string, ...words: string[]): Promise<Ran> {
    const ran = { code: 0, out: '', err: '' }
    const io: Io = {
      env: {},
      out: (line) => {
        ran.out += `${line}\n`
      },
      err: (line) => {
        ran.err += `${line}\n`
      },
      write: async (text) => {
        ran.out += text
      },
      stdin: async () => '',
      onSignal: () => undefined,
    }
    ran.code = await runCommand([name, '--config', join(this.folder, 'ringdown.yaml'), ...words], io)
    return ran
  }

  /** Starts a server, on a free port where none is named, and resolves with its address when it is ready. */
  async serve(name = 'n1', port?: string): Promise<string> {
    const words = port === undefined ? [] : ['--port', port]
    const child = spawn(process.execPath, [main, 'serve', ...words], {
      cwd: this.folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.#servers.set(name, child)
    let said = ''
    child.stderr?.on('data', (data) => {
      said += data
    })
    const address = await eventually(() => {
      if (child.exitCode !== null) throw new Error(`the server ended: ${said}`)
      return /at (http:\/\/[\d.]+:\d+)/.exec(said)?.[1]
    })
    await eventually(async () => ((await fetch(`${address}/health/ready`)).ok ? true : undefined))
    this.#addresses.set(name, address)
    return address
  }

  address(name = 'n1'): string {
    const address = this.#addresses.get(name)
    if (address === undefined) throw new Error(`${name} does not serve`)
    return address
  }

  /** SIGTERM, and waits for the end. */
  async stopServing(name = 'n1'): Promise<void> {
    await end(this.#servers.get(name), 'SIGTERM')
    this.#servers.delete(name)
  }

  /** The store, beside whoever else has it open. */
  openStore(): Promise<SessionStore> {
    const common = { centre: 'site', node: 'onlooker', feedLimit: 1000 }
    if (this.#redis) return openRedisStore({ ...common, connection: { url: this.#redis.url } })
    const after = (ms: number, run: () => void) => {
      const timer = setTimeout(run, ms)
      return () => clearTimeout(timer)
    }
    return openEmbeddedStore({ ...common, file: this.file, clock: { now: () => Date.now(), after } })
  }

  /** Ends everything and leaves nothing behind. */
  async stop(): Promise<void> {
    await Promise.all([...this.#servers.values()].map((child) => end(child, 'SIGKILL')))
    await this.#redis?.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Somebody at the REST API of a server. */
export class Talker {
  readonly #address: () => string
  readonly #user: string

  constructor(user: string, address: () => string) {
    this.#user = user
    this.#address = address
  }

  /** One request; its answer. Throws where it is refused. */
  async ask<T = unknown>(path: string, body?: object, method = body ? 'POST' : 'GET'): Promise<T> {
    const answer = await fetch(`${this.#address()}/api/v2${path}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`${this.#user}:${this.#user}`).toString('base64')}`,
        'content-type': 'application/json',
        'x-requested-with': 'test',
      },
      ...(body && { body: JSON.stringify(body) }),
    })
    const said = (await answer.json()) as T & { statusCode: number }
    if (said.statusCode !== 0) throw new Error(`${this.#user} ${path}: ${JSON.stringify(said)}`)
    return said
  }

  logIn(): Promise<unknown> {
    return this.ask('/me', { operationName: 'StartContactCenterSession', channels: ['voice'] })
  }

  /** Begins a session with a DN; its id. */
  async call(phoneNumber: string, userData: object = {}): Promise<string> {
    await this.ask('/me/im-sessions', { operationName: 'InitiateIMSession', destination: { phoneNumber }, userData })
    const { imSessions } = await this.ask<{ imSessions: { id: string }[] }>('/me/im-sessions?fields=*')
    const id = imSessions[0]?.id
    if (id === undefined) throw new Error('there is no session')
    return id
  }

  say(session: string, text: string): Promise<unknown> {
    return this.ask(`/me/im-sessions/${session}`, { operationName: 'SendMessage', text })
  }

  complete(session: string): Promise<unknown> {
    return this.ask(`/me/im-sessions/${session}`, { operationName: 'Complete' })
  }

  /** What the server shows of a session's texts. */
  async texts(session: string): Promise<string[]> {
    const { messages } = await this.ask<{ messages: { message: string }[] }>(`/me/im-sessions/${session}/messages`)
    return messages.map(({ message }) => message)
  }
}

/** Asks until the answer is something; rejects after 30 s with what was wrong last. */
export async function eventually<T>(look: () => T | undefined | Promise<T | undefined>, ms = 30_000): Promise<T> {
  let wrong: unknown = new Error('it did not come to be')
  for (const until = performance.now() + ms; performance.now() < until; await sleep(20)) {
    try {
      const found = await look()
      if (found !== undefined) return found
    } catch (error) {
      wrong = error
      if (error instanceof Error && error.message.startsWith('the server ended')) throw error
    }
  }
  throw wrong
}

async function end(child: ChildProcess | undefined, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}
