import { isOwn, lineLimit, type Notification, nextView, readNotification, type SessionView } from '@ringdown/client'
import { andThen, type Desktop, type Effect, type Input, type Step, step } from './desktop.ts'
import { keep, tidy } from './keeping.ts'
import { nextLink } from './link.ts'
import { sipDevice } from './phone.ts'
import { arrived } from './sending.ts'
import { ask } from './signing.ts'
import { told } from './told.ts'

/** Milliseconds a peer counts as writing who does not say how long, RFC 3994 §3.4. */
const composingMs = 120_000
/** A text older than this, milliseconds, is history when it comes: no sound for it. */
const freshMs = 60_000
/** So many texts' senders are told at most that they were seen, the latest first. */
const seenLimit = 20
/** Milliseconds after a change of a session until the contacts are read again. */
const contactsSoonMs = 1_000

/** The sessions: what is told of them, which one is shown, and what the agent does with them. */
export function sessions(state: Desktop, input: Input): Step | undefined {
  switch (input.input) {
    case 'notification':
      return notified(state, input.data, input.now)
    case 'sessionsRead':
      return sessionsRead(state, input)
    case 'sessionRead':
      return step(
        shownFirst({ ...state, view: nextView(state.view, { input: 'sessionRead', session: input.session }) }),
      )
    case 'transcriptRead': {
      const { id, messages } = input
      const view = nextView(state.view, { input: 'transcriptRead', sessionId: id, messages })
      return arrived({ ...state, view }, messages)
    }
    case 'start':
      return ask(
        { ...state, calling: input.number },
        { effect: 'start', number: input.number, userData: input.userData },
      )
    case 'show':
      return step({ ...state, shown: input.id, page: 'desk' })
    case 'answer':
      return ask(state, { effect: 'answer', id: input.id, accept: input.accept }, `session ${input.id}`)
    case 'complete':
      return ask(state, { effect: 'complete', id: input.id }, `session ${input.id}`)
    case 'attach': {
      const { id, key, value } = input
      return ask(state, { effect: 'attach', id, userData: { [key]: value } }, `session ${id}`)
    }
    case 'deleteKey':
      return ask(state, { effect: 'deleteKey', id: input.id, key: input.key }, `session ${input.id}`)
    case 'done':
      return input.effect.effect === 'tellDisplayed' ? seenTold(state) : undefined
    case 'waited':
      return input.name.startsWith('composing/') ? composingOver(state, input.name) : undefined
    default:
      return undefined
  }
}

/** The session the agent is in, if any: there is never more than one. */
export function living(state: Desktop): SessionView | undefined {
  return [...state.view.sessions.values()].findLast((session) => session.state !== 'Completed')
}

/** Whether somebody has to answer: the page rings. */
export function ringing(state: Desktop): SessionView | undefined {
  return [...state.view.sessions.values()].find(
    (session) => session.state === 'Alerting' && session.capabilities.includes('Accept'),
  )
}

function notified(state: Desktop, data: unknown, now: number): Step {
  const read = readNotification(data)
  switch (read.read) {
    case 'unknown':
      return step(state)
    case 'malformed':
      return andThen(told(state, { kind: 'malformed' }), catchUp)
    case 'known':
      return known(state, read.notification, now)
  }
}

/** A session that a MESSAGE has begun has texts before anything else is told of it. */
function texts(state: Desktop, session: SessionView): readonly Effect[] {
  return sipDevice(state) ? [{ effect: 'readTranscript', id: session.id, after: 0 }] : []
}

function known(before: Desktop, notification: Notification, now: number): Step {
  const view = nextView(before.view, { input: 'notification', notification })
  const texts = notification.messageType === 'IMLogUpdateMessage' ? [notification] : []
  return andThen(arrived({ ...before, view }, texts), (state) => toldOf(state, before, notification, now))
}

/** What a notification leads to that is in the view already. */
function toldOf(state: Desktop, before: Desktop, notification: Notification, now: number): Step {
  const { view } = state
  switch (notification.messageType) {
    case 'IMSessionStateChangeMessage': {
      const session = view.sessions.get(notification.imSession.id)
      // A text may have been there before anything was told of its session.
      // Others' states change with it.
      const soon: Effect = { effect: 'wait', name: 'contacts', ms: contactsSoonMs }
      const isNew = (before.view.sessions.get(notification.imSession.id)?.peer ?? null) === null
      return andThen(step(state, soon), (now) => (session && isNew ? begun(now, session) : step(now)))
    }
    case 'IMLogUpdateMessage': {
      const id = notification.imSessionPath.slice(notification.imSessionPath.lastIndexOf('/') + 1)
      const session = view.sessions.get(id)
      const known = before.view.sessions.get(id)
      if (!known) return step(state, { effect: 'readSession', id })
      const isNew = session !== known
      const fresh = now - Date.parse(notification.timestamp) < freshMs
      if (!session || !isNew || !fresh || isOwn(session, notification) || isRead(state, id)) return step(state)
      return step(state, { effect: 'alert', what: 'text', sessionId: id, peer: session.peer ?? '' })
    }
    case 'IMNoticeMessage': {
      if (notification.notificationType !== 'Composing' || !notification.composing) return step(state)
      const id = notification.imSessionPath.slice(notification.imSessionPath.lastIndexOf('/') + 1)
      const mark = view.sessions.get(id)?.composing
      const ms = (notification.refreshSeconds ?? 0) * 1_000 || composingMs
      return mark == null ? step(state) : step(state, { effect: 'wait', name: `composing/${id}/${mark}`, ms })
    }
    case 'IMSessionGapMessage':
      return catchUp({ ...state, link: nextLink(state.link, 'gap') })
  }
}

/** Whether what comes for a session is under the agent's eyes. */
function isRead(state: Desktop, id: string): boolean {
  return state.visible && state.page === 'desk' && state.shown === id
}

/** A session has begun: it is what the agent wants to see. */
function begun(state: Desktop, session: SessionView): Step {
  const mine = session.state === 'Initiating'
  const shown = { ...state, shown: session.id, calling: null, ...(mine && { page: 'desk' as const }) }
  const alert: Effect = { effect: 'alert', what: 'session', sessionId: session.id, peer: session.peer ?? '' }
  const name = unknownName(state, session.peer)
  return session.state === 'Alerting' ? step(shown, alert, ...name) : step(shown, ...name, ...texts(state, session))
}

/** Where nothing is shown, the session the agent is in is. */
function shownFirst(state: Desktop): Desktop {
  return state.shown === null ? { ...state, shown: living(state)?.id ?? null } : state
}

function unknownName(state: Desktop, peer: string | null | undefined): readonly Effect[] {
  return peer == null || state.contacts.names.has(peer) ? [] : [{ effect: 'readName', number: peer }]
}

/** Reads again all that can be missing. SPEC DT-13. */
export function catchUp(state: Desktop): Step {
  // Where it is in question whose page it is, the answer leads here.
  if (state.stage !== 'desk' || state.held !== null) return step(state)
  return step({ ...state, link: nextLink(state.link, 'catchUp') }, { effect: 'readSessions' })
}

function sessionsRead(before: Desktop, { sessions: listed, asked }: Input & { input: 'sessionsRead' }): Step {
  const view = nextView(before.view, { input: 'sessionsRead', sessions: listed, keep: true })
  const ids = new Set(listed.map((session) => session.id))
  // SPEC DT-7: one that lived when we asked and is not listed has ended; it is asked how.
  const gone = asked.filter((id) => !ids.has(id))
  const [first] = listed
  const state = {
    ...before,
    view,
    link: nextLink(before.link, 'caughtUp'),
  }
  const read = step(
    shownFirst(state),
    ...gone.map((id): Effect => ({ effect: 'readSession', id })),
    ...[...gone, ...ids].map(
      (id): Effect => ({ effect: 'readTranscript', id, after: wholeUpTo(view.sessions.get(id)) }),
    ),
    ...unknownName(before, first?.participants[0]?.digits),
    { effect: 'wait', name: 'linkNews', ms: 6_000 },
  )
  return andThen(read, (now) => tidy(now, ids))
}

/** The position up to which a session's texts are all there. */
function wholeUpTo(session: SessionView | undefined): number {
  const lines = session?.lines ?? []
  // What went at the limit was there, and would go again.
  let position = lines.length < lineLimit ? 0 : (lines.find((line) => line.position !== undefined)?.position ?? 1) - 1
  for (const line of lines) {
    if (line.position === undefined) continue
    if (line.position !== position + 1) break
    position = line.position
  }
  return position
}

function composingOver(state: Desktop, name: string): Step {
  const [, id = '', mark] = name.split('/')
  const session = state.view.sessions.get(id)
  if (!session || String(session.composing) !== mark) return step(state)
  const sessions = new Map(state.view.sessions).set(id, { ...session, composing: null })
  return step({ ...state, view: { ...state.view, sessions } })
}

/** The peer's texts that stand before the agent's eyes count as seen, and their sender is told. SPEC DT-21. */
export function look(state: Desktop): Step {
  const session = state.shown === null ? undefined : state.view.sessions.get(state.shown)
  if (state.stage !== 'desk' || !session || !isRead(state, session.id)) return step(state)
  const before = state.seen.get(session.id) ?? 0
  const unseen = session.lines.filter((line) => (line.position ?? 0) > before && !isOwn(session, line))
  const last = unseen.at(-1)?.position
  if (last === undefined) return step(state)
  const seen = step({ ...state, seen: new Map(state.seen).set(session.id, last) }, keep.seen(session.id, last))
  if (session.state !== 'Talking') return seen
  const ids = unseen.slice(-seenLimit).reverse()
  return andThen(seen, (now) => tellSeen(now, ...ids.map(({ messageId }) => ({ id: session.id, messageId }))))
}

/** One at a time: after a break there may be thousands, and what the agent writes has to get through. */
function tellSeen(state: Desktop, ...added: Desktop['toldSeen']): Step {
  const [underWay, ...waiting] = state.toldSeen
  const toldSeen = [...(underWay ? [underWay] : []), ...[...added, ...waiting].slice(0, seenLimit)]
  const [first] = toldSeen
  return step({ ...state, toldSeen }, ...(underWay || !first ? [] : [{ effect: 'tellDisplayed', ...first } as const]))
}

/** The one under way was told; the next one's turn. */
function seenTold(state: Desktop): Step {
  return tellSeen({ ...state, toldSeen: [] }, ...state.toldSeen.slice(1))
}

/** How many of the peer's texts the agent has not seen. */
export function unread(state: Desktop, session: SessionView): number {
  const seen = state.seen.get(session.id) ?? 0
  return session.lines.filter((line) => (line.position ?? 0) > seen && !isOwn(session, line)).length
}
