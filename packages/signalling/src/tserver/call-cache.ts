import type { Call } from './call.ts'
import type { CallUUID, DNumber } from './ids.ts'
import type { Versioned } from './ports.ts'

/** Calls whose state is kept in memory. A stale one costs a second round trip, never a wrong answer. */
const maxCached = 20_000

/** Living calls a node has worked on, so that a text needs no look at the store. */
export class CallCache {
  readonly #calls = new Map<CallUUID, Versioned<Call>>()
  /** Sessions with a pager leg, by both numbers: where a MESSAGE belongs. */
  readonly #pairs = new Map<string, CallUUID>()

  get(callUUID: CallUUID): Versioned<Call> | undefined {
    return this.#calls.get(callUUID)
  }

  /** The session two numbers were last seen in together. */
  between(a: DNumber, b: DNumber): Versioned<Call> | undefined {
    const callUUID = this.#pairs.get(key(a, b))
    return callUUID && this.#calls.get(callUUID)
  }

  /** Keeps a living call, and no ended one. */
  remember(call: Versioned<Call>): void {
    const { callUUID, end } = call.value
    this.forget(callUUID)
    if (end) return
    this.#calls.set(callUUID, call)
    const pair = pagerPair(call.value)
    if (pair !== undefined) this.#pairs.set(pair, callUUID)
    if (this.#calls.size <= maxCached) return
    const oldest = this.#calls.keys().next()
    if (!oldest.done) this.forget(oldest.value)
  }

  forget(callUUID: CallUUID): void {
    const call = this.#calls.get(callUUID)
    if (!call) return
    this.#calls.delete(callUUID)
    const pair = pagerPair(call.value)
    if (pair !== undefined && this.#pairs.get(pair) === callUUID) this.#pairs.delete(pair)
  }
}

function pagerPair({ parties: [first, second] }: Call): string | undefined {
  const pager = first?.sip?.mode === 'pager' || second?.sip?.mode === 'pager'
  return first && second && pager ? key(first.dn, second.dn) : undefined
}

function key(a: DNumber, b: DNumber): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`
}
