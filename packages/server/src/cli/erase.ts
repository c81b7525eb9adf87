import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { cleanEmbeddedFile, rewriteRedisFile } from '@ringdown/session-store'
import type { PersonID } from '@ringdown/signalling'
import { systemClock } from '../clock.ts'
import type { Config } from '../config/load-config.ts'
import { connectionOf, defaultDirectory } from '../open-stores.ts'
import { erasePerson } from '../records/erase/erase-person.ts'
import { type EraseReport, printReport } from '../records/erase/report.ts'
import { type OpenCentre, recordsConfig, withCentres } from '../records/open-centres.ts'
import { findPerson } from '../records/people.ts'
import { type Command, configOption } from './command.ts'
import { CommandError, UsageError } from './io.ts'

export const eraseCommand: Command = {
  name: 'erase',
  operands: { text: '<user>', least: 1, most: 1 },
  what: "erase one person's texts and data, and report what was erased and what is left",
  more: `The user is a user name, or the id of a person, also of one who is configured no more. A text that is erased leaves its place, so
that the order of the others stays true. Servers may run on the store: they are told, and the report says which have forgotten it.
What is cut off is finished by running it again. Exit code 1 where something could not be erased everywhere.`,
  options: {
    ...configOption,
    centre: { value: 'id', what: 'the contact centre, where several have such a user' },
    end: { what: 'end the session they are in; without, it refuses' },
    'dry-run': { what: 'erase nothing, and report what there is' },
    json: { what: 'print the report as JSON' },
  },
  run: async (line, io) => {
    const [user = ''] = line.operands
    const config = recordsConfig(line.config(), io)
    const options = { end: line.flag('end'), dryRun: line.flag('dry-run') }
    const report = await withCentres(config, line.text('centre'), async (centres) => {
      const { centre, person } = findOne(centres, user)
      return erasePerson({ centre, clock: systemClock, random: () => randomBytes(16).toString('hex') }, person, options)
    })
    const bytes = options.dryRun ? undefined : await cleanBytes(config, report.centre)
    const full: EraseReport = { ...report, left: [...report.left, ...(bytes ? [bytes.left] : [])] }
    if (line.flag('json')) io.out(JSON.stringify(full, null, 2))
    else for (const text of printReport(full)) io.out(text)
    return full.nodes.silent.length > 0 || bytes?.failed ? 1 : 0
  },
}

function findOne(centres: readonly OpenCentre[], user: string): { centre: OpenCentre; person: PersonID } {
  const found = centres.flatMap((centre) => {
    const person = findPerson(centre.people, user)
    return person === undefined ? [] : [{ centre, person }]
  })
  const [first, second] = found
  if (first && second) {
    const ids = found.map(({ centre }) => centre.id).join(', ')
    throw new UsageError(`${ids} each have a user '${user}': choose one with --centre`)
  }
  if (first) return first
  const isID = /^[0-9a-f]{32}$/.test(user)
  const [centre] = centres
  if (!isID || !centre)
    throw new CommandError(`there is no user '${user}'; who is configured no more is found by the person's id`)
  if (centres.length > 1) throw new UsageError(`nobody has the id ${user} now: choose a contact centre with --centre`)
  return { centre, person: user as PersonID }
}

/** Sees to it that the bytes are gone as well, not only what leads to them. */
async function cleanBytes({ store }: Config, centre: string): Promise<{ left: string; failed?: true } | undefined> {
  const { redis, embedded } = store
  const why = (error: unknown) => (error instanceof Error ? error.message : String(error))
  if (!redis) {
    const file = join(embedded?.directory ?? defaultDirectory, `${centre}.sqlite`)
    try {
      await cleanEmbeddedFile(file)
      return undefined
    } catch (error) {
      return { left: `bytes in free pages of ${file}, until this is run again: ${why(error)}`, failed: true }
    }
  }
  const elsewhere =
    'in dump files (RDB) and in files of replicas until Redis writes them anew: redis-cli BGSAVE, and BGREWRITEAOF on each replica'
  try {
    await rewriteRedisFile(connectionOf(redis), centre)
    return { left: `bytes ${elsewhere}` }
  } catch (error) {
    return {
      left: `bytes in the append-only file of Redis until redis-cli BGREWRITEAOF has ended (${why(error)}), and ${elsewhere}`,
      failed: true,
    }
  }
}
