import type { ParseFault } from '../transport/flow.ts'
import { answerTo } from './fault.ts'
import { absent, Head, type Problem } from './head.ts'
import { defaultLimits, type MessageLimits } from './limits.ts'
import type { CSeq, NameAddr, SipMessage, Via } from './message.ts'
import { isURIText, readNameAddr } from './name-addr.ts'
import { type Mandatory, ParsedMessage, type StartLine } from './parsed-message.ts'
import { decimal, decoded, isToken, skipBlanks, tokenEnd, valueEnd } from './scan.ts'
import { magicCookie, parseVia, type SeenFrom } from './via.ts'

const blankLine = '\r\n\r\n'
/** Most heads are shorter; a body behind it need not be decoded to find their end. */
const usualHead = 2_048
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
  let text = buffer.toString('latin1', start, start + usualHead)
  let end = text.indexOf(blankLine)
  if (end === -1 && buffer.length > start + usualHead) {
    text = buffer.toString('latin1', start, start + limits.headBytes + blankLine.length)
    end = text.indexOf(blankLine)
  }
  if (end === -1 || end + 2 > limits.headBytes) return refuse(wholeLines(text, limits), tooLong(text, limits), seen)

  const head = new Head(text, end + 2, limits)
  const bodyFrom = start + end + blankLine.length
  const length = contentLength(head)
  const room = buffer.length - bodyFrom
  if (length === 'malformed') head.problem ??= { status: 400, why: 'malformed Content-Length' }
  else if (length !== undefined && length > room) head.problem ??= { status: 400, why: 'Content-Length beyond the end' }
  const bodyTo = typeof length === 'number' && length < room ? bodyFrom + length : buffer.length
  const whole = start === 0 && bodyTo === buffer.length ? buffer : buffer.subarray(start, bodyTo)
  return finish(head, whole, bodyFrom - start, limits, seen)
}

/** The bytes as a Buffer over the same memory. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** What is wrong where the headers do not end. */
export function tooLong(text: string, limits: MessageLimits): Problem {
  return text.length > limits.headBytes
    ? { status: 513, why: 'headers too long' }
    : { status: 400, why: 'no end of the headers' }
}

/** The lines of a text that does not end with a blank line: they serve for the answer. */
export function wholeLines(text: string, limits: MessageLimits): Head {
  const end = text.slice(0, limits.headBytes).lastIndexOf('\r\n')
  return end === -1 ? new Head(`${text}\r\n`, 0, limits) : new Head(text, end + 2, limits)
}

/** What Content-Length says; undefined where there is none. RFC 4475 §3.1.2.3: a negative one is malformed. */
export function contentLength(head: Head): number | undefined | 'malformed' {
  if (head.contentLength === absent) return undefined
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
  const start = readStartLine(head.text, head.startLineEnd, limits)
  if ('why' in start) return refuse(head, start, seen)
  const mandatory = readMandatory(head)
  if ('why' in mandatory) return refuse(head, head.problem ?? mandatory, seen)
  if (head.problem) return refuse(head, head.problem, seen)
  if (bytes.length - bodyFrom > limits.bodyBytes) return refuse(head, { status: 413, why: 'body too long' }, seen)
  return new ParsedMessage(start, mandatory, head, bytes, bodyFrom) as SipMessage
}

/** A fault; with an answer where one may be given. */
export function refuse(head: Head, problem: Problem, seen: SeenFrom | undefined, fatal = false): ParseFault {
  const answer = answerTo(head, problem, seen)
  return { kind: 'fault', why: problem.why, ...(answer && { answer }), fatal }
}

function readStartLine(text: string, end: number, limits: MessageLimits): StartLine | Problem {
  if (text.startsWith('SIP/')) return readStatusLine(text, end)
  const space = text.indexOf(' ')
  const second = text.indexOf(' ', space + 1)
  const method = text.slice(0, space)
  // RFC 3261 §7.1: one space each. RFC 4475 §3.1.2.8 to §3.1.2.10 ask for 400 where there are more.
  if (space < 1 || second === -1 || second > end || !isToken(method)) return readStatusLine(text, end)
  if (end !== second + 8 || !text.startsWith('SIP/2.0', second + 1)) {
    const problem = versionProblem(text.slice(second + 1, end))
    if (problem) return problem
  }
  if (second - space > limits.uriBytes) return { status: 414, why: 'Request-URI too long' }
  const uri = text.slice(space + 1, second)
  if (!isURIText(uri)) return { status: 400, why: 'malformed Request-URI' }
  return { kind: 'request', method, uri: decoded(uri), status: 0, reason: '' }
}

function versionProblem(version: string): Problem | undefined {
  if (version.toUpperCase() === 'SIP/2.0') return undefined
  return /^SIP\/\d+\.\d+$/i.test(version)
    ? { status: 505, why: 'another SIP version' }
    : { status: 400, why: 'malformed request line' }
}

/** A blank and a reason are required behind the code; peers leave both out (RFC 4475 §3.1.1.13). */
function readStatusLine(text: string, end: number): StartLine | Problem {
  const status = text.slice(0, 8).toUpperCase() === 'SIP/2.0 ' ? decimal(text.slice(8, 11), 699) : undefined
  const bare = end === 11
  if (status === undefined || status < 100 || (!bare && text.charCodeAt(11) !== 32))
    return { status: 400, why: 'malformed start line' }
  const reason = bare ? '' : decoded(text.slice(12, end))
  return { kind: 'response', method: '', uri: '', status, reason }
}

function readMandatory(head: Head): Mandatory | Problem {
  if (head.via === absent) return missing('Via')
  if (head.from === absent) return missing('From')
  if (head.to === absent) return missing('To')
  if (head.callID === absent) return missing('Call-ID')
  if (head.cseq === absent) return missing('CSeq')
  const via = topVia(head)
  if (!via) return malformed('Via')
  if (via.branch === magicCookie) return { status: 400, why: 'a branch without anything of its own' } // RFC 4475 §3.2.1
  const from = nameAddr(head, head.from)
  if (!from) return malformed('From')
  const to = nameAddr(head, head.to)
  if (!to) return malformed('To')
  const callID = head.value(head.callID)
  if (!isVisible(callID)) return malformed('Call-ID')
  const cseq = parseCSeq(head.value(head.cseq))
  if (!cseq) return malformed('CSeq')
  return { via, from, to, callID: decoded(callID), cseq }
}

/** Not empty, and neither blanks nor control characters: what the grammar of Call-ID comes to. */
function isVisible(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code <= 32 || code === 127) return false
  }
  return text.length > 0
}

function topVia(head: Head): Via | undefined {
  if (head.folded) return parseVia(head.firstOf(head.via))
  const { text } = head
  const from = head.valueFrom(head.via)
  return parseVia(text, from, valueEnd(text, from, head.valueTo(head.via)))
}

function nameAddr(head: Head, place: number): NameAddr | undefined {
  if (!head.folded) return readNameAddr(head.text, head.valueFrom(place), head.valueTo(place))
  const value = head.value(place)
  return readNameAddr(value, 0, value.length)
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
  const methodFrom = skipBlanks(text, numberEnd, text.length)
  if (number === undefined || methodFrom === numberEnd) return undefined
  const method = text.slice(methodFrom)
  return isToken(method) ? { number, method } : undefined
}
