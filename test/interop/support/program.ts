import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { until } from '../../faults/engine.ts'

export interface Start {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** SIGTERM unless named. */
  readonly endsBy?: NodeJS.Signals
}

/** A peer's process, with what it says kept for a failure's message. */
export class Program {
  readonly #process: ChildProcess
  readonly #name: string
  readonly #endsBy: NodeJS.Signals
  #said = ''

  constructor(command: string, args: readonly string[], { cwd, env, endsBy = 'SIGTERM' }: Start = {}) {
    this.#name = command
    this.#endsBy = endsBy
    // A group of its own: Kamailio and others fork, and what they fork has to end with them.
    this.#process = spawn(command, args, {
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      ...(cwd !== undefined && { cwd }),
    })
    for (const stream of [this.#process.stdout, this.#process.stderr])
      stream?.on('data', (data) => {
        this.#said = (this.#said + data).slice(-200_000)
      })
    // A program that is gone cannot be told anything; `says` and `ended` tell of it.
    this.#process.stdin?.on('error', () => undefined)
    this.#process.once('error', (error) => {
      this.#said += `\n${error.message}`
    })
    process.once('exit', this.#abandon)
  }

  /** Everything it has written, the end of it. */
  get said(): string {
    return this.#said
  }

  /** A line on its standard input. */
  tell(line: string): void {
    this.#process.stdin?.write(`${line}\n`)
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  /** A signal for it alone, not for what it has started. */
  signal(name: NodeJS.Signals): void {
    this.#process.kill(name)
  }

  /** Waits until it has said this. */
  async says(what: string | RegExp, ms = 10_000): Promise<void> {
    const has = () => (typeof what === 'string' ? this.#said.includes(what) : what.test(this.#said))
    await until(() => has() || this.#isOver, ms, `${this.#name} did not say ${what}`).catch(this.#fail)
    if (!has()) this.#fail(new Error(`${this.#name} ended and did not say ${what}`))
  }

  /** Waits for its end; the exit code. */
  async ended(ms: number): Promise<number> {
    await until(() => this.#isOver, ms, `${this.#name} does not end`).catch(this.#fail)
    return this.#process.exitCode ?? -1
  }

  /** Waits until it is ready, and ends it where it does not get so. */
  async readyWhen(ready: () => Promise<void>): Promise<this> {
    try {
      await ready()
      return this
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  /** Ends it and what it started. */
  async stop(): Promise<void> {
    process.off('exit', this.#abandon)
    if (this.#isOver) return
    const exited = once(this.#process, 'exit')
    this.#signal(this.#endsBy)
    const late = setTimeout(() => this.#signal('SIGKILL'), 3_000)
    await exited
    clearTimeout(late)
    this.#signal('SIGKILL')
  }

  get #isOver(): boolean {
    const { exitCode, signalCode, pid } = this.#process
    return pid === undefined || exitCode !== null || signalCode !== null
  }

  readonly #abandon = (): void => this.#signal('SIGKILL')

  #signal(signal: NodeJS.Signals): void {
    if (this.#process.pid === undefined) return
    try {
      process.kill(-this.#process.pid, signal)
    } catch {
      // Nobody of the group is left.
    }
  }

  readonly #fail = (cause: unknown): never => {
    throw new Error(`${cause instanceof Error ? cause.message : cause}. It said:\n${this.#said.slice(-8_000)}`)
  }
}
