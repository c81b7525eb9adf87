import { renewRedisEpoch } from '@ringdown/session-store'
import { systemClock } from '../clock.ts'
import type { Config } from '../config/load-config.ts'
import { connectionOf, defaultDirectory } from '../open-stores.ts'
import { restore } from '../records/backup/restore.ts'
import { centresOf, recordsConfig } from '../records/open-centres.ts'
import { orSay } from './backup.ts'
import { type Command, configOption } from './command.ts'
import { CommandError, type Io, UsageError } from './io.ts'

export const restoreCommand: Command = {
  name: 'restore',
  operands: { text: '[directory]', most: 1 },
  what: 'put a backup of the embedded stores in place; with --redis, make a Redis that was restored known as such',
  more: `No server may run on the stores. Checksums are looked at first. Clients are told that there is a gap, instead of getting other events
under numbers they have seen. Redis is started from its file by whoever runs it (RECORDS.md); then --redis, and then the servers.`,
  options: {
    ...configOption,
    force: { what: 'move stores that are there aside; they are kept' },
    redis: { what: 'the Redis of the configuration was restored: begin a new epoch for each contact centre' },
  },
  run: async (line, io) => {
    const [from] = line.operands
    const config = recordsConfig(line.config(), io)
    const centres = centresOf(config, undefined).map(({ objects }) => objects.id)
    if (line.flag('redis')) {
      if (from !== undefined) throw new UsageError('restore: --redis takes no directory')
      return renewEpochs(config, centres, io)
    }
    if (from === undefined) throw new UsageError('restore: which backup? Name its directory, or say --redis')
    if (config.store.redis)
      throw new CommandError(
        'the sessions are in Redis: start it from its file, as RECORDS.md tells, then restore --redis',
      )
    const to = config.store.embedded?.directory ?? defaultDirectory
    const done = await orSay(restore({ from, to, centres, force: line.flag('force'), now: systemClock.now() }))
    io.out(`restored ${done.centres.join(', ')} to ${to}`)
    if (done.aside !== undefined) io.out(`what was there before is in ${done.aside}`)
    for (const id of done.left) io.out(`${id} is not in the backup, and was left as it is`)
    return 0
  },
}

async function renewEpochs({ store: { redis } }: Config, centres: readonly string[], io: Io): Promise<number> {
  if (!redis) throw new CommandError('the configuration names no Redis: name the directory of the backup')
  for (const id of centres) {
    try {
      await renewRedisEpoch(connectionOf(redis), id)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new CommandError(`contact centre ${id}: Redis does not take it: ${why}`, { cause: error })
    }
    io.out(`${id}: a new epoch; clients are told of a gap`)
  }
  return 0
}
