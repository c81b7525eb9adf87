import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Ran {
  code: number
  output: string
}

/** Runs a program to its end. */
export async function run(command: string, args: readonly string[], input = '', cwd?: string): Promise<Ran> {
  const child = spawn(command, args, { stdio: 'pipe', ...(cwd !== undefined && { cwd }) })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => {
      output += bytes
    })
  // Who ends without reading has said why.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const [code] = (await once(child, 'close')) as [number | null]
  return { code: code ?? -1, output }
}

/** A program that runs on until it is stopped. */
export interface Started {
  said(): string
  kill(signal: NodeJS.Signals): void
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>
  stop(): Promise<void>
}

export function start(command: string, args: readonly string[], cwd?: string): Started {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...(cwd !== undefined && { cwd }) })
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string)
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => {
      said += bytes
    })
  return {
    said: () => said,
    kill: (signal) => void child.kill(signal),
    ended,
    stop: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Waits for what resolves to something; the last error, or what was said, where it does not come. */
export async function eventually<T>(
  ask: () => Promise<T | undefined>,
  otherwise: () => string,
  ms = 30_000,
): Promise<T> {
  let last: unknown
  for (const end = performance.now() + ms; performance.now() < end; await sleep(50)) {
    try {
      const found = await ask()
      if (found !== undefined) return found
    } catch (error) {
      last = error
    }
  }
  throw new Error(`${otherwise()}, after ${ms} ms`, { cause: last })
}
