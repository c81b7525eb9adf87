import { hashPassword } from '@ringdown/facade'
import type { Command } from './command.ts'
import { CommandError, type Io } from './io.ts'

export const hashPasswordCommand: Command = {
  name: 'hash-password',
  what: 'make a passwordHash of the password on standard input',
  run: (_line, io) => hash(io),
}

/** Hashes a password from standard input, for `passwordHash`: on the command line it would be in the list of processes. */
async function hash(io: Io): Promise<number> {
  const password = (await io.stdin()).replace(/\r?\n$/, '')
  if (password === '') throw new CommandError('write the password to standard input')
  io.out(await hashPassword(password))
  return 0
}
