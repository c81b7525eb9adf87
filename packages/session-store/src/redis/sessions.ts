import type { Call, CallUUID, SessionRange } from '@ringdown/signalling'
import type { StoreKeys } from './keys.ts'
import { namesOf } from './names.ts'
import { readRecords } from './read-records.ts'
import { loadScript, type RunScript } from './script.ts'

const listScript = loadScript(new URL('./list-sessions.lua', import.meta.url))
const knowScript = loadScript(new URL('./know-session.lua', import.meta.url))

type Ask = (name: string, args: readonly string[]) => Promise<unknown>

/** How long a look at everything is good for: a node of an older version that still runs lists none of its sessions. Milliseconds. */
const knownMs = 3_600_000

/** Sessions, living and ended, oldest first and by their ids where of one age; the cursor is the last one's `<created>:<call>`. */
export async function listSessions(run: RunScript, ask: Ask, at: StoreKeys, range: SessionRange) {
  if (range.after === undefined && (await ask('get', [at.sessionsKnown])) === null) await knowAll(run, ask, at)
  const { from = 0, until, after, limit } = range
  const cursor = /^(\d{1,16}):(.+)$/.exec(after ?? '')
  const args = [String(from), until === undefined ? '+inf' : String(until), String(limit + 1)]
  const words = (await run(listScript, [at.sessions], [...args, cursor?.[2] ?? '', cursor?.[1] ?? ''])) as string[]
  const members: { id: CallUUID; created: string }[] = []
  for (let i = 0; i < words.length; i += 2) members.push({ id: words[i] as CallUUID, created: words[i + 1] ?? '' })
  const page = members.slice(0, limit)
  const reply = await readRecords(run, at, { records: page.map(({ id }) => ({ kind: 'call', id })), claims: [] })
  // It may have been forgotten a moment ago, and not have left the list yet.
  const sessions = reply.records.flatMap((record) => (record ? [record.value as Call] : []))
  const last = page.at(-1)
  return last && members.length > limit ? { sessions, next: `${last.created}:${last.id}` } : { sessions }
}

/** A store that was written before sessions were listed has them all the same. */
async function knowAll(run: RunScript, ask: Ask, at: StoreKeys): Promise<void> {
  let after: string | undefined
  do {
    const { names, next } = await namesOf(ask, at.prefix('call'), after)
    await Promise.all(
      names.map((id) =>
        run(knowScript, [at.record({ kind: 'call', id: id as CallUUID }), at.sessions, at.passing], [id]),
      ),
    )
    after = next
  } while (after !== undefined)
  await ask('set', [at.sessionsKnown, '1', 'PX', String(knownMs)])
}
