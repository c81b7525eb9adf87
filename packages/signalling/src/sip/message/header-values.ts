import { deltaSeconds } from './header-contact.ts'
import { maxCommentDepth } from './limits.ts'
import type { NameAddr, Params, SipRequest, SipResponse } from './message.ts'
import { parseNameAddr } from './name-addr.ts'
import { parseParams } from './params.ts'
import { decimal, isToken, skipBlanks, tokenEnd, trimmed } from './scan.ts'

/** The option tags of Require, Supported, Proxy-Require or Unsupported in lower case (RFC 3261 §7.3.1: tokens are compared so). */
export function optionTags(message: SipRequest | SipResponse, name: string): ReadonlySet<string> {
  return new Set(message.headers(name).map((tag) => tag.toLowerCase()))
}

/** Route, Record-Route, Path or Service-Route: each a name-addr; undefined where one is malformed. */
export function readRoutes(message: SipRequest | SipResponse, name: string): readonly NameAddr[] | undefined {
  const routes: NameAddr[] = []
  for (const value of message.headers(name)) {
    const route = value.includes('<') ? parseNameAddr(value) : undefined
    if (!route) return undefined
    routes.push(route)
  }
  return routes
}

/** A value with parameters: `application/sdp;q=0.5`, `600;refresher=uac`. */
export interface Parameterised {
  /** As written. */
  readonly value: string
  readonly params: Params
}

/** Cuts a value at its first semicolon; undefined where the parameters are malformed. */
export function parseParameterised(text: string): Parameterised | undefined {
  const semicolon = text.indexOf(';')
  const params = semicolon === -1 ? new Map<string, string | null>() : parseParams(text, semicolon)
  return params && { value: trimmed(semicolon === -1 ? text : text.slice(0, semicolon)), params }
}

/** A media type or range in lower case without its parameters: `application/sdp`, `text/*`. Undefined where it is none. */
export function mediaType(text: string): string | undefined {
  const semicolon = text.indexOf(';')
  const type = (semicolon === -1 ? text : text.slice(0, semicolon)).replace(/[ \t]+/g, '').toLowerCase()
  const slash = type.indexOf('/')
  return isToken(type.slice(0, slash)) && isToken(type.slice(slash + 1)) && slash > 0 ? type : undefined
}

/** Whether Accept lets us answer with this type. Without Accept everything of ours may be sent; an empty one allows nothing (RFC 3261 §20.1). */
export function accepts(message: SipRequest | SipResponse, type: string): boolean {
  if (message.header('accept') === undefined) return true
  const main = type.slice(0, type.indexOf('/') + 1)
  return message.headers('accept').some((range) => {
    const wanted = mediaType(range)
    return wanted === type || wanted === '*/*' || wanted === `${main}*`
  })
}

/** Session-Expires: seconds and who refreshes, RFC 4028 §4. Undefined where malformed. */
export function parseSessionExpires(
  text: string,
): { readonly seconds: number; readonly refresher: 'uac' | 'uas' | undefined } | undefined {
  const parts = parseParameterised(text)
  const seconds = parts && deltaSeconds(parts.value)
  if (!parts || seconds === undefined) return undefined
  const refresher = parts.params.get('refresher')?.toLowerCase()
  return { seconds, refresher: refresher === 'uac' || refresher === 'uas' ? refresher : undefined }
}

/** Min-SE, RFC 4028 §5: seconds. */
export function parseMinSE(text: string): number | undefined {
  const parts = parseParameterised(text)
  return parts && deltaSeconds(parts.value)
}

/** RSeq, RFC 3262 §7.1. */
export function parseRSeq(text: string): number | undefined {
  const number = decimal(text, 2 ** 32 - 1)
  return number === 0 ? undefined : number
}

/** RAck: the RSeq and the CSeq it acknowledges, RFC 3262 §7.2. */
export function parseRAck(
  text: string,
): { readonly rseq: number; readonly cseq: number; readonly method: string } | undefined {
  const [, first = '', second = '', method = ''] = /^(\d+)[ \t]+(\d+)[ \t]+(\S+)$/.exec(text) ?? []
  const rseq = parseRSeq(first)
  const cseq = decimal(second, 2 ** 31 - 1)
  return rseq === undefined || cseq === undefined || !isToken(method) ? undefined : { rseq, cseq, method }
}

/** Reason: a protocol and its parameters, of which `cause` and `text` are the ones that count. RFC 3326. */
export function parseReason(
  text: string,
): { readonly protocol: string; readonly cause: number | undefined; readonly text: string | undefined } | undefined {
  const parts = parseParameterised(text)
  if (!parts || !isToken(parts.value)) return undefined
  return {
    protocol: parts.value,
    cause: decimal(parts.params.get('cause') ?? '', 999),
    text: parts.params.get('text') ?? undefined,
  }
}

/** Retry-After in seconds: `18000;duration=3600`, `120 (I'm in a meeting)`. RFC 3261 §20.33. A comment nested too deep is malformed. */
export function parseRetryAfter(
  text: string,
): { readonly seconds: number; readonly duration: number | undefined } | undefined {
  const end = tokenEnd(text, 0)
  const seconds = deltaSeconds(text.slice(0, end))
  let at = skipBlanks(text, end, text.length)
  if (text[at] === '(') at = commentEnd(text, at)
  const params = at === -1 ? undefined : parseParams(text, at)
  if (seconds === undefined || !params) return undefined
  return { seconds, duration: deltaSeconds(params.get('duration') ?? '') }
}

/** Behind the comment that begins at `from`; -1 where it does not end or goes too deep. RFC 3261 §25.1. */
function commentEnd(text: string, from: number): number {
  let depth = 0
  for (let at = from; at < text.length; at++) {
    const char = text[at]
    if (char === '\\') at++
    else if (char === '(' && ++depth > maxCommentDepth) return -1
    else if (char === ')' && --depth === 0) return at + 1
  }
  return -1
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const dateForm = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/

/** Date in ms since 1970; undefined where it is none, or not in GMT. RFC 3261 §20.17, RFC 4475 §3.1.2.12. */
export function parseDate(text: string): number | undefined {
  const [, day = '', month = '', year = '', hours = '', minutes = '', seconds = ''] = dateForm.exec(text) ?? []
  const at = months.indexOf(month)
  if (at === -1 || Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 60) return undefined
  const date = new Date(Date.UTC(Number(year), at, Number(day)))
  if (date.getUTCDate() !== Number(day)) return undefined
  return date.getTime() + ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000
}

/** Ms since 1970 as a Date header. */
export function printDate(ms: number): string {
  return new Date(ms).toUTCString()
}
