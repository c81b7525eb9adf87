import type { ImSession, SessionState, TextMessage } from '../contract.ts'

/** A text as it is shown. */
export type Line = TextMessage

/** What is shown in the place of texts that did not arrive. */
export interface Hole {
  /** Positions in the transcript, both missing. */
  first: number
  last: number
}

/** One session as it is shown. */
export interface SessionView {
  id: string
  state: SessionState
  /** Digits of the other party; null until a notification named it. */
  peer: string | null
  capabilities: readonly string[]
  userData: Readonly<Record<string, unknown>>
  lines: readonly Line[]
  /** Something was missed and not read again since. */
  incomplete: boolean
  end?: { by: string | null; reason: string | null }
}

/** SPEC DT-8. */
export const lineLimit = 2000

const order = { Initiating: 0, Alerting: 0, Talking: 1, Completed: 2 } as const satisfies Record<SessionState, number>

/** A session of which nothing is known but its id. */
export function unknownSession(id: string): SessionView {
  return { id, state: 'Initiating', peer: null, capabilities: [], userData: {}, lines: [], incomplete: false }
}

/** The view with the resource's state taken over, unless it is older than what is shown. SPEC DT-1. */
export function withResource(view: SessionView, session: ImSession): SessionView {
  if (order[session.state] < order[view.state]) return view
  const end =
    session.state === 'Completed' ? { by: session.endedBy ?? null, reason: session.endReason ?? null } : undefined
  return {
    ...view,
    state: session.state,
    peer: session.participants[0]?.digits ?? view.peer,
    capabilities: session.capabilities,
    userData: session.userData ?? {},
    ...(end && { end }),
  }
}

/** The view with one more text, once and in its place. SPEC DT-2, DT-3. */
export function withLine(view: SessionView, line: Line): SessionView {
  if (view.lines.some((known) => known.messageId === line.messageId)) return view
  const lines = [...view.lines]
  let at = lines.length
  if (line.position !== undefined) while (at > 0 && isAfter(lines[at - 1], line.position)) at--
  lines.splice(at, 0, line)
  return { ...view, lines: lines.slice(-lineLimit) }
}

/** Whose text it is. SPEC DT-4. */
export function isOwn(view: SessionView, line: Line): boolean {
  return line.from !== view.peer
}

/** Lines and the holes between them, in the order they are shown. SPEC DT-5. */
export function shown(view: SessionView): (Line | Hole)[] {
  const rows: (Line | Hole)[] = []
  // Lines that were dropped at the limit are no hole.
  let next = view.lines.length < lineLimit ? 1 : undefined
  for (const line of view.lines) {
    if (line.position !== undefined) {
      if (next !== undefined && line.position > next) rows.push({ first: next, last: line.position - 1 })
      next = line.position + 1
    }
    rows.push(line)
  }
  return rows
}

function isAfter(line: Line | undefined, position: number): boolean {
  return line?.position !== undefined && line.position > position
}
