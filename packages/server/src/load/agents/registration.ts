import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SipIdentity, SipPhones } from './sip-phones.ts'

const seconds = 3_600
/** RFC 3261 gives a request 32 s; whoever waits for the first one wants to know sooner that nobody is there. */
const firstMs = 8_000
const closeMs = 1_500

/** One number's binding: kept as long as the run takes, and taken back at its end. */
export class Registration {
  readonly #phones: SipPhones
  readonly #who: SipIdentity
  readonly #callID = `${randomBytes(12).toString('hex')}@load`
  #cseq = 1
  #timer: NodeJS.Timeout | undefined
  #made = false

  constructor(phones: SipPhones, who: SipIdentity) {
    this.#phones = phones
    this.#who = who
  }

  /** Rejects with a clause where the engine refuses, or does not answer. `onFault`: told when it cannot be renewed. */
  async make(onFault: (why: string) => void): Promise<void> {
    const late = new AbortController()
    await Promise.race([
      this.#register(seconds),
      sleep(firstMs, undefined, { signal: late.signal }).then(() => {
        throw new Error(`no answer to REGISTER within ${firstMs / 1000} s; is SIP spoken at ${this.#phones.at}?`)
      }),
    ]).finally(() => late.abort())
    this.#made = true
    this.#timer = setInterval(
      () => {
        this.#register(seconds).catch((error: Error) => onFault(error.message))
      },
      (seconds * 1000) / 2,
    )
  }

  async takeBack(): Promise<void> {
    clearInterval(this.#timer)
    // A server that is gone does not answer, and nobody has to wait for it.
    if (this.#made) await Promise.race([this.#register(0).catch(() => undefined), sleep(closeMs)])
  }

  #register(expires: number): Promise<void> {
    // The answer to a challenge takes the number after this one.
    this.#cseq += 2
    return this.#phones.register(this.#who, this.#callID, this.#cseq, expires)
  }
}
