import type { Desktop, Effect, Input, Step } from './desktop.ts'
import { step } from './desktop.ts'
import { readWaiting, type Waiting, without, withWaiting } from './outbox.ts'

/*
 * What an agent's tabs share: each thing under a key of its own, so that two tabs that write at the same time take nothing from each
 * other. SPEC DT-20.
 */
const outboxKey = 'outbox/'
const draftKey = 'draft/'
const seenKey = 'seen/'
/** Held for a moment by a tab that has signed out. */
const leftKey = 'left'

export const keep = {
  waiting: (messageId: string, value: string | null): Effect => ({ effect: 'save', key: outboxKey + messageId, value }),
  draft: (id: string, value: string): Effect => ({
    effect: 'save',
    key: draftKey + id,
    value: value === '' ? null : value,
  }),
  seen: (id: string, position: number): Effect => ({ effect: 'save', key: seenKey + id, value: String(position) }),
  left: (value: 'yes' | null): Effect => ({ effect: 'save', key: leftKey, value }),
  forgetSeen: (id: string): Effect => ({ effect: 'save', key: seenKey + id, value: null }),
}

/** Whether an input says that another tab of the agent has signed out. */
export function leftElsewhere(input: Input): boolean {
  return input.input === 'savedElsewhere' && input.key === leftKey && input.value !== null
}

/** How long the tab a text was written in is given to send it, milliseconds, before another one does. */
const firstTurn = 4_000

/** Takes over what was kept, at the start and when another tab changes it. */
export function keeping(state: Desktop, input: Input): Step | undefined {
  switch (input.input) {
    case 'loaded':
      return step({
        ...input.entries.reduce((now, [key, value]) => taken(now, key, value), state),
        leftovers: new Set(input.entries.flatMap(([key]) => sessionOf(key) ?? [])),
      })
    case 'savedElsewhere': {
      // Whose it is has left this page.
      if (state.me === null) return step(state)
      const after = taken(state, input.key, input.value)
      const isNew = after.outbox.length > state.outbox.length
      return isNew ? step(after, { effect: 'wait', name: 'adopt', ms: firstTurn }) : step(after)
    }
    default:
      return undefined
  }
}

/** The session a kept draft, or a mark of what was seen, belongs to. */
function sessionOf(key: string): string | undefined {
  for (const prefix of [draftKey, seenKey]) if (key.startsWith(prefix)) return key.slice(prefix.length)
  return undefined
}

/**
 * Forgets what was kept of sessions that live no more: else the browser would keep it for ever. Only of those that were there before
 * the sessions were asked for; a younger one may be in another tab's hands.
 */
export function tidy(state: Desktop, living: ReadonlySet<string>): Step {
  const over = [...state.leftovers].filter((id) => !living.has(id))
  const drafts = new Map([...state.drafts].filter(([id]) => !over.includes(id)))
  const seen = new Map([...state.seen].filter(([id]) => !over.includes(id)))
  return step(
    { ...state, drafts, seen, leftovers: new Set() },
    ...over.flatMap((id) => [keep.draft(id, ''), keep.forgetSeen(id)]),
  )
}

function taken(state: Desktop, key: string, value: string | null): Desktop {
  if (key.startsWith(outboxKey)) {
    const waiting = value === null ? undefined : readWaiting(value)
    return { ...state, outbox: adopted(state.outbox, key.slice(outboxKey.length), waiting) }
  }
  if (key.startsWith(draftKey)) {
    const drafts = new Map(state.drafts)
    if (value === null) drafts.delete(key.slice(draftKey.length))
    else drafts.set(key.slice(draftKey.length), value)
    return { ...state, drafts }
  }
  if (key.startsWith(seenKey)) {
    const id = key.slice(seenKey.length)
    const position = Number(value)
    if (!Number.isInteger(position) || position <= (state.seen.get(id) ?? 0)) return state
    return { ...state, seen: new Map(state.seen).set(id, position) }
  }
  return state
}

function adopted(outbox: readonly Waiting[], messageId: string, waiting: Waiting | undefined): readonly Waiting[] {
  return waiting ? withWaiting(outbox, waiting) : without(outbox, messageId)
}
