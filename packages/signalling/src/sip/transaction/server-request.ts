import type { Reply, SipRequest } from '../message/message.ts'
import { printResponse } from '../message/print.ts'
import type { Flow } from '../transport/flow.ts'
import type { ServerTransaction } from './ports.ts'

/** A machine as the request it serves sees it. */
export interface Answerer {
  answer(reply: Reply, request: ServerRequest): void
}

/** What the user holds of a server transaction. The machine lets go of it as soon as it is answered, and the request with it. */
export class ServerRequest implements ServerTransaction {
  readonly request: SipRequest
  readonly flow: Flow
  readonly toTag: string
  onCancel: (() => void) | undefined = undefined
  onEnd: ((acknowledged: boolean) => void) | undefined = undefined
  readonly #machine: Answerer

  constructor(request: SipRequest, flow: Flow, toTag: string, machine: Answerer) {
    this.request = request
    this.flow = flow
    this.toTag = toTag
    this.#machine = machine
  }

  respond(reply: Reply): void {
    this.#machine.answer(reply, this)
  }

  /** The answer as bytes. Throws where a header of the reply has no name. */
  print(reply: Reply): Uint8Array {
    return printResponse(this.request, reply, { toTag: this.toTag, seen: this.flow.remote })
  }
}
