import { randomBytes } from 'node:crypto'
import {
  type FeedPage,
  type ReplayRequest,
  type SessionStore,
  TServerError,
  type WebhookRecord,
  webhookFeed,
} from '@ringdown/signalling'
import { systemClock } from '../clock.ts'
import type { Config } from '../config/load-config.ts'
import { createLog } from '../log.ts'
import { closeStores, openStores, StoreUnusable } from '../open-stores.ts'
import { placeOf } from '../webhooks/delivery-id.ts'
import { offsetAt } from '../webhooks/feed-search.ts'
import { readRecord, writeRecord } from '../webhooks/ownership.ts'
import { rangeLimit } from '../webhooks/ranges.ts'
import { secretOf } from '../webhooks/signature.ts'
import { type Command, type CommandLine, configOption } from './command.ts'
import { CommandError, type Io, UsageError } from './io.ts'
import { configFile, readConfig } from './read-config.ts'
import { table } from './sessions.ts'

export const webhooksCommand: Command = {
  name: 'webhooks',
  operands: { text: '[list | replay <name> | secret]', most: 2 },
  what: 'show how webhooks stand, send deliveries again, make a secret',
  more: `list (or nothing): how each webhook stands. replay: the node that delivers sends what the options name once more, under the same ids.
secret: prints a new secret for a webhook. All of it works on the store, while servers run or not.`,
  options: {
    ...configOption,
    centre: { value: 'id', what: 'the contact centre, where several have a webhook of that name' },
    from: { value: 'id or time', what: 'replay from this delivery id, or time such as 2026-01-31T08:00:00Z, on' },
    until: { value: 'id or time', what: 'replay up to this delivery id, or what happened before this time' },
    failed: { what: 'replay what was given up' },
  },
  run: webhooks,
}

async function webhooks(line: CommandLine, io: Io): Promise<number> {
  const [what = 'list', name, ...more] = line.operands
  if ((what === 'replay') !== (name !== undefined) || more.length > 0)
    throw new UsageError('webhooks: list, replay <name> or secret')
  switch (what) {
    case 'secret':
      io.out(secretOf(randomBytes(32)))
      return 0
    case 'list':
      return withStores(line, io, (config, stores) => list(config, stores, io))
    case 'replay':
      return withStores(line, io, (config, stores) => replay(name ?? '', line, config, stores, io))
  }
  throw new UsageError(`webhooks: there is no '${what}'; list, replay <name> or secret`)
}

type Stores = ReadonlyMap<string, SessionStore>

async function withStores(
  line: CommandLine,
  io: Io,
  work: (config: Config, stores: Stores) => Promise<number>,
): Promise<number> {
  const file = configFile(line.config(), io)
  if (file === undefined) throw new CommandError('there is no ringdown.yaml here: name a file with --config')
  const { config } = readConfig(file, io)
  try {
    const stores = await openStores({ config, node: 'cli', clock: systemClock, log: createLog('silent', 'cli') })
    try {
      return await work(config, stores)
    } finally {
      await closeStores(stores)
    }
  } catch (error) {
    if (error instanceof TServerError || error instanceof StoreUnusable)
      throw new CommandError(error.message, { cause: error })
    throw error
  }
}

const heads = [
  'CENTRE',
  'WEBHOOK',
  'STATE',
  'NODE',
  'POSITION',
  'BACKLOG',
  'WAITING',
  'GIVEN UP',
  'MISSED',
  'LAST',
  'NEXT TRY',
]

async function list(config: Config, stores: Stores, io: Io): Promise<number> {
  const lines: string[][] = []
  for (const { objects, webhooks } of config.contactCentres) {
    const store = stores.get(objects.id)
    if (!store) continue
    const { offset } = await store.feedEnd(webhookFeed)
    for (const { name } of webhooks) {
      const record = (await readRecord(store, name))?.value
      lines.push([objects.id, name, ...(record ? cells(record, offset) : ['not started yet'])])
    }
  }
  if (lines.length === 0) io.out('no webhooks are configured')
  else for (const line of table([heads, ...lines])) io.out(line)
  return 0
}

/** How a webhook stands, by its record and the last offset of the feed. SPEC WH-50. */
function cells(record: WebhookRecord, end: number): string[] {
  const { owner, until, position, waiting, counts, last, replays, requests } = record
  const due = waiting.flatMap(({ attempts, next }) => (attempts > 0 ? [next] : []))
  const delivered = until > systemClock.now() && owner !== ''
  const busy = replays.length + requests.length > 0 ? 'sends again' : waiting.length > 0 ? 'retries' : 'delivers'
  return [
    record.gone !== undefined ? `gone since ${time(record.gone)}` : delivered ? busy : 'nobody delivers',
    delivered ? owner : '-',
    String(position),
    String(Math.max(0, end - position) + waiting.length),
    String(waiting.length),
    String(counts.givenUp),
    String(counts.missed),
    last ? `${last.answer} at ${time(last.at)}` : '-',
    due.length > 0 ? time(Math.min(...due)) : '-',
  ]
}

const time = (ms: number): string => new Date(ms).toISOString()

async function replay(name: string, line: CommandLine, config: Config, stores: Stores, io: Io): Promise<number> {
  const store = storeOf(name, line.text('centre'), config, stores)
  const [from, until, failed] = [line.text('from'), line.text('until'), line.flag('failed')]
  if (failed === (from !== undefined) || (failed && until !== undefined))
    throw new UsageError('webhooks replay: --from <id or time> [--until <id or time>], or --failed')
  for (let attempt = 0; attempt < 100; attempt++) {
    const found = await readRecord(store, name)
    if (!found) throw new CommandError(`webhook ${name} has delivered nothing yet`)
    const { value, version } = found
    const { request, says } = failed ? whatFailed(value) : await range(store, value, from ?? '', until)
    if (!request) {
      io.out(says)
      return 0
    }
    if (value.requests.length + value.replays.length >= rangeLimit)
      throw new CommandError(`too much waits to be sent again already; try again when it has been`)
    const requests = [...value.requests, request]
    // The node that delivers writes it all the time; whoever is faster, the other looks again.
    if ((await writeRecord(store, name, version, { ...value, requests })) !== undefined) {
      io.out(says)
      return 0
    }
  }
  throw new CommandError('the record of the webhook keeps changing; try again')
}

function storeOf(name: string, centre: string | undefined, config: Config, stores: Stores): SessionStore {
  const having = config.contactCentres.filter(
    ({ objects, webhooks }) => (centre ?? objects.id) === objects.id && webhooks.some((one) => one.name === name),
  )
  const [first, second] = having
  if (!first) throw new CommandError(`there is no webhook ${name}${centre === undefined ? '' : ` in ${centre}`}`)
  if (second) throw new CommandError(`several contact centres have a webhook ${name}: name one with --centre`)
  const store = stores.get(first.objects.id)
  if (!store) throw new Error(`contact centre ${first.objects.id} has no store`)
  return store
}

interface Asked {
  /** Absent where there is nothing to do. */
  request?: ReplayRequest
  says: string
}

function whatFailed({ givenUp }: WebhookRecord): Asked {
  if (givenUp.length === 0) return { says: 'nothing was given up' }
  return { request: { failed: true }, says: `${givenUp.length} that were given up will be sent again` }
}

async function range(
  store: SessionStore,
  record: WebhookRecord,
  from: string,
  until: string | undefined,
): Promise<Asked> {
  const page = await store.readFeed(webhookFeed, 0, 0)
  const first = await offsetOf(store, page, from)
  // An id is included, a time is not.
  const last = until === undefined ? page.last : (await offsetOf(store, page, until)) - (placeOf(until) ? 0 : 1)
  const to = Math.min(last, record.position)
  if (first < page.first)
    throw new CommandError(`what was at ${from} is not held any more; the oldest that is has offset ${page.first}`)
  if (first > to) return { says: 'nothing was delivered in that range' }
  return { request: { from: first, to }, says: `events ${first} to ${to} will be sent again` }
}

async function offsetOf(store: SessionStore, { epoch, first }: FeedPage, text: string): Promise<number> {
  const place = placeOf(text)
  if (place) {
    if (place.epoch !== epoch) throw new CommandError(`${text} is from before the store was reset`)
    return place.offset
  }
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(at))
    throw new UsageError(`'${text}' is neither a delivery id nor a time such as 2026-01-31T08:00:00Z`)
  return Math.max(first, await offsetAt(store, at))
}
