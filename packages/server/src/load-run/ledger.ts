import { Histogram } from '../load/histogram.ts'
import type { LoadTally } from './protocol.ts'

interface UnderWay {
  /** When it should have been sent. */
  due: number
  /** The agent who is to see it, by number. */
  to: number
  /** When the server said it had accepted it. */
  accepted?: number
  seen: boolean
}

/**
 * Who waits for which text. Times run from when a text should have been sent, so a server that stalls cannot hide the texts it kept
 * from being sent. All times are milliseconds of one clock. SPEC LR-5.
 */
export class Ledger {
  readonly #underWay = new Map<number, UnderWay>()
  readonly #latencies = new Histogram()
  #next = 0
  #accepted = 0
  #delivered = 0
  #lost = 0
  #refused = 0
  #refusal: string | undefined

  /** How many texts are neither refused nor accepted and seen. */
  get waiting(): number {
    return this.#underWay.size
  }

  /** A text that is due; answers its number. */
  begin(due: number, to: number): number {
    const number = this.#next++
    this.#underWay.set(number, { due, to, seen: false })
    return number
  }

  accepted(number: number, now: number): void {
    this.#accepted++
    const text = this.#underWay.get(number)
    if (!text) return
    text.accepted = now
    if (text.seen) this.#underWay.delete(number)
  }

  /** The server did not take it: nobody has to see it. */
  refused(number: number, why: string): void {
    this.#refused++
    this.#refusal ??= why.slice(0, 300)
    this.#underWay.delete(number)
  }

  /** An agent saw a text. The sender's echo and what is seen again count for nothing. */
  seen(number: number, by: number, now: number): void {
    const text = this.#underWay.get(number)
    if (!text || text.to !== by || text.seen) return
    text.seen = true
    this.#delivered++
    this.#latencies.record((now - text.due) * 1000)
    if (text.accepted !== undefined) this.#underWay.delete(number)
  }

  /** Gives up the texts that were accepted before then and have not been seen. */
  sweep(before: number): void {
    for (const [number, { accepted, seen }] of this.#underWay) {
      if (seen || accepted === undefined || accepted >= before) continue
      this.#lost++
      this.#underWay.delete(number)
    }
  }

  /** Nothing will come any more: what was accepted and not seen is lost, what got no answer counts as refused. */
  giveUp(): void {
    this.sweep(Number.POSITIVE_INFINITY)
    for (const [number, { accepted }] of this.#underWay)
      if (accepted === undefined) this.refused(number, 'no answer in time')
  }

  tally(): LoadTally {
    return {
      accepted: this.#accepted,
      delivered: this.#delivered,
      lost: this.#lost,
      refused: this.#refused,
      ...(this.#refusal !== undefined && { refusal: this.#refusal }),
      latency: { p50: this.#ms(50), p99: this.#ms(99), max: this.#ms(100) },
    }
  }

  /** Milliseconds; null without any. */
  #ms(percent: number): number | null {
    return this.#latencies.count === 0 ? null : this.#latencies.percentile(percent) / 1000
  }
}
