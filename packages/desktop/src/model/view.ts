import type { ImSession, LogUpdate, Notification, TextMessage } from '../contract.ts'
import { type Line, type SessionView, unknownSession, withLine, withResource } from './session-view.ts'

/** All that an agent's desktop shows of IM. Plain and immutable: a change makes a new one. */
export interface View {
  /** In the order they became known. */
  sessions: ReadonlyMap<string, SessionView>
  /** Notifications were missed, and the sessions were not read again since. */
  incomplete: boolean
}

/** What changes a view. */
export type ViewInput =
  | { input: 'notification'; notification: Notification }
  /** The answer to `GET /me/im-sessions?fields=*`. */
  | { input: 'sessionsRead'; sessions: readonly ImSession[] }
  /** Texts of one session, read from its transcript. */
  | { input: 'transcriptRead'; sessionId: string; messages: readonly TextMessage[] }

/** SPEC DT-8. */
export const sessionLimit = 50

export const emptyView: View = { sessions: new Map(), incomplete: false }

/** The view after one input. */
export function nextView(view: View, input: ViewInput): View {
  switch (input.input) {
    case 'notification':
      return afterNotification(view, input.notification)
    case 'sessionsRead':
      return afterSessions(view, input.sessions)
    case 'transcriptRead': {
      const merged = input.messages.reduce(withLine, sessionOf(view, input.sessionId))
      return put(view, { ...merged, incomplete: false })
    }
  }
}

function afterNotification(view: View, notification: Notification): View {
  switch (notification.messageType) {
    case 'IMSessionStateChangeMessage': {
      const { imSession } = notification
      return put(view, withResource(sessionOf(view, imSession.id), imSession))
    }
    case 'IMLogUpdateMessage':
      return put(view, withLine(sessionOf(view, idOfPath(notification.imSessionPath)), lineOf(notification)))
    case 'IMSessionGapMessage': {
      const sessions = [...view.sessions.values()].map((s) =>
        s.state === 'Completed' ? s : { ...s, incomplete: true },
      )
      return { sessions: new Map(sessions.map((s) => [s.id, s])), incomplete: true }
    }
  }
  // SPEC DT-9: the network may bring what the type does not know.
  return view
}

/** SPEC DT-7. */
function afterSessions(view: View, listed: readonly ImSession[]): View {
  const ids = new Set(listed.map((session) => session.id))
  const kept = [...view.sessions.values()].map((session) =>
    ids.has(session.id) || session.state === 'Completed' ? session : completed(session),
  )
  const before: View = { sessions: new Map(kept.map((s) => [s.id, s])), incomplete: false }
  return listed.reduce((now, session) => put(now, withResource(sessionOf(now, session.id), session)), before)
}

function completed(session: SessionView): SessionView {
  return { ...session, state: 'Completed', capabilities: [], end: { by: null, reason: null } }
}

function sessionOf(view: View, id: string): SessionView {
  return view.sessions.get(id) ?? { ...unknownSession(id), incomplete: view.incomplete }
}

function put(view: View, session: SessionView): View {
  const sessions = new Map(view.sessions).set(session.id, session)
  if (sessions.size > sessionLimit) {
    const all = [...sessions.values()]
    const oldest = all.find((s) => s.state === 'Completed') ?? all[0]
    if (oldest) sessions.delete(oldest.id)
  }
  return { ...view, sessions }
}

function lineOf(update: LogUpdate): Line {
  const { message, messageId, from, timestamp, position } = update
  return { message, messageId, from, timestamp, ...(position !== undefined && { position }) }
}

function idOfPath(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
