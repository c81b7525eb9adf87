import type { FeedEntry, FeedPage, PersonID } from '@ringdown/signalling'
import { parseEntry } from './feeds.ts'
import type { StoreKeys } from './keys.ts'
import { loadScript, type RunScript } from './script.ts'

const script = loadScript(new URL('./read-feed.lua', import.meta.url))

/** A page of a feed; undefined when the store has no epoch, so somebody has emptied it. */
export async function readFeed(
  run: RunScript,
  at: StoreKeys,
  person: PersonID,
  after: number,
  limit: number,
): Promise<FeedPage | undefined> {
  const args = [streamPosition(after), String(limit)]
  const [epoch, firstID, lastID, ...rest] = (await run(script, [at.epoch, at.feed(person)], args)) as (string | null)[]
  if (!epoch) return undefined
  const last = offsetOf(lastID)
  const entries: FeedEntry[] = []
  for (let i = 0; i < rest.length; i += 3) {
    entries.push(parseEntry(offsetOf(rest[i]), Number(rest[i + 1]), rest[i + 2] ?? ''))
  }
  return { epoch, first: firstID ? offsetOf(firstID) : last + 1, last, entries }
}

/** A position as the sequence part of a stream id; positions come from clients, and may be anything. */
export function streamPosition(after: number): string {
  return String(Number.isFinite(after) ? Math.min(Math.max(0, Math.trunc(after)), Number.MAX_SAFE_INTEGER) : 0)
}

/** All ids of our streams are `0-<n>`. */
export function offsetOf(id: string | null | undefined): number {
  return id ? Number(id.slice(2)) : 0
}
