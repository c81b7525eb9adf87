import type { FeedEvent } from '@ringdown/signalling'

/** What a webhook can be told of, each with a sentence; the schema of the configuration and WEBHOOKS.md are made of it. */
export const eventTypes = {
  'session.started': 'Somebody calls somebody: the session is `Initiating`.',
  'session.alerting': 'It rings at the called number.',
  'session.established': 'Both sides are there: `Talking`.',
  'session.ended': 'It is over, with who ended it and why. Once for each session.',
  'userData.changed': 'The user data of a session were changed, and by whom.',
  'text.accepted': 'A text was accepted. One that waits for somebody to be reached is told of when its session begins.',
  'text.delivered': 'The endpoint of the receiver said that it has the text; only where it says so.',
  'text.displayed': 'The receiver was shown the text; only where that is said.',
  'text.failed': 'A text could not be delivered to an endpoint, and why.',
  'agent.state': 'An agent has logged in or out, or is ready or not, on a device.',
} as const satisfies Record<string, string>
export type EventType = keyof typeof eventTypes

export const eventTypeNames = Object.keys(eventTypes) as EventType[]

/** In whose place a delivery says that others are missing. It cannot be left out, so it is none of those to choose from. */
export const gapType = 'webhook.gap'
export const gapMeaning =
  'Deliveries are missing for good: `data` has `epoch`, `from` and `to` of the events that are, and the `reason`. It cannot be left out.'

/** What a T-event is to webhooks; undefined where it is nothing to them. */
export function eventTypeOf(event: FeedEvent): EventType | undefined {
  switch (event.event) {
    case 'EventDialing':
      return 'session.started'
    case 'EventRinging':
      return 'session.alerting'
    case 'EventEstablished':
      return 'session.established'
    case 'EventReleased':
    case 'EventAbandoned':
      return 'session.ended'
    case 'EventAttachedDataChanged':
      return 'userData.changed'
    case 'EventACK':
    case 'EventPrivateInfo':
      return 'text.accepted'
    case 'EventReturnReceipt':
      return `text.${event.extensions.receipt.outcome}`
    case 'EventAgentLogin':
    case 'EventAgentLogout':
    case 'EventAgentReady':
    case 'EventAgentNotReady':
      return 'agent.state'
    // The release follows; composing is over before anybody could act on it; registrations and news of clients are our own matter.
    case 'EventDestinationBusy':
    case 'EventUserEvent':
    case 'EventRegistered':
    case 'EventUnregistered':
      return undefined
  }
}
