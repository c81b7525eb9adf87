import type { Clock } from '../../tserver/ports.ts'
import type { Reply } from '../message/message.ts'
import type { IncomingRequest, SipSource } from '../ports.ts'
import { subscriberOf } from '../transport/host-port.ts'

export interface SourceLimitDeps {
  readonly clock: Clock
  /** Requests outside dialogs that one source may send in a second; twice as many at once. 0: any number. */
  readonly perSecond: number
  /** Sources many come through: proxies, this machine. */
  readonly isExempt: (source: SipSource) => boolean
  /** 0 … 1. */
  readonly random: () => number
  /** A request was refused. For metrics. */
  readonly onRefused?: () => void
}

interface Bucket {
  left: number
  at: number
}

const most = 20_000
/** Of the requests over the limit that anybody may have forged, one in so many is let through. */
const luck = 8

/**
 * How often one source may ask. Over UDP an address is easily forged, so what is counted for an address whose sender has not shown to be
 * there can slow them down, and never keeps them out: who has a nonce of ours has shown it and is counted apart, and of the others one in
 * eight gets through, for a nonce. SPEC SR-50 to SR-53.
 */
export class SourceLimit {
  readonly #deps: SourceLimitDeps
  readonly #buckets = new Map<string, Bucket>()

  constructor(deps: SourceLimitDeps) {
    this.#deps = deps
  }

  /** The refusal of a request, or undefined where it may go on. `isThere` is asked only where it matters; one that rejects means no. */
  async refuse(incoming: IncomingRequest, isThere: () => Promise<boolean>): Promise<Reply | undefined> {
    const { perSecond, isExempt, random, onRefused } = this.#deps
    const { source, request } = incoming
    if (perSecond === 0 || isExempt(source)) return undefined
    const from = subscriberOf(source.address)
    const isConnected = source.transport !== 'udp'
    if (this.#take(isConnected ? `there ${from}` : from)) return undefined
    if (!isConnected) {
      if ((await isThere().catch(() => false)) && this.#take(`there ${from}`)) return undefined
      if (random() * luck < 1) return undefined
    }
    onRefused?.()
    // A proxy that is told 503 takes the whole node for dead, and everybody with it (RFC 3261 §21.5.4).
    const status = request.headers('via').length > 1 ? 480 : 503
    return { status, reason: 'Too Many Requests', headers: [['Retry-After', '2']] }
  }

  /** How many sources are remembered. */
  get size(): number {
    return this.#buckets.size
  }

  #take(key: string): boolean {
    const { perSecond, clock } = this.#deps
    const now = clock.now()
    const burst = 2 * perSecond
    const known = this.#buckets.get(key)
    const left = known ? Math.min(burst, known.left + ((now - known.at) * perSecond) / 1000) : burst
    this.#buckets.delete(key)
    this.#buckets.set(key, { left: left >= 1 ? left - 1 : left, at: now })
    // A Map keeps the order of insertion: the first is the one that was silent for longest.
    if (this.#buckets.size > most) this.#buckets.delete(this.#buckets.keys().next().value ?? '')
    return left >= 1
  }
}
