import { performance } from 'node:perf_hooks'
import { Histogram } from '@ringdown/server/testing'

/** How many texts can be under way at once. */
const SLOTS = 1 << 17

/** What happened since a moment. Times in microseconds, from when the text should have been sent. */
export class Tally {
  /** To the server's answer, to the peer's client, to the sender's own client. */
  readonly post = new Histogram()
  readonly peer = new Histogram()
  readonly echo = new Histogram()
  /** How late the generator itself was. */
  readonly late = new Histogram()
  texts = 0
  deliveries = 0
  duplicates = 0
  lost = 0
  refused = 0
  /** Why the first refused text was refused. */
  refusal = ''
}

/** One text under way. */
interface Slot {
  number: number
  /** Milliseconds of performance.now(). */
  intended: number
  sender: number
  /** How many clients have yet to see it. */
  missing: number
  done: () => void
}

/**
 * Who waits for which text. Each text begins with `#<number>#`, so a delivery is matched whatever wraps it. All times start when the text
 * *should* have been sent, so a server that stalls cannot hide the texts it kept from being sent.
 */
export class Ledger {
  readonly #slots: (Slot | undefined)[] = new Array(SLOTS).fill(undefined)
  #next = 0
  /** What happened since the last `restart`. */
  tally = new Tally()

  /** Forgets what was counted, not what is under way. */
  restart(): void {
    this.tally = new Tally()
  }

  /** A new text, to be seen by `expected` clients. `done` is called once: when it was seen by all (now, if that is nobody), refused, or given up. */
  begin(intended: number, sender: number, expected: number, done: () => void): number {
    const number = this.#next++
    this.tally.late.record((performance.now() - intended) * 1000)
    this.#slots[number % SLOTS] = { number, intended, sender, missing: expected, done }
    if (expected === 0) done()
    return number
  }

  /** The server accepted it. */
  accepted(number: number): void {
    const slot = this.#slots[number % SLOTS]
    this.tally.texts++
    if (slot?.number === number) this.tally.post.record((performance.now() - slot.intended) * 1000)
  }

  /** The server refused it: nobody will see it. */
  refused(number: number, why: string): void {
    const slot = this.#slots[number % SLOTS]
    this.tally.refused++
    if (this.tally.refusal === '') this.tally.refusal = why
    if (slot?.number === number) this.#end(slot)
  }

  /** The client of an agent saw a text. */
  delivered(text: string, agent: number): void {
    const number = Number.parseInt(text.slice(1), 10)
    const slot = this.#slots[number % SLOTS]
    this.tally.deliveries++
    if (slot?.number !== number || slot.missing === 0) {
      this.tally.duplicates++
      return
    }
    const took = (performance.now() - slot.intended) * 1000
    if (slot.sender === agent) this.tally.echo.record(took)
    else this.tally.peer.record(took)
    slot.missing--
    if (slot.missing === 0) slot.done()
  }

  /** Gives up the texts that should have been sent before that moment of performance.now(). */
  sweep(before: number): void {
    for (const slot of this.#slots)
      if (slot && slot.missing > 0 && slot.intended < before) {
        this.tally.lost++
        this.#end(slot)
      }
  }

  #end(slot: Slot): void {
    slot.missing = 0
    slot.done()
  }
}
