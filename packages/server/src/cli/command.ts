import { parseArgs } from 'node:util'
import { type Io, UsageError } from './io.ts'

/** An option of one command. */
export interface OptionSpec {
  /** What stands for its value in the help, such as `file`; a switch has none. */
  value?: string
  /** It may be given several times. */
  many?: true
  what: string
}

/** One command of the command line; its help and its reference are made of this. */
export interface Command {
  name: string
  /** What follows the name, such as `[file]`. */
  operands?: { text: string; least?: number; most: number }
  /** A line for the list of commands. */
  what: string
  /** More, for the command's own help: paragraphs. */
  more?: string
  options?: Readonly<Record<string, OptionSpec>>
  /** Resolves with the exit code. Throws UsageError and CommandError. */
  run(line: CommandLine, io: Io): Promise<number> | number
}

/** The option most commands have. */
export const configOption = {
  config: { value: 'file', what: 'the configuration (default: $RINGDOWN_CONFIG, else ringdown.yaml)' },
} as const satisfies Record<string, OptionSpec>

/** What was written after a command's name, checked against what the command takes. */
export class CommandLine {
  readonly operands: readonly string[]
  readonly #name: string
  readonly #values: Readonly<Record<string, unknown>>

  /** Throws UsageError. */
  constructor({ name, operands: { least = 0, most } = { text: '', most: 0 }, options = {} }: Command, argv: string[]) {
    this.#name = name
    const { values, positionals } = parse(name, argv, options)
    this.#values = values
    this.operands = positionals
    if (values.help) return
    if (positionals.length > most) throw new UsageError(`${name}: '${positionals[most]}' is too much`)
    if (positionals.length < least) throw new UsageError(`${name}: something is missing; see ringdown ${name} --help`)
  }

  flag(option: string): boolean {
    return this.#values[option] === true
  }

  text(option: string): string | undefined {
    const value = this.#values[option]
    return typeof value === 'string' ? value : undefined
  }

  list(option: string): readonly string[] {
    const value = this.#values[option]
    return Array.isArray(value) ? value.map(String) : []
  }

  /** A whole number. Throws UsageError for what is none, or out of range. */
  number(option: string, from: number, to: number): number | undefined {
    const value = this.text(option)
    if (value === undefined) return undefined
    if (!(/^[0-9]{1,15}$/.test(value) && Number(value) >= from && Number(value) <= to))
      throw new UsageError(`--${option} must be a number from ${from} to ${to}, not '${value}'`)
    return Number(value)
  }

  /** The configuration asked for, by `--config` or as the operand. */
  config(operand?: string): string | undefined {
    const option = this.text('config')
    if (operand !== undefined && option !== undefined) throw new UsageError(`${this.#name}: two configuration files`)
    return operand ?? option
  }
}

function parse(name: string, argv: string[], options: Readonly<Record<string, OptionSpec>>) {
  const specs = Object.entries(options).map(([option, { value, many }]) => [
    option,
    { type: value === undefined ? 'boolean' : 'string', ...(many && { multiple: true }) } as const,
  ])
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: { ...Object.fromEntries(specs), help: { type: 'boolean', short: 'h' } },
    }) as { values: Record<string, unknown>; positionals: string[] }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const unknown = /^Unknown option '([^']*)'/.exec(error.message)
    if (unknown) throw new UsageError(`${name} takes no ${unknown[1]}`)
    throw new UsageError(error.message.split('. ')[0] ?? '')
  }
}

/** The help of one command. */
export function helpOf({ name, operands, what, more, options = {} }: Command): string {
  const lines = Object.entries(options).map(([option, { value, many, what }]) => {
    const text = value === undefined ? `--${option}` : `--${option} <${value}>`
    return [text, many ? `${what}; may be given again` : what] as const
  })
  const all = [...lines, ['--help', 'print this'] as const]
  const width = Math.max(...all.map(([text]) => text.length))
  return [
    ['Usage: ringdown', name, operands?.text, '[options]'].filter((part) => part).join(' '),
    '',
    `${what[0]?.toUpperCase()}${what.slice(1)}.`,
    ...(more ? ['', more] : []),
    '',
    'Options',
    ...all.map(([text, what]) => `  ${text.padEnd(width)}  ${what}`),
  ].join('\n')
}
