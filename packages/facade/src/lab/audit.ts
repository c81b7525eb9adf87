import type { PersonID } from '@ringdown/signalling'
import type { FastifyBaseLogger } from 'fastify'
import { Type } from 'typebox'
import type { Centre, Login } from '../login.ts'
import type { AuditEntry, Page } from './ports.ts'

/** Whose feed holds what was done; never a person's id, those are hex digits. */
const auditFeed = 'audit' as PersonID
/** Its entries' client. */
const auditClient = 'audit'
/** Characters of the words in an entry. */
const limits = { object: 200, detail: 500 } as const
/**
 * How many refused deeds of one person leave an entry of their own, and in what time, milliseconds. Entries give way to newer ones,
 * and whoever wanted one gone would only have to be refused often enough.
 */
const refusals = { entries: 10, withinMs: 60_000 } as const
/** Entries read from the feed at once. */
const readAtOnce = 200

/** Something somebody did, as it is written down. Never holds a secret, a text or user data. */
export type Deed = Pick<AuditEntry, 'who' | 'address' | 'what' | 'object' | 'outcome' | 'detail'>

export const auditFields = {
  position: Type.Integer({ description: 'Counted from 1' }),
  at: Type.Number({ description: 'Milliseconds since 1970' }),
  who: Type.String({ description: 'User name' }),
  address: Type.String(),
  what: Type.String(),
  object: Type.String(),
  outcome: Type.Enum(['done', 'refused']),
  detail: Type.Optional(Type.String()),
}

interface Written {
  log: Pick<FastifyBaseLogger, 'info'>
  /** Milliseconds since 1970. */
  now: number
}

/**
 * Resolves when it is durable. Rejects with TServerError. SPEC LB-20. Every deed is a line of the log as well, which nobody writes
 * over from here; a refused one may be that alone (SPEC LB-25).
 */
export async function writeDeed(centre: Centre, given: Deed, { log, now }: Written): Promise<void> {
  const { who, what, outcome, address } = given
  const object = given.object.slice(0, limits.object)
  log.info({ who, address, what, object, outcome }, 'audit')
  const uncounted = toldWith(centre, given, now)
  if (uncounted === undefined) return
  const more = uncounted > 0 ? `refused before, without an entry: ${uncounted}` : undefined
  const detail = [more, given.detail].filter((part) => part !== undefined).join('; ')
  const content = JSON.stringify({
    who,
    address,
    what,
    outcome,
    object,
    ...(detail !== '' && { detail: detail.slice(0, limits.detail) }),
  })
  await centre.tserver.request({
    request: 'TSendUserEvent',
    person: auditFeed,
    client: { id: auditClient, content },
  })
}

interface Refusals {
  since: number
  entries: number
  /** Without an entry, and not told of yet. */
  uncounted: number
}
/** By user name: at most one for each who may change something. */
const refused = new WeakMap<Centre, Map<string, Refusals>>()

/** How many refused deeds the person's entry has to tell of besides; undefined: this one leaves none. */
function toldWith(centre: Centre, { who, outcome }: Deed, now: number): number | undefined {
  const known = refused.get(centre) ?? new Map<string, Refusals>()
  refused.set(centre, known)
  const before = known.get(who) ?? { since: now, entries: 0, uncounted: 0 }
  const over = now - before.since >= refusals.withinMs || now < before.since
  const { since, entries, uncounted } = over ? { ...before, since: now, entries: 0 } : before
  if (outcome === 'done') {
    known.set(who, { since, entries, uncounted: 0 })
    return uncounted
  }
  if (entries === refusals.entries) {
    known.set(who, { since, entries, uncounted: uncounted + 1 })
    return undefined
  }
  known.set(who, { since, entries: entries + 1, uncounted: 0 })
  return uncounted
}

/** Who asks and from where. */
export function asker({ login, ip }: { login: Login; ip: string }): Pick<Deed, 'who' | 'address'> {
  return { who: login.person.userName, address: ip }
}

/** What was done, newest first, before a position. */
export async function auditPage(centre: Centre, before: number | undefined, limit: number): Promise<Page<AuditEntry>> {
  const end = before === undefined ? (await centre.store.feedEnd(auditFeed)).offset : before - 1
  const from = Math.max(0, end - limit)
  const { first, entries } = await centre.store.readFeed(auditFeed, from, limit)
  const items = entries.filter(({ offset }) => offset <= end).flatMap(entryOf)
  const last = items[0]?.position
  return { items: items.reverse(), ...(last !== undefined && last > first && { next: String(last) }) }
}

/** Everything that is kept, oldest first, page by page. */
export async function* auditEntries(centre: Centre): AsyncGenerator<readonly AuditEntry[]> {
  const { offset: end } = await centre.store.feedEnd(auditFeed)
  for (let after = 0; after < end; ) {
    const { entries } = await centre.store.readFeed(auditFeed, after, readAtOnce)
    const last = entries.at(-1)
    if (!last) return
    yield entries.filter(({ offset }) => offset <= end).flatMap(entryOf)
    after = last.offset
  }
}

type Entry = Awaited<ReturnType<Centre['store']['readFeed']>>['entries'][number]

function entryOf({ offset, event }: Entry): AuditEntry[] {
  if (event.event !== 'EventUserEvent' || !('client' in event.extensions)) return []
  const deed = JSON.parse(event.extensions.client.content) as Deed
  return [{ position: offset, at: event.time, ...deed }]
}
