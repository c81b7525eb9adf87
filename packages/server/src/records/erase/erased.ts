/** What is left of somebody's words and data. Pure. */
import type { Call, CallUUID, DNumber, FeedEvent, PersonID, Text } from '@ringdown/signalling'

/** Stands where a text was. */
export const erasedBody = '[erased]'

/** Who is erased, and which sessions they took part in, at which DNs. */
export interface Erased {
  person: PersonID
  sessions: ReadonlyMap<CallUUID, ReadonlySet<DNumber>>
}

/** The text with nothing of what it said; its place, time, number and id stay. */
export function erasedText({ messageID, from, sent }: Text): Text {
  return { messageID, from, sent, contentType: 'text/plain', body: erasedBody, erased: true }
}

/** Whether a text of a session was written by them. */
export function isTheirs({ sessions }: Erased, call: CallUUID, { from }: Text): boolean {
  return sessions.get(call)?.has(from) ?? false
}

/**
 * An event as it is without them: their texts, the user data of their sessions (nobody can tell whose it is), their id. Undefined where
 * it has nothing of that.
 */
export function erasedEvent(event: FeedEvent, erased: Erased): FeedEvent | undefined {
  const changed = withoutPerson(withoutWords(event, erased), erased.person)
  return JSON.stringify(changed) === JSON.stringify(event) ? undefined : changed
}

function withoutWords(event: FeedEvent, erased: Erased): FeedEvent {
  if (!('callUUID' in event) || !erased.sessions.has(event.callUUID)) return event
  const left = 'userData' in event ? { ...event, userData: {} } : event
  if (left.event !== 'EventPrivateInfo' && left.event !== 'EventACK' && left.event !== 'EventRinging') return left
  const { text } = left.extensions
  if (!text || !isTheirs(erased, left.callUUID, text)) return left
  return { ...left, extensions: { ...left.extensions, text: erasedText(text) } } as FeedEvent
}

function withoutPerson(event: FeedEvent, person: PersonID): FeedEvent {
  let left = event
  if ('otherPerson' in left && left.otherPerson === person) {
    const { otherPerson: _, ...rest } = left
    left = rest
  }
  if (!left.persons?.includes(person)) return left
  const named = { ...left, persons: left.persons.filter((one) => one !== person) }
  return 'agentID' in named ? { ...named, agentID: '' } : named
}

/** A call that has ended, without its user data and without who they were; the DN stays, which is a device's. */
export function erasedCall(call: Call, person: PersonID): Call {
  const parties = call.parties.map((party) => (party.agent === person ? { ...party, agent: null } : party))
  return { ...call, parties, userData: {} }
}

/** An audit entry's content without a user name: the deed stays, by a pseudonym. Undefined where the name is not in it. */
export function erasedDeed(content: string, userName: string, pseudonym: string): string | undefined {
  const deed = JSON.parse(content) as Record<string, unknown>
  const word = new RegExp(`(?<![\\w.@-])${userName.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w@-])`, 'giu')
  const changed = Object.fromEntries(
    Object.entries(deed).map(([key, value]) => {
      if (typeof value !== 'string') return [key, value]
      if (key === 'who') return [key, value.toLowerCase() === userName.toLowerCase() ? pseudonym : value]
      return [key, ['object', 'detail'].includes(key) ? value.replace(word, pseudonym) : value]
    }),
  )
  const printed = JSON.stringify(changed)
  return printed === JSON.stringify(deed) ? undefined : printed
}
