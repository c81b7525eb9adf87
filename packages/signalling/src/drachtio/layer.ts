/** A transaction layer whose transactions run in a drachtio-server. Dialogs above it are ours; the server has its own idea of them, by which it is spoken to. */
import type { HeaderLine, RequestParts, SipRequest, SipResponse } from '../sip/message/message.ts'
import { parseMessage } from '../sip/message/parse.ts'
import type { RunningTransactionLayer } from '../sip/transaction/layer.ts'
import { defaultTransactionLimits } from '../sip/transaction/limits.ts'
import type { ClientTransaction, ClientUser, Tokens, TransactionUser } from '../sip/transaction/ports.ts'
import type { Flow } from '../sip/transport/flow.ts'
import type { Clock } from '../tserver/ports.ts'
import { type ServerDialog, ServerDialogs } from './dialogs.ts'
import { Incoming, type IncomingUser } from './incoming.ts'
import type { Acknowledge, LibraryConnection, LibraryRequest, LibraryResponse } from './library.ts'
import { leftInside, Outgoing, type OutgoingUser } from './outgoing.ts'
import { RecentRequests } from './recent.ts'
import { Way } from './way.ts'
import { bodyText, headersOf, tagOf, transportOf } from './wire.ts'

export interface LayerDeps {
  readonly clock: Clock
  readonly tokens: Tokens
  readonly user: TransactionUser
  /** undefined while there is no connection. */
  readonly connection: () => LibraryConnection | undefined
}

const gone = 'SIP;cause=503;text="drachtio-server is gone"'
const ended = 'SIP;cause=481;text="drachtio-server has ended it"'
/** Dialogs of a lost connection that the server is asked to end when it is there again. */
const maxOrphans = 10_000

export class DrachtioLayer implements RunningTransactionLayer, IncomingUser, OutgoingUser {
  readonly #deps: LayerDeps
  readonly #dialogs: ServerDialogs
  readonly #recent: RecentRequests
  readonly #incoming = new Set<Incoming>()
  readonly #outgoing = new Set<Outgoing>()
  #orphans: string[] = []

  constructor(deps: LayerDeps) {
    this.#deps = deps
    this.#dialogs = new ServerDialogs(deps.tokens)
    this.#recent = new RecentRequests(deps.clock)
  }

  get counts(): { server: number; client: number } {
    return { server: this.#incoming.size, client: this.#outgoing.size }
  }

  // What we send.

  request(parts: RequestParts, flow: Flow, user: ClientUser): ClientTransaction {
    const connection = this.#deps.connection()
    const { clock } = this.#deps
    if (!connection || this.#outgoing.size >= defaultTransactionLimits.client) {
      queueMicrotask(() => user.onFailed('transport'))
      return { branch: '', cancel: () => undefined }
    }
    const way = flow instanceof Way ? flow : new Way({ transport: 'udp', address: '', port: 0 })
    const sender = { connection, clock, user: this }
    const outgoing = new Outgoing(sender, parts, way, this.#dialogOf(parts), user)
    this.#outgoing.add(outgoing)
    queueMicrotask(() => outgoing.start())
    return outgoing
  }

  /** ACKs only: nothing else belongs to no transaction. */
  sendStateless(parts: RequestParts): void {
    const dialog = this.#dialogOf(parts)
    const acknowledge = dialog?.acknowledge
    if (!dialog || !acknowledge) return
    dialog.acknowledge = undefined
    const body = bodyText(parts.body)
    acknowledge({ headers: headersOf(parts.headers, leftInside), ...(body !== undefined && { body }) })
  }

  #dialogOf({ headers }: RequestParts): ServerDialog | undefined {
    if (tagOf(valueIn(headers, 'To')) === undefined) return undefined
    return this.#dialogs.of(tagOf(valueIn(headers, 'From')))
  }

  onResponse(outgoing: Outgoing, response: SipResponse, id: string | undefined, acknowledge: Acknowledge): void {
    const { method } = outgoing.parts
    const { status } = response
    const { tag } = response.from
    if (method === 'INVITE' && !outgoing.dialog) {
      if (status >= 300) this.#dialogs.remove(tag)
      else if (id !== undefined && id !== '' && response.to.tag !== undefined) this.#dialogs.answered(response, id)
    }
    if (method === 'INVITE' && status >= 200 && status < 300) {
      const dialog = this.#dialogs.of(tag)
      if (dialog) dialog.acknowledge = acknowledge
    }
    if (!outgoing.dialog || status < 200) return
    if (method === 'BYE') this.#dialogs.remove(tag)
    else if (status === 481) this.#forget(tag)
  }

  /** The peer knows the dialog no more, which is the end of it for the layers above; the server must be told. */
  #forget(tag: string | undefined): void {
    const dialog = this.#dialogs.of(tag)
    this.#dialogs.remove(tag)
    if (dialog) this.#end(dialog.id)
  }

  #end(id: string): void {
    try {
      const options = { method: 'BYE', headers: {}, stackDialogId: id }
      this.#deps.connection()?.request('', options, () => undefined)
    } catch {
      // The connection is gone, and with it what we know of its dialogs.
    }
  }

  onNoDialog({ dialog, parts }: Outgoing): void {
    this.#dialogs.remove(tagOf(valueIn(parts.headers, 'From')))
    if (dialog && parts.method !== 'BYE') queueMicrotask(() => this.#tellEnd(dialog, ended))
  }

  onDone(outgoing: Outgoing): void {
    this.#outgoing.delete(outgoing)
  }

  onUpdate = (request: LibraryRequest, response: LibraryResponse): void => {
    this.onRequest(request, response)
  }

  // What comes in.

  onRequest(from: LibraryRequest, to: LibraryResponse) {
    const request = parseMessage(Buffer.from(from.raw))
    if (from.source === 'application') {
      if (request.kind === 'request') this.#onEnded(request)
      return
    }
    const way = new Way({
      transport: transportOf(from.protocol) ?? 'udp',
      address: from.source_address,
      port: from.source_port,
    })
    if (request.kind !== 'request') {
      if (from.method !== 'ACK') to.send(400, 'Bad Request', { headers: {} }, () => undefined)
    } else if (request.method === 'ACK') this.#deps.user.onAck(request, way)
    else this.#receive(request, way, from, to)
  }

  #receive(request: SipRequest, way: Way, from: LibraryRequest, to: LibraryResponse) {
    const { tokens, user } = this.#deps
    const incoming = new Incoming(request, way, request.to.tag ?? tokens(80), to, this)
    // The server has matched it with our provisional answer.
    if (request.method === 'PRACK') return incoming.respond({ status: 200 })
    if (this.#recent.isMerged(request)) return incoming.respond({ status: 482 })
    if (this.#incoming.size >= defaultTransactionLimits.server) {
      const { retryAfterS } = defaultTransactionLimits
      return incoming.respond({ status: 503, headers: [['Retry-After', String(retryAfterS)]] })
    }
    this.#incoming.add(incoming)
    if (request.method === 'BYE') this.#dialogs.remove(request.to.tag)
    if (request.method === 'INVITE') from.on('cancel', () => incoming.cancelled())
    user.onRequest(incoming)
  }

  /** The server has sent a BYE of its own: no ACK came, nobody refreshed the session, a CANCEL crossed our 200. */
  #onEnded(bye: SipRequest): void {
    const { tag } = bye.from
    const dialog = this.#dialogs.of(tag)
    this.#dialogs.remove(tag)
    if (dialog) this.#tellEnd(dialog, bye.header('reason') ?? ended)
  }

  #tellEnd(dialog: ServerDialog, reason: string): void {
    const bye = this.#dialogs.byeOf(dialog, reason)
    if (!bye) return
    const { user } = this.#deps
    user.onRequest({
      request: bye,
      flow: new Way({ transport: 'udp', address: '', port: 0 }),
      toTag: bye.to.tag ?? '',
      respond: () => undefined,
      onCancel: undefined,
      onEnd: undefined,
    })
  }

  onAnswered(incoming: Incoming, status: number, dialogId: string | undefined): void {
    if (incoming.answered) this.#incoming.delete(incoming)
    const { request, toTag } = incoming
    if (request.method !== 'INVITE' || request.to.tag !== undefined) return
    if (status >= 300) this.#dialogs.remove(toTag)
    else if (dialogId !== undefined && dialogId !== '') this.#dialogs.accepted(request, toTag, dialogId)
  }

  onUnsent(incoming: Incoming, status: number): void {
    this.#incoming.delete(incoming)
    const { request, toTag } = incoming
    if (request.method !== 'INVITE' || request.to.tag !== undefined) return
    this.#dialogs.remove(toTag)
    if (status < 200 || status >= 300) return
    // Our 200 met a CANCEL, or a connection that was gone: the layers above wait for an ACK that never comes.
    this.#dialogs.accepted(request, toTag, '')
    const dialog = this.#dialogs.of(toTag)
    this.#dialogs.remove(toTag)
    if (dialog) this.#tellEnd(dialog, ended)
  }

  // The connection.

  /** The server is there, perhaps again. */
  connected(): void {
    for (const id of this.#orphans.splice(0)) this.#end(id)
  }

  /** The server is gone: nothing is answered, and what it knew of dialogs is lost to us. */
  disconnected(): void {
    for (const outgoing of [...this.#outgoing]) outgoing.lost()
    for (const incoming of [...this.#incoming]) incoming.lost()
    this.#incoming.clear()
    for (const dialog of this.#dialogs.clear()) {
      if (this.#orphans.length < maxOrphans) this.#orphans.push(dialog.id)
      this.#tellEnd(dialog, gone)
    }
  }

  receive(): void {
    // Nothing comes over flows of ours.
  }

  flowClosed(): void {
    // Nor are there any.
  }

  close(): void {
    this.#incoming.clear()
    this.#outgoing.clear()
    this.#dialogs.clear()
  }
}

function valueIn(headers: readonly HeaderLine[], name: string): string {
  return headers.find(([each]) => each === name)?.[1] ?? ''
}
