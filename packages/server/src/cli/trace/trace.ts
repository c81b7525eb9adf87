import { writeFileSync } from 'node:fs'
import type { Ladder, LadderEntry } from '@ringdown/facade'
import { systemClock } from '../../clock.ts'
import { kinds } from '../../trace/svg.ts'
import type { Command, CommandLine } from '../command.ts'
import { CommandError, type Io, UsageError } from '../io.ts'
import { readPassword } from '../password.ts'
import { table } from '../sessions.ts'
import { type Drawing, drawLadder, type Numbered } from './draw-ladder.ts'
import { follow } from './follow.ts'
import { LabClient, type SessionInfo } from './lab-client.ts'
import { plainLine, plainLines } from './plain-text.ts'

const kindNames = Object.keys(kinds) as LadderEntry['kind'][]

export const traceCommand: Command = {
  name: 'trace',
  operands: { text: '[session]', most: 1 },
  what: 'draw the ladder of a session of a running server; without one, list the newest living ones',
  more: `The server is asked over its lab API, by somebody with the role admin. The password is in $RINGDOWN_PASSWORD or in a file, that of a
demo run in this directory is known, or it is asked for. Texts are masked; --texts shows them to who is a supervisor besides, and is in the
audit log. A certificate that nobody known has signed is trusted by $NODE_EXTRA_CA_CERTS.`,
  options: {
    address: { value: 'url', what: 'the server (default: $RINGDOWN_ADDRESS, else http://127.0.0.1:8080)' },
    as: { value: 'user', what: 'who asks (default: admin)' },
    'password-file': { value: 'file', what: 'a file whose first line is the password' },
    kind: { value: 'kind', many: true, what: `only lines of this kind: ${kindNames.join(', ')}` },
    grep: { value: 'pattern', what: 'only lines whose title or content this regular expression finds, in any case' },
    line: { value: 'number', what: 'print what the line with this number holds, as it was on the wire' },
    texts: { what: 'show texts and user data as they are' },
    follow: { what: 'go on while the session lives' },
    width: { value: 'columns', what: 'columns of a line (default: those of the terminal, else 120)' },
    ascii: { what: 'draw with the characters of ASCII' },
    json: { what: 'print JSON instead; with --follow an object a line' },
    out: { value: 'file', what: 'write there instead of printing' },
    pcap: { value: 'file', what: 'write SIP and MSRP of the session there, for Wireshark' },
    svg: { value: 'file', what: 'write the ladder there as a picture' },
  },
  run: (line, io) => trace(wantedOf(line, io), io),
}

export interface TraceWanted {
  session: string | undefined
  address: string
  user: string
  passwordFile: string | undefined
  shows: (entry: LadderEntry) => boolean
  line: number | undefined
  texts: boolean
  follow: boolean
  json: boolean
  drawing: Drawing
  files: Readonly<Partial<Record<'out' | 'pcap' | 'svg', string>>>
}

/** Reads the command line. Throws UsageError. */
function wantedOf(line: CommandLine, { env, terminal }: Io): TraceWanted {
  const address = addressOf(line.text('address') ?? env.RINGDOWN_ADDRESS ?? 'http://127.0.0.1:8080')
  const [session] = line.operands
  const width = line.number('width', 40, 1_000) ?? terminal?.columns ?? 120
  const files = Object.fromEntries(
    (['out', 'pcap', 'svg'] as const).flatMap((name) => {
      const file = line.text(name)
      return file === undefined ? [] : [[name, file]]
    }),
  )
  const wanted = {
    session,
    address,
    user: line.text('as') ?? 'admin',
    passwordFile: line.text('password-file'),
    shows: filterOf(line.list('kind'), line.text('grep')),
    line: line.number('line', 1, 10_000_000),
    texts: line.flag('texts'),
    follow: line.flag('follow'),
    json: line.flag('json'),
    drawing: {
      width: Math.max(40, width),
      ascii: line.flag('ascii'),
      colour: terminal?.colour === true && files.out === undefined,
    },
    files,
  }
  const alone = ['line', 'texts', 'follow', 'pcap', 'svg', 'kind', 'grep']
  const stray =
    session === undefined &&
    alone.find((name) => line.flag(name) || line.text(name) !== undefined || line.list(name).length > 0)
  if (stray) throw new UsageError(`trace: --${stray} needs a session`)
  if (wanted.follow && (wanted.line !== undefined || Object.keys(files).length > 0))
    throw new UsageError('trace: --follow goes with none of --line, --out, --pcap and --svg')
  return wanted
}

function addressOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol))
    throw new UsageError(`--address must be like https://im.example, not '${text}'`)
  if (url.username !== '' || url.password !== '')
    throw new UsageError(
      'a password in --address is in the list of processes: use --as, and $RINGDOWN_PASSWORD or --password-file',
    )
  return url.origin
}

function filterOf(asked: readonly string[], pattern: string | undefined): TraceWanted['shows'] {
  const wrong = asked.find((kind) => !kindNames.some((known) => known === kind))
  if (wrong !== undefined) throw new UsageError(`--kind must be one of ${kindNames.join(', ')}, not '${wrong}'`)
  let finds = (_text: string) => true
  if (pattern !== undefined) {
    try {
      const expression = new RegExp(pattern, 'i')
      finds = (text) => expression.test(text)
    } catch {
      throw new UsageError(`--grep '${pattern}' is not a regular expression`)
    }
  }
  return ({ kind, title, content }) => (asked.length === 0 || asked.includes(kind)) && finds(`${title}\n${content}`)
}

async function trace(wanted: TraceWanted, io: Io): Promise<number> {
  const { address, user, session, files } = wanted
  const password = await readPassword({ user, address, file: wanted.passwordFile }, io)
  const lab = new LabClient({ address, user, password })
  if (session === undefined) {
    print(await newest(lab, wanted.json), wanted, io)
    return 0
  }
  if (wanted.follow) {
    await follow({ lab, session, wanted, io, clock: systemClock })
    return 0
  }
  for (const format of ['pcap', 'svg'] as const) {
    const file = files[format]
    if (file === undefined) continue
    write(file, await lab.file(session, format, wanted.texts))
    io.err(`${file} is written`)
  }
  // Who only wants a picture does not want it drawn besides.
  const onlyFiles = (files.pcap ?? files.svg) !== undefined && files.out === undefined && wanted.line === undefined
  if (onlyFiles && !wanted.json) return 0
  print(shown(await lab.ladder(session, wanted.texts), wanted), wanted, io)
  return 0
}

function shown(ladder: Ladder, { shows, line, json, drawing }: TraceWanted): readonly string[] {
  const all = ladder.entries.map((entry, i): Numbered => ({ line: i + 1, entry }))
  if (line !== undefined) {
    const found = all[line - 1]
    if (!found) throw new CommandError(`the ladder has ${all.length} lines, and none with the number ${line}`)
    return json ? [JSON.stringify(found.entry, null, 2)] : contentOf(found)
  }
  const wanted = all.filter(({ entry }) => shows(entry))
  if (json) {
    const entries = wanted.map(({ line, entry }) => ({ line, ...entry }))
    return [JSON.stringify({ ...ladder, entries }, null, 2)]
  }
  return drawLadder(ladder, wanted, drawing)
}

function contentOf({ line, entry }: Numbered): readonly string[] {
  const { at, node, kind, title, content, repeated } = entry
  const time = new Date(at).toISOString()
  return [
    plainLine(`${line}  ${time}  on ${node}  ${kinds[kind].word} ${title}${repeated ? ' (again)' : ''}`),
    '',
    ...plainLines(content).split('\n'),
  ]
}

/** Sessions that live, in a table: the newest first. They are listed oldest first, so all pages are read up to a bound. */
async function newest(lab: LabClient, json: boolean): Promise<readonly string[]> {
  let found: SessionInfo[] = []
  let count = 0
  let after: string | undefined
  for (let page = 0; page < mostPages; page++) {
    const { sessions, next } = await lab.sessions(after)
    count += sessions.length
    found = [...found, ...sessions].slice(-mostListed)
    after = next
    if (after === undefined) break
  }
  found.reverse()
  if (json) return [JSON.stringify(found, null, 2)]
  if (found.length === 0) return ['no living sessions; one that has ended is found by its id while it is kept']
  const rows = found.map(({ callUUID, created, state, parties }) => [
    callUUID,
    new Date(created).toISOString(),
    state,
    parties.map(({ dn, agent }) => plainLine(agent === null ? dn : `${agent} (${dn})`)).join(' - '),
  ])
  const more =
    count > found.length ? ['', `${found.length} of ${after === undefined ? count : `more than ${count}`}`] : []
  return [...table([['SESSION', 'SINCE', 'STATE', 'PARTIES'], ...rows]), ...more]
}
const mostListed = 20
const mostPages = 100

function print(lines: readonly string[], { files: { out } }: TraceWanted, io: Io): void {
  if (out === undefined) {
    for (const line of lines) io.out(line)
    return
  }
  write(out, `${lines.join('\n')}\n`)
  io.err(`${out} is written`)
}

/** For its owner only: what passes in a session is nobody else's business. */
function write(file: string, content: string | Uint8Array): void {
  try {
    writeFileSync(file, content, { mode: 0o600 })
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new CommandError(`${file} cannot be written (${reason})`, { cause: error })
  }
}
