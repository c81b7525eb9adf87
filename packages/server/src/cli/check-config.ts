import { CommandError, type Io } from './io.ts'
import { configFile, readConfig } from './read-config.ts'

/** Reads a configuration file as `serve` would and tells every mistake. Exit code 1 when there is one. */
export function checkConfig(asked: string | undefined, io: Io): number {
  const file = configFile(asked, io)
  if (file === undefined) throw new CommandError('there is no ringdown.yaml here: name a file')
  const { config, warnings } = readConfig(file, io)
  for (const warning of warnings) io.err(`${warning} (warning)`)
  const things = config.contactCentres.map(
    ({ objects }) => `${objects.id} (${objects.dns.length} DNs, ${objects.persons.length} persons)`,
  )
  io.out(`${file} is good: ${things.join(', ')}`)
  return 0
}
