import { type Problem, passes } from './problem.ts'

/** A text the agent has sent and the server has not accepted yet. Kept in the browser until it has. */
export interface Waiting {
  /** Made here: under it the text is accepted once, however often it is sent. */
  messageId: string
  sessionId: string
  text: string
  /** When it was written, milliseconds since 1970. */
  written: number
  state: 'waiting' | 'sending' | 'refused'
  problem?: Problem
}

/** SPEC DT-16: the texts to send now, the first of each session that has none under way. */
export function due(outbox: readonly Waiting[]): readonly Waiting[] {
  const taken = new Set(outbox.filter((one) => one.state === 'sending').map((one) => one.sessionId))
  const first: Waiting[] = []
  for (const one of outbox) {
    if (one.state !== 'waiting' || taken.has(one.sessionId)) continue
    taken.add(one.sessionId)
    first.push(one)
  }
  return first
}

export function withState(
  outbox: readonly Waiting[],
  messageId: string,
  state: 'waiting' | 'sending',
): readonly Waiting[] {
  return outbox.map((one) => {
    if (one.messageId !== messageId) return one
    const { problem: _, ...rest } = one
    return { ...rest, state }
  })
}

/** The outbox after a text was not accepted: it waits if that can pass, and is refused for good if not. */
export function afterFailure(outbox: readonly Waiting[], messageId: string, problem: Problem): readonly Waiting[] {
  if (passes(problem) || problem.kind === 'expired' || problem.kind === 'stalePage')
    return withState(outbox, messageId, 'waiting')
  return outbox.map((one) => (one.messageId === messageId ? { ...one, state: 'refused', problem } : one))
}

export function without(outbox: readonly Waiting[], messageId: string): readonly Waiting[] {
  return outbox.filter((one) => one.messageId !== messageId)
}

/** In the order they were written, whichever tab they come from. */
export function withWaiting(outbox: readonly Waiting[], added: Waiting): readonly Waiting[] {
  if (outbox.some((one) => one.messageId === added.messageId)) return outbox
  return [...outbox, added].sort((a, b) => a.written - b.written)
}

/** As it is kept in the browser. */
export function printWaiting({ messageId, sessionId, text, written }: Waiting): string {
  return JSON.stringify({ messageId, sessionId, text, written })
}

/** What was kept; undefined where it is none of ours. It waits: whether it was accepted, its id will tell. */
export function readWaiting(kept: string): Waiting | undefined {
  try {
    const { messageId, sessionId, text, written } = JSON.parse(kept) as Record<string, unknown>
    if (typeof messageId !== 'string' || typeof sessionId !== 'string') return undefined
    if (typeof text !== 'string' || typeof written !== 'number') return undefined
    return { messageId, sessionId, text, written, state: 'waiting' }
  } catch {
    return undefined
  }
}
