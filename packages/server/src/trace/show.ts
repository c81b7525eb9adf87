import type { TracedDelivery, TracedRequest } from '@ringdown/facade'
import type { CallUUID, FeedEvent } from '@ringdown/signalling'
import { maskAsked, maskData, maskFrame, maskJson, maskSip, maskXml } from './mask.ts'
import type { TracedFrame } from './msrp-frames.ts'
import { dnLane, engineLane, type Piece, personLane, type Question, type WirePiece } from './piece.ts'
import type {
  MsrpConnection,
  RecordedDelivery,
  RecordedEvents,
  RecordedMsrp,
  RecordedRequest,
  RecordedSip,
} from './recorded.ts'
import { titleOfDelivery, titleOfFrame, titleOfRequest, titleOfSip } from './titles.ts'

/** What is shown of an entry that says itself which session it is about, masked. */
export function piecesOf(
  number: number,
  item: RecordedEvents | RecordedRequest | RecordedDelivery,
  question: Question,
): Piece[] {
  switch (item.kind) {
    case 'tevent':
      return eventPieces(number, item, question)
    case 'request':
      return [requestPiece(number, item.at, item.request, question)]
    case 'delivery':
      return [deliveryPiece(number, item.at, item.delivery, question)]
  }
}

function eventPieces(number: number, { at, feeds }: RecordedEvents, { callUUID, texts }: Question): Piece[] {
  const mine = feeds.filter(({ event }) => callOf(event) === callUUID)
  return mine.map(({ event }, part) => ({
    number,
    part,
    at,
    kind: 'tevent',
    from: engineLane,
    to: engineLane,
    title: 'thisDN' in event ? `${event.event} at ${event.thisDN}` : event.event,
    content: JSON.stringify(maskData(event, texts), undefined, 2),
  }))
}

function requestPiece(number: number, at: number, request: TracedRequest, { texts }: Question): Piece {
  const { tongue, person, method, path, status, ms } = request
  const asked = maskedRequest(tongue, request.request, texts)
  const answered = request.answer === '' ? '' : maskedText(tongue, request.answer, texts)
  const parts = [`${method} ${path}`, asked, `${status} after ${ms.toFixed(1)} ms`, answered]
  return {
    number,
    part: 0,
    at,
    kind: tongue,
    from: personLane(person),
    to: engineLane,
    title: titleOfRequest(request),
    content: parts.filter((part) => part !== '').join('\n\n'),
  }
}

function maskedRequest(tongue: TracedRequest['tongue'], body: unknown, texts: boolean): string {
  if (body === undefined || body === null || body === '') return ''
  if (tongue === 'rest') return JSON.stringify(maskAsked(body, texts), undefined, 2)
  return maskXml(body instanceof Uint8Array ? Buffer.from(body).toString('utf8') : String(body), texts)
}

const maskedText = (tongue: 'rest' | 'cometd' | 'ucajax', text: string, texts: boolean): string =>
  tongue === 'ucajax' ? maskXml(text, texts) : maskJson(text, texts)

function deliveryPiece(number: number, at: number, delivery: TracedDelivery, { texts }: Question): Piece {
  const { tongue, person, content, client, position } = delivery
  return {
    number,
    part: 0,
    at,
    kind: tongue,
    from: engineLane,
    to: personLane(person),
    title: titleOfDelivery(delivery),
    content: `to client ${client}, position ${position}\n\n${maskedText(tongue, content, texts)}`,
  }
}

/** One character per byte. */
export const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')

/** What is shown of a SIP message. */
export function sipPiece(number: number, item: RecordedSip, dn: string, texts: boolean): Piece {
  const data = maskSip(latin1(item.bytes), texts)
  const { transport, id } = item.flow
  return {
    number,
    part: 0,
    at: item.at,
    kind: 'sip',
    ...ends(item.sent, dn),
    title: titleOfSip(data),
    wire: { protocol: 'sip', transport, flow: id, ...way(item.sent, item.flow), data },
  }
}

/** An MSRP frame with where it was found, and whose it is. */
export interface FrameFound {
  number: number
  part: number
  item: RecordedMsrp
  dn: string
  frame: TracedFrame
}

export function framePiece({ number, part, item, dn, frame }: FrameFound, texts: boolean): Piece {
  const { connection, at, sent } = item
  const wire: WirePiece = {
    protocol: 'msrp',
    transport: connection.transport,
    flow: flowName(connection),
    ...way(sent, connection),
    data: maskFrame(frame, texts),
  }
  return { number, part, at, kind: 'msrp', ...ends(sent, dn), title: titleOfFrame(frame), wire }
}

const flowName = ({ transport, local, remote }: MsrpConnection): string =>
  `${transport} ${local.address} ${local.port} ${remote.address} ${remote.port}`

const ends = (sent: boolean, dn: string) =>
  sent ? { from: engineLane, to: dnLane(dn) } : { from: dnLane(dn), to: engineLane }

function way(sent: boolean, { local, remote }: Pick<MsrpConnection, 'local' | 'remote'>) {
  const [here, there] = [plain(local), plain(remote)]
  return sent ? { source: here, target: there } : { source: there, target: here }
}

const plain = ({ address, port }: MsrpConnection['local']) => ({ address, port })

/** The session an event is about. */
export function callOf(event: FeedEvent): CallUUID | undefined {
  return 'callUUID' in event ? event.callUUID : undefined
}
