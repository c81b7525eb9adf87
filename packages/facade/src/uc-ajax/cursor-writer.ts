import type { Clock } from '@ringdown/signalling'
import type { LiveSession } from './session.ts'
import type { CwaRecords } from './session-records.ts'

/** For the time its client was heard of, a cursor is written so often, and its record is looked at, milliseconds. */
export const seenMs = 30_000

export interface CursorWriterDeps {
  clock: Pick<Clock, 'now'>
  recordsOf: (session: LiveSession) => CwaRecords
  /** Whether this node serves the session. */
  isHere: (session: LiveSession) => boolean
}

/** Writes down how far the clients of this node's sessions have come. Nobody waits for it, but where it says so. SPEC UC-63. */
export class CursorWriter {
  readonly #deps: CursorWriterDeps
  /** Heard of since they were written. */
  readonly #unsaved = new Set<LiveSession>()

  constructor(deps: CursorWriterDeps) {
    this.#deps = deps
  }

  /** Something came from a session's client. */
  heard(session: LiveSession): void {
    this.#unsaved.add(session)
  }

  /** The session is not served here any more. */
  leave(session: LiveSession): void {
    if (this.#unsaved.has(session)) void this.save(session)
    this.forget(session)
  }

  forget(session: LiveSession): void {
    this.#unsaved.delete(session)
  }

  /** Writes what is due; tells of the sessions it has written. */
  tick(written: (session: LiveSession) => void): void {
    const now = this.#deps.clock.now()
    for (const session of this.#unsaved) {
      if (!session.moved && now - session.saved < seenMs) continue
      void this.save(session)
      written(session)
    }
  }

  /** Writes everything. */
  async flush(): Promise<void> {
    await Promise.all([...this.#unsaved].map((session) => this.save(session)))
  }

  /** Writes a cursor; a store that does not answer is asked again with a later tick. */
  async save(session: LiveSession): Promise<void> {
    this.#unsaved.delete(session)
    if (!session.moved && session.saved >= session.seen) return
    try {
      if (session.moved || !(await this.#isBehind(session))) await this.write(session)
    } catch {
      if (this.#deps.isHere(session)) this.#unsaved.add(session)
    }
  }

  /** For those who wait. Rejects with TServerError. */
  async write(session: LiveSession): Promise<void> {
    session.moved = false
    session.saved = this.#deps.clock.now()
    try {
      await this.#deps.recordsOf(session).keepCursor(session.person, session.sid, session.cursor())
    } catch (error) {
      session.moved = true
      throw error
    }
  }

  /** SPEC UC-77: where every AckId counts, a node that only knows when it was asked last must not take back what another wrote. */
  async #isBehind(session: LiveSession): Promise<boolean> {
    if (!session.head.rids?.reused) return false
    const written = await this.#deps.recordsOf(session).cursor(session.person, session.sid)
    return written !== undefined && written.seen > session.seen
  }
}
