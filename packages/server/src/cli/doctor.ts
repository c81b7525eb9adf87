import { resolve } from 'node:path'
import { imLeg, isTrunk, readTServerOptions } from '@ringdown/signalling'
import { demoConfig, makeDemoPasswords } from '../config/demo-config.ts'
import type { Config } from '../config/load-config.ts'
import type { Scale } from '../doctor/check.ts'
import { examine } from '../doctor/examine.ts'
import { agentsText, type Finding, firstLimit, numberText } from '../doctor/finding.ts'
import { thisSystem } from '../doctor/system.ts'
import { defaultDirectory } from '../open-stores.ts'
import { type Command, configOption } from './command.ts'
import { CommandError, type Io } from './io.ts'
import { configFile, readConfig } from './read-config.ts'

export const doctorCommand: Command = {
  name: 'doctor',
  operands: { text: '[file]', most: 1 },
  what: 'name the limit that will bite first, and how to lift it',
  more: `Looks at this machine, the configuration, and the servers it names, and changes nothing; a server that runs is not disturbed. Takes 15 s at
most. Findings are problems, limits (what holds now, but not twice as many agents), notes, and what is fine.

Exit codes: 0 no problem (with --strict: nor a limit), 1 there is one, or the configuration has a mistake, 2 the command line was wrong.`,
  options: {
    ...configOption,
    agents: { value: 'number', what: 'how many agents there are to be (default: those of the configuration)' },
    strict: { what: 'limits fail as well' },
    all: { what: 'tell what is fine, too' },
    json: { what: 'print JSON' },
  },
  run: async (line, io) => {
    const agents = line.number('agents', 1, 10_000_000)
    const { config, warnings } = configured(line.config(line.operands[0]), io)
    const scale = scaleOf(config, agents)
    const findings = await examine({ config, scale, system: thisSystem })
    const all = [...findings, ...warnings.map((what): Finding => ({ check: 'configuration', severity: 'note', what }))]
    const first = firstLimit(all)
    if (line.flag('json')) io.out(JSON.stringify({ ...scale, first: first ?? null, findings: all }, null, 2))
    else for (const text of report(all, scale, line.flag('all'), io)) io.out(text)
    const fails = all.some(({ severity }) => severity === 'problem' || (severity === 'limit' && line.flag('strict')))
    return fails ? 1 : 0
  },
}

function configured(asked: string | undefined, io: Io): { config: Config; warnings: readonly string[] } {
  const file = configFile(asked, io)
  if (file !== undefined) return readConfig(file, io)
  // As `serve` would without a file; its passwords are no matter here.
  const place = { host: '127.0.0.1', port: 8080, directory: resolve(defaultDirectory) }
  const loaded = demoConfig(place, makeDemoPasswords())
  if ('mistakes' in loaded) throw new CommandError(loaded.mistakes.map(({ message }) => message).join('\n'))
  for (const { passwords } of loaded.config.contactCentres) if (passwords instanceof Map) passwords.clear()
  return { config: loaded.config, warnings: [] }
}

/** How much is to be served: what the configuration has, or so many agents and as many more numbers. */
function scaleOf({ contactCentres }: Config, agents: number | undefined): Scale {
  const objects = contactCentres.map((centre) => centre.objects)
  const persons = objects.flatMap((centre) => centre.persons)
  const there = persons.filter(({ roles = ['agent'], enabled = true }) => enabled && roles.includes('agent')).length
  const sipNumbers = objects
    .flatMap(({ dns }) => dns)
    .filter(({ number, type, switch: owner, annex = {} }) => {
      const { options, unknown } = readTServerOptions(annex, number)
      const dn = {
        number,
        type: type ?? 'Extension',
        switch: owner,
        annex,
        options,
        unknownOptions: unknown,
      } as Parameters<typeof imLeg>[0]
      return !isTrunk(dn) && imLeg(dn) === 'sip'
    }).length
  const asked = agents ?? there
  return { agents: asked, sipNumbers: there === 0 ? sipNumbers : Math.round((sipNumbers * asked) / there) }
}

const styles = { problem: '1;31', limit: '1;33', note: '36', ok: '32' } as const

function report(findings: readonly Finding[], { agents }: Scale, all: boolean, { terminal }: Io): string[] {
  const shown = findings.filter(({ severity }) => all || severity !== 'ok')
  const width = Math.max(0, ...shown.map(({ check }) => check.length))
  const paint = (text: string, style: string) => (terminal?.colour ? `\u001b[${style}m${text}\u001b[0m` : text)
  const lines = shown.flatMap(({ check, severity, what, lift }) => [
    `${paint(severity.padEnd(7), styles[severity])}  ${check.padEnd(width)}  ${what}`,
    ...(lift === undefined || severity === 'ok' ? [] : [`${' '.repeat(9 + width)}  → ${lift}`]),
  ])
  const fine = findings.length - shown.length
  const first = firstLimit(findings)
  return [
    ...(first
      ? [
          `What will bite first: ${first.check}, at about ${agentsText(first.at ?? 0)}; there are to be ${numberText(agents)}.`,
          `  ${first.what}`,
          ...(first.severity === 'ok' && first.lift !== undefined ? [`  → ${first.lift}`] : []),
          '',
        ]
      : []),
    ...lines,
    ...(fine > 0 ? [`${fine} more ${fine === 1 ? 'thing is' : 'things are'} fine: --all tells them.`] : []),
  ]
}
