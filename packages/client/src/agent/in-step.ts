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
    // A text whose session is known comes behind one that never came.
    const isHole =
      notification.messageType === 'IMLogUpdateMessage' && sessions.all.has(sessionOfPath(notification.imSessionPath))
    if (!this.#reading && isHole) onGap(undefined)
    this.#hold(notification)
    return this.#reading
  }

  async #catchUp(): Promise<void> {
    const { sessions, reading, patience, onRead, onRefused } = this.#options
    for (let pause = firstPause; !patience.ended; ) {
      this.#again = false
      const isGap = this.#isGap
      try {
        const all = await reading.readAll(isGap)
        if (patience.ended) return
        for (const one of all) sessions.takeReading(one)
      } catch (error) {
        if (!passes(error)) return onRefused(error)
        await patience.pause(pause)
        pause = Math.min(pause * 2, longestPause)
        continue
      }
      if (this.#again) continue
      this.#isGap = false
      this.#reading = false
      for (const one of this.#held.splice(0)) sessions.take(one, true)
      return onRead()
    }
  }

  #hold(notification: Exclude<Notification, GapNotice>): void {
    this.#held.push(notification)
    if (this.#held.length <= heldLimit) return
    this.#held = []
    this.#again = true
  }
}
