import type { ImSession, SessionState, TextMessage } from '../contract.ts'

/** A text as it is shown. */
export type Line = TextMessage

/** What is shown in the place of texts that did not arrive. */
export interface Hole {
  /** Positions in the transcript, both missing. */
  first: number
  last: number
}

/** Stands above the lines where older ones went at the limit. */
export interface Older {
  older: true
}

/** What has become of a text after it was accepted, the later the better; `failed` is final. */
export type Receipt = 'delivered' | 'displayed' | 'failed'

/** One session as it is shown. */
export interface SessionView {
  id: string
  state: SessionState
  /** Digits of the other party; null until a notification named it. */
  peer: string | null
  capabilities: readonly string[]
  userData: Readonly<Record<string, unknown>>
  lines: readonly Line[]
  /** By message id. */
  receipts: ReadonlyMap<string, Receipt>
  /** The peer is writing. The number tells one such notice from the next. */
  composing: number | null
  /** Something was missed and not read again since. */
  incomplete: boolean
  end?: { by: string | null; reason: string | null }
}

/** SPEC CL-12. */
export const lineLimit = 2000

const order = { Initiating: 0, Alerting: 0, Talking: 1, Completed: 2 } as const satisfies Record<SessionState, number>

/** A session of which nothing is known but its id. */
export function unknownSession(id: string): SessionView {
  return {
    id,
    state: 'Initiating',
    peer: null,
    capabilities: [],
    userData: {},
    lines: [],
    receipts: new Map(),
    composing: null,
    incomplete: false,
  }
}

/** The view with the resource's state taken over, unless it is older than what is shown. SPEC CL-5. */
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
    ...(end && { end, composing: null }),
  }
}

/** The view with one more text, once and in its place. SPEC CL-6, CL-7. */
export function withLine(view: SessionView, line: Line): SessionView {
  if (view.lines.some((known) => known.messageId === line.messageId)) return view
  const lines = [...view.lines]
  let at = lines.length
  if (line.position !== undefined) while (at > 0 && isAfter(lines[at - 1], line.position)) at--
  lines.splice(at, 0, line)
  const own = isOwn(view, line)
  return { ...view, lines: lines.slice(-lineLimit), composing: own ? view.composing : null }
}

/** The view after news of a text. SPEC CL-13. */
export function withReceipt(view: SessionView, messageId: string, receipt: Receipt): SessionView {
  const known = view.receipts.get(messageId)
  if (known !== undefined && rank[known] >= rank[receipt]) return view
  const receipts = [...view.receipts, [messageId, receipt] as const]
  return { ...view, receipts: new Map(receipts.slice(-lineLimit)) }
}

const rank = { delivered: 0, displayed: 1, failed: 2 } as const satisfies Record<Receipt, number>

/** The view after the peer has begun or stopped writing. SPEC CL-14. */
export function withComposing(view: SessionView, composing: boolean): SessionView {
  if (view.state === 'Completed') return view
  return { ...view, composing: composing ? (view.composing ?? 0) + 1 : null }
}

/** Whose text it is. SPEC CL-8. */
export function isOwn(view: SessionView, line: Line): boolean {
  return line.from !== view.peer
}

/** Lines and the holes between them, in the order they are shown. SPEC CL-9, CL-12. */
export function shown(view: SessionView): (Line | Hole | Older)[] {
  // Lines that were dropped at the limit are no hole.
  const isCut = view.lines.length >= lineLimit && view.lines[0]?.position !== 1
  const rows: (Line | Hole | Older)[] = isCut ? [{ older: true }] : []
  let next = isCut ? undefined : 1
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
