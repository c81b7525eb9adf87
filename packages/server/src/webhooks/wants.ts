import type { Directory, FeedEvent } from '@ringdown/signalling'
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

function numbersOf(event: FeedEvent): readonly string[] {
  if ('otherDN' in event) return [event.thisDN, event.otherDN]
  return 'thisDN' in event ? [event.thisDN] : []
}
