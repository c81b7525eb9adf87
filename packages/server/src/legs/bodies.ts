/** What SIP MESSAGE and MSRP carry, in the core's words and back. RFC 3428 §5, RFC 3862, RFC 3994, RFC 5438. */
import {
  acceptsType,
  cpimContentType,
  cpimHeader,
  cpimType,
  type Imdn,
  imdnHeaders,
  imdnType,
  isComposingType,
  parseCpim,
  parseImdn,
  parseIsComposing,
  printCpim,
  printImdn,
  printIsComposing,
} from '@ringdown/msrp'
import type { MessageID, SipText, Text, TextWants } from '@ringdown/signalling'
import type { Report } from './way.ts'

/** What we take as it is, and what we take inside message/cpim. RFC 4975 §8.6. */
export const acceptedTypes = ['message/cpim', 'text/plain', 'text/html', isComposingType] as const
export const wrappedTypes = ['text/plain', 'text/html', imdnType, isComposingType] as const

/** A body, read. */
export type Body =
  | { kind: 'text'; text: Omit<SipText, 'messageID'> /** It came in message/cpim. */; cpim: boolean }
  | { kind: 'composing'; state: 'active' | 'idle'; refreshSeconds?: number }
  /** What became of a text of ours. */
  | { kind: 'receipt'; messageID: MessageID; report: Report }
  /** There is nothing in it for anybody. */
  | { kind: 'empty' }
  | { kind: 'unsupported' }

/** A body as it is sent. */
export interface WireBody {
  contentType: string
  bytes: Uint8Array
}

/** Who writes and who reads, as URIs, for message/cpim. */
export interface Ends {
  from: string
  to: string
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Reads a body. What is no UTF-8, or of a type we do not take, is unsupported: the sender is told, nothing is guessed. */
export function readBody(contentType: string | undefined, bytes: Uint8Array): Body {
  if (contentType === undefined) return bytes.length === 0 ? { kind: 'empty' } : { kind: 'unsupported' }
  if (!acceptsType(acceptedTypes, contentType)) {
    return acceptsType([imdnType], contentType) ? readReceipt(bytes) : { kind: 'unsupported' }
  }
  if (acceptsType([cpimType], contentType)) return readCpim(bytes)
  return readPlain(contentType, bytes, false)
}

/** A text as it goes out: as it is, or in message/cpim with its time and a request for notifications. */
export function textBody({ contentType, body, messageID, sent }: Text, ends: Ends | undefined): WireBody {
  const bytes = new TextEncoder().encode(body)
  if (!ends) return { contentType: withCharset(contentType), bytes }
  return {
    contentType: cpimType,
    bytes: printCpim({
      from: { uri: ends.from },
      to: [{ uri: ends.to }],
      dateTime: new Date(sent).toISOString(),
      namespaces: [{ prefix: 'imdn', uri: imdnHeaders }],
      headers: [
        ['imdn.Message-ID', messageID],
        ['imdn.Disposition-Notification', 'positive-delivery, negative-delivery, display'],
      ],
      contentType: withCharset(contentType),
      body: bytes,
    }),
  }
}

export function composingBody(state: 'active' | 'idle', refreshSeconds: number | undefined): WireBody {
  const document = {
    state,
    contentType: 'text/plain',
    ...(refreshSeconds !== undefined && { refresh: refreshSeconds }),
  }
  return { contentType: isComposingType, bytes: printIsComposing(document) }
}

/** A notification about the peer's message with this id. RFC 5438 §8: in message/cpim, and never asking for one itself. */
export function receiptBody(
  imdnID: string,
  outcome: 'delivered' | 'displayed' | 'failed',
  ends: Ends,
  now: number,
): WireBody {
  const dateTime = new Date(now).toISOString()
  const disposition: Imdn['disposition'] =
    outcome === 'displayed' ? { kind: 'display', status: 'displayed' } : { kind: 'delivery', status: outcome }
  const bytes = printImdn({ messageID: imdnID, dateTime, recipientUri: ends.from, disposition })
  return {
    contentType: cpimType,
    bytes: printCpim({
      from: { uri: ends.from },
      to: [{ uri: ends.to }],
      dateTime,
      contentType: imdnType,
      contentHeaders: [['Content-Disposition', 'notification']],
      body: bytes,
    }),
  }
}

/** What a person reads whose phone knows no notifications. */
export function notDeliveredBody(reason: string): WireBody {
  return { contentType: 'text/plain;charset=UTF-8', bytes: new TextEncoder().encode(`Not delivered: ${reason}`) }
}

function readCpim(bytes: Uint8Array): Body {
  const cpim = parseCpim(bytes)
  // RFC 3862 §4.8: what must be understood and is not, must not be shown.
  if (!cpim || cpim.required.some(({ namespace }) => namespace !== imdnHeaders)) return { kind: 'unsupported' }
  const inner = cpimContentType(cpim)
  if (acceptsType([imdnType], inner)) return readReceipt(cpim.body)
  if (!acceptsType(wrappedTypes, inner)) return { kind: 'unsupported' }
  const read = readPlain(inner, cpim.body, true)
  if (read.kind !== 'text') return read
  const imdnID = cpimHeader(cpim, 'Message-ID', imdnHeaders)?.value
  const wanted = cpimHeader(cpim, 'Disposition-Notification', imdnHeaders)?.value
  const wants = imdnID !== undefined && wanted !== undefined ? wantsOf(imdnID, wanted) : undefined
  return wants ? { ...read, text: { ...read.text, wants } } : read
}

function readPlain(contentType: string, bytes: Uint8Array, cpim: boolean): Body {
  if (acceptsType([isComposingType], contentType)) {
    const read = parseIsComposing(bytes)
    if (!read) return { kind: 'unsupported' }
    return { kind: 'composing', state: read.state, ...(read.refresh !== undefined && { refreshSeconds: read.refresh }) }
  }
  if (bytes.length === 0) return { kind: 'empty' }
  const body = decode(bytes)
  return body === undefined
    ? { kind: 'unsupported' }
    : { kind: 'text', text: { contentType: typeOf(contentType), body }, cpim }
}

function readReceipt(bytes: Uint8Array): Body {
  const imdn = parseImdn(bytes)
  if (!imdn) return { kind: 'unsupported' }
  const report = reportOf(imdn.disposition)
  return report ? { kind: 'receipt', messageID: imdn.messageID as MessageID, report } : { kind: 'empty' }
}

/** Processing notifications tell of stations on the way, and are nobody's news here. */
function reportOf({ kind, status }: Imdn['disposition']): Report | undefined {
  if (kind === 'processing') return undefined
  if (status === 'delivered' || status === 'displayed') return { outcome: status }
  // A reader that will not say whether it has shown a text has it all the same.
  if (kind === 'display') return undefined
  return { outcome: 'failed', status: 0, reason: `${kind} ${status}` }
}

function wantsOf(imdnID: string, wanted: string): TextWants {
  const kinds = new Set(wanted.split(',').map((each) => each.trim().toLowerCase()))
  return {
    imdnID,
    ...(kinds.has('positive-delivery') && { delivered: true }),
    ...(kinds.has('negative-delivery') && { failed: true }),
    ...(kinds.has('display') && { displayed: true }),
  }
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

/** Of the parameters only the one that says how a text looks is kept: `msgr` of [MS-CONFIM], base64. */
function typeOf(contentType: string): string {
  const [type = '', ...parameters] = contentType.split(';')
  const msgr = parameters.map((each) => /^\s*msgr\s*=\s*"?([\w+/=-]{1,900})"?\s*$/i.exec(each)?.[1]).find(Boolean)
  return type.trim().toLowerCase() + (msgr === undefined ? '' : `; msgr=${msgr}`)
}

function withCharset(contentType: string): string {
  const [type = '', ...parameters] = contentType.split(';')
  const says = parameters.some((each) => /^\s*charset\s*=/i.test(each))
  return !/^text\//i.test(type) || says ? contentType : [type, 'charset=UTF-8', ...parameters].join(';')
}
