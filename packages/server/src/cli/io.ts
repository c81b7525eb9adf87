/** What a command has of the world around it; `main.ts` gives the real thing. */
export interface Io {
  env: Readonly<Record<string, string | undefined>>
  out: (line: string) => void
  err: (line: string) => void
  /** All of standard input. */
  stdin: () => Promise<string>
  /** Calls back at each such signal. */
  onSignal: (signal: 'SIGTERM' | 'SIGINT' | 'SIGHUP', run: () => void) => void
}

/** The command line asks for something that is not there: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The command cannot do its work, for a reason that is told in full by its message: exit code 1. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}
