import type { CallUUID, DNumber } from '@ringdown/signalling'

/** What tells a session's messages on the wire: a SIP Call-ID, or the session id of our own MSRP URI. */
export type WireName = { readonly callID: string } | { readonly msrp: string }

/** Says that a Call-ID or an MSRP session belongs to a DN's part in a session. Must be cheap. */
export type Bind = (callUUID: CallUUID, dn: DNumber, name: WireName) => void

export interface Bound {
  /** Of each Call-ID and each MSRP session id, whose it is. */
  readonly callIDs: ReadonlyMap<string, DNumber>
  readonly msrp: ReadonlyMap<string, DNumber>
}

const nothing: Bound = { callIDs: new Map(), msrp: new Map() }

/**
 * By session, the names of what it sends and gets. As many as the ring has entries: a name is bound for a message that is recorded, so
 * when one has to give way, its message has too.
 */
export class Bindings {
  readonly #limit: number
  readonly #bySession = new Map<CallUUID, { callIDs: Map<string, DNumber>; msrp: Map<string, DNumber> }>()
  #size = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#size
  }

  bind(callUUID: CallUUID, dn: DNumber, name: WireName): void {
    const known = this.#bySession.get(callUUID) ?? { callIDs: new Map(), msrp: new Map() }
    const before = known.callIDs.size + known.msrp.size
    if ('callID' in name) known.callIDs.set(name.callID, dn)
    else known.msrp.set(name.msrp, dn)
    this.#size += known.callIDs.size + known.msrp.size - before
    // Behind the others: who was named last is forgotten last.
    this.#bySession.delete(callUUID)
    this.#bySession.set(callUUID, known)
    while (this.#size > this.#limit && this.#bySession.size > 1) this.#forgetOldest()
    for (const names of [known.callIDs, known.msrp])
      for (const oldest of names.keys()) {
        if (this.#size <= this.#limit) break
        names.delete(oldest)
        this.#size--
      }
  }

  of(callUUID: CallUUID): Bound {
    return this.#bySession.get(callUUID) ?? nothing
  }

  #forgetOldest(): void {
    const oldest = this.#bySession.entries().next().value
    if (!oldest) return
    const [callUUID, { callIDs, msrp }] = oldest
    this.#bySession.delete(callUUID)
    this.#size -= callIDs.size + msrp.size
  }
}
