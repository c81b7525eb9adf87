import type { PersonID } from '@ringdown/signalling'
import { objectOf } from './bayeux.ts'
import { type Pattern, patternOf, topics } from './channel.ts'
import type { SavedCursor } from './cursor.ts'
import { type Resume, startAt } from './topic-change.ts'

/** A CometD session as the store keeps it (kind `cometdSession`, by clientId): any node can carry it on. SPEC CD-30. */
export interface SessionRecord {
  person: PersonID
  loginID: string
  ack: boolean
  /** The node that serves it, and how many have before. */
  node: string
  tenure: number
  /** Counts what this owner has written; a progress with a greater one is later than the record. */
  version: number
  /** The feed's epoch that the offsets belong to. */
  epoch: string
  patterns: readonly Pattern[]
  cursor: SavedCursor
  resume: Resume | null
  /** It has expired: a connect gets a 402, and the login's next handshake goes on from here. */
  gone: boolean
}

export function printRecord({ patterns, ...record }: SessionRecord): string {
  return JSON.stringify({ ...record, patterns: patterns.map(({ name }) => name) })
}

/** Undefined where the text is no record; written by ourselves, but perhaps by another version. */
export function parseRecord(text: string | undefined): SessionRecord | undefined {
  if (text === undefined) return undefined
  let value: Record<string, unknown> | undefined
  try {
    value = objectOf(JSON.parse(text))
  } catch {
    return undefined
  }
  const cursor = objectOf(value?.cursor)
  if (!value || !cursor || typeof value.person !== 'string' || !Array.isArray(value.patterns)) return undefined
  const record = value as unknown as Omit<SessionRecord, 'patterns'> & { patterns: readonly string[] }
  return { ...record, patterns: record.patterns.flatMap((name) => patternOf(name) ?? []) }
}

/** What an owner writes while its client moves on. */
export interface Progress {
  epoch: string
  version: number
  confirmed: readonly number[]
  generations: readonly number[]
  sent: readonly [generation: number, offset: number]
}

export function printProgress(progress: Progress): string {
  return JSON.stringify(progress)
}

export function parseProgress(text: string | undefined): Progress | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as Progress)
}

/** A record's cursor moved on by a progress, as far as both speak of the same subscription; never back. */
export function withProgress({ cursor, epoch, version }: SessionRecord, progress: Progress): SavedCursor {
  if (progress.epoch !== epoch) return cursor
  const confirmed = cursor.confirmed.map((offset, topic) =>
    progress.generations[topic] === cursor.generations[topic]
      ? Math.max(offset, progress.confirmed[topic] ?? 0)
      : offset,
  )
  return { ...cursor, confirmed, sent: progress.version > version ? progress.sent : cursor.sent }
}

/**
 * Where a login goes on that handshakes again: behind the least of what its lost clients had confirmed, topic by topic.
 * The least, because nobody can tell which of them this is. A topic that none of them had is not resumed. SPEC CD-31.
 */
export function resumeFrom(
  records: readonly SessionRecord[],
  feed: { epoch: string; end: number },
  until: number,
): Resume | null {
  const after: Resume['after'] = topics.map(() => null)
  for (const { cursor, resume, epoch } of records) {
    for (let topic = 0; topic < topics.length; topic++) {
      const subscribed = (cursor.subscribed & (1 << topic)) !== 0
      const offset = subscribed ? cursor.confirmed[topic] : resume?.after[topic]?.offset
      if (offset === undefined) continue
      const gap = subscribed ? cursor.gaps?.[topic] : resume?.after[topic]?.gap
      const start = { ...startAt({ epoch, offset }, feed), ...(gap && { gap }) }
      const known = after[topic]
      if (!known || start.offset < known.offset || (start.gap !== undefined && known.gap === undefined))
        after[topic] = start
    }
  }
  return after.some((one) => one !== null) ? { after, until } : null
}
