import type { Call, CallUUID } from '@ringdown/signalling'
import type { Who } from '../login.ts'
import { isoTime } from './iso-time.ts'
import { type ImSession, imSessionOfCall } from './resource.ts'

/** A session of the past; what it was when it ended, and when it was. */
export interface EndedSession extends ImSession {
  /** ISO 8601 in UTC. */
  began: string
  ended: string
}

/** Sessions in an answer, and entries of the feed that are looked at to find them. */
export const endedLimit = 100
const lookBack = 10_000
const page = 500

/**
 * The person's own sessions that have ended, the newest first: those whose end is still among the events kept for them, and which are
 * themselves kept. No list is stored for this: the feed is read backwards.
 */
export async function endedSessions(who: Who, apiRoot: string): Promise<readonly EndedSession[]> {
  const { centre, person } = who
  const found: EndedSession[] = []
  const seen = new Set<CallUUID>()
  const { offset: last } = await centre.store.feedEnd(person.id)
  for (let to = last; to > Math.max(0, last - lookBack) && found.length < endedLimit; to -= page) {
    const { entries } = await centre.store.readFeed(person.id, Math.max(0, to - page), Math.min(page, to))
    // Where older events are gone, the page begins later than it was asked to and holds what was read before.
    const ended = entries
      .filter(
        ({ offset, event }) => offset <= to && (event.event === 'EventReleased' || event.event === 'EventAbandoned'),
      )
      .map(({ event }) => (event as { callUUID: CallUUID }).callUUID)
      .reverse()
      .filter((id) => !seen.has(id) && seen.add(id))
    const calls = await Promise.all(ended.map((id) => centre.tserver.call(person.id, id)))
    found.push(...calls.flatMap((call) => (call ? (endedSession(call, who, apiRoot) ?? []) : [])))
    if (entries.length === 0 || (entries[0]?.offset ?? 0) > to - page + 1) break
  }
  return found.slice(0, endedLimit)
}

function endedSession(call: Call, { centre, person }: Who, apiRoot: string): EndedSession | undefined {
  const session = imSessionOfCall(call, person.id, centre.directory(), apiRoot)
  return session && call.end && { ...session, began: isoTime(call.created), ended: isoTime(call.end.at) }
}
