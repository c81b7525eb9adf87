import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { hashPassword } from '@ringdown/facade'
import { openEmbeddedStore, openRedisStore } from '@ringdown/session-store'
import type { SessionStore } from '@ringdown/signalling'
import { stringify } from 'yaml'
import type { Target } from './balancer.ts'

const main = fileURLToPath(new URL('../../packages/server/src/main.ts', import.meta.url))

/** Who can log in: the n-th agent sits at DN 7001 + n. */
export interface Person {
  userName: string
  password: string
  dn: string
}

export type StoreKind = 'embedded' | 'redis'

/** `[TServer]` options of a DN beyond those that make it carry IM. */
export type DNOptions = Readonly<Record<string, string>>

/** Sections of the configuration that a test sets for itself; what it leaves out is as usual. */
export interface Settings {
  http?: { corsOrigins: readonly string[] }
  login?: { csrf: boolean }
  cometd?: { timeoutMs?: number; maxIntervalMs?: number; csrf?: boolean }
  /** How long an ended session can be read. */
  retentionMs?: number
  /** Events kept for each person. */
  feedLimit?: number
  /** `webhooks` of the contact centre, and events kept for them. */
  webhooks?: readonly object[]
  webhookLimit?: number
  /** By name of the node. */
  ucAjax?: (node: string) => { holdMs: number }
  /** By name of the node, or the same for every node. */
  sip?: SipListeners | ((node: string) => SipListeners)
  /** By user name; who is not named is an agent. */
  roles?: Readonly<Record<string, readonly string[]>>
  /** DNs without an agent: endpoints and trunks. */
  dns?: readonly { number: string; type?: string; options: DNOptions }[]
}

/** Sections `sip` and `msrp` of the configuration. */
export interface SipListeners {
  sip: {
    listen?: readonly Listener[]
    domains?: readonly string[]
    drachtio?: { port: number; secret: string }
  }
  msrp?: { listen: readonly Listener[] }
}
interface Listener {
  transport: string
  host?: string
  port: number
  certFile?: string
  keyFile?: string
}

/** A contact centre of test agents, its store, and as many server processes over it as are asked for. */
export class Engine {
  readonly persons: readonly Person[]
  readonly #folder: string
  readonly #store: StoreKind
  readonly #hashes: readonly string[]
  readonly #options: ReadonlyMap<string, DNOptions>
  readonly #settings: Settings
  readonly #nodes = new Set<Node>()
  #redis: ChildProcess | undefined

  private constructor(
    store: StoreKind,
    persons: readonly Person[],
    hashes: readonly string[],
    options: ReadonlyMap<string, DNOptions>,
    settings: Settings,
  ) {
    this.#store = store
    this.#options = options
    this.#settings = settings
    this.persons = persons
    this.#hashes = hashes
    this.#folder = mkdtempSync(join(tmpdir(), 'ringdown-faults-'))
    process.once('exit', this.#abandon)
  }

  /** Makes the store ready; no node runs yet. */
  static async create(
    store: StoreKind,
    agents: number,
    options: ReadonlyMap<string, DNOptions> = new Map(),
    settings: Settings = {},
  ): Promise<Engine> {
    const persons = Array.from({ length: agents }, (_, i) => {
      return { userName: `agent${i}`, password: `secret-of-${i}`, dn: String(7001 + i) }
    })
    // The least cost: what is tested here is not the hash, and every request carries its password.
    const hashes = await Promise.all(persons.map((person) => hashPassword(person.password, { ln: 1, r: 1, p: 1 })))
    const engine = new Engine(store, persons, hashes, options, settings)
    if (store === 'redis') await engine.startRedis()
    return engine
  }

  /** Starts one server process, on a free port where none is named, and waits until it is ready. */
  async startNode(name: string, port = 0): Promise<Node> {
    const file = this.configuration(name)
    writeFileSync(file, this.#configuration(name, port))
    const node = new Node(file, this.#folder, () => this.#nodes.delete(node))
    this.#nodes.add(node)
    await node.ready()
    return node
  }

  /** The configuration of a node that was started, for commands. */
  configuration(name: string): string {
    return join(this.#folder, `${name}.yaml`)
  }

  /** What the servers share, to look at beside them. Whoever opens it closes it. */
  openStore(): Promise<SessionStore> {
    const centre = 'faults'
    const options = { centre, node: 'onlooker', feedLimit: 1000 }
    if (this.#store === 'redis') return openRedisStore({ ...options, connection: { url: this.#socket } })
    const after = (ms: number, run: () => void) => {
      const timer = setTimeout(run, ms)
      return () => clearTimeout(timer)
    }
    const file = join(this.#folder, 'store', `${centre}.sqlite`)
    return openEmbeddedStore({ ...options, file, clock: { now: () => Date.now(), after } })
  }

  async startRedis(): Promise<void> {
    const log = join(this.#folder, 'redis.log')
    const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', '']
    const place = ['--port', '0', '--unixsocket', this.#socket, '--dir', this.#folder, '--logfile', log]
    this.#redis = spawn('redis-server', [...place, ...durable], { stdio: 'ignore' })
    await until(() => canConnect({ path: this.#socket }), 5_000, 'redis-server does not answer')
  }

  /** Ends Redis without a word, as a power cut does. */
  async killRedis(): Promise<void> {
    await kill(this.#redis, 'SIGKILL')
  }

  /** Ends everything and leaves nothing behind. */
  async stop(): Promise<void> {
    await Promise.all([...this.#nodes].map((node) => node.kill()))
    await kill(this.#redis, 'SIGKILL')
    rmSync(this.#folder, { recursive: true, force: true })
    process.off('exit', this.#abandon)
  }

  /** Nothing outlives a process that ends in the middle. */
  readonly #abandon = (): void => {
    for (const node of this.#nodes) node.abandon()
    this.#redis?.kill('SIGKILL')
    rmSync(this.#folder, { recursive: true, force: true })
  }

  get #socket(): string {
    return join(this.#folder, 'redis.sock')
  }

  #configuration(node: string, port: number): string {
    const annex = (dn: string) => {
      return { TServer: { multimedia: 'true', 'sip-signaling-chat': 'none', ...this.#options.get(dn) } }
    }
    const { sip, dns = [], roles = {} } = this.#settings
    return stringify({
      node,
      ...(typeof sip === 'function' ? sip(node) : sip),
      http: { host: '127.0.0.1', port, ...this.#settings.http },
      log: { level: 'warn' },
      // Every run tries a wrong password, all from one address.
      login: {
        attempts: { perUserAndAddress: 1_000_000, perUser: 1_000_000, perAddress: 1_000_000 },
        ...this.#settings.login,
      },
      ...(this.#settings.cometd && { cometd: this.#settings.cometd }),
      ...(this.#settings.ucAjax && { ucAjax: this.#settings.ucAjax(node) }),
      store: {
        ...(this.#store === 'redis' ? { redis: { url: this.#socket } } : { embedded: { directory: 'store' } }),
        ...(this.#settings.feedLimit !== undefined && { feedLimit: this.#settings.feedLimit }),
        ...(this.#settings.webhookLimit !== undefined && { webhookLimit: this.#settings.webhookLimit }),
      },
      contactCentres: [
        {
          id: 'faults',
          ...(this.#settings.retentionMs !== undefined && { options: { retentionMs: this.#settings.retentionMs } }),
          ...(this.#settings.webhooks && { webhooks: this.#settings.webhooks }),
          switches: [{ name: 'S' }],
          dns: [
            ...this.persons.map(({ dn }) => ({ number: dn, switch: 'S', annex: annex(dn) })),
            ...dns.map(({ number, type = 'Extension', options }) => {
              return { number, type, switch: 'S', annex: { TServer: { multimedia: 'true', ...options } } }
            }),
          ],
          places: this.persons.map(({ dn }) => ({ name: `P${dn}`, dns: [dn] })),
          agentLogins: this.persons.map(({ dn }) => ({ code: `L${dn}`, switch: 'S' })),
          persons: this.persons.map(({ userName, dn }, i) => {
            const login = { place: `P${dn}`, agentLogins: [`L${dn}`], passwordHash: this.#hashes[i] }
            return { userName, ...login, ...(roles[userName] && { roles: roles[userName] }) }
          }),
        },
      ],
    })
  }
}

/** One server process. */
export class Node {
  readonly #process: ChildProcess
  readonly #gone: () => void
  #said = ''
  #target: Target | undefined

  constructor(configuration: string, folder: string, gone: () => void) {
    this.#gone = gone
    const args = ['--max-semi-space-size=64', main, 'serve', '--config', configuration]
    this.#process = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.#process.stdout, this.#process.stderr])
      stream?.on('data', (data) => {
        this.#said = (this.#said + data).slice(-20_000)
        const [, host, port] = /http:\/\/(127\.\d+\.\d+\.\d+):(\d+)/.exec(this.#said) ?? []
        if (host !== undefined) this.#target ??= { host, port: Number(port) }
      })
    this.#process.once('exit', gone)
  }

  /** Where it listens. */
  get target(): Target {
    if (!this.#target) throw new Error(`the node does not listen: ${this.#said}`)
    return this.#target
  }

  /** `http://host:port`. */
  get address(): string {
    return `http://${this.target.host}:${this.target.port}`
  }

  /** What it wrote to its log and its terminal, the end of it. */
  get said(): string {
    return this.#said
  }

  async ready(): Promise<void> {
    const isReady = async () => {
      if (this.#process.exitCode !== null) throw new Error(`the server ended: ${this.#said}`)
      if (!this.#target) return false
      const answer = await fetch(`${this.address}/health/ready`).catch(() => undefined)
      return answer?.status === 200
    }
    await until(isReady, 20_000, 'the server does not get ready').catch((cause: unknown) => {
      throw new Error(`the server does not get ready: ${this.#said}`, { cause })
    })
  }

  /** SIGKILL: no goodbye to anybody. */
  async kill(): Promise<void> {
    await kill(this.#process, 'SIGKILL')
    this.#gone()
  }

  /** The same without waiting. */
  abandon(): void {
    this.#process.kill('SIGKILL')
  }

  /** SIGTERM: drains, then ends. */
  async stop(): Promise<void> {
    await kill(this.#process, 'SIGTERM')
    this.#gone()
  }
}

async function kill(process: ChildProcess | undefined, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (!process || process.exitCode !== null || process.signalCode !== null) return
  const exited = once(process, 'exit')
  process.kill(signal)
  await exited
}

function canConnect(to: { path: string }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(to)
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

/** Waits until it is so, at most so many milliseconds. */
export async function until(isSo: () => boolean | Promise<boolean>, ms: number, otherwise: string): Promise<void> {
  for (const end = performance.now() + ms; performance.now() < end; await sleep(10)) if (await isSo()) return
  throw new Error(`${otherwise}, after ${ms} ms`)
}
