import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** The server under test has a core of its own; all that drives it, Redis included, shares the other. */
export const cores = { server: 0, generator: 1 } as const

const taskset = 'taskset'
const pinning = (() => {
  try {
    execFileSync(taskset, ['-c', '0,1', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()
/** Whether processes could be pinned: `taskset` is there and the machine has two cores. */
export const pinned: boolean = pinning

/** A child process on one core. `output` collects what it printed, for when it fails. */
export interface PinnedChild {
  process: ChildProcess
  pid: number
  output: () => string
  stop: () => Promise<void>
}

/** Starts a program on that core, with an IPC channel if it is Node. */
export function startPinned(
  core: number,
  command: string,
  args: readonly string[],
  options: { env?: Record<string, string>; ipc?: boolean; cwd?: string } = {},
): PinnedChild {
  // taskset becomes the program itself, so the process id and the IPC channel are the program's.
  const [file, argv] = pinning ? [taskset, ['-c', String(core), command, ...args]] : [command, args]
  const child = spawn(file, argv, {
    stdio: ['ignore', 'pipe', 'pipe', ...(options.ipc ? (['ipc'] as const) : [])],
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (bytes: Buffer) => {
      output = (output + bytes.toString()).slice(-20_000)
    })
  if (child.pid === undefined) throw new Error(`${command} could not be started`)
  const ended = once(child, 'exit')
  return {
    process: child,
    pid: child.pid,
    output: () => output,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      const force = setTimeout(() => child.kill('SIGKILL'), 5000)
      await ended
      clearTimeout(force)
    },
  }
}

/** A port nobody listens on just now. */
export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}

/** Waits until `ready` says so; fails with what the child printed if it ends, or takes longer than `ms`. */
export async function waitFor(child: PinnedChild, ready: () => Promise<boolean>, ms = 30_000): Promise<void> {
  for (const end = Date.now() + ms; Date.now() < end; await sleep(50)) {
    if (child.process.exitCode !== null) throw new Error(`the server ended at once:\n${child.output()}`)
    if (await ready().catch(() => false)) return
  }
  throw new Error(`the server did not get ready in ${ms} ms:\n${child.output()}`)
}
