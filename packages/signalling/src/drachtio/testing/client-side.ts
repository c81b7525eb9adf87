import { randomUUID } from 'node:crypto'
import type { HeaderLine, SipResponse } from '../../sip/message/message.ts'
import { parseNameAddr } from '../../sip/message/name-addr.ts'
import { printRequest } from '../../sip/message/print.ts'
import type { Flow, Target } from '../../sip/transport/flow.ts'
import type { SocketTransports } from '../../sip/transport/options.ts'
import type { Client, Command } from './control-port.ts'
import { contactIn, type Leg, meta, tell } from './legs.ts'
import { allowedHeaders, headerOf, type Parts } from './parts.ts'
import { insideHeaders, type PeerSide, viaOf } from './peer-side.ts'

/** Sofia's `mtu-size`: longer requests go over TCP. */
const mtu = 1_300

interface Message {
  readonly client: Client
  readonly command: Command
  readonly sip: Parts
}

/** A request of an application that waits for its answer. */
interface Sent {
  readonly id: string
  readonly client: Client
  readonly method: string
  readonly uri: string
  readonly headers: readonly HeaderLine[]
  readonly flow: Flow
  readonly via: string
  readonly leg: Leg | undefined
  readonly inside: boolean
  provisional: boolean
  /** The CANCEL that waits for a provisional answer. */
  cancel: Uint8Array | undefined
}

/** What applications send, and what peers answer. */
export class ClientSide {
  readonly #transports: SocketTransports
  readonly #peers: PeerSide
  /** By branch. */
  readonly #sent = new Map<string, Sent>()

  constructor(transports: SocketTransports, peers: PeerSide) {
    this.#transports = transports
    this.#peers = peers
  }

  sendOutside(message: Message, routeUrl: string | undefined) {
    const { client, command, sip } = message
    const [method = '', uri = ''] = sip.startLine.split(' ')
    if (sip.body.length > 0 && headerOf(sip, 'content-type') === undefined)
      return client.answer(command, 'NOK', 'missing content-type')
    void this.#open(routeUrl ?? uri, method, sip).then((flow) => {
      const self = flow?.sentBy ?? 'localhost'
      const headers = allowedHeaders(sip, self, ['from', 'to', 'call-id', 'cseq'])
      const from = (headerOf(sip, 'from') ?? `<sip:${self}>`).replace('@localhost', `@${self}`)
      const localTag = parseNameAddr(from)?.tag ?? randomUUID()
      const cseq = Number.parseInt(headerOf(sip, 'cseq') ?? '', 10) || 20
      const local = parseNameAddr(from)?.tag === undefined ? `${from};tag=${localTag}` : from
      const remote = headerOf(sip, 'to') ?? `<${uri}>`
      const callID = headerOf(sip, 'call-id') ?? randomUUID()
      if (method === 'INVITE' && headerOf(sip, 'contact') === undefined) headers.push(['Contact', `<sip:${self}>`])
      const leg =
        method === 'INVITE'
          ? this.#peers.legs.add({
              client,
              callID,
              localTag,
              remoteTag: '',
              local,
              remote,
              target: uri,
              routes: [],
              cseq,
            })
          : undefined
      const own: HeaderLine[] = [
        ['From', local],
        ['To', remote],
        ['Call-ID', callID],
        ['CSeq', `${cseq} ${method}`],
      ]
      this.#send(message, { method, uri, headers: [...own, ...headers], flow, leg, inside: false })
    })
  }

  sendInside(message: Message, dialogId: string) {
    const { client, command, sip } = message
    const [method = ''] = sip.startLine.split(' ')
    const { legs } = this.#peers
    const leg = method === 'PRACK' ? legs.early(dialogId) : legs.byDialog(dialogId)
    if (!leg) return client.answer(command, 'NOK', 'Server error: unable to find dialog for dialog id provided')
    const first = parseNameAddr(leg.routes[0] ?? '')?.uri
    void this.#open(first ?? leg.target, method, sip).then((flow) => {
      const cseq = method === 'ACK' ? leg.inviteCSeq : ++leg.cseq
      if (method === 'INVITE') leg.inviteCSeq = cseq
      const headers = allowedHeaders(sip, flow?.sentBy ?? '', ['from', 'to', 'call-id', 'cseq'])
      if (method === 'INVITE' && headerOf(sip, 'contact') === undefined)
        headers.push(['Contact', `<sip:${flow?.sentBy}>`])
      const all = [...insideHeaders(leg, cseq, method), ...headers]
      if (method === 'ACK') this.#acknowledge(message, leg, all, flow)
      else this.#send(message, { method, uri: leg.target, headers: all, flow, leg, inside: true })
    })
  }

  #acknowledge({ client, command, sip }: Message, leg: Leg, headers: readonly HeaderLine[], flow: Flow | undefined) {
    if (!flow) return
    leg.lastAck = printRequest(
      { method: 'ACK', uri: leg.target, headers, body: sip.body },
      { via: viaOf(flow, randomUUID()) },
    )
    flow.send(leg.lastAck)
    client.answer(
      command,
      'OK',
      `${meta('application', leg.lastAck.length, flow)}|ack|Msg sent:|\r\n${text(leg.lastAck)}`,
    )
    if (leg.cancelled) this.#peers.endDialog(leg, flow, 'SIP ;cause=200 ;text="ACK-BYE due to cancel race condition"')
  }

  /** Sends a request and tells the application how it went out. */
  #send(
    { client, command, sip }: Message,
    { flow, ...request }: Pick<Sent, 'method' | 'uri' | 'headers' | 'leg' | 'inside'> & { flow: Flow | undefined },
  ) {
    const id = randomUUID()
    const token = randomUUID()
    const via = flow ? viaOf(flow, token) : `SIP/2.0/UDP localhost;branch=z9hG4bK${token}`
    const bytes = printRequest({ ...request, body: sip.body }, { via })
    client.answer(command, 'OK', `${meta('application', bytes.length, flow)}|${id}|Msg sent:|\r\n${text(bytes)}`)
    const dialogId = request.leg?.dialogId ?? ''
    if (!flow) return tell(client, { bytes: madeUp(request.headers, via), flow: undefined }, id, dialogId)
    const sent: Sent = { ...request, id, client, flow, via, provisional: false, cancel: undefined }
    this.#sent.set(`z9hG4bK${token}`, sent)
    flow.send(bytes)
  }

  cancel({ client, command, sip }: Message, transactionId: string) {
    const sent = [...this.#sent.values()].find(({ id }) => id === transactionId)
    if (!sent) return client.answer(command, 'NOK', `unable to cancel unknown transaction id: ${transactionId}`)
    const { headers, uri, via, flow, leg } = sent
    const own = headers.flatMap(([name, value]): HeaderLine[] => {
      if (name === 'CSeq') return [[name, value.replace('INVITE', 'CANCEL')]]
      return ['From', 'To', 'Call-ID', 'Route'].includes(name) ? [[name, value]] : []
    })
    const more = allowedHeaders(sip, '', ['from', 'to', 'contact', 'call-id', 'cseq'])
    sent.cancel = printRequest({ method: 'CANCEL', uri, headers: [...own, ...more] }, { via })
    if (leg) leg.cancelled = true
    if (sent.provisional) flow.send(sent.cancel)
    client.answer(
      command,
      'OK',
      `${meta('application', sent.cancel.length, flow)}|cancel|Msg sent:|\r\n${text(sent.cancel)}`,
    )
  }

  onResponse(response: SipResponse, flow: Flow): void {
    const { status, cseq } = response
    const sent = this.#sent.get(response.via.branch ?? '')
    if (!sent || cseq.method === 'CANCEL') return
    if (status < 200 && !sent.provisional) {
      sent.provisional = true
      if (sent.cancel) flow.send(sent.cancel)
    }
    if (status === 100) return
    const { leg, method, client } = sent
    if (method === 'INVITE') {
      if (status >= 300) this.#acknowledgeRefusal(sent, response)
      else if (status >= 200 && leg?.lastAck && leg.confirmed && leg.inviteCSeq === cseq.number && !this.#first(sent))
        return void flow.send(leg.lastAck)
      if (status >= 200) sent.provisional = true
    }
    if (leg && !sent.inside) this.#follow(leg, response)
    if (leg && method === 'BYE' && status !== 401 && status !== 407) this.#peers.legs.remove(leg)
    if (leg && sent.inside && method === 'INVITE' && status < 300) leg.target = contactIn(response) || leg.target
    if (status >= 200) {
      if (method === 'INVITE') this.#done.add(sent)
      else this.#sent.delete(response.via.branch ?? '')
    }
    tell(client, { bytes: response.bytes, flow }, sent.id, leg?.dialogId)
  }

  /** INVITEs that were answered. */
  readonly #done = new WeakSet<Sent>()

  #first(sent: Sent): boolean {
    return !this.#done.has(sent)
  }

  #follow(leg: Leg, response: SipResponse) {
    const { status } = response
    if (status >= 300) return this.#peers.legs.remove(leg)
    const isReliable = status < 200 && response.header('rseq') !== undefined
    if (status < 200 && !isReliable) return
    leg.remoteTag = response.to.tag ?? ''
    leg.remote = response.header('to') ?? ''
    leg.target = contactIn(response) || leg.target
    leg.routes = [...response.headers('record-route')].reverse()
    if (status >= 200) leg.confirmed = true
  }

  // RFC 3261 §17.1.1.3, by the stack itself.
  #acknowledgeRefusal({ headers, uri, via, flow }: Sent, response: SipResponse): void {
    const own = headers.flatMap(([name, value]): HeaderLine[] => {
      if (name === 'CSeq') return [[name, value.replace('INVITE', 'ACK')]]
      if (name === 'To') return [[name, response.header('to') ?? value]]
      return ['From', 'Call-ID', 'Route'].includes(name) ? [[name, value]] : []
    })
    flow.send(printRequest({ method: 'ACK', uri, headers: own }, { via }))
  }

  async #open(uri: string, method: string, sip: Parts): Promise<Flow | undefined> {
    const [target] = await this.#transports.resolve(uri)
    if (!target) return undefined
    const isLarge = method !== 'ACK' && sip.body.length + 400 > mtu && target.transport === 'udp'
    const better: Target = isLarge ? { ...target, transport: 'tcp' } : target
    return this.#transports.flowTo(better).catch(() => undefined)
  }
}

/** The answer Sofia makes where a request leads nowhere: it came from no address. */
function madeUp(headers: readonly HeaderLine[], via: string): Uint8Array {
  const own = headers.filter(([name]) => ['From', 'To', 'Call-ID', 'CSeq'].includes(name))
  const lines = [['Via', via] as const, ...own, ['Content-Length', '0'] as const]
  return Buffer.from(`SIP/2.0 503 DNS Error\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`)
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString()
}
