import type { HeaderLine, RequestParts, SipResponse } from '../sip/message/message.ts'
import { isURIText } from '../sip/message/name-addr.ts'
import { parseMessage } from '../sip/message/parse.ts'
import { isToken } from '../sip/message/scan.ts'
import type { ClientTransaction, ClientUser } from '../sip/transaction/ports.ts'
import type { Clock } from '../tserver/ports.ts'
import type { ServerDialog } from './dialogs.ts'
import type { Acknowledge, LibraryConnection, LibraryOptions, LibraryRequest, OnRequest } from './library.ts'
import { Way } from './way.ts'
import { bodyText, fits, headersOf, transportOf } from './wire.ts'

/** Those of a request outside dialogs that are the server's. Route is: it discards ours, and takes a next hop. */
const serversOwn = ['via', 'route', 'record-route', 'content-length', 'max-forwards']
const leftOutside = new Set(serversOwn)
/** Inside a dialog the server knows who is who, and counts. */
export const leftInside = new Set([...serversOwn, 'from', 'to', 'call-id', 'cseq'])

/** The server tells of timer F after 32 s; it did not. ms. */
const patienceMs = 40_000

/** Who is told what became of a request. */
export interface OutgoingUser {
  /** Before whoever sent the request is told. `acknowledge`: for 2xx to INVITE. */
  onResponse(outgoing: Outgoing, response: SipResponse, dialogId: string | undefined, acknowledge: Acknowledge): void
  /** The server does not know the dialog. */
  onNoDialog(outgoing: Outgoing): void
  onDone(outgoing: Outgoing): void
  onUpdate: OnRequest
}

export interface Sender {
  readonly connection: LibraryConnection
  readonly clock: Clock
  readonly user: OutgoingUser
}

/** A request of ours until its final answer. */
export class Outgoing implements ClientTransaction {
  /** The server's secret. */
  readonly branch = ''
  readonly parts: RequestParts
  readonly dialog: ServerDialog | undefined
  readonly #flow: Way
  readonly #sender: Sender
  readonly #user: ClientUser
  readonly #options: LibraryOptions
  #sent: LibraryRequest | undefined
  #cancelling: readonly HeaderLine[] | undefined
  #stopWaiting: (() => void) | undefined
  #done = false

  /** Throws where the request cannot be said. */
  constructor(sender: Sender, parts: RequestParts, flow: Way, dialog: ServerDialog | undefined, user: ClientUser) {
    this.parts = parts
    this.dialog = dialog
    this.#flow = flow
    this.#sender = sender
    this.#user = user
    const { method, uri } = parts
    if (!isToken(method)) throw new Error('a method must be a token')
    // The server takes its messages apart at bars.
    if (!isURIText(uri) || uri.includes('|')) throw new Error('a Request-URI must have a scheme and no blanks')
    const headers = headersOf(parts.headers, dialog ? leftInside : leftOutside)
    if (headers.contact !== undefined && !headers.contact.includes('@')) delete headers.contact
    const body = bodyText(parts.body)
    if (!fits(uri, headers, body)) throw new Error('drachtio-server can read no request that long')
    const proxy = flow.uri !== undefined && flow.uri !== uri && !flow.uri.includes('|') ? flow.uri : undefined
    this.#options = {
      method,
      headers,
      ...(body !== undefined && { body }),
      ...(dialog ? { stackDialogId: dialog.id } : proxy !== undefined && { proxy }),
    }
  }

  /** Not before whoever asked has the transaction: what fails at once is told at once. */
  start(): void {
    const { connection, clock } = this.#sender
    // Inside a dialog the server knows the target.
    const uri = this.dialog ? '' : this.parts.uri
    this.#stopWaiting = clock.after(patienceMs, () => this.#fail('timeout'))
    try {
      connection.request(uri, this.#options, (error, sent) => this.#onSent(error, sent))
    } catch {
      this.#fail('transport')
    }
  }

  cancel(headers: readonly HeaderLine[] = []): void {
    if (this.#done || this.#cancelling || this.parts.method !== 'INVITE') return
    this.#cancelling = headers
    this.#stopWaiting?.()
    this.#stopWaiting = this.#sender.clock.after(patienceMs, () => this.#fail('timeout'))
    if (this.#sent) this.#cancel(this.#sent, headers)
  }

  /** The server is gone. */
  lost(): void {
    this.#fail('transport')
  }

  #onSent(error: unknown, sent: LibraryRequest | undefined) {
    if (this.#done) return
    if (error || !sent) {
      if (this.dialog && isNoDialog(error)) this.#sender.user.onNoDialog(this)
      return this.#fail('transport')
    }
    this.#sent = sent
    sent.on('response', (response, acknowledge) => {
      const message = parseMessage(Buffer.from(response.raw))
      if (message.kind === 'response') this.#onResponse(message, response, acknowledge)
    })
    sent.on('update', this.#sender.user.onUpdate)
    if (this.#cancelling) this.#cancel(sent, this.#cancelling)
  }

  // The server sends it once there is a provisional answer.
  #cancel(sent: LibraryRequest, headers: readonly HeaderLine[]): void {
    try {
      sent.cancel({ headers: headersOf(headers, leftInside) }, () => undefined)
    } catch {
      // The connection is gone, which is told in a moment.
    }
  }

  #onResponse(
    response: SipResponse,
    from: { source_address: string; source_port: number; protocol: string; stackDialogId: string | undefined },
    acknowledge: Acknowledge,
  ) {
    if (this.#done || response.status <= 100) return
    const { status } = response
    // Made up by the server: no answer, no such name, no connection.
    if (from.source_port === 0 && status >= 200) return this.#fail(status === 408 ? 'timeout' : 'transport')
    if (!this.#cancelling) this.#stopWaiting?.()
    if (status >= 200) this.#finish()
    this.#sender.user.onResponse(this, response, from.stackDialogId, acknowledge)
    const transport = transportOf(from.protocol) ?? this.#flow.transport
    this.#user.onResponse(response, new Way({ transport, address: from.source_address, port: from.source_port }))
  }

  #fail(why: 'timeout' | 'transport'): void {
    if (this.#done) return
    this.#finish()
    this.#user.onFailed(why)
  }

  #finish(): void {
    this.#done = true
    this.#stopWaiting?.()
    this.#sender.user.onDone(this)
  }
}

function isNoDialog(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENODIALOG'
}
