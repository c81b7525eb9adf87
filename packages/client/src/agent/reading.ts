import type { ImSession } from '../contract.ts'
import { RequestRefused } from '../refused.ts'
import type { WebServices } from '../web-services.ts'
import type { SessionReading, Sessions } from './sessions.ts'

export type Reader = Pick<WebServices, 'sessions' | 'session' | 'transcript' | 'endedSessions'>

/** Sessions of the past whose ids are kept, so that one that is new is told from them. */
const pastLimit = 1_000

/** Reads by REST what notifications may have left out. SPEC CL-19. */
export class Reading {
  readonly #reader: Reader
  readonly #sessions: Sessions
  /** Sessions that had ended before this client began; null until that was read. */
  #past: Set<string> | null = null

  constructor(reader: Reader, sessions: Sessions) {
    this.#reader = reader
    this.#sessions = sessions
  }

  /**
   * The sessions that live, those that lived when it was last known, and, where notifications are missing for good, those that have begun and
   * ended since: each with the texts behind those that were told; and those in `wanted`, whatever has become of them. Rejects where a
   * request is refused or gets no answer; nothing has changed then.
   */
  async readAll(isGap: boolean, wanted: readonly string[] = []): Promise<readonly SessionReading[]> {
    const asked = new Set([...this.#sessions.living.map(({ id }) => id), ...wanted])
    const listed = await this.#reader.sessions()
    const ids = new Set(listed.map(({ id }) => id))
    const all: SessionReading[] = []
    for (const id of asked) if (!ids.has(id)) all.push(await this.#read(id))
    const past = this.#past
    const ended = past === null || isGap ? await this.#reader.endedSessions() : []
    const isNew = ({ id }: ImSession) => !past?.has(id) && !this.#sessions.isKnown(id) && !ids.has(id) && !asked.has(id)
    // The oldest first.
    const missed = past === null ? [] : ended.filter(isNew).reverse()
    for (const session of missed) all.push(await this.#withTexts(session))
    for (const session of listed) all.push(await this.#withTexts(session))
    // Only now: what is read in vain is asked for again.
    this.#past = new Set([...ended.map(({ id }) => id), ...(past ?? [])].slice(0, pastLimit))
    return all
  }

  async #read(id: string): Promise<SessionReading> {
    const session = await orNone(this.#reader.session(id))
    return session ? this.#withTexts(session) : { id, session: null, texts: [] }
  }

  async #withTexts(session: ImSession): Promise<SessionReading> {
    const texts = await orNone(this.#reader.transcript(session.id, this.#sessions.position(session.id)))
    return { id: session.id, session, texts: texts ?? [] }
  }
}

/** What is not kept any more is none. */
async function orNone<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof RequestRefused && error.httpStatus === 404) return undefined
    throw error
  }
}
