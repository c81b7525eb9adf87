import type { Directory, FeedEntry, FeedEvent } from '@ringdown/signalling'
import type { Item } from './delivery-queue.ts'
import { type EventType, eventTypeOf } from './event-types.ts'
import type { Webhook } from './webhook.ts'

/** What an event is to a webhook; undefined where it is nothing to it. SPEC WH-4. */
export function wantedType(
  { events, dns, agents }: Pick<Webhook, 'events' | 'dns' | 'agents'>,
  event: FeedEvent,
  directory: Directory,
): EventType | undefined {
  const type = eventTypeOf(event)
  if (type === undefined || !events.has(type)) return undefined
  if (dns.size > 0 && !numbersOf(event).some((dn) => dns.has(dn))) return undefined
  if (agents.size === 0) return type
  const names = (event.persons ?? []).map((person) => directory.persons.get(person)?.userName)
  return names.some((name) => name !== undefined && agents.has(name)) ? type : undefined
}

/** What has to be told in order: the events of one session, or of one device. */
export function laneOf(event: FeedEvent): string {
  if ('callUUID' in event) return event.callUUID
  return 'thisDN' in event ? `dn ${event.thisDN}` : ''
}

/** The delivery an entry of the feed is to a webhook; undefined where it is nothing to it. `replay`: it is sent again. */
export function wantedItem(
  webhook: Webhook,
  entry: FeedEntry,
  directory: Directory,
  replay: boolean,
): Item | undefined {
  const type = wantedType(webhook, entry.event, directory)
  if (type === undefined) return undefined
  const fresh = { attempts: 0, since: 0, next: 0, sending: false, early: 'no', replay } as const
  return { offset: entry.offset, lane: laneOf(entry.event), what: { type, entry }, ...fresh }
}

function numbersOf(event: FeedEvent): readonly string[] {
  if ('otherDN' in event) return [event.thisDN, event.otherDN]
  return 'thisDN' in event ? [event.thisDN] : []
}
