import type { SipRequest } from '../sip/message/message.ts'
import type { Clock } from '../tserver/ports.ts'

/** RFC 3261 §17: how long a request may come again, ms. */
const keptMs = 32_000
/** In one generation; with more, the older one is forgotten sooner. */
const most = 20_000

/** Requests of the last half minute, to know one that came a second way. RFC 3261 §8.2.2.2. */
export class RecentRequests {
  readonly #clock: Clock
  #since: number
  #now = new Map<string, string | undefined>()
  #before = new Map<string, string | undefined>()

  constructor(clock: Clock) {
    this.#clock = clock
    this.#since = clock.now()
  }

  /** Whether it came with another branch before; it is remembered. */
  isMerged(request: SipRequest): boolean {
    if (request.to.tag !== undefined) return false
    this.#turn()
    const key = `${request.callID} ${request.cseq.number} ${request.cseq.method} ${request.from.tag ?? ''}`
    const known = this.#now.has(key) ? this.#now.get(key) : this.#before.get(key)
    const seen = this.#now.has(key) || this.#before.has(key)
    if (!seen) this.#now.set(key, request.via.branch)
    return seen && known !== request.via.branch
  }

  #turn(): void {
    const now = this.#clock.now()
    if (now - this.#since < keptMs && this.#now.size < most) return
    this.#before = now - this.#since < 2 * keptMs ? this.#now : new Map()
    this.#now = new Map()
    this.#since = now
  }
}
