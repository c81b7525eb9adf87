import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { isLoopback } from '../config/loopback.ts'
import { readDemoPasswords } from '../demo-passwords.ts'
import { defaultDirectory } from '../open-stores.ts'
import { CommandError, type Io } from './io.ts'

export interface PasswordWanted {
  user: string
  /** Where it is sent. */
  address: string
  /** A file it is in, where one is named. */
  file: string | undefined
}

/**
 * The password of a login: from the file, `$RINGDOWN_PASSWORD`, a demo run in this directory, or a question; never from the command line,
 * where every user of the machine can read it. SPEC TC-8.
 */
export async function readPassword({ user, address, file }: PasswordWanted, io: Io): Promise<string> {
  if (file !== undefined) return fromFile(file)
  const { RINGDOWN_PASSWORD: fromEnvironment } = io.env
  if (fromEnvironment !== undefined && fromEnvironment !== '') return fromEnvironment
  const demo = isLoopback(new URL(address).hostname) ? demoPassword(user) : undefined
  if (demo !== undefined) return demo
  const typed = await io.ask?.(`Password of ${user} at ${address}: `, { hidden: true })
  if (typed === undefined || typed === '')
    throw new CommandError('a password is needed: in $RINGDOWN_PASSWORD, in a file named by --password-file, or typed')
  return typed
}

function fromFile(file: string): string {
  try {
    const [password = ''] = readFileSync(file, 'utf8').split(/\r?\n/, 1)
    if (password !== '') return password
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new CommandError(`--password-file ${file} cannot be read (${reason})`, { cause: error })
  }
  throw new CommandError(`--password-file ${file} has an empty first line, where the password should be`)
}

function demoPassword(user: string): string | undefined {
  try {
    const found: Readonly<Record<string, string>> | undefined = readDemoPasswords(resolve(defaultDirectory))
    return found?.[user]
  } catch {
    return undefined
  }
}
