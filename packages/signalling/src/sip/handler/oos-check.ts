import type { Directory } from '../../tserver/directory.ts'
import type { DN } from '../../tserver/dn.ts'
import type { DNumber } from '../../tserver/ids.ts'
import type { Clock } from '../../tserver/ports.ts'
import type { SipPort } from '../ports.ts'
import { contactsOf } from './trunk.ts'

export interface OosDeps {
  readonly sip: Pick<SipPort, 'request'>
  readonly clock: Clock
  readonly directory: () => Directory
  /** From of the OPTIONS, a URI of ours. */
  readonly from: string
  /** A device has gone out of service or has come back. Must not throw. */
  readonly onChange?: (dn: DNumber, inService: boolean) => void
}

interface Watched {
  readonly dn: DN
  inService: boolean
  /** Since when it has not answered; undefined: it has. */
  silentSince: number | undefined
  /** End the next check, and the wait for an answer. */
  stopCheck: () => void
  stopWaiting: () => void
}

/**
 * Asks devices with a configured `contact` and `oos-check` whether they live, by OPTIONS, and knows which do not answer: a device that was
 * silent for `oos-force` seconds is out of service until it answers. Each node sees for itself. SPEC SR-41, SR-42.
 */
export class OosCheck {
  readonly #deps: OosDeps
  readonly #watched = new Map<DNumber, Watched>()
  #closed = false

  constructor(deps: OosDeps) {
    this.#deps = deps
    this.reload()
  }

  /** Whether the DN can be reached as far as we know; DNs that are not checked can. */
  inService(dn: DNumber): boolean {
    return this.#watched.get(dn)?.inService ?? true
  }

  /** Takes up a changed directory. What is known of a DN that has stayed the same stays known. */
  reload(): void {
    const { dns } = this.#deps.directory()
    for (const [number, watched] of this.#watched) {
      if (JSON.stringify(dns.get(number)?.options) === JSON.stringify(watched.dn.options)) continue
      forget(watched)
      this.#watched.delete(number)
    }
    let order = 0
    for (const dn of dns.values()) {
      if (dn.options.oosCheck === 0 || dn.options.contact === null || this.#watched.has(dn.number)) continue
      const watched: Watched = { dn, inService: true, silentSince: undefined, stopCheck: idle, stopWaiting: idle }
      this.#watched.set(dn.number, watched)
      // Not all in one moment: the first checks are spread over the interval.
      const first = (intervalOf(dn) * (order++ % 64)) / 64
      watched.stopCheck = this.#deps.clock.after(first, () => this.#check(watched))
    }
  }

  close(): void {
    this.#closed = true
    for (const watched of this.#watched.values()) forget(watched)
  }

  #check(watched: Watched): void {
    const { dn } = watched
    const { sip, clock, from } = this.#deps
    watched.stopCheck = clock.after(intervalOf(dn), () => this.#check(watched))
    const asked = clock.now()
    if (watched.silentSince === undefined) this.#wait(watched, asked)
    const contacts = contactsOf(dn)
    let failed = 0
    for (const contact of contacts) {
      void sip.request({ method: 'OPTIONS', to: { uri: contact }, from }).then(({ received }) => {
        if (this.#closed || this.#watched.get(dn.number) !== watched) return
        // Whatever it answers, it lives.
        if (received) this.#answered(watched)
        else if (++failed === contacts.length) this.#unanswered(watched, asked)
      })
    }
  }

  #wait(watched: Watched, asked: number): void {
    const { oosForce } = watched.dn.options
    watched.silentSince = asked
    if (oosForce > 0) watched.stopWaiting = this.#deps.clock.after(oosForce * 1000, () => this.#set(watched, false))
  }

  #answered(watched: Watched): void {
    watched.silentSince = undefined
    watched.stopWaiting()
    this.#set(watched, true)
  }

  /** Without `oos-force` the first check that fails counts, unless a later one has been answered. */
  #unanswered(watched: Watched, asked: number): void {
    const { dn, silentSince } = watched
    if (dn.options.oosForce === 0 && silentSince !== undefined && silentSince <= asked) this.#set(watched, false)
  }

  #set(watched: Watched, inService: boolean): void {
    if (watched.inService === inService) return
    watched.inService = inService
    this.#deps.onChange?.(watched.dn.number, inService)
  }
}

const idle = () => {}

function forget({ stopCheck, stopWaiting }: Watched): void {
  stopCheck()
  stopWaiting()
}

function intervalOf({ options }: DN): number {
  return options.oosCheck * 1000
}
