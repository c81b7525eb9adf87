import type { Clock } from '@ringdown/signalling'
import { bare, redisCode } from './errors.ts'
import type { OnNotice } from './link.ts'

/** So long a new file is waited for. Redis writes one about as fast as it has loaded the old one, some 250 MB a second. Milliseconds. */
const patienceMs = 60_000

/** The server takes no writes of ours yet; it will in a while, by itself. */
export class BeginningFile extends Error {}

export interface AppendFileOptions {
  clock: Clock
  onNotice: OnNotice
  /** Sends one command over the connection that is being looked at. */
  send(name: string, args: readonly string[]): Promise<unknown>
}

/**
 * The file that a server process writes ahead, and what it is worth. A process that has loaded one must begin a new one before
 * it gets writes of ours.
 *
 * COMPAT Redis (seen on 7.0.15), Valkey before valkey-io/valkey#4342 of August 2026: of a MULTI block that was cut by a kill in
 * the middle of a write, loading removes the last, incomplete command, applies nothing, and leaves the rest in the file. What
 * is appended behind it belongs to that block at the next load: the commands nobody was told of come first, and accepted ones
 * fail after them. Drop this when no such server is supported any more.
 */
export class AppendFile {
  readonly #options: AppendFileOptions
  /** What was found out about a server process, by its run id. A file begun anew stays so. */
  #found: { run: string; isNew: boolean } | undefined
  #waiting: { run: string; since: number; asked: boolean } | undefined

  constructor(options: AppendFileOptions) {
    this.#options = options
  }

  /**
   * Resolves when the process that says this of itself (INFO) may have our writes; writes nothing of ours. Rejects with
   * BeginningFile until its new file is complete, for only then the old one is gone, and with it what other users of the server
   * may have written behind the cut.
   */
  async begin(info: string): Promise<void> {
    const run = infoField(info, 'run_id')
    if (this.#found?.run === run) return
    // It would say that it has no file: Redis puts it aside while it reads it.
    if (infoField(info, 'loading') === '1') throw new Error('Redis is loading its data')
    const state = fileState(info)
    if (state === 'new' || (state === 'loaded' && (await this.#loadsWholeFilesOnly()))) {
      this.#found = { run, isNew: true }
      return
    }
    const failure = await this.#rewrite(run, state)
    if (failure === undefined) throw new BeginningFile('Redis has been started and rewrites its append-only file first')
    this.#found = { run, isNew: false }
    this.#options.onNotice(
      'a kill of Redis in the middle of a write may lose what the store accepts after it: allow BGREWRITEAOF (+bgrewriteaof), or run it after each start of Redis',
      { cause: failure },
    )
  }

  /** Whether each write is on disk, to stay, before its answer; not, where the server does not tell. */
  async isDurable(): Promise<boolean> {
    const [file, sync, notOnRewrite] = await this.#settings('appendonly', 'appendfsync', 'no-appendfsync-on-rewrite')
    return file === 'yes' && sync === 'always' && notOnRewrite === 'no' && (await this.#isNew())
  }

  /** Asks for the rewrite and waits for it; answers why that has failed. Any node of any contact centre may have asked before. */
  async #rewrite(run: string, state: 'rewriting' | 'loaded'): Promise<string | undefined> {
    const { clock, send } = this.#options
    if (this.#waiting?.run !== run) this.#waiting = { run, since: clock.now(), asked: false }
    if (clock.now() - this.#waiting.since > patienceMs) return 'the rewrite has not ended in time'
    if (state === 'rewriting') return undefined
    if (this.#waiting.asked) return 'the rewrite has failed'
    try {
      await send('bgrewriteaof', [])
    } catch (error) {
      const { message } = bare(error)
      const begun = message.includes('already in progress')
      // Any other word (LOADING, BUSY) is about now, and we shall ask again.
      if (!begun) {
        if (redisCode(error) === 'NOPERM' || redisCode(error) === 'ERR') return message
        throw error
      }
    }
    this.#waiting.asked = true
    return undefined
  }

  /** Whoever has been refused the rewrite may see that the operator has made one. */
  async #isNew(): Promise<boolean> {
    if (this.#found?.isNew === false) {
      const info = String(await this.#options.send('info', ['server', 'persistence']))
      if (this.#found.run === infoField(info, 'run_id')) this.#found.isNew = fileState(info) === 'new'
    }
    return this.#found?.isNew === true
  }

  async #loadsWholeFilesOnly(): Promise<boolean> {
    return (await this.#settings('aof-load-truncated'))[0] === 'no'
  }

  /** The values of some settings; none, where the server does not tell. */
  async #settings(...names: string[]): Promise<string[]> {
    try {
      const reply = (await this.#options.send('config', ['GET', ...names])) as string[]
      return names.map((name) => reply[reply.indexOf(name) + 1] ?? '')
    } catch (error) {
      if (redisCode(error) === undefined) throw error
      return []
    }
  }
}

/** A field of what INFO answers, or nothing. */
export function infoField(info: string, name: string): string {
  return new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(info)?.[1] ?? ''
}

/** Whether a process writes into no file that it has loaded (or into none at all), is on its way there, or has not begun. */
function fileState(info: string): 'new' | 'rewriting' | 'loaded' {
  const is = (name: string, value: string) => infoField(info, name) === value
  if (!is('aof_enabled', '1')) return 'new'
  // How long the last rewrite of this process took, -1 before its first has ended; unlike aof_rewrites it is never reset.
  if (!is('aof_last_rewrite_time_sec', '-1') && is('aof_last_bgrewrite_status', 'ok')) return 'new'
  return is('aof_rewrite_in_progress', '1') || is('aof_rewrite_scheduled', '1') ? 'rewriting' : 'loaded'
}
