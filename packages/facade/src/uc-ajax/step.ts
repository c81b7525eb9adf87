import type { CwaFailure } from './error.ts'
import type { ConferenceEvent, CwaEvent } from './event.ts'
import type { Projection } from './projection.ts'

/** What one T-event does: the events it makes, and what it changes. */
export type Step = { events: readonly CwaEvent[] } & Partial<Pick<Projection, 'highest' | 'talk' | 'ended' | 'rids'>>

export const nothing: Step = { events: [] }

/** What is known of the client's rids once it has used this one. SPEC UC-29. */
export function used({ rids }: Projection, rid: string): Pick<Step, 'rids'> {
  const reused = rids?.reused || rids?.last === rid
  return { rids: { last: rid, ...(reused && { reused }) } }
}

/** Events of one conversation. */
export function within(confId: number, events: readonly ConferenceEvent[]): readonly CwaEvent[] {
  return events.map((event) => ({ confId, ...event }))
}

export function succeeded(rid: string): CwaEvent {
  return { event: 'requestSucceeded', rid }
}

export function failed(rid: string, failure: CwaFailure): CwaEvent {
  return { event: 'requestFailed', rid, failure }
}
