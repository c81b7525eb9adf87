/**
 * Pages whose commands are run as they are printed. In Markdown a block is run when it stands between two comments with its name:
 * `<!-- name:begin -->`, a fenced block, `<!-- name:end -->`.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))
export const main = join(root, 'packages/server/src/main.ts')

/** A page of the repository, by its path from the top. */
export const readPage = (path: string): string => readFileSync(join(root, path), 'utf8')

/** A fenced block of a page. */
export interface Block {
  /** Of the markers around it; absent where there are none. */
  readonly name?: string
  /** `bash`, `yaml`, … */
  readonly language: string
  readonly text: string
}

/** Every fenced block of a page, in its order. */
export function blocksOf(page: string): Block[] {
  const fenced = /(?:<!-- ([\w-]+):begin -->\s*)?^```(\w*)\n([\s\S]*?)^```$(?:\s*<!-- ([\w-]+):end -->)?/gm
  return [...page.matchAll(fenced)].map(([, begin, language = '', text = '', end]) => {
    if (begin !== end) throw new Error(`the markers ${begin} and ${end} stand around one block`)
    return { ...(begin !== undefined && { name: begin }), language, text }
  })
}

/** What is printed between the markers of this name. Throws where there is nothing. */
export function blockOf(page: string, name: string): string {
  const found = blocksOf(page).find((block) => block.name === name)
  if (!found) throw new Error(`nothing is printed between the markers of ${name}`)
  return found.text
}

/** Blocks of a shell that no test can run, because they have no name: for a test that wants none. */
export const blocksWithoutName = (page: string): string[] =>
  blocksOf(page).flatMap(({ name, language, text }) =>
    name === undefined && ['sh', 'bash', 'shell', 'console'].includes(language) ? [text] : [],
  )

/** Paths of the repository a page links to that lead nowhere; `folder` is where the page is. */
export function deadLinks(page: string, folder: string): string[] {
  const linked = [...page.matchAll(/\]\(((?!https?:|#)[^)#\s]+)[^)]*\)/g)].map((found) => found[1] ?? '')
  return linked.filter((path) => !existsSync(join(root, folder, path)))
}

/** What a block wrote. */
export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  /** Of standard output, without empty ones. */
  readonly lines: readonly string[]
}

export interface RunOptions {
  /** Text that stands for other text in this run, besides what the folder has: `{ ':5060': ':49152' }`. */
  readonly replace?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
  /** The block is expected to end with this code; otherwise a command that fails ends it and fails the test. */
  readonly code?: number
  /** Only against a hang. */
  readonly deadlineMs?: number
}

/**
 * A folder of its own in which blocks are run by bash. `ringdown` and `npm run -s ringdown` are the engine of this repository; whatever a
 * block leaves running ends with the folder.
 */
export class PageFolder {
  readonly path: string
  readonly #replace = new Map<string, string>([['npm run -s ringdown', 'ringdown']])
  readonly #engines: ChildProcess[] = []
  readonly #shells: ChildProcess[] = []

  constructor(files: Readonly<Record<string, string>> = {}) {
    this.path = mkdtempSync(join(tmpdir(), 'ringdown-page-'))
    const command = join(this.path, '.bin/ringdown')
    this.write('.bin/ringdown', `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`)
    chmodSync(command, 0o755)
    for (const [name, text] of Object.entries(files)) this.write(name, text)
  }

  write(name: string, text: string): void {
    const path = join(this.path, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }

  read(name: string): string {
    return readFileSync(join(this.path, name), 'utf8')
  }

  /** From now on blocks are run with `to` wherever they print `from`. */
  replace(from: string, to: string): void {
    this.#replace.set(from, to)
  }

  /**
   * Serves in this folder on a free port of 127.0.0.1, or the one named, as `npm start` does, or with a `ringdown.yaml` that is there; `:8080` is that port in
   * what is run from now on. Resolves with the address.
   */
  async serve(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}, port = '0'): Promise<string> {
    const engine = spawn(process.execPath, [main, 'serve', '--port', port, ...args], {
      cwd: this.path,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.#engines.push(engine)
    const address = await new Promise<string>((resolve, reject) => {
      let said = ''
      engine.stderr?.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        const found = /at (https?:\/\/[\w.:[\]-]+:\d+)/.exec(said)?.[1]
        if (found !== undefined) resolve(found)
      })
      engine.once('close', (code) => reject(new Error(`the engine ended with ${code}: ${said}`)))
    })
    this.replace(':8080', `:${new URL(address).port}`)
    return address
  }

  /** Runs what a page prints between the markers of this name. Rejects where it does not end as expected. */
  run(page: string, name: string, options: RunOptions = {}): Promise<Ran> {
    return this.shell(blockOf(page, name), options)
  }

  /** Runs these lines. */
  async shell(script: string, options: RunOptions = {}): Promise<Ran> {
    const { replace = {}, env = {}, stdin = '', code: expected = 0, deadlineMs = 50_000 } = options
    const text = [...this.#replace, ...Object.entries(replace)].reduce(
      (all, [from, to]) => all.replaceAll(from, to),
      script,
    )
    const path = `${join(this.path, '.bin')}${delimiter}${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}`
    // Files, not pipes: what is left in the background holds a pipe open, and a file has all that was written when the shell is gone.
    const files = ['out', 'err'].map((name) => join(this.path, '.bin', `${this.#shells.length}.${name}`))
    const [out = 0, err = 0] = files.map((file) => openSync(file, 'w'))
    const shell = spawn('bash', ['-e', '-o', 'pipefail', '-c', text], {
      cwd: this.path,
      env: { ...process.env, ...env, PATH: path },
      stdio: ['pipe', out, err],
      // A group of its own, so that what it leaves behind can be ended.
      detached: true,
    })
    for (const file of [out, err]) closeSync(file)
    this.#shells.push(shell)
    // Who reads nothing closes its end before we have written.
    shell.stdin?.on('error', () => undefined)
    shell.stdin?.end(stdin)
    const timer = setTimeout(() => end(shell, 'SIGKILL'), deadlineMs)
    const code = await new Promise<number | null>((resolve, reject) => {
      shell.once('error', reject)
      shell.once('exit', resolve)
    }).finally(() => clearTimeout(timer))
    const [stdout = '', stderr = ''] = files.map((file) => readFileSync(file, 'utf8'))
    if (code !== expected) throw new Error(`it ended with ${code}, not ${expected}:\n${text}\n${stdout}\n${stderr}`)
    return { code, stdout, stderr, lines: stdout.split('\n').filter((line) => line !== '') }
  }

  /** Ends what runs here, and removes the folder. */
  async close(): Promise<void> {
    for (const shell of this.#shells) end(shell, 'SIGKILL')
    const ended = this.#engines.map((engine) => {
      if (engine.exitCode !== null || engine.signalCode !== null) return undefined
      const gone = new Promise((resolve) => engine.once('exit', resolve))
      engine.kill('SIGTERM')
      return gone
    })
    await Promise.all(ended)
    rmSync(this.path, { recursive: true, force: true })
  }
}

/** A shell with all it has started. */
function end({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // Nothing of it is left.
  }
}
