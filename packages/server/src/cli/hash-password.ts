import { hashPassword } from '@ringdown/facade'
import { CommandError, type Io } from './io.ts'

/** Hashes a password from standard input, for `passwordHash`: on the command line it would be in the list of processes. */
export async function hashPasswordCommand(io: Io): Promise<number> {
  const password = (await io.stdin()).replace(/\r?\n$/, '')
  if (password === '') throw new CommandError('write the password to standard input')
  io.out(await hashPassword(password))
  return 0
}
