import { type DirectoryObjects, readTServerOptions } from '@ringdown/signalling'
import { type Command, configOption } from './command.ts'
import { CommandError, type Io } from './io.ts'
import { configFile, readConfig } from './read-config.ts'

export const checkConfigCommand: Command = {
  name: 'check-config',
  operands: { text: '[file]', most: 1 },
  what: 'tell every mistake of a configuration file',
  options: configOption,
  run: (line, io) => checkConfig(line.config(line.operands[0]), io),
}

/** Reads a configuration file as `serve` would and tells every mistake. Exit code 1 when there is one. */
function checkConfig(asked: string | undefined, io: Io): number {
  const file = configFile(asked, io)
  if (file === undefined) throw new CommandError('there is no ringdown.yaml here: name a file')
  const { config, warnings } = readConfig(file, io)
  for (const warning of warnings) io.err(`${warning} (warning)`)
  for (const { objects } of config.contactCentres) {
    for (const line of unknownOptions(objects)) io.err(line)
  }
  const things = config.contactCentres.map(
    ({ objects }) => `${objects.id} (${objects.dns.length} DNs, ${objects.persons.length} persons)`,
  )
  io.out(`${file} is good: ${things.join(', ')}`)
  return 0
}

// They are kept: configurations are moved here from elsewhere. But nobody should think they do something.
function unknownOptions({ id, dns }: DirectoryObjects): readonly string[] {
  const usedBy = new Map<string, string[]>()
  for (const { number, annex = {} } of dns) {
    for (const option of readTServerOptions(annex, number).unknown)
      usedBy.set(option, [...(usedBy.get(option) ?? []), number])
  }
  return [...usedBy].map(
    ([option, [first, ...more]]) =>
      `contact centre ${id}: option ${option} of DN ${first}${more.length > 0 ? ` and ${more.length} more` : ''} is kept, but does nothing here`,
  )
}
