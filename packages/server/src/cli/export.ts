import { once } from 'node:events'
import { createWriteStream, rmSync } from 'node:fs'
import { finished } from 'node:stream/promises'
import { type CallUUID, type DNumber, isCallUUID } from '@ringdown/signalling'
import { systemClock } from '../clock.ts'
import { exportSessions, type Wanted } from '../records/export-sessions.ts'
import { type OpenCentre, recordsConfig, withCentres } from '../records/open-centres.ts'
import { findPerson } from '../records/people.ts'
import { jsonLines, type Printer, plainText } from '../records/print-session.ts'
import { readTime } from '../records/time-option.ts'
import { type Command, type CommandLine, configOption } from './command.ts'
import { CommandError, type Io, UsageError } from './io.ts'

const formats = { jsonl: jsonLines, text: plainText } as const satisfies Record<string, Printer>

/** Pieces are put together to this many characters before they are written. */
const chunkSize = 65_536

export const exportCommand: Command = {
  name: 'export',
  what: 'write transcripts of sessions, one session a line as JSON, or to be read',
  more: `Sessions that live are among them, and marked. A time is ISO 8601 (UTC where it names no zone) or so long ago: 90m, 24h, 7d;
what counts is when a session began. A server may run on the same store.`,
  options: {
    ...configOption,
    format: { value: 'jsonl|text', what: 'JSON Lines (the default), or text to be read' },
    from: { value: 'time', what: 'sessions that began then or later' },
    until: { value: 'time', what: 'sessions that began before' },
    agent: { value: 'user', what: 'sessions of this agent: user name, or id of a person' },
    dn: { value: 'number', what: 'sessions with this DN' },
    session: { value: 'id', what: 'this session' },
    centre: { value: 'id', what: 'sessions of this contact centre' },
    out: { value: 'file', what: 'write there, not to standard output; it must not exist' },
  },
  run: async (line, io) => {
    const print = formatOf(line)
    const wanted = wantedOf(line)
    const agent = line.text('agent')
    const config = recordsConfig(line.config(), io)
    await withCentres(config, line.text('centre'), async (centres) => {
      const chosen =
        agent === undefined ? centres.map((centre) => ({ centre, wanted })) : ofAgent(centres, agent, wanted)
      await written(line.text('out'), io, async function* () {
        for (const { centre, wanted } of chosen) yield* exportSessions(centre, wanted, print)
      })
    })
    return 0
  },
}

function formatOf(line: CommandLine): Printer {
  const format = line.text('format') ?? 'jsonl'
  if (!Object.hasOwn(formats, format)) throw new UsageError(`--format must be jsonl or text, not '${format}'`)
  return formats[format as keyof typeof formats]
}

function wantedOf(line: CommandLine): Wanted {
  const now = systemClock.now()
  const time = (option: 'from' | 'until') => {
    const text = line.text(option)
    const at = text === undefined ? undefined : readTime(text, now)
    if (text !== undefined && at === undefined)
      throw new UsageError(`--${option} must be a time such as 2026-01-31T08:00Z or 24h, not '${text}'`)
    return at
  }
  const [from, until] = [time('from'), time('until')]
  if (from !== undefined && until !== undefined && from >= until) throw new UsageError('--from must be before --until')
  const session = line.text('session')
  if (session !== undefined && !isCallUUID(session)) throw new UsageError(`'${session}' is not the id of a session`)
  const dn = line.text('dn')
  return {
    ...(from !== undefined && { from }),
    ...(until !== undefined && { until }),
    ...(session !== undefined && { session: session as CallUUID }),
    ...(dn !== undefined && { dn: dn as DNumber }),
  }
}

/** User names are of a contact centre: who has this name in one of them is looked for there. */
function ofAgent(centres: readonly OpenCentre[], agent: string, wanted: Wanted) {
  const found = centres.flatMap((centre) => {
    const person = findPerson(centre.people, agent)
    return person === undefined ? [] : [{ centre, wanted: { ...wanted, person } }]
  })
  if (found.length > 0) return found
  // Who is configured no more has sessions all the same.
  if (/^[0-9a-f]{32}$/.test(agent))
    return centres.map((centre) => ({ centre, wanted: { ...wanted, person: agent as NonNullable<Wanted['person']> } }))
  throw new CommandError(`there is no agent '${agent}'; who is configured no more is found by the person's id`)
}

/** Writes what comes, as fast as it is taken. A file that cannot be written whole is removed: nobody is to take it for all there was. */
async function written(file: string | undefined, io: Io, pieces: () => AsyncIterable<string>): Promise<void> {
  if (file === undefined) {
    await inChunks(pieces(), async (chunk) => {
      await io.write(chunk)
    })
    return
  }
  const stream = createWriteStream(file, { flags: 'wx', mode: 0o600, flush: true })
  let isOurs = false
  try {
    await once(stream, 'open')
    isOurs = true
    await inChunks(pieces(), async (chunk) => {
      if (!stream.write(chunk)) await once(stream, 'drain')
    })
    stream.end()
    await finished(stream)
  } catch (error) {
    stream.destroy()
    if (isOurs) rmSync(file, { force: true })
    if (!(error instanceof Error && 'code' in error && 'syscall' in error)) throw error
    const why = error.code === 'EEXIST' ? 'it is there already' : String(error.code)
    throw new CommandError(`${file} cannot be written: ${why}`, { cause: error })
  }
}

async function inChunks(pieces: AsyncIterable<string>, write: (chunk: string) => Promise<void>): Promise<void> {
  let chunk = ''
  for await (const piece of pieces) {
    chunk += piece
    if (chunk.length < chunkSize) continue
    await write(chunk)
    chunk = ''
  }
  if (chunk !== '') await write(chunk)
}
