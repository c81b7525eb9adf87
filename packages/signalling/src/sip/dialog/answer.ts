import type { SipResponse } from '../message/message.ts'
import { reasonPhrase } from '../message/status.ts'
import type { SipAnswer } from '../ports.ts'

/** Nothing. */
export const noBody = new Uint8Array()

/** A final response of a peer. */
class ReceivedAnswer implements SipAnswer {
  readonly received = true
  readonly #response: SipResponse

  constructor(response: SipResponse) {
    this.#response = response
  }

  get status(): number {
    return this.#response.status
  }

  get reason(): string {
    return this.#response.reason
  }

  get contentType(): string | undefined {
    return this.#response.contentType
  }

  get body(): Uint8Array {
    return this.#response.body
  }

  header(name: string): string | undefined {
    return this.#response.header(name)
  }

  headers(name: string): readonly string[] {
    return this.#response.headers(name)
  }
}

/** A final response as the port's users see it. */
export function receivedAnswer(response: SipResponse): SipAnswer {
  return new ReceivedAnswer(response)
}

/** What we say ourselves where nothing came. RFC 3261 §8.1.3.1. */
export function ownAnswer(status: number): SipAnswer {
  return {
    status,
    reason: reasonPhrase(status),
    header: () => undefined,
    headers: () => [],
    contentType: undefined,
    body: noBody,
    received: false,
  }
}
