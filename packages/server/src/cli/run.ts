import { CommandLine, helpOf } from './command.ts'
import { commands } from './commands.ts'
import { CommandError, type Io, UsageError } from './io.ts'

function help(): string {
  const names = commands.map(({ name, operands }) => [name, operands?.text].filter((part) => part).join(' '))
  const width = Math.max(...names.map((name) => name.length))
  return `ringdown: a self-hosted instant-messaging engine for contact-centre agents

Usage: ringdown <command> [options]

Commands
${commands.map(({ what }, i) => `  ${names[i]?.padEnd(width)}  ${what}`).join('\n')}

ringdown <command> --help tells its options.

Exit codes: 0 done, 1 it did not work, 2 the command line was wrong.`
}

/** Runs one command line. Resolves with the exit code; errors for the user are printed, others thrown. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  try {
    return await command(argv, io)
  } catch (error) {
    if (error instanceof UsageError) {
      io.err(`ringdown: ${error.message}`)
      io.err('Try: ringdown --help')
      return 2
    }
    if (error instanceof CommandError) {
      io.err(error.message)
      return 1
    }
    throw error
  }
}

async function command([name, ...rest]: readonly string[], io: Io): Promise<number> {
  if (name === '--help' || name === '-h') {
    io.out(help())
    return 0
  }
  if (name === undefined || name.startsWith('-')) throw new UsageError('no command')
  const found = commands.find((one) => one.name === name)
  if (!found) throw new UsageError(`there is no command '${name}'`)
  const line = new CommandLine(found, rest)
  if (line.flag('help')) {
    io.out(helpOf(found))
    return 0
  }
  return found.run(line, io)
}
