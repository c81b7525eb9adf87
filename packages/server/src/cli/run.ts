import { parseArgs } from 'node:util'
import { configTable } from '../config/config-table.ts'
import { checkConfig } from './check-config.ts'
import { demo } from './demo.ts'
import { hashPasswordCommand } from './hash-password.ts'
import { CommandError, type Io, UsageError } from './io.ts'
import { serve } from './serve.ts'
import { sessions } from './sessions.ts'
import { version } from './version.ts'

const help = `ringdown: a self-hosted instant-messaging engine for contact-centre agents

Usage: ringdown <command> [options]

Commands
  serve                 serve the contact centres of the configuration; a demo one where there is no file
  check-config [file]   tell every mistake of a configuration file
  demo                  two agents chat, in this terminal
  sessions              list living sessions
  hash-password         make a passwordHash of the password on standard input
  config-table          print all keys of the configuration, as Markdown
  version               print the version

Options
  --config <file>       the configuration (default: $RINGDOWN_CONFIG, else ringdown.yaml)
  --host <address>      serve: listen here instead of http.host
  --port <number>       serve: listen here instead of http.port
  --help                print this

Exit codes: 0 done, 1 it did not work, 2 the command line was wrong.`

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

async function command(argv: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parse(argv)
  if (values.help) {
    io.out(help)
    return 0
  }
  const [name, ...rest] = positionals
  const fileHere = (most: number) => {
    if (rest.length > most) throw new UsageError(`${name}: '${rest[most]}' is too much`)
    if (rest[0] !== undefined && values.config !== undefined) throw new UsageError(`${name}: two configuration files`)
    return rest[0] ?? values.config
  }
  const only = (...allowed: string[]) => {
    for (const option of Object.keys(values)) {
      if (!allowed.includes(option)) throw new UsageError(`${name} takes no --${option}`)
    }
  }
  switch (name) {
    case undefined:
      throw new UsageError('no command')
    case 'serve':
      return serve({ ...config(fileHere(0)), ...listen(values) }, io)
    case 'check-config':
      only('config')
      return checkConfig(fileHere(1), io)
    case 'demo':
      only()
      fileHere(0)
      return demo(io)
    case 'sessions':
      only('config')
      return sessions(fileHere(0), io)
    case 'hash-password':
      only()
      fileHere(0)
      return hashPasswordCommand(io)
    case 'config-table':
      only()
      fileHere(0)
      io.out(configTable())
      return 0
    case 'version':
      only()
      fileHere(0)
      io.out(version())
      return 0
    default:
      throw new UsageError(`there is no command '${name}'`)
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        config: { type: 'string' },
        host: { type: 'string' },
        port: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error))
  }
}

const config = (file: string | undefined) => (file === undefined ? {} : { config: file })

function listen({ host, port }: { host?: string | undefined; port?: string | undefined }) {
  if (port !== undefined && !(/^[0-9]{1,5}$/.test(port) && Number(port) <= 65_535))
    throw new UsageError(`--port must be a number from 0 to 65535, not '${port}'`)
  return { ...(host !== undefined && { host }), ...(port !== undefined && { port: Number(port) }) }
}
