import type { Hears, LoadAgent } from './load-agent.ts'
import { Recent } from './recent.ts'
import { Registration } from './registration.ts'
import type { SipIdentity, SipPhones } from './sip-phones.ts'

/** A phone that knows only MESSAGE. RFC 3428. */
export class MessageAgent implements LoadAgent {
  readonly number: string
  readonly opensWithText = true
  readonly canEnd = false
  readonly inSession = true
  readonly #phones: SipPhones
  readonly #who: SipIdentity
  readonly #hears: Hears
  readonly #registration: Registration

  constructor(phones: SipPhones, who: SipIdentity, hears: Hears, repeated: () => void) {
    this.number = who.number
    this.#phones = phones
    this.#who = who
    this.#hears = hears
    this.#registration = new Registration(phones, who)
    const recent = new Recent()
    phones.add(who.number, {
      onMessage: (id, contentType, body) => {
        if (recent.has(id)) return repeated()
        hearText(contentType, body, hears)
      },
      onInvite: (invite) => invite.reject({ status: 488 }),
    })
  }

  open(): Promise<void> {
    return this.#registration.make(this.#hears.onFault)
  }

  begin(to: string, text: string): Promise<string | undefined> {
    return this.say(to, text)
  }

  say(to: string, text: string): Promise<string | undefined> {
    return this.#phones.message(this.#who, to, text)
  }

  async end(): Promise<void> {
    // Pager mode knows no end.
  }

  close(): Promise<void> {
    return this.#registration.takeBack()
  }
}

/** What an endpoint was sent: a text, or a text of the engine that says that one of its own could not be delivered. */
export function hearText(contentType: string, body: Uint8Array, hears: Hears): void {
  if (!contentType.toLowerCase().startsWith('text/')) return
  const words = new TextDecoder().decode(body)
  if (words.startsWith('Not delivered: ')) hears.onUndelivered(undefined, words.slice('Not delivered: '.length))
  else hears.onText(words)
}
