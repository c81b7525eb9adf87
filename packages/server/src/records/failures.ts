import type { CallUUID, MessageID, PersonID, Receipt, SessionStore } from '@ringdown/signalling'

/** A text that did not reach somebody. */
export type Failure = Pick<Receipt, 'from' | 'status' | 'reason'>

const pageSize = 500
/** People whose feeds are known at a time: sessions of the same people lie near each other. */
const mostKnown = 64

type ByText = ReadonlyMap<string, readonly Failure[]>

/** Which texts did not reach whom. It is in the feeds of who sent them alone, and as long as these hold it. */
export class Failures {
  readonly #store: Pick<SessionStore, 'readFeed'>
  readonly #known = new Map<PersonID, Promise<ByText>>()

  constructor(store: Pick<SessionStore, 'readFeed'>) {
    this.#store = store
  }

  /** Of a text, as the feed of its sender has them. Rejects with TServerError. */
  async of(sender: PersonID | undefined, call: CallUUID, text: MessageID): Promise<readonly Failure[]> {
    if (sender === undefined) return []
    const known = this.#known.get(sender) ?? this.#read(sender)
    this.#known.delete(sender)
    this.#known.set(sender, known)
    const [oldest] = this.#known.keys()
    if (this.#known.size > mostKnown && oldest !== undefined) this.#known.delete(oldest)
    return (await known).get(keyOf(call, text)) ?? []
  }

  async #read(person: PersonID): Promise<ByText> {
    const found = new Map<string, Failure[]>()
    for (let after = 0; ; ) {
      const { entries } = await this.#store.readFeed(person, after, pageSize)
      for (const { event } of entries) {
        if (event.event !== 'EventReturnReceipt') continue
        const { messageID, from, outcome, status, reason } = event.extensions.receipt
        if (outcome !== 'failed') continue
        const key = keyOf(event.callUUID, messageID)
        const failure = { from, ...(status !== undefined && { status }), ...(reason !== undefined && { reason }) }
        found.set(key, [...(found.get(key) ?? []), failure])
      }
      const last = entries.at(-1)
      if (!last) return found
      after = last.offset
    }
  }
}

const keyOf = (call: CallUUID, text: MessageID) => `${call} ${text}`
