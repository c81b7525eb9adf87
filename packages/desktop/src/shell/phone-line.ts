import type { WebServices } from '@ringdown/client'
import type { Effect, Input } from '../model/desktop.ts'
import type { BrowserPhone, PhoneOptions } from '../phone/browser-phone.ts'

type Phone = Pick<BrowserPhone, 'start' | 'say' | 'stop'>

export interface PhoneLineDeps {
  services: Pick<WebServices, 'phone'>
  phones: { make: (options: PhoneOptions) => Promise<Phone> }
  send: (input: Input) => void
}

/** The one SIP endpoint a page may be. */
export class PhoneLine {
  readonly #deps: PhoneLineDeps
  #phone: Phone | undefined
  /** Tells the endpoint that is wanted from one that comes too late. */
  #wanted = 0

  constructor(deps: PhoneLineDeps) {
    this.#deps = deps
  }

  on({ number, password }: Effect & { effect: 'phoneOn' }): void {
    this.off()
    const mine = this.#wanted
    const tell = (news: 'registered' | 'lost' | 'refused' | 'nowhere') => {
      if (mine === this.#wanted) this.#deps.send({ input: 'phoneNews', news })
    }
    const begin = async () => {
      const where = await this.#deps.services.phone()
      if (!where) return tell('nowhere')
      const phone = await this.#deps.phones.make({ number, password, ...where, onNews: tell })
      if (mine !== this.#wanted) return
      this.#phone = phone
      phone.start()
    }
    begin().catch(() => tell('nowhere'))
  }

  off(): void {
    this.#wanted++
    const phone = this.#phone
    this.#phone = undefined
    phone?.stop().catch(() => undefined)
  }

  /** Begins a session; rejects where nobody answers, or the page is no endpoint any more. */
  async begin({ number, text, messageId }: Effect & { effect: 'startBySip' }): Promise<Input> {
    if (!this.#phone) throw new Error('no phone')
    return { input: 'startedBySip', ...(await this.#phone.say(number, text, messageId)) }
  }
}
