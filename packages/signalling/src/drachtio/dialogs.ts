import type { SipRequest, SipResponse } from '../sip/message/message.ts'
import { parseMessage } from '../sip/message/parse.ts'
import type { Tokens } from '../sip/transaction/ports.ts'
import type { Acknowledge } from './library.ts'
import { tagOf } from './wire.ts'

/** A dialog as the server calls it, and what it takes to speak of it with the layers above. */
export interface ServerDialog {
  /** The server's name of it. */
  id: string
  readonly callID: string
  /** From of the peer, and To: with tags. */
  readonly remote: string
  readonly local: string
  /** Of our INVITE that was answered 2xx last. */
  acknowledge: Acknowledge | undefined
}

/** CSeq of what no peer sends: above all of theirs. */
const lastCSeq = 2 ** 31 - 1

/** The dialogs a server keeps for us, by our tag. */
export class ServerDialogs {
  readonly #byTag = new Map<string, ServerDialog>()
  readonly #tokens: Tokens

  constructor(tokens: Tokens) {
    this.#tokens = tokens
  }

  of(localTag: string | undefined): ServerDialog | undefined {
    return localTag === undefined ? undefined : this.#byTag.get(localTag)
  }

  /** An answer to an INVITE of ours has named a dialog; of several branches the last one counts, as with the server. */
  answered(response: SipResponse, id: string): ServerDialog | undefined {
    return this.#put(response.from.tag, {
      id,
      callID: response.callID,
      local: response.header('from') ?? '',
      remote: response.header('to') ?? '',
      acknowledge: undefined,
    })
  }

  /** Our answer to an INVITE of a peer has made one. */
  accepted(request: SipRequest, localTag: string, id: string): void {
    const to = request.header('to') ?? ''
    this.#put(localTag, {
      id,
      callID: request.callID,
      local: request.to.tag === undefined ? `${to};tag=${localTag}` : to,
      remote: request.header('from') ?? '',
      acknowledge: undefined,
    })
  }

  remove(localTag: string | undefined): void {
    if (localTag !== undefined) this.#byTag.delete(localTag)
  }

  /** Forgets them all and tells them. */
  clear(): ServerDialog[] {
    const all = [...this.#byTag.values()]
    this.#byTag.clear()
    return all
  }

  #put(tag: string | undefined, dialog: ServerDialog): ServerDialog | undefined {
    const key = tag ?? tagOf(dialog.local)
    if (key === undefined) return undefined
    this.#byTag.set(key, dialog)
    return dialog
  }

  /** A BYE as if the peer had sent it: the server has ended the dialog, or is gone itself. */
  byeOf(dialog: ServerDialog, reason: string): SipRequest | undefined {
    const text = [
      'BYE sip:localhost SIP/2.0',
      `Via: SIP/2.0/UDP localhost;branch=z9hG4bK${this.#tokens(80)}`,
      `From: ${dialog.remote}`,
      `To: ${dialog.local}`,
      `Call-ID: ${dialog.callID}`,
      `CSeq: ${lastCSeq} BYE`,
      `Reason: ${reason}`,
      'Content-Length: 0',
      '\r\n',
    ].join('\r\n')
    const message = parseMessage(Buffer.from(text))
    return message.kind === 'request' ? message : undefined
  }
}
