import type { HeaderLine, Reply, RequestParts, SipRequest } from './message.ts'
import { isURIText } from './name-addr.ts'
import { rawValue, rawValues } from './parsed-message.ts'
import { encoded, isToken, trimmed, valueEnd } from './scan.ts'
import { reasonPhrase } from './status.ts'
import { type SeenFrom, stampVia } from './via.ts'

/** RFC 3261 §8.1.1.6. */
const firstMaxForwards = 70

/** What the layers below the request put into it. */
export interface Hop {
  /** The value of our Via, e.g. of `viaValue`. */
  readonly via: string
  /** By default 70; not written where the parts have a Max-Forwards of their own. */
  readonly maxForwards?: number
}

/** `SIP/2.0/UDP host:port;branch=…;rport`. `transport`: in any case. */
export function viaValue(via: { transport: string; sentBy: string; branch: string; rport?: boolean }): string {
  return `SIP/2.0/${via.transport.toUpperCase()} ${via.sentBy};branch=${via.branch}${via.rport === true ? ';rport' : ''}`
}

/**
 * A request as bytes. Content-Length is that of the body, whatever the headers say. Line breaks and other control characters in values become
 * blanks: nothing a value holds can begin a line. Throws where method, Request-URI or the name of a header is not one.
 */
export function printRequest(parts: RequestParts, hop: Hop): Uint8Array {
  if (!isToken(parts.method)) throw new Error('a method must be a token')
  if (!isURIText(parts.uri)) throw new Error('a Request-URI must have a scheme and no blanks')
  let head = `${parts.method} ${encoded(parts.uri)} SIP/2.0\r\nVia: ${safe(hop.via)}\r\n`
  if (!parts.headers.some(([name]) => name.toLowerCase() === 'max-forwards'))
    head += `Max-Forwards: ${hop.maxForwards ?? firstMaxForwards}\r\n`
  return close(head + lines(parts.headers), parts.body)
}

/** What an answer has besides what the reply says. */
export interface AnswerHop {
  /** Put into To where the request had no tag; 100 goes without (RFC 3261 §8.2.6.2). */
  readonly toTag: string
  /** Where the request came from, for `received` and `rport` in the topmost Via. */
  readonly seen?: SeenFrom
}

/**
 * The answer to a request as bytes: Via, From, To, Call-ID, CSeq as they came; Record-Route in what may make a dialog (101 to 299), Timestamp in 100.
 * RFC 3261 §8.2.6, §12.1.1. Values are made safe as in `printRequest`; throws where a header's name is not one.
 */
export function printResponse(request: SipRequest, reply: Reply, hop: AnswerHop): Uint8Array {
  const { status } = reply
  let head = `SIP/2.0 ${status} ${safe(reply.reason ?? reasonPhrase(status))}\r\n`
  const vias = rawValues(request, 'via')
  for (let at = 0; at < vias.length; at++) {
    const value = vias[at] ?? ''
    head += `Via: ${at === 0 && hop.seen ? stampFirst(value, request, hop.seen) : value}\r\n`
  }
  head += `From: ${rawValue(request, 'from')}\r\nTo: ${rawValue(request, 'to')}`
  if (request.to.tag === undefined && status > 100) head += `;tag=${hop.toTag}`
  head += `\r\nCall-ID: ${rawValue(request, 'callID')}\r\nCSeq: ${rawValue(request, 'cseq')}\r\n`
  if (status > 100 && status < 300) head += repeated(request, 'Record-Route', 'record-route')
  if (status === 100) head += repeated(request, 'Timestamp', 'timestamp')
  return close(head + lines(reply.headers ?? []), reply.body)
}

function stampFirst(value: string, request: SipRequest, seen: SeenFrom): string {
  const end = valueEnd(value, 0, value.length)
  return stampVia(trimmed(value.slice(0, end)), request.via, seen) + value.slice(end)
}

/** Values as they came; they hold no line break, or they would not have been read. */
function repeated(request: SipRequest, name: string, key: string): string {
  let text = ''
  for (const value of rawValues(request, key)) text += `${name}: ${value}\r\n`
  return text
}

function lines(headers: readonly HeaderLine[]): string {
  let text = ''
  for (const [name, value] of headers) {
    if (!isToken(name)) throw new Error('the name of a header must be a token')
    if (!isLength(name)) text += `${name}: ${safe(value)}\r\n`
  }
  return text
}

function isLength(name: string): boolean {
  return name === 'l' || name === 'L' || (name.length === 14 && name.toLowerCase() === 'content-length')
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be in a value
const control = /[\x00-\x08\x0a-\x1f\x7f]/

/** In UTF-8, one character per byte, without control characters. */
function safe(value: string): string {
  return encoded(control.test(value) ? value.replace(new RegExp(control, 'g'), ' ') : value)
}

function close(head: string, body: Uint8Array | undefined): Uint8Array {
  const length = body?.length ?? 0
  const text = `${head}Content-Length: ${length}\r\n\r\n`
  if (!body || length === 0) return Buffer.from(text, 'latin1')
  const bytes = Buffer.allocUnsafe(text.length + length)
  bytes.write(text, 'latin1')
  bytes.set(body, text.length)
  return bytes
}
