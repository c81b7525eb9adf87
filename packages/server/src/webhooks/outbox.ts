import { type Change, type FeedEvent, type PersonID, type SessionStore, webhookFeed } from '@ringdown/signalling'
import { type EventType, eventTypeOf } from './event-types.ts'

/** What all webhooks of a contact centre together want to be told of. */
export interface Wanted {
  types: ReadonlySet<EventType>
  /** Whether any of them gets texts and user data. Where none does, the feed holds none. */
  texts: boolean
  /** How many entries the feed holds. */
  hold: number
}

/**
 * What goes into the webhooks' feed with a change: each thing that happens once, though both parties are told of it. Pure.
 * SPEC WH-2, WH-3.
 */
export function outboxOf({ feeds }: Change, { types, texts }: Wanted): readonly FeedEvent[] {
  let told: Map<string, FeedEvent> | undefined
  for (const { event } of feeds) {
    const type = eventTypeOf(event)
    if (type === undefined || !types.has(type)) continue
    told ??= new Map()
    // A change is about one call at most, brings one text at most, and may end the call of an agent who logs out.
    if (!told.has(type)) told.set(type, event)
  }
  if (!told) return []
  return [...told.values()].map((event) => ({
    ...(texts ? event : withoutWords(event)),
    persons: personsOf(feeds.filter((told) => 'callUUID' in told.event === 'callUUID' in event)),
  }))
}

/** The same store: what is committed to it is told to webhooks in the same commit. `wanted` is asked for at every commit. */
export function outboxStore(store: SessionStore, wanted: () => Wanted | undefined): SessionStore {
  const commit: SessionStore['commit'] = async (change) => {
    const now = wanted()
    if (!now || change.feeds.length === 0) return store.commit(change)
    const added = outboxOf(change, now)
    if (added.length === 0) return store.commit(change)
    const more = added.map((event) => ({ person: webhookFeed, event, hold: now.hold }))
    const outcome = await store.commit({ ...change, feeds: [...change.feeds, ...more] })
    if (outcome.outcome !== 'committed') return outcome
    return { ...outcome, feeds: outcome.feeds.slice(0, change.feeds.length) }
  }
  // A store is a class with private fields: its methods are called on it, whoever asks.
  return new Proxy(store, {
    get(target, name) {
      if (name === 'commit') return commit
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

/** Whoever logs out in a session ends it: that is of both parties, the logout of one. */
function personsOf(feeds: Change['feeds']): PersonID[] {
  return [...new Set(feeds.flatMap(({ person }) => (/^[0-9a-f]{32}$/.test(person) ? [person] : [])))]
}

function withoutWords(event: FeedEvent): FeedEvent {
  switch (event.event) {
    case 'EventDialing':
    case 'EventEstablished':
    case 'EventReleased':
    case 'EventAbandoned':
    case 'EventDestinationBusy':
    case 'EventAttachedDataChanged':
      return { ...event, userData: {} }
    case 'EventRinging':
      return { ...event, userData: {}, extensions: { autoAnswer: event.extensions.autoAnswer } }
    case 'EventACK':
    case 'EventPrivateInfo':
      return { ...event, extensions: { text: { ...event.extensions.text, body: '' } } }
    default:
      return event
  }
}
