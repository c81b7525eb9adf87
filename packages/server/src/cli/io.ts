import type { Canvas } from '../load/show/painter.ts'

/** What a command has of the world around it; `main.ts` gives the real thing. */
export interface Io {
  env: Readonly<Record<string, string | undefined>>
  out: (line: string) => void
  err: (line: string) => void
  /** Writes to standard output as it is; resolves when more may follow. */
  write: (text: string) => Promise<void>
  /** All of standard input. */
  stdin: () => Promise<string>
  /** Calls back at each such signal. */
  onSignal: (signal: 'SIGTERM' | 'SIGINT' | 'SIGHUP', run: () => void) => void
  /** What standard output is shown on; absent where nobody looks at it, as for a file or a pipe. */
  terminal?: Terminal
  /** Standard error, where it is a terminal: for what is drawn over again. */
  canvas?: Canvas
  /** Asks a question and resolves with the line that was typed, undefined at the end of input; absent where nobody can be asked. */
  ask?: Ask
}

export interface Terminal {
  /** Characters of a line. */
  columns: number
  /** Whether it shows colours, and whoever runs it wants them (https://no-color.org). */
  colour: boolean
}

/** `hidden`: what is typed is not shown. */
export type Ask = (question: string, options?: { hidden?: boolean }) => Promise<string | undefined>

/** The command line asks for something that is not there: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The command cannot do its work, for a reason that is told in full by its message: exit code 1. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}
