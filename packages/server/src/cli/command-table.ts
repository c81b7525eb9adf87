import type { Command } from './command.ts'

/** All commands with their options as Markdown, from what reads the command line. SPEC SV-46. */
export function commandTable(commands: readonly Command[]): string {
  const rows = commands.flatMap(({ name, operands, what, options = {} }) => [
    `| \`${[name, operands?.text].filter((part) => part).join(' ')}\` | | ${cell(what)} |`,
    ...Object.entries(options).map(
      ([option, { value, what }]) => `| | \`--${option}${value === undefined ? '' : ` <${value}>`}\` | ${cell(what)} |`,
    ),
  ])
  return ['| command | option | |', '| --- | --- | --- |', ...rows].join('\n')
}

const cell = (text: string) => text.replaceAll('|', '\\|')
