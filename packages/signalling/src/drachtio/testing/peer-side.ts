import { randomUUID } from 'node:crypto'
import { parseRAck } from '../../sip/message/header-values.ts'
import type { HeaderLine, Reply, SipRequest } from '../../sip/message/message.ts'
import { printRequest, printResponse, viaValue } from '../../sip/message/print.ts'
import type { Flow } from '../../sip/transport/flow.ts'
import type { Client, Command } from './control-port.ts'
import { type Asked, contactIn, type Leg, type Legs, meta, tell } from './legs.ts'
import { allowedHeaders, headerOf, type Parts } from './parts.ts'

/** Methods new requests of which go to applications. */
const routed = new Set(['INVITE', 'REGISTER', 'MESSAGE', 'OPTIONS', 'INFO', 'NOTIFY', 'SUBSCRIBE', 'PUBLISH'])
const ownHeaders = ['from', 'to', 'call-id', 'cseq']

/** Requests of peers, and the answers of applications to them. `request-controller` and `sip-dialog-controller` of the server. */
export class PeerSide {
  readonly legs: Legs
  readonly #clients: () => readonly Client[]
  /** By branch and method. */
  readonly #asked = new Map<string, Asked>()
  readonly #byID = new Map<string, Asked>()

  constructor(legs: Legs, clients: () => readonly Client[]) {
    this.legs = legs
    this.#clients = clients
  }

  onRequest(request: SipRequest, flow: Flow) {
    const { method } = request
    const known = this.#asked.get(keyOf(request, method))
    if (known) {
      if (known.sent) flow.send(known.sent)
      return
    }
    const leg = this.legs.of(request)
    if (method === 'ACK') this.#onAck(request, flow, leg)
    else if (method === 'CANCEL') this.#onCancel(request, flow)
    else if (leg) this.#onInside(request, flow, leg)
    else this.#onNew(request, flow)
  }

  #onAck(request: SipRequest, flow: Flow, leg: Leg | undefined) {
    if (leg?.confirmed) tell(leg.client, { bytes: request.bytes, flow }, randomUUID(), leg.dialogId)
  }

  #onCancel(request: SipRequest, flow: Flow) {
    const invite = this.#asked.get(keyOf(request, 'INVITE'))
    if (!invite) return this.#reply(request, flow, { status: 481 })
    const { leg } = invite
    if (invite.status >= 200) {
      this.#reply(request, flow, { status: 481 })
      // "received CANCEL after 200 OK; reply 481 and tear down dialog".
      if (invite.status < 300 && leg && request.to.tag === undefined)
        this.endDialog(leg, flow, 'SIP ;cause=200 ;text="CANCEL after 200 OK"')
      return
    }
    this.#reply(request, flow, { status: 200 })
    this.#answer(invite, { status: 487 })
    this.#byID.delete(invite.id)
    if (leg && invite.request.to.tag === undefined) this.legs.remove(leg)
    // A CANCEL of a re-INVITE is nobody's business but the stack's.
    if (invite.request.to.tag === undefined)
      tell(invite.client, { bytes: request.bytes, flow }, invite.id, leg?.dialogId)
  }

  /** All that was answered over UDP or TCP and still stands. */
  expireSessions(): void {
    for (const { leg, flow } of this.#asked.values())
      if (leg?.confirmed) this.endDialog(leg, flow, 'SIP ;cause=200 ;text="Session timer expired"')
  }

  /** BYE by the server itself, of which the application is told as if it had sent it. */
  endDialog(leg: Leg, flow: Flow, reason: string) {
    this.legs.remove(leg)
    const bytes = printRequest(
      { method: 'BYE', uri: leg.target, headers: [...insideHeaders(leg, ++leg.cseq, 'BYE'), ['Reason', reason]] },
      { via: viaOf(flow, randomUUID()) },
    )
    flow.send(bytes)
    tell(leg.client, { bytes, flow, source: 'application' }, 'unsolicited', leg.dialogId)
  }

  #onInside(request: SipRequest, flow: Flow, leg: Leg) {
    const { method } = request
    if (method === 'PRACK') {
      const rack = parseRAck(request.header('rack') ?? '')
      // One that fits is the stack's to match; another is like any request inside a dialog, and before there is one nobody's.
      if (rack?.rseq === leg.rseq) leg.told = true
      else if (!leg.confirmed) return
    } else if (!leg.confirmed && !leg.told) {
      // The application has no dialog yet: a BYE is refused, the rest goes its way as if it were new.
      return routed.has(method) && method !== 'INVITE'
        ? this.#onNew(request, flow)
        : this.#reply(request, flow, { status: 481 })
    }
    if (!leg.client.open) return this.#reply(request, flow, { status: 481 })
    if (method === 'INVITE') this.#reply(request, flow, { status: 100 })
    if (method === 'INVITE' || method === 'UPDATE') leg.target = contactIn(request) || leg.target
    if (method === 'BYE') {
      this.legs.remove(leg)
      // What the application has not answered yet is answered by the stack.
      for (const asked of leg.asked) this.#answer(asked, { status: 500 })
    }
    const asked = this.#ask(leg.client, request, flow, leg)
    if (method !== 'BYE') leg.asked.add(asked)
    tell(leg.client, { bytes: request.bytes, flow }, asked.id, leg.dialogId)
  }

  #onNew(request: SipRequest, flow: Flow) {
    const { method } = request
    if (method === 'BYE' || method === 'UPDATE') return this.#reply(request, flow, { status: 481 })
    // Nobody hears of what the server does not know.
    if (!routed.has(method)) return
    if (method === 'INVITE' && request.to.tag !== undefined) return this.#reply(request, flow, { status: 481 })
    const client = this.#clients().find((each) => each.authenticated && each.routes.has(method.toLowerCase()))
    if (!client) return this.#reply(request, flow, { status: 503 })
    if (method === 'INVITE') this.#reply(request, flow, { status: 100 })
    const asked = this.#ask(client, request, flow, undefined)
    tell(client, { bytes: request.bytes, flow }, asked.id)
  }

  #ask(client: Client, request: SipRequest, flow: Flow, leg: Leg | undefined): Asked {
    const asked: Asked = { id: randomUUID(), client, request, flow, leg, sent: undefined, status: 0 }
    this.#asked.set(keyOf(request, request.method), asked)
    this.#byID.set(asked.id, asked)
    return asked
  }

  /** An application answers. */
  respond(client: Client, command: Command, transactionId: string, sip: Parts) {
    const [, code = '', reason = ''] = /^SIP\/2\.0 (\d{3}) ?(.*)$/.exec(sip.startLine) ?? []
    const status = Number(code)
    let asked = this.#byID.get(transactionId)
    if (!asked) return client.answer(command, 'NOK', 'Response not sent due to unknown transaction')
    const { request, flow } = asked
    const isInvite = request.method === 'INVITE'
    const tag = /tag=(.*)/.exec(headerOf(sip, 'to') ?? '')?.[1] ?? randomUUID()
    if (isInvite && !asked.leg) asked = this.#withLeg(asked, tag)
    const { leg } = asked
    const headers = allowedHeaders(sip, flow.sentBy, ownHeaders)
    const isReliable = status < 200 && (headerOf(sip, 'require') ?? '').includes('100rel')
    if (isReliable && leg) {
      leg.rseq = Math.max(leg.rseq, 0) + 4_711
      headers.push(['RSeq', String(leg.rseq)])
    }
    if (isInvite && status < 300 && headerOf(sip, 'contact') === undefined)
      headers.push(['Contact', `<sip:${flow.sentBy}>`])
    if (leg && isInvite && request.to.tag === undefined) {
      if (status >= 300) this.legs.remove(leg)
      else if (status >= 200) leg.confirmed = true
    }
    const bytes = this.#answer(asked, { status, reason, headers, body: sip.body }, leg?.localTag ?? tag)
    if (status >= 200) {
      this.#byID.delete(asked.id)
      leg?.asked.delete(asked)
    }
    const more = `${meta('application', bytes.length, flow)}|${transactionId}|${leg?.dialogId ?? ''}||Msg sent:|\r\n`
    client.answer(command, 'OK', `${more}${Buffer.from(bytes).toString()}`)
  }

  #withLeg(asked: Asked, localTag: string): Asked {
    const { request, client } = asked
    const leg = this.legs.add({
      client,
      callID: request.callID,
      localTag,
      remoteTag: request.from.tag ?? '',
      local: `${request.header('to')};tag=${localTag}`,
      remote: request.header('from') ?? '',
      target: contactIn(request),
      routes: request.headers('record-route'),
      cseq: 0,
    })
    const better = { ...asked, leg }
    this.#asked.set(keyOf(request, 'INVITE'), better)
    this.#byID.set(asked.id, better)
    return better
  }

  #answer(asked: Asked, reply: Reply, tag: string = asked.leg?.localTag ?? randomUUID()): Uint8Array {
    const bytes = printResponse(asked.request, reply, { toTag: tag })
    asked.sent = bytes
    asked.status = reply.status
    asked.flow.send(bytes)
    return bytes
  }

  /** An answer of the server's own. */
  #reply(request: SipRequest, flow: Flow, reply: Reply): void {
    flow.send(printResponse(request, reply, { toTag: randomUUID() }))
  }
}

export function insideHeaders(leg: Leg, cseq: number, method: string): HeaderLine[] {
  return [
    ...leg.routes.map((route): HeaderLine => ['Route', route]),
    ['From', leg.local],
    ['To', leg.remote],
    ['Call-ID', leg.callID],
    ['CSeq', `${cseq} ${method}`],
  ]
}

export function viaOf(flow: Flow, token: string): string {
  return viaValue({ transport: flow.transport, sentBy: flow.sentBy, branch: `z9hG4bK${token}`, rport: true })
}

function keyOf(request: SipRequest, method: string): string {
  return `${request.via.branch} ${method} ${request.via.host}`
}
