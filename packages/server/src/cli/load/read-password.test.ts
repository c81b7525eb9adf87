import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CommandLine } from '../command.ts'
import { CommandError, type Io } from '../io.ts'
import { loadCommand } from '../load.ts'
import { readPassword } from './read-password.ts'

const read = (args: string[], io: Partial<Io> = {}) =>
  readPassword(
    new CommandLine(loadCommand, args),
    { env: {}, out: () => {}, err: () => {}, write: async () => {}, stdin: async () => '', onSignal: () => {}, ...io },
    'root',
  )

test('[LD-12] a password comes from a file, standard input, the environment, or a hidden answer', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringdown-'))
  try {
    const file = join(folder, 'secret')
    writeFileSync(file, 'of the file\n')
    expect(await read(['--password-file', file], { env: { RINGDOWN_PASSWORD: 'other' } })).toBe('of the file')
  } finally {
    rmSync(folder, { recursive: true })
  }
  expect(await read(['--password-file', '-'], { stdin: async () => 'of stdin\r\n' })).toBe('of stdin')
  expect(await read([], { env: { RINGDOWN_PASSWORD: 'of env' } })).toBe('of env')
  const asked: unknown[] = []
  const ask: Io['ask'] = async (...question) => {
    asked.push(question)
    return 'typed'
  }
  expect(await read([], { canvas: { columns: () => 80, write: () => {} }, ask })).toBe('typed')
  expect(asked).toEqual([['Password of root: ', { hidden: true }]])
})

test('[LD-12] none is told with what to do; nobody is asked where nobody sits', async () => {
  const nobody: Io['ask'] = async () => 'never'
  await expect(read([], { ask: nobody })).rejects.toThrow('The password of root is missing: set RINGDOWN_PASSWORD')
  await expect(read(['--password-file', '-'])).rejects.toThrow('There is no password in standard input.')
  await expect(read(['--password-file', 'none/such'])).rejects.toThrow(CommandError)
})
