import type { ImSession, TextMessage } from '../contract.ts'
import { type LogUpdate, type Notice, type Notification, sessionOfPath } from '../notifications.ts'
import {
  type Line,
  type SessionView,
  unknownSession,
  withComposing,
  withLine,
  withReceipt,
  withResource,
} from './session-view.ts'

/** All that is known of an agent's sessions. Plain and immutable: a change makes a new one. */
export interface View {
  /** In the order they became known. */
  sessions: ReadonlyMap<string, SessionView>
  /** Notifications were missed, and the sessions were not read again since. */
  incomplete: boolean
}

/** What changes a view. */
export type ViewInput =
  | { input: 'notification'; notification: Notification }
  /**
   * The answer to `GET /me/im-sessions?fields=*`. `keep`: leave living sessions that are not listed as they are, for they may be
   * younger than the answer; whoever says so asks for them one by one.
   */
  | { input: 'sessionsRead'; sessions: readonly ImSession[]; keep?: true }
  /** The answer to `GET /me/im-sessions/{id}`. */
  | { input: 'sessionRead'; session: ImSession }
  /** The server knows no such session. */
  | { input: 'sessionGone'; sessionId: string }
  /** Texts of one session, read from its transcript; `part`: there may be more that the view lacks. */
  | { input: 'transcriptRead'; sessionId: string; messages: readonly TextMessage[]; part?: true }

/** SPEC CL-12. */
export const sessionLimit = 50

export const emptyView: View = { sessions: new Map(), incomplete: false }

/** The view after one input. */
export function nextView(view: View, input: ViewInput): View {
  switch (input.input) {
    case 'notification':
      return afterNotification(view, input.notification)
    case 'sessionsRead':
      return afterSessions(view, input.sessions, input.keep ?? false)
    case 'sessionRead':
      return put(view, withResource(sessionOf(view, input.session.id), input.session))
    case 'sessionGone': {
      const known = view.sessions.get(input.sessionId)
      return known && known.state !== 'Completed' ? put(view, completed(known)) : view
    }
    case 'transcriptRead': {
      const merged = input.messages.reduce(withLine, sessionOf(view, input.sessionId))
      return put(view, input.part ? merged : { ...merged, incomplete: false })
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
      return put(view, withLine(sessionOf(view, sessionOfPath(notification.imSessionPath)), lineOf(notification)))
    case 'IMNoticeMessage':
      return afterNotice(view, notification)
    case 'IMSessionGapMessage': {
      const sessions = [...view.sessions.values()].map((s) =>
        s.state === 'Completed' ? s : { ...s, incomplete: true },
      )
      return { sessions: new Map(sessions.map((s) => [s.id, s])), incomplete: true }
    }
  }
  // SPEC CL-3: the network may bring what the type does not know.
  return view
}

// A notice that comes alone makes no session: there would be nothing to show it at.
function afterNotice(view: View, notice: Notice): View {
  const session = view.sessions.get(sessionOfPath(notice.imSessionPath))
  if (!session) return view
  switch (notice.notificationType) {
    case 'Composing':
      return put(view, withComposing(session, notice.composing))
    case 'Delivered':
      return put(view, withReceipt(session, notice.messageId, 'delivered'))
    case 'Displayed':
      return put(view, withReceipt(session, notice.messageId, 'displayed'))
    case 'Failed':
      return put(view, withReceipt(session, notice.messageId, 'failed'))
  }
  return view
}

/** SPEC CL-11. */
function afterSessions(view: View, listed: readonly ImSession[], keep: boolean): View {
  const ids = new Set(listed.map((session) => session.id))
  const kept = [...view.sessions.values()].map((session) =>
    keep || ids.has(session.id) || session.state === 'Completed' ? session : completed(session),
  )
  const before: View = { sessions: new Map(kept.map((s) => [s.id, s])), incomplete: false }
  return listed.reduce((now, session) => put(now, withResource(sessionOf(now, session.id), session)), before)
}

function completed(session: SessionView): SessionView {
  return { ...session, state: 'Completed', capabilities: [], composing: null, end: { by: null, reason: null } }
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
