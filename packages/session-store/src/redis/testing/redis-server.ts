import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'

export interface RedisServerOptions {
  /** When an accepted write is on disk; `off`: no file at all. Default `off`, the fastest. */
  appendfsync?: 'always' | 'everysec' | 'off'
  /** The program, default `redis-server`; `valkey-server` takes the same words. */
  program?: string
  /** Further lines of redis.conf, as words: `['--requirepass', 'x']`. */
  config?: readonly string[]
}

/** A real redis-server of our own, in a directory of its own, on a free port of the loopback. */
export class RedisServer {
  readonly port: number
  readonly dir: string
  /** A plain connection, for what the store has no word for. */
  readonly admin: Redis
  readonly #options: RedisServerOptions
  #process: ChildProcess | undefined

  private constructor(port: number, dir: string, options: RedisServerOptions) {
    this.port = port
    this.dir = dir
    this.#options = options
    this.admin = new Redis({ port, lazyConnect: true, maxRetriesPerRequest: null, retryStrategy: () => 20 })
    this.admin.on('error', () => {})
  }

  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const server = await RedisServer.prepare(options)
    await server.run()
    return server
  }

  /** Chooses the port and makes the directory; `run` starts it. */
  static async prepare(options: RedisServerOptions = {}): Promise<RedisServer> {
    return new RedisServer(await freePort(), await mkdtemp(join(tmpdir(), 'ringdown-redis-')), options)
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  /** Starts the process, again after `kill`, and resolves when it answers. Words for this run come before and after the others. */
  async run(first: readonly string[] = [], more: readonly string[] = []): Promise<void> {
    const { program = 'redis-server', appendfsync = 'off', config = [] } = this.#options
    const files = appendfsync === 'off' ? ['no'] : ['yes', '--appendfsync', appendfsync]
    const settings = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.dir, '--save', '']
    const words = [...first, ...settings, '--appendonly', ...files, ...config, ...more]
    this.#process = spawn(program, words, { stdio: 'ignore' })
    while (!(await answers(this.port))) {
      if (this.#process.exitCode !== null) throw new Error(`${program} did not start`)
      await delay(10)
    }
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#process?.kill(signal)
  }

  /** kill -9. */
  async kill(): Promise<void> {
    const process = this.#process
    this.#process = undefined
    if (!process || process.exitCode !== null) return
    process.kill('SIGKILL')
    await once(process, 'exit')
  }

  async stop(): Promise<void> {
    this.admin.disconnect()
    await this.kill()
    await rm(this.dir, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** A port nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function answers(port: number): Promise<boolean> {
  const socket = net.connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    socket.write('PING\r\n')
    const [data] = await once(socket, 'data')
    return /^(\+PONG|-NOAUTH)/.test(String(data))
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
