import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { debianWithAsterisk } from './debian.ts'
import { Program } from './program.ts'

const run = promisify(execFile)

/** An Asterisk with the configuration of `deploy/asterisk`. */
export interface Asterisk {
  /** What it logged. */
  readonly said: string
  readonly version: string
  stop(): Promise<void>
}

/** Starts Asterisk in its chroot; only the two addresses of the shipped files are others. */
export async function asterisk({ port, ringdown }: { port: number; ringdown: number }): Promise<Asterisk> {
  const root = await debianWithAsterisk()
  const folder = mkdtempSync(join(root, 'tmp', 'ringdown-'))
  const inside = folder.slice(root.length)
  for (const name of ['pjsip', 'extensions', 'modules']) {
    const file = fileURLToPath(new URL(`../../../deploy/asterisk/${name}.conf`, import.meta.url))
    const text = readFileSync(file, 'utf8')
      .replaceAll('127.0.0.1:5066', `127.0.0.1:${port}`)
      .replaceAll('127.0.0.1:5060', `127.0.0.1:${ringdown}`)
    writeFileSync(join(folder, `${name}.conf`), text)
  }
  writeFileSync(join(folder, 'logger.conf'), '[general]\n[logfiles]\nfull.log => notice,warning,error,verbose(3)\n')
  const folders = ['astetcdir', 'astdbdir', 'astspooldir', 'astrundir', 'astlogdir', 'astcachedir']
  const places = folders.map((name) => `${name} => ${inside}\n`).join('')
  writeFileSync(join(folder, 'asterisk.conf'), `[directories]\n${places}[options]\nverbose = 3\n`)
  const file = join(inside, 'asterisk.conf')
  const command = (text: string) => run('chroot', [root, 'asterisk', '-C', file, '-rx', text])
  const said = () => {
    try {
      return readFileSync(join(folder, 'full.log'), 'utf8')
    } catch {
      return program.said
    }
  }
  // As root and without -U: the chroot has nobody else to be.
  const program = new Program('chroot', [root, 'asterisk', '-f', '-C', file])
  const stop = async () => {
    await program.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    for (let tries = 0; ; tries++) {
      try {
        await command('core waitfullybooted')
        break
      } catch (cause) {
        if (tries === 40) throw new Error(`Asterisk does not start:\n${said()}`, { cause })
        await new Promise((resolve) => setTimeout(resolve, 250))
      }
    }
    const { stdout } = await command('core show version')
    return {
      get said() {
        return said()
      },
      version: stdout.trim(),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
