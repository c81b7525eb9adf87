import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

/** A `ringdown` command in a process of its own. */
export interface ServerProcess {
  child: ChildProcess
  out: () => string
  err: () => string
  /** Where it listens; rejects when it ends before it does. */
  address: () => Promise<string>
  /** Its exit code, or the signal that ended it. */
  ended: Promise<number | string>
}

const running = new Set<ChildProcess>()

/** Runs `ringdown` with these words in that directory. */
export function ringdown(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): ServerProcess {
  const child = spawn(process.execPath, [main, ...args], { cwd, env: { ...process.env, ...env }, stdio: 'pipe' })
  running.add(child)
  child.stdin.end()
  let out = ''
  let err = ''
  child.stdout.on('data', (bytes: Buffer) => {
    out += bytes
  })
  child.stderr.on('data', (bytes: Buffer) => {
    err += bytes
  })
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => {
      running.delete(child)
      resolve(code ?? signal ?? 'lost')
    })
  })
  const address = async () => {
    for (let tries = 0; tries < 1_500 && child.exitCode === null; tries++) {
      const found = /Ringdown serves .* at (https?:\/\/[^\s,]+)/.exec(err)?.[1]
      if (found !== undefined) return found
      await sleep(10)
    }
    throw new Error(`it does not listen:\n${out}\n${err}`)
  }
  return { child, out: () => out, err: () => err, address, ended }
}

/** Ends what a failed test left behind. */
export function endAll(): void {
  for (const child of running) child.kill('SIGKILL')
}

/** Waits until the question is answered by true, or throws after so many milliseconds. */
export async function eventually(isSo: () => boolean | Promise<boolean>, ms: number): Promise<number> {
  const start = performance.now()
  while (!(await isSo())) {
    if (performance.now() - start > ms) throw new Error(`it is not so after ${ms} ms`)
    await sleep(10)
  }
  return performance.now() - start
}
