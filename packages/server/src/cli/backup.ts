import { systemClock } from '../clock.ts'
import { defaultDirectory } from '../open-stores.ts'
import { backUp } from '../records/backup/back-up.ts'
import { BadBackup } from '../records/backup/manifest.ts'
import { centresOf, recordsConfig } from '../records/open-centres.ts'
import { type Command, configOption } from './command.ts'
import { CommandError } from './io.ts'
import { version } from './version.ts'

export const backupCommand: Command = {
  name: 'backup',
  operands: { text: '<directory>', least: 1, most: 1 },
  what: 'copy the embedded stores while servers go on; with Redis, say how Redis does it',
  more: `The directory must not be there. In it are a file for each contact centre and manifest.json with their checksums. Everything that
was accepted before the command began is in it. The configuration file and its secrets are not.`,
  options: { ...configOption, centre: { value: 'id', what: 'this contact centre alone' } },
  run: async (line, io) => {
    const [to = ''] = line.operands
    const config = recordsConfig(line.config(), io)
    const centres = centresOf(config, line.text('centre')).map(({ objects }) => objects.id)
    if (config.store.redis)
      throw new CommandError(
        'the sessions are in Redis, which makes its own backups: redis-cli --rdb dump.rdb; RECORDS.md tells how, and how to go back',
      )
    const from = config.store.embedded?.directory ?? defaultDirectory
    const made = await orSay(backUp({ from, centres, to, version: version(), now: systemClock.now() }))
    for (const { id, bytes, sha256 } of made) io.out(`${id}: ${bytes} bytes, SHA-256 ${sha256}`)
    io.out(`backed up to ${to}`)
    return 0
  },
}

/** What is wrong with a backup is said in a sentence; so is what the disk says. */
export async function orSay<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    const isKnown = error instanceof BadBackup || (error instanceof Error && ('errcode' in error || 'syscall' in error))
    if (isKnown) throw new CommandError(error.message, { cause: error })
    throw error
  }
}
