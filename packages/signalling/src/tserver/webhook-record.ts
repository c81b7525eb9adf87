import type { PersonID } from './ids.ts'

/** The feed of what a contact centre's webhooks are told. Never a person's: those are hex digits. */
export const webhookFeed = 'webhooks' as PersonID

/**
 * How far a webhook's deliveries have come. Its owner alone writes it, but for `requests`, which anybody may add to; whoever meets
 * another version than the one it read looks again.
 */
export interface WebhookRecord {
  /** The node that delivers, and until when nobody else does, milliseconds since 1970. */
  owner: string
  until: number
  /** Of the webhooks' feed. */
  epoch: string
  /** Every entry up to this offset was delivered or given up, or is among `waiting`. */
  position: number
  /** When the entry at `position` happened, milliseconds since 1970; 0 before the first. */
  reached: number
  /** What was tried and has not been taken, and what has to wait behind it; by offset. */
  waiting: readonly WaitingDelivery[]
  /** Offsets that are to be sent again, from and up to. */
  replays: readonly OffsetRange[]
  /** Offsets of what was given up, the newest of them; by offset. */
  givenUp: readonly number[]
  /** What was asked for and the owner has not seen yet. */
  requests: readonly ReplayRequest[]
  /** Since the webhook's first delivery. `missed`: entries that were trimmed before they were delivered. */
  counts: { delivered: number; failedAttempts: number; givenUp: number; missed: number }
  /** The last attempt: when it ended, and how: a status, or a word. */
  last?: { at: number; answer: string }
  /** The target answered 410 at this time, milliseconds since 1970; nothing is sent. */
  gone?: number
}

export interface WaitingDelivery {
  offset: number
  attempts: number
  /** The first attempt and the next one, milliseconds since 1970; `since` is 0 before the first. */
  since: number
  next: number
  /** It is the notice that entries from here up to `offset` are missing. */
  gap?: Gap
}

/** Entries that cannot be delivered any more; `epoch` is that of the offsets. */
export interface Gap {
  epoch: string
  from: number
  /** `trimmed`: they gave way to newer ones. `storeReset`: the store has lost some of its memory, and counts anew. */
  reason: 'trimmed' | 'storeReset'
}

/** Both included. */
export interface OffsetRange {
  from: number
  to: number
}

/** What an operator wants to be sent again. */
export type ReplayRequest = OffsetRange | { failed: true }
