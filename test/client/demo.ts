import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../repository/repository.ts'

/** What `npm start` serves, in a folder of its own and on a free port. */
export interface Demo {
  address: string
  passwords: Record<string, string>
  stop(): Promise<void>
}

export async function startDemo(): Promise<Demo> {
  const folder = mkdtempSync(join(tmpdir(), 'ringdown-client-'))
  const args = [join(root, 'packages/server/src/main.ts'), 'serve', '--port', '0']
  const engine = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  const stop = async () => {
    if (engine.exitCode === null && engine.signalCode === null) {
      const ended = once(engine, 'exit')
      engine.kill('SIGKILL')
      await ended
    }
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const address = await addressOf(engine)
    const kept = readFileSync(join(folder, 'ringdown-data', 'demo-passwords.json'), 'utf8')
    return { address, passwords: JSON.parse(kept) as Record<string, string>, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function addressOf(engine: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    engine.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      const found = /at (http:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1]
      if (found !== undefined) resolve(found)
    })
    engine.once('exit', (code) => reject(new Error(`the engine ended with ${code}: ${said}`)))
  })
}
