import type { ImSession, SessionState, TextMessage, UserData } from '../contract.ts'
import { isOwn, type SessionView } from '../model/session-view.ts'
import { emptyView, nextView, type View, type ViewInput } from '../model/view.ts'
import { type GapNotice, type Notice, type Notification, sessionOfPath } from '../notifications.ts'
import type { Clock } from './clock.ts'

/** What is told of sessions. */
export interface SessionEvents {
  /** A session is new, or its state, its peer or what can be done with it has changed; `before` is null for a new one. */
  session: { session: SessionView; before: SessionState | null }
  /** A text: of each session in the order of acceptance, each once. `own`: this agent's. */
  text: { session: SessionView; text: TextMessage; own: boolean }
  /** Composing, Delivered, Displayed, Failed. */
  notice: { session: SessionView; notice: Notice }
  /** The user data have changed. */
  userData: { session: SessionView; userData: UserData }
  /** Texts that the server does not have any more; positions in the transcript, both missing. */
  missing: { session: SessionView; first: number; last: number }
}

export type Tell = <Name extends keyof SessionEvents>(name: Name, event: SessionEvents[Name]) => void

/** What was read of one session: the resource (null: the server knows no such session), and the texts behind those that were told. */
export interface SessionReading {
  id: string
  session: ImSession | null
  texts: readonly TextMessage[]
}

/** Milliseconds a peer counts as writing who does not say how long, RFC 3994 §3.4. */
const composingMs = 120_000
/** Positions are kept for so many sessions that are not in view any more. */
const positionLimit = 1_000

/** The sessions of one agent as they are known, and what is told as they change. SPEC CL-16, CL-17. */
export class Sessions {
  #view: View = emptyView
  /** By session: the position of the last text that was told. */
  readonly #told = new Map<string, number>()
  readonly #tell: Tell
  readonly #clock: Clock
  readonly #timers = new Map<string, () => void>()

  constructor(tell: Tell, clock: Clock) {
    this.#tell = tell
    this.#clock = clock
  }

  get all(): ReadonlyMap<string, SessionView> {
    return this.#view.sessions
  }

  /** Those that have not ended. */
  get living(): readonly SessionView[] {
    return [...this.all.values()].filter(({ state }) => state !== 'Completed')
  }

  /** Whether this session was told, also where it is not in view any more. */
  isKnown(id: string): boolean {
    return this.#told.has(id)
  }

  /** Up to which position the texts of a session were told. */
  position(id: string): number {
    return this.#told.get(id) ?? 0
  }

  /**
   * Takes a notification. False: something before it is missing, and it was left; with `last` it is taken all the same, and what is
   * missing is told.
   */
  take(notification: Exclude<Notification, GapNotice>, last: boolean): boolean {
    switch (notification.messageType) {
      case 'IMSessionStateChangeMessage':
        this.#change(notification.imSession.id, { input: 'notification', notification })
        return true
      case 'IMLogUpdateMessage': {
        const { messageType: _, notificationType: __, imSessionPath, ...text } = notification
        const id = sessionOfPath(imSessionPath)
        // A text without a session: its notification is still to come, or was missed.
        if (!this.all.has(id)) {
          if (!last) return false
          this.#gone(id)
        }
        return this.#text(id, text, last)
      }
      case 'IMNoticeMessage':
        this.#notice(notification)
        return true
    }
  }

  /** Takes what was read. Texts of a session that has ended meanwhile are told before its end. */
  takeReading({ id, session, texts }: SessionReading): void {
    const change = () =>
      this.#change(id, session ? { input: 'sessionRead', session } : { input: 'sessionGone', sessionId: id })
    const isEnd = this.all.has(id) && (session === null || session.state === 'Completed')
    if (!isEnd) change()
    for (const text of texts) this.#text(id, text, true)
    if (isEnd) change()
  }

  /** Nothing happens by itself any more. */
  stop(): void {
    for (const stop of this.#timers.values()) stop()
    this.#timers.clear()
  }

  #change(id: string, input: ViewInput): void {
    const before = this.all.get(id)
    this.#view = nextView(this.#view, input)
    const session = this.all.get(id)
    if (!session || session === before) return
    this.#keepPosition(id, this.position(id))
    if (differs(session, before)) this.#tell('session', { session, before: before?.state ?? null })
    if (before && !same(before.userData, session.userData))
      this.#tell('userData', { session, userData: session.userData })
    if (session.composing === null) this.#stopTimer(id)
  }

  /** A session of which there are texts and nothing else was to be had: it is over. */
  #gone(id: string): void {
    this.#view = nextView(this.#view, { input: 'transcriptRead', sessionId: id, messages: [], part: true })
    this.#view = nextView(this.#view, { input: 'sessionGone', sessionId: id })
    const session = this.all.get(id)
    if (session) this.#tell('session', { session, before: null })
  }

  #text(id: string, text: TextMessage, last: boolean): boolean {
    const { position } = text
    const told = this.position(id)
    if (position !== undefined && position <= told) return true
    if (position !== undefined && position > told + 1 && !last) return false

    const before = this.all.get(id)
    this.#view = nextView(this.#view, { input: 'transcriptRead', sessionId: id, messages: [text], part: true })
    const session = this.all.get(id)
    if (position !== undefined) this.#keepPosition(id, position)
    if (!session || session.lines === before?.lines) return true
    if (position !== undefined && position > told + 1)
      this.#tell('missing', { session, first: told + 1, last: position - 1 })
    if (session.composing === null) this.#stopTimer(id)
    // Of a session of which nothing more was to be had, the peer is not known.
    this.#tell('text', { session, text, own: session.peer !== null && isOwn(session, text) })
    return true
  }

  #notice(notice: Notice): void {
    const id = sessionOfPath(notice.imSessionPath)
    this.#view = nextView(this.#view, { input: 'notification', notification: notice })
    const session = this.all.get(id)
    if (!session) return
    this.#stopTimer(id)
    if (notice.notificationType === 'Composing' && session.composing !== null) {
      const ms = notice.refreshSeconds === undefined ? composingMs : notice.refreshSeconds * 1000
      this.#timers.set(
        id,
        this.#clock.after(ms, () => this.#notice({ ...notice, composing: false })),
      )
    }
    this.#tell('notice', { session, notice })
  }

  #stopTimer(id: string): void {
    this.#timers.get(id)?.()
    this.#timers.delete(id)
  }

  #keepPosition(id: string, position: number): void {
    this.#told.set(id, position)
    if (this.#told.size <= positionLimit) return
    // The one known for longest, unless it is still in view.
    for (const known of this.#told.keys())
      if (!this.all.has(known)) {
        this.#told.delete(known)
        return
      }
  }
}

function differs(one: SessionView, other: SessionView | undefined): boolean {
  return other?.state !== one.state || other.peer !== one.peer || !same(other.capabilities, one.capabilities)
}

/** Of what came as JSON. */
function same(one: object, other: object): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
