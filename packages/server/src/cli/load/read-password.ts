import { readFileSync } from 'node:fs'
import type { CommandLine } from '../command.ts'
import { CommandError, type Io } from '../io.ts'

const variable = 'RINGDOWN_PASSWORD'

/** The administrator's password: from the file named, standard input, the environment, or whoever sits there. Never an argument. SPEC LD-12. */
export async function readPassword(line: CommandLine, io: Io, userName: string): Promise<string> {
  const file = line.text('password-file')
  const password = file === undefined ? (io.env[variable] ?? (await asked(io, userName))) : await read(file, io)
  if (password) return password
  throw new CommandError(
    file === undefined
      ? `The password of ${userName} is missing: set ${variable}, or name a file with --password-file (- is standard input).`
      : `There is no password in ${file === '-' ? 'standard input' : file}.`,
  )
}

async function asked(io: Io, userName: string): Promise<string | undefined> {
  return io.canvas && io.ask ? io.ask(`Password of ${userName}: `, { hidden: true }) : undefined
}

async function read(file: string, io: Io): Promise<string> {
  try {
    const text = file === '-' ? await io.stdin() : readFileSync(file, 'utf8')
    return text.replace(/\r?\n[\s\S]*$/, '')
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new CommandError(`${file} cannot be read (${reason})`, { cause: error })
  }
}
