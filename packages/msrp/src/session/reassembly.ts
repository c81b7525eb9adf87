import type { Budget } from './budget.ts'
import { Intervals } from './intervals.ts'

const page = 4096
const smallestPage = 256
/** What a page costs beside its bytes. */
const pageOverhead = 256
/** Gaps a message may have; more is no sender, but somebody who makes us search. */
const mostIntervals = 64

/** Why octets were not taken. */
export type Refused = 'tooLarge' | 'noRoom' | 'tooTorn' | 'beyondEnd'

/**
 * The octets of one message while its chunks come in, in any order, with overlaps (what comes later stays) and repetitions.
 * RFC 4975 §7.3.1. Only pages that octets came for take memory, so a chunk far from the start is not expensive.
 */
export class Assembly {
  readonly #budget: Budget
  readonly #maxSize: number
  /** The octets from the start on, as long as they came in one piece: most messages are never more. */
  #only: Uint8Array | undefined
  readonly #pages = new Map<number, Buffer>()
  readonly #there = new Intervals()
  #total: number | undefined
  #taken = 0

  constructor(budget: Budget, maxSize: number) {
    this.#budget = budget
    this.#maxSize = maxSize
  }

  /** Puts octets at an offset from 0. */
  put(offset: number, bytes: Uint8Array): 'ok' | Refused {
    const end = offset + bytes.length
    if (end > this.#maxSize) return 'tooLarge'
    if (this.#total !== undefined && end > this.#total) return 'beyondEnd'
    const isFirst = this.#only === undefined && this.#pages.size === 0
    const put = isFirst && offset === 0 ? this.#keepWhole(bytes) : this.#keepInPages(offset, bytes)
    if (!put) return 'noRoom'
    this.#there.add(offset, end)
    return this.#there.count > mostIntervals ? 'tooTorn' : 'ok'
  }

  #keepWhole(bytes: Uint8Array): boolean {
    const cost = bytes.length + pageOverhead
    if (!this.#budget.take(cost)) return false
    this.#taken += cost
    this.#only = new Uint8Array(bytes)
    return true
  }

  #keepInPages(offset: number, bytes: Uint8Array): boolean {
    const only = this.#only
    this.#only = undefined
    if (only && !this.#keepInPages(0, only)) return false
    const end = offset + bytes.length
    for (let at = offset; at < end; ) {
      const number = Math.floor(at / page)
      const inPage = at - number * page
      const length = Math.min(page - inPage, end - at)
      const memory = this.#page(number, inPage + length)
      if (!memory) return false
      memory.set(bytes.subarray(at - offset, at - offset + length), inPage)
      at += length
    }
    return true
  }

  /** The last chunk has ended here: the message has so many octets. False where others lie behind it. */
  fix(total: number): boolean {
    if (this.#there.end > total || (this.#total !== undefined && this.#total !== total)) return false
    this.#total = total
    return true
  }

  get complete(): boolean {
    return this.#total !== undefined && this.#there.covers(this.#total)
  }

  /** One after the last octet that is there. */
  get end(): number {
    return this.#there.end
  }

  /** The whole message; to be asked for when it is complete. */
  body(): Uint8Array {
    const total = this.#total ?? 0
    if (this.#only?.length === total) return this.#only
    const body = Buffer.allocUnsafeSlow(total)
    for (const [number, memory] of this.#pages)
      body.set(memory.subarray(0, Math.min(memory.length, Math.max(0, total - number * page))), number * page)
    return body
  }

  /** Gives the memory back. */
  drop(): void {
    this.#pages.clear()
    this.#only = undefined
    this.#budget.give(this.#taken)
    this.#taken = 0
  }

  #page(number: number, length: number): Buffer | undefined {
    const there = this.#pages.get(number)
    if (there && there.length >= length) return there
    let size = there ? there.length : smallestPage
    while (size < length) size *= 2
    const more = size - (there?.length ?? -pageOverhead)
    if (!this.#budget.take(more)) return undefined
    this.#taken += more
    const memory = Buffer.allocUnsafeSlow(size)
    if (there) memory.set(there)
    this.#pages.set(number, memory)
    return memory
  }
}
