import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { hashPassword } from '@ringdown/facade'
import { makeTypeablePassword } from '../../config/demo-config.ts'
import { formatMistake, loadConfig } from '../../config/load-config.ts'
import type { Command, OptionSpec } from '../command.ts'
import { CommandError, type Io } from '../io.ts'
import { programName } from '../program-name.ts'
import { commentedYaml } from './commented-yaml.ts'
import { interview } from './interview.ts'
import { type Chance, type Made, makeConfig, type SecretFile } from './make-config.ts'
import { type Answers, questions } from './questions.ts'

const flags: Readonly<Record<string, OptionSpec>> = Object.fromEntries(
  questions.map(({ name, value, what }) => [name, { value, what }]),
)

export const initCommand: Command = {
  name: 'init',
  what: 'write a configuration by asking a few questions',
  more: `Every question has a flag, for scripts; --yes takes what is usual for what no flag answers. Passwords are made by chance, printed once (or
written to a file of their owner's by --passwords) and kept as hashes. What is there is not overwritten.`,
  options: {
    config: { value: 'file', what: 'the file to write (default: ringdown.yaml)' },
    yes: { what: 'ask nothing' },
    force: { what: 'write over a file that is there, and keep it under another name' },
    passwords: { value: 'file', what: 'write the generated passwords there instead of printing them' },
    ...flags,
  },
  run: async (line, io) => {
    const given = Object.fromEntries(
      questions.flatMap(({ name }) => {
        const text = line.text(name)
        return text === undefined ? [] : [[name, text]]
      }),
    )
    const file = line.text('config') ?? 'ringdown.yaml'
    const passwords = line.text('passwords')
    const force = line.flag('force')
    for (const each of [file, ...(passwords === undefined ? [] : [passwords])]) refuseToOverwrite(each, force)
    const read = (path: string) => readFileSync(resolve(dirname(resolve(file)), path), 'utf8')
    const answers = await interview({ given, yes: line.flag('yes'), io, around: { read } })
    await initialise({ file, passwords, force, answers, chance }, io)
    return 0
  },
}

const chance: Chance = { password: makeTypeablePassword, hash: (password) => hashPassword(password) }

export interface Wanted {
  file: string
  /** Where passwords are written; printed when undefined. */
  passwords: string | undefined
  force: boolean
  answers: Answers
  chance: Chance
}

/** Makes the configuration, reads it as `serve` would, and writes it only then. SPEC IN-4 to IN-8. */
export async function initialise(
  { file, passwords, force, answers, chance }: Wanted,
  io: Pick<Io, 'out' | 'err'>,
): Promise<void> {
  const made = await makeConfig(answers, chance)
  const base = dirname(resolve(file))
  const yaml = commentedYaml(made.config, headOf(file))
  check(yaml, { file, base, made })
  const list = passwordList(made)
  const files: SecretFile[] = [
    ...made.secrets.map(({ path, content }) => ({ path: join(base, path), content })),
    ...(passwords === undefined ? [] : [{ path: resolve(passwords), content: `${list.join('\n')}\n` }]),
    // Last: who sees it sees a whole configuration.
    { path: resolve(file), content: yaml },
  ]
  const kept = writeAll(files, force)
  for (const line of kept) io.err(line)
  if (passwords === undefined) for (const line of ['Passwords, shown this once:', '', ...list, '']) io.out(line)
  for (const line of nextSteps(file, passwords)) io.err(line)
}

const headOf = (file: string): readonly string[] => [
  'Ringdown. Every key: packages/server/CONFIG.md',
  `Check it:  ringdown check-config ${basename(file)}   What it needs of this machine:  ringdown doctor --config ${basename(file)}`,
]

/** The very reader of `serve`. A mistake in what it would refuse is told before anything is written. */
function check(yaml: string, { file, base, made }: { file: string; base: string; made: Made }): void {
  const secrets = new Map(made.secrets.map(({ path, content }) => [path, content]))
  const readFile = (path: string) => secrets.get(path) ?? readFileSync(resolve(base, path), 'utf8')
  const loaded = loadConfig(yaml, { env: {}, readFile })
  if ('mistakes' in loaded)
    throw new CommandError(
      [
        'nothing was written: these answers do not go together',
        ...loaded.mistakes.map((mistake) => formatMistake(file, mistake)),
      ].join('\n'),
    )
}

function passwordList({ passwords, endpoints }: Made): readonly string[] {
  const rows = [
    ...[...passwords].map(([user, password]) => [user, password]),
    ...[...endpoints].map(([number, password]) => [`SIP ${number}`, password]),
  ]
  const width = Math.max(...rows.map(([who = '']) => who.length))
  return rows.map(([who = '', password]) => `${who.padEnd(width)}  ${password}`)
}

function nextSteps(file: string, passwords: string | undefined): readonly string[] {
  const shown = relative(process.cwd(), resolve(file)) || file
  const option = shown === 'ringdown.yaml' ? '' : ` --config ${shown}`
  return [
    `${shown} is written${passwords === undefined ? '' : `, and the passwords to ${passwords}`}: for their owner only.`,
    `Is this machine fit for it:  ${programName} doctor${option}`,
    `Serve it:                    ${programName} serve${option}`,
  ]
}

function refuseToOverwrite(file: string, force: boolean): void {
  if (!force && existsSync(file))
    throw new CommandError(`${file} is there already: name another file, or --force to keep it as a backup`)
}

/** Writes all of them or none; what was there stands under another name then. What was done, in sentences. */
function writeAll(files: readonly SecretFile[], force: boolean): readonly string[] {
  for (const { path } of files) refuseToOverwrite(path, force)
  const undo: (() => void)[] = []
  const kept: string[] = []
  try {
    for (const { path, content } of files) {
      if (existsSync(path)) {
        const backup = freeName(path)
        renameSync(path, backup)
        undo.push(() => renameSync(backup, path))
        kept.push(`${path} was there, and is ${backup} now.`)
      }
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
      undo.push(() => rmSync(path, { force: true }))
      writeFileSync(path, content, { mode: 0o600, flag: 'wx' })
      // Whatever the umask says.
      chmodSync(path, 0o600)
    }
  } catch (error) {
    for (const step of undo.reverse()) step()
    const reason = error instanceof Error ? error.message : String(error)
    throw new CommandError(`nothing was written: ${reason}`, { cause: error })
  }
  return kept
}

function freeName(path: string): string {
  for (let n = 1; ; n++) {
    const name = n === 1 ? `${path}.bak` : `${path}.bak.${n}`
    if (!existsSync(name)) return name
  }
}
