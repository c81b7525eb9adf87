import type { MsrpLimits } from './limits.ts'
import type { Clock, Wire } from './wire.ts'

/** Has SENDs to write, one at a time. */
export interface Source {
  /** The next frame; undefined where there is none now, and `offer` is called when there is. */
  next(): Uint8Array | undefined
}

/** What is put together for one write. A response never waits behind more than this. */
const batchBytes = 32_768

/**
 * The one queue in front of a wire. Responses go first, then REPORTs, then SENDs, a chunk of each session in turn:
 * anything that waits has the right to interrupt a long message (RFC 4975 §5.1).
 */
export class Outbox {
  readonly #wire: Pick<Wire, 'write'>
  readonly #limits: MsrpLimits
  readonly #clock: Clock
  readonly #onStuck: (why: string) => void
  readonly #responses: Uint8Array[] = []
  readonly #reports: Uint8Array[] = []
  readonly #sources = new Set<Source>()
  #controlBytes = 0
  #full = false
  #scheduled = false
  #closed = false
  #stopWaiting: (() => void) | undefined

  constructor(wire: Pick<Wire, 'write'>, limits: MsrpLimits, clock: Clock, onStuck: (why: string) => void) {
    this.#wire = wire
    this.#limits = limits
    this.#clock = clock
    this.#onStuck = onStuck
  }

  response(frame: Uint8Array): void {
    this.#control(this.#responses, frame)
  }

  report(frame: Uint8Array): void {
    this.#control(this.#reports, frame)
  }

  /** The source has something to send. */
  offer(source: Source): void {
    if (this.#closed) return
    this.#sources.add(source)
    this.#schedule()
  }

  withdraw(source: Source): void {
    this.#sources.delete(source)
  }

  /** The wire has room again. */
  drained(): void {
    this.#full = false
    this.#stopWaiting?.()
    this.#stopWaiting = undefined
    this.#pump()
  }

  /** Writes what responses and REPORTs there are, and takes no more. */
  close(): void {
    if (!this.#full) this.#pump()
    this.#closed = true
    this.#stopWaiting?.()
    this.#responses.length = 0
    this.#reports.length = 0
    this.#sources.clear()
  }

  #control(queue: Uint8Array[], frame: Uint8Array): void {
    if (this.#closed) return
    queue.push(frame)
    this.#controlBytes += frame.length
    if (this.#controlBytes > this.#limits.controlBytes) this.#onStuck('does not read what is answered')
    else this.#schedule()
  }

  /** After what is being read now, so that its responses go out in one write. */
  #schedule(): void {
    if (this.#scheduled || this.#full) return
    this.#scheduled = true
    queueMicrotask(() => {
      this.#scheduled = false
      if (!this.#full) this.#pump()
    })
  }

  #pump(): void {
    while (!this.#full && !this.#closed) {
      const batch = this.#batch()
      if (batch.length === 0) return
      if (this.#wire.write(batch)) continue
      this.#full = true
      this.#stopWaiting = this.#clock.after(this.#limits.stuckMs, () => this.#onStuck('does not read'))
    }
  }

  #batch(): Uint8Array[] {
    const batch = [...this.#responses, ...this.#reports]
    this.#responses.length = 0
    this.#reports.length = 0
    let bytes = this.#controlBytes
    this.#controlBytes = 0
    for (const source of this.#sources) {
      if (bytes >= batchBytes) break
      this.#sources.delete(source)
      const frame = source.next()
      if (!frame) continue
      batch.push(frame)
      bytes += frame.length
      this.#sources.add(source) // behind the others, and so met again by this loop
    }
    return batch
  }
}
