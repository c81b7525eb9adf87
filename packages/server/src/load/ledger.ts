import type { Reasons, Tally } from './tally.ts'

/** A text that somebody waits for. Times are milliseconds of one clock. */
interface UnderWay {
  due: number
  sent: number
  /** When the server said that it had accepted it. */
  accepted: number | undefined
  seen: boolean
  /** A text that was sent after this one had been accepted has come before it. */
  overtaken: boolean
}

/** One side of a pair: where its texts are counted, and what of them is open. */
export interface Lane {
  readonly id: number
  readonly tally: Tally
  /** Who is to see its texts: an agent's number. */
  readonly to: string
  next: number
  readonly underWay: Map<number, UnderWay>
  /** Texts that were given up, refused, or not answered: what comes of them all the same is late, not twice. */
  readonly givenUp: Set<number>
}

/** Texts of one lane that were given up and are remembered; of the oldest what comes counts as duplicated. */
const remembered = 1_000
const textForm = /^#([0-9a-f]{6}):([0-9a-z]+):([0-9a-z]+)(?: |$)/

/**
 * Who waits for which text, in a memory that does not grow with the texts: what is under way is bounded, and of what is over only the counts
 * are kept. A text carries run, lane and number, so it is known whatever wraps it. SPEC LD-6, LD-7.
 */
export class Ledger {
  readonly #run: string
  readonly #most: number
  readonly #reasons: Reasons
  readonly #lanes: Lane[] = []
  #waiting = 0

  /** `run`: six hex digits. `most`: texts under way at a time. */
  constructor(run: string, most: number, reasons: Reasons) {
    this.#run = run
    this.#most = most
    this.#reasons = reasons
  }

  /** Texts that are neither delivered nor given up. */
  get waiting(): number {
    return this.#waiting
  }

  lane(tally: Tally, to: string): Lane {
    const lane = { id: this.#lanes.length, tally, to, next: 0, underWay: new Map(), givenUp: new Set<number>() }
    this.#lanes.push(lane)
    return lane
  }

  /** The text that carries a number, of so many characters, or more if the number needs them. */
  textOf(lane: Lane, number: number, length: number): string {
    return `#${this.#run}:${lane.id.toString(36)}:${number.toString(36)} `.padEnd(length, 'text ')
  }

  /** A text is sent; its number, or undefined where so many are under way that it cannot be. */
  begin(lane: Lane, due: number, now: number): number | undefined {
    if (this.#waiting >= this.#most) {
      this.unsent(lane, `${this.#most} texts were under way`)
      return undefined
    }
    const number = lane.next++
    lane.tally.counts.sent++
    lane.underWay.set(number, { due, sent: now, accepted: undefined, seen: false, overtaken: false })
    this.#waiting++
    return number
  }

  /** A text that was due has not been sent. */
  unsent(lane: Lane, why: string): void {
    lane.tally.counts.unsent++
    this.#reasons.add(`not sent: ${why}`)
  }

  accepted(lane: Lane, number: number, now: number): void {
    lane.tally.counts.accepted++
    const text = lane.underWay.get(number)
    if (!text) return
    lane.tally.timings.answer.record((now - text.due) * 1000)
    text.accepted = now
    if (text.seen) this.#over(lane, number)
  }

  /** The server did not take it, or did not say that it had. */
  failed(lane: Lane, number: number, why: string): void {
    const text = lane.underWay.get(number)
    if (!text) return
    lane.tally.counts.failed++
    this.#reasons.add(why)
    this.#over(lane, number)
    // Seen without an answer: it is here, and once is enough.
    if (!text.seen) this.#giveUp(lane, number)
  }

  /** Words that have come to the agent with this number. What is no text of this run, or a text of their own, counts for nothing. */
  heard(words: string, by: string, now: number): void {
    const [, run, id, number] = textForm.exec(words.slice(0, 40)) ?? []
    const text = this.#find(run, id, number)
    if (text?.lane.to === by) this.#seen(text.lane, text.number, now)
  }

  /** A text's id on the wire: 4 to 32 letters, digits and dots. */
  keyOf(lane: Lane, number: number): string {
    return `${this.#run}.${lane.id.toString(36)}.${number.toString(36)}`
  }

  /** The server took a text, and now says that nobody gets it: shown, hence not lost. Without a key it is the oldest of the lane. */
  undelivered(key: string | undefined, of: Lane, why: string): void {
    const [oldest] = of.underWay.keys()
    const [run, id, written] = key?.split('.') ?? []
    const found =
      key === undefined ? oldest !== undefined && { lane: of, number: oldest } : this.#find(run, id, written)
    if (!found) return
    const { lane, number } = found
    const text = lane.underWay.get(number)
    if (!text || text.seen) return
    lane.tally.counts.undelivered++
    this.#reasons.add(`undelivered: ${why}`)
    this.#over(lane, number)
    this.#giveUp(lane, number)
  }

  /** Gives up what was accepted before then and has not come. */
  sweep(before: number): void {
    for (const lane of this.#lanes)
      for (const [number, { accepted, seen }] of lane.underWay) {
        if (seen || accepted === undefined || accepted >= before) continue
        lane.tally.counts.lost++
        this.#over(lane, number)
        this.#giveUp(lane, number)
      }
  }

  /** Nothing will come any more: what was accepted is lost, what got no answer has failed. */
  close(): void {
    this.sweep(Number.POSITIVE_INFINITY)
    for (const lane of this.#lanes)
      for (const number of lane.underWay.keys()) this.failed(lane, number, 'no answer in time')
  }

  #find(run = '', id = '', written = ''): { lane: Lane; number: number } | undefined {
    const lane = run === this.#run ? this.#lanes[Number.parseInt(id, 36)] : undefined
    const number = Number.parseInt(written, 36)
    return lane && number < lane.next ? { lane, number } : undefined
  }

  #seen(lane: Lane, number: number, now: number): void {
    const { counts, timings } = lane.tally
    const text = lane.underWay.get(number)
    if (!text) {
      if (lane.givenUp.delete(number)) counts.late++
      else counts.duplicated++
      return
    }
    if (text.seen) {
      counts.duplicated++
      return
    }
    text.seen = true
    counts.delivered++
    timings.delivery.record((now - text.due) * 1000)
    if (text.overtaken) counts.outOfOrder++
    // The order that is promised is that of acceptance: of two texts that were under way together either may be first.
    for (const [before, other] of lane.underWay) {
      if (before >= number) break
      if (!other.seen && other.accepted !== undefined && other.accepted < text.sent) other.overtaken = true
    }
    if (text.accepted !== undefined) this.#over(lane, number)
  }

  #over(lane: Lane, number: number): void {
    if (lane.underWay.delete(number)) this.#waiting--
  }

  #giveUp(lane: Lane, number: number): void {
    lane.givenUp.add(number)
    if (lane.givenUp.size <= remembered) return
    const [oldest] = lane.givenUp
    if (oldest !== undefined) lane.givenUp.delete(oldest)
  }
}
