import { nextView, type Sent } from '@ringdown/client'
import { andThen, type Desktop, type Effect, type Input, type Step, step } from './desktop.ts'
import { keep } from './keeping.ts'
import { isWhole } from './link.ts'
import { afterFailure, due, printWaiting, type Waiting, without, withState, withWaiting } from './outbox.ts'
import type { Problem } from './problem.ts'
import { told } from './told.ts'

/** Milliseconds until a text that got no answer is sent again. */
const retryMs = 3_000
/** Milliseconds without a key pressed after which the agent counts as not writing, and after which the peer is told again. */
const composingIdleMs = 8_000
const composingAgainMs = 50_000

/** Drafts, the outbox, and telling the peer that a text is being written. SPEC DT-15, DT-16. */
export function sending(state: Desktop, input: Input): Step | undefined {
  switch (input.input) {
    case 'write':
      return write(state, input.id, input.text)
    case 'send':
      return andThen(send(state, input.id, input.messageId, input.now), pump)
    case 'sent':
      return andThen(sent(state, input.id, input.messageId, input.answer, input.now), pump)
    case 'sendAgain':
      return andThen(step({ ...state, outbox: withState(state.outbox, input.messageId, 'waiting') }), pump)
    case 'discard':
      return step({ ...state, outbox: without(state.outbox, input.messageId) }, keep.waiting(input.messageId, null))
    case 'waited':
      if (input.name === 'retry' || input.name === 'adopt') return pump(state)
      if (input.name === 'composing') return stopComposing(state)
      if (input.name === 'composingAgain') return tellAgain(state)
      return undefined
    default:
      return undefined
  }
}

/** Sends what is due. Not while the way is broken: behind it the page may be somebody else's. SPEC DT-27. */
export function pump(state: Desktop): Step {
  if (state.stage !== 'desk' || !isWhole(state.link) || state.held !== null) return step(state)
  const now = due(state.outbox)
  const outbox = now.reduce((all, one) => withState(all, one.messageId, 'sending'), state.outbox)
  return step(
    { ...state, outbox },
    ...now.map(({ sessionId, messageId, text }): Effect => ({ effect: 'send', id: sessionId, messageId, text })),
  )
}

export function notSent(state: Desktop, messageId: string, problem: Problem): Step {
  const outbox = afterFailure(state.outbox, messageId, problem)
  const waits = outbox.some((one) => one.messageId === messageId && one.state === 'waiting')
  const after = { ...state, outbox }
  const lost = outbox.find((one) => one.messageId === messageId && one.state === 'refused')
  // There is no session any more in which it could be shown.
  if (lost && !state.view.sessions.has(lost.sessionId))
    return andThen(
      andThen(step({ ...after, outbox: without(outbox, messageId) }, keep.waiting(messageId, null)), pump),
      (now) => told(now, { kind: 'lostText', detail: lost.text }),
    )
  return waits ? step(after, { effect: 'wait', name: 'retry', ms: retryMs }) : pump(after)
}

/** Texts that stand in the session were accepted, whichever tab has sent them and whether its answer came. SPEC DT-16. */
export function arrived(state: Desktop, texts: readonly { messageId: string }[]): Step {
  const ids = new Set(texts.map(({ messageId }) => messageId))
  const over = state.outbox.filter(({ messageId }) => ids.has(messageId))
  if (over.length === 0) return step(state)
  const outbox = state.outbox.filter((one) => !over.includes(one))
  return andThen(step({ ...state, outbox }, ...over.map(({ messageId }) => keep.waiting(messageId, null))), pump)
}

function write(state: Desktop, id: string, text: string): Step {
  const drafts = new Map(state.drafts)
  if (text === '') drafts.delete(id)
  else drafts.set(id, text)
  const kept = step({ ...state, drafts }, keep.draft(id, text))
  if (text.trim() === '') return andThen(kept, stopComposing)
  if (state.view.sessions.get(id)?.state !== 'Talking') return kept
  return andThen(kept, (now) => startComposing(now, id))
}

function startComposing(state: Desktop, id: string): Step {
  const idle: Effect = { effect: 'wait', name: 'composing', ms: composingIdleMs }
  if (state.composing === id) return step(state, idle)
  return step({ ...state, composing: id }, { effect: 'tellComposing', id, composing: true }, idle, {
    effect: 'wait',
    name: 'composingAgain',
    ms: composingAgainMs,
  })
}

function stopComposing(state: Desktop): Step {
  if (state.composing === null) return step(state)
  return step({ ...state, composing: null }, { effect: 'tellComposing', id: state.composing, composing: false })
}

// What was told counts for a minute or two on the other side, RFC 3994 §3.4.
function tellAgain(state: Desktop): Step {
  if (state.composing === null) return step(state)
  return step(
    state,
    { effect: 'tellComposing', id: state.composing, composing: true },
    { effect: 'wait', name: 'composingAgain', ms: composingAgainMs },
  )
}

function send(state: Desktop, id: string, messageId: string, now: number): Step {
  const text = (state.drafts.get(id) ?? '').trimEnd()
  if (text === '') return step(state)
  const waiting: Waiting = { messageId, sessionId: id, text, written: now, state: 'waiting' }
  const drafts = new Map(state.drafts)
  drafts.delete(id)
  // The text itself says that its writing has ended.
  const composing = state.composing === id ? null : state.composing
  return step(
    { ...state, drafts, composing, outbox: withWaiting(state.outbox, waiting) },
    keep.waiting(messageId, printWaiting(waiting)),
    keep.draft(id, ''),
  )
}

function sent(state: Desktop, id: string, messageId: string, answer: Sent, now: number): Step {
  const found = state.outbox.find((one) => one.messageId === messageId)
  const outbox = without(state.outbox, messageId)
  if (!found) return step({ ...state, outbox }, keep.waiting(messageId, null))
  const line = {
    messageId: answer.messageId ?? messageId,
    message: found.text,
    from: '', // one's own: no peer has this number
    timestamp: answer.timestamp ?? new Date(now).toISOString(),
    ...(answer.position !== undefined && { position: answer.position }),
  }
  const view = nextView(state.view, { input: 'transcriptRead', sessionId: id, messages: [line], part: true })
  return step({ ...state, outbox, view }, keep.waiting(messageId, null))
}
