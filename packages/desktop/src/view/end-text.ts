import type { MessageKey } from './messages/en.ts'
import type { Say } from './text.ts'

interface Ended {
  peer: string | null
  end?: { by: string | null; reason: string | null }
}

const reasons = {
  completed: true,
  rejected: true,
  loggedOut: true,
  noAnswer: false,
  abandoned: false,
  invalidNumber: false,
  unreachable: false,
  busy: false,
  idle: false,
  failed: false,
} as const satisfies Record<string, boolean>

/** Why a session ended, as a sentence. A reason this page does not know is no reason to say nothing. */
export function endText(say: Say, { peer, end }: Ended, nameOf: (digits: string | null) => string): string {
  const reason = end?.reason ?? ''
  if (!Object.hasOwn(reasons, reason)) return say('end.unknown')
  const known = reason as keyof typeof reasons
  if (!reasons[known]) return say(`end.${known}` as MessageKey & 'end.noAnswer')
  const own = end?.by !== null && end?.by !== peer
  if (own) return say(`end.${known}.self` as 'end.completed.self')
  return say(`end.${known}` as 'end.completed', { name: nameOf(peer) })
}
