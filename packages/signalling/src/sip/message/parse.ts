import type { ParseFault } from '../transport/flow.ts'
import { answerTo } from './fault.ts'
import { Head, type Problem } from './head.ts'
import { defaultLimits, type MessageLimits } from './limits.ts'
import type { CSeq, SipMessage } from './message.ts'
import { isURIText, parseNameAddr } from './name-addr.ts'
import { type Mandatory, ParsedMessage, type StartLine } from './parsed-message.ts'
import { decimal, decoded, isToken, skipBlanks, tokenEnd } from './scan.ts'
import { parseVia, type SeenFrom } from './via.ts'

const blankLine = Buffer.from('\r\n\r\n', 'latin1')
/** CSeq numbers are below 2³¹, RFC 3261 §8.1.1.5. */
const maxCSeq = 2 ** 31 - 1
/** Nothing we read is longer; a greater Content-Length is no number to us. */
const maxLength = 2 ** 31 - 1

/**
 * Reads one whole message: a datagram, or what one WebSocket frame brought. Without Content-Length the body goes on to the end; what follows a
 * shorter one is left unread (RFC 3261 §18.3). `seen`: where it came from, for the Via of the answer to what is refused.
 */
export function parseMessage(
  bytes: Uint8Array,
  limits: MessageLimits = defaultLimits,
  seen?: SeenFrom,
): SipMessage | ParseFault {
  const buffer = asBuffer(bytes)
  let start = 0
  while (buffer[start] === 13 || buffer[start] === 10) start++ // RFC 3261 §7.5
  const end = buffer.indexOf(blankLine, start)
  if (end === -1) return unended(buffer, start, limits, seen)
  if (end + 2 - start > limits.headBytes) return tooLong(buffer, start, limits, seen)

  const head = new Head(buffer.toString('latin1', start, end + 2), limits)
  const bodyFrom = end + blankLine.length
  const length = contentLength(head)
  const room = buffer.length - bodyFrom
  if (length === 'malformed') head.problem ??= { status: 400, why: 'malformed Content-Length' }
  else if (length !== undefined && length > room) head.problem ??= { status: 400, why: 'Content-Length beyond the end' }
  const bodyTo = typeof length === 'number' && length < room ? bodyFrom + length : buffer.length
  return finish(head, buffer.subarray(start, bodyTo), bodyFrom - start, limits, seen)
}

/** The bytes as a Buffer over the same memory. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** No blank line after the headers: whatever lines there are serve for the answer. */
function unended(buffer: Buffer, start: number, limits: MessageLimits, seen: SeenFrom | undefined): ParseFault {
  if (buffer.length - start > limits.headBytes) return tooLong(buffer, start, limits, seen)
  return refuse(wholeLines(buffer, start, buffer.length, limits), { status: 400, why: 'no end of the headers' }, seen)
}

function tooLong(buffer: Buffer, start: number, limits: MessageLimits, seen: SeenFrom | undefined): ParseFault {
  const problem = { status: 513, why: 'headers too long' }
  return refuse(wholeLines(buffer, start, start + limits.headBytes, limits), problem, seen)
}

/** The lines that end before `to`. */
export function wholeLines(buffer: Buffer, from: number, to: number, limits: MessageLimits): Head {
  const text = buffer.toString('latin1', from, to)
  const end = text.lastIndexOf('\r\n')
  return new Head(end === -1 ? `${text}\r\n` : text.slice(0, end + 2), limits)
}

/** What Content-Length says; undefined where there is none. RFC 4475 §3.1.2.3: a negative one is malformed. */
export function contentLength(head: Head): number | undefined | 'malformed' {
  if (head.contentLength === -1) return undefined
  return decimal(head.value(head.contentLength), maxLength) ?? 'malformed'
}

/** Makes the message of its lines and its bytes, or says what is wrong. `bytes`: from the start line to the end of the body. */
export function finish(
  head: Head,
  bytes: Buffer,
  bodyFrom: number,
  limits: MessageLimits,
  seen: SeenFrom | undefined,
): SipMessage | ParseFault {
  const start = readStartLine(head.startLine, limits)
  if ('why' in start) return refuse(head, start, seen)
  const mandatory = readMandatory(head)
  if ('why' in mandatory) return refuse(head, head.problem ?? mandatory, seen)
  if (head.problem) return refuse(head, head.problem, seen)
  if (bytes.length - bodyFrom > limits.bodyBytes) return refuse(head, { status: 413, why: 'body too long' }, seen)
  return new ParsedMessage(start, mandatory, head, bytes.subarray(bodyFrom), bytes) as SipMessage
}

/** A fault; with an answer where one may be given. */
export function refuse(head: Head, problem: Problem, seen: SeenFrom | undefined, fatal = false): ParseFault {
  const answer = answerTo(head, problem, seen)
  return { kind: 'fault', why: problem.why, ...(answer && { answer }), fatal }
}

function readStartLine(line: string, limits: MessageLimits): StartLine | Problem {
  const space = line.indexOf(' ')
  if (space < 1) return { status: 400, why: 'malformed start line' }
  const first = line.slice(0, space)
  if (first.includes('/')) return readStatusLine(line, first, space)

  // RFC 3261 §7.1: one space each. RFC 4475 §3.1.2.8 to §3.1.2.10 ask for 400 where there are more.
  const second = line.indexOf(' ', space + 1)
  if (second === -1 || !isToken(first)) return { status: 400, why: 'malformed request line' }
  const uri = line.slice(space + 1, second)
  const version = line.slice(second + 1)
  if (version !== 'SIP/2.0' && version.toUpperCase() !== 'SIP/2.0')
    return /^SIP\/\d+\.\d+$/i.test(version)
      ? { status: 505, why: 'another SIP version' }
      : { status: 400, why: 'malformed request line' }
  if (uri.length > limits.uriBytes) return { status: 414, why: 'Request-URI too long' }
  if (!isURIText(uri)) return { status: 400, why: 'malformed Request-URI' }
  return { kind: 'request', method: first, uri: decoded(uri), status: 0, reason: '' }
}

function readStatusLine(line: string, version: string, space: number): StartLine | Problem {
  if (version.toUpperCase() !== 'SIP/2.0') return { status: 505, why: 'another SIP version' }
  const end = line.indexOf(' ', space + 1)
  const code = line.slice(space + 1, end === -1 ? line.length : end)
  const status = code.length === 3 ? decimal(code, 699) : undefined
  if (status === undefined || status < 100) return { status: 400, why: 'malformed status line' }
  const reason = end === -1 ? '' : decoded(line.slice(end + 1))
  return { kind: 'response', method: '', uri: '', status, reason }
}

function readMandatory(head: Head): Mandatory | Problem {
  if (head.via === -1) return missing('Via')
  if (head.from === -1) return missing('From')
  if (head.to === -1) return missing('To')
  if (head.callID === -1) return missing('Call-ID')
  if (head.cseq === -1) return missing('CSeq')
  const via = parseVia(head.firstOf(head.via))
  if (!via) return malformed('Via')
  const from = parseNameAddr(head.value(head.from))
  if (!from) return malformed('From')
  const to = parseNameAddr(head.value(head.to))
  if (!to) return malformed('To')
  const callID = head.value(head.callID)
  if (callID === '' || callID.includes(' ')) return malformed('Call-ID')
  const cseq = parseCSeq(head.value(head.cseq))
  if (!cseq) return malformed('CSeq')
  return { via, from, to, callID: decoded(callID), cseq }
}

function missing(name: string): Problem {
  return { status: 400, why: `${name} is missing` }
}

function malformed(name: string): Problem {
  return { status: 400, why: `malformed ${name}` }
}

/** `4711 INVITE`, RFC 3261 §20.16. */
export function parseCSeq(text: string): CSeq | undefined {
  const numberEnd = tokenEnd(text, 0)
  const number = decimal(text.slice(0, numberEnd), maxCSeq)
  const methodFrom = skipBlanks(text, numberEnd)
  if (number === undefined || methodFrom === numberEnd) return undefined
  const method = text.slice(methodFrom)
  return isToken(method) ? { number, method } : undefined
}
