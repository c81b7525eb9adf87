import { readNotification } from '../model/check.ts'
import { type GapNotice, type Notification, sessionOfPath } from '../notifications.ts'
import { type Patience, passes } from './insist.ts'
import type { Reading } from './reading.ts'
import type { Sessions } from './sessions.ts'

/** Notifications that wait at most while the sessions are read; if there are more, all are read once more instead. */
const heldLimit = 1_000
/** Milliseconds between two tries to read. */
const firstPause = 200
const longestPause = 5_000

export interface InStepOptions {
  sessions: Sessions
  reading: Reading
  patience: Patience
  /** The server said that notifications are missing, or a text was found to be. */
  onGap(gap: { from: string; to: string } | undefined): void
  /** Everything that was to be read has been read. */
  onRead(): void
  /** The server does not let us read. */
  onRefused(error: unknown): void
}

/**
 * Keeps the sessions in step with the server. Notifications are taken as they come; what may be missing is read by REST, and what comes
 * meanwhile waits until that is taken. SPEC CL-18, CL-19.
 */
export class InStep {
  readonly #options: InStepOptions
  #held: Exclude<Notification, GapNotice>[] = []
  /** Reading is under way; `again`: it has to be done once more when it is over. */
  #reading = false
  #again = false
  #isGap = false

  constructor(options: InStepOptions) {
    this.#options = options
  }

  /** All that was asked for has been read. */
  get isRead(): boolean {
    return !this.#reading
  }

  /** Takes what came on the topic of sessions, whatever it is. */
  take(data: unknown): void {
    const read = readNotification(data)
    if (read.read === 'unknown') return
    if (read.read === 'known' && this.#isTaken(read.notification)) return
    this.catchUp()
  }

  /** Reads what may be missing. Asked for while that is under way, it is done once more. */
  catchUp(): void {
    if (this.#reading) {
      this.#again = true
      return
    }
    this.#reading = true
    void this.#catchUp()
  }

  /** False: there is something to be read first. */
  #isTaken(notification: Notification): boolean {
    const { sessions, onGap } = this.#options
    if (notification.messageType === 'IMSessionGapMessage') {
      this.#isGap = true
      onGap({ from: notification.from, to: notification.to })
      return false
    }
    if (!this.#reading && sessions.take(notification, false)) return true
    if (!this.#reading && this.#isHole(notification)) onGap(undefined)
    this.#hold(notification)
    return this.#reading
  }

  async #catchUp(): Promise<void> {
    const { sessions, reading, patience, onRead, onRefused } = this.#options
    for (let pause = firstPause; !patience.ended; ) {
      this.#again = false
      // What came before the reading is behind it; what comes meanwhile may be ahead of it.
      const before = this.#held.length
      try {
        const all = await reading.readAll(this.#isGap, this.#heldSessions())
        if (patience.ended) return
        for (const one of all) sessions.takeReading(one)
      } catch (error) {
        if (!passes(error)) return onRefused(error)
        await patience.pause(pause)
        pause = Math.min(pause * 2, longestPause)
        continue
      }
      if (this.#again || !this.#takeHeld(before)) continue
      this.#isGap = false
      this.#reading = false
      return onRead()
    }
  }

  /** Takes what has waited; `before`: so many came before the reading began. False: there is something to be read first. */
  #takeHeld(before: number): boolean {
    const { sessions, patience, onGap } = this.#options
    let taken = 0
    for (const one of this.#held) {
      // A listener may have closed the client.
      if (patience.ended) return true
      if (!sessions.take(one, taken < before)) {
        if (this.#isHole(one)) onGap(undefined)
        break
      }
      taken++
    }
    this.#held = this.#held.slice(taken)
    return this.#held.length === 0
  }

  /** Sessions of which texts wait. */
  #heldSessions(): readonly string[] {
    return this.#held.flatMap((one) =>
      one.messageType === 'IMLogUpdateMessage' ? [sessionOfPath(one.imSessionPath)] : [],
    )
  }

  /** A text whose session is known, and that could not be taken, comes behind one that never came. */
  #isHole(notification: Notification): boolean {
    if (notification.messageType !== 'IMLogUpdateMessage') return false
    return this.#options.sessions.all.has(sessionOfPath(notification.imSessionPath))
  }

  #hold(notification: Exclude<Notification, GapNotice>): void {
    this.#held.push(notification)
    if (this.#held.length <= heldLimit) return
    this.#held = []
    this.#again = true
    // Sessions may have begun and ended among them.
    this.#isGap = true
  }
}
