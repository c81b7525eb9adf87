import type { CallUUID } from '@ringdown/signalling'

/** Call-IDs remembered; a session has two, or one for each MESSAGE. */
const most = 20_000

/** What our own MESSAGEs are called: by their session (`pager-way.ts`). */
const pagerCallID = /^([0-9A-Z]{32})[.]/

/** Which session the Call-ID of a SIP message belongs to. Bounded: who was named first is forgotten first. */
export class CallNames {
  readonly #known = new Map<string, CallUUID>()

  bind(callID: string, callUUID: CallUUID): void {
    this.#known.delete(callID)
    this.#known.set(callID, callUUID)
    if (this.#known.size <= most) return
    const [oldest] = this.#known.keys()
    if (oldest !== undefined) this.#known.delete(oldest)
  }

  /** Of a message, one character per byte. */
  of(message: string): CallUUID | undefined {
    const callID = /^(?:call-id|i)[ \t]*:[ \t]*([^\s]+)/im.exec(message)?.[1]
    if (callID === undefined) return undefined
    return this.#known.get(callID) ?? (pagerCallID.exec(callID)?.[1] as CallUUID | undefined)
  }
}
