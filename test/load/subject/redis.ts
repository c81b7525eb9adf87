import { mkdtemp, rm } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cores, freePort, startPinned, waitFor } from './child.ts'

/** When Redis writes its log to the disk: before each answer, or once a second. */
export type Appendfsync = 'always' | 'everysec'

export interface RunningRedis {
  port: number
  pid: number
  /** Memory it uses now. */
  megabytes(): Promise<number>
  stop(): Promise<void>
}

/** The first of an answer; empty where there is none. */
function ask(port: number, command: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(`${command}\r\n`))
    socket.on('data', (bytes) => {
      resolve(bytes.toString())
      socket.destroy()
    })
    socket.on('error', () => resolve(''))
  })
}

/** A Redis of our own on a free port, its data in a directory that is removed afterwards. */
export async function startRedis(appendfsync: Appendfsync): Promise<RunningRedis> {
  const port = await freePort()
  const dir = await mkdtemp(join(tmpdir(), 'ringdown-load-redis-'))
  const settings = {
    port: String(port),
    bind: '127.0.0.1',
    dir,
    appendonly: 'yes',
    appendfsync,
    save: '',
    'auto-aof-rewrite-percentage': '0',
  }
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
  const child = startPinned(cores.generator, 'redis-server', args)
  await waitFor(child, async () => (await ask(port, 'PING')).startsWith('+PONG'))
  return {
    port,
    pid: child.pid,
    megabytes: async () => Number(/^used_memory:(\d+)/m.exec(await ask(port, 'INFO memory'))?.[1]) / 2 ** 20,
    async stop() {
      await child.stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
