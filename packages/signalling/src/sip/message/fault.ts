import { absent, type Head, type Problem } from './head.ts'
import { isToken, trimmed, valueEnd } from './scan.ts'
import { reasonPhrase } from './status.ts'
import { parseVia, type SeenFrom, stampVia } from './via.ts'

/**
 * The answer to a request that could not be read, made of what can be found in it. Undefined where silence is right: it is a response, an ACK
 * (RFC 3261 §17.1.1.3), no request at all, or there is no Via to say where the answer belongs.
 */
export function answerTo(head: Head, problem: Problem, seen: SeenFrom | undefined): Uint8Array | undefined {
  const method = head.text.slice(0, head.text.indexOf(' '))
  if (!isToken(method) || method === 'ACK' || head.via === absent) return undefined

  let text = `SIP/2.0 ${problem.status} ${reasonPhrase(problem.status)} (${problem.why})\r\n`
  head.lineValues('via').forEach((value, at) => {
    text += `Via: ${clean(at === 0 && seen ? stamped(value, seen) : value)}\r\n`
  })
  if (head.from !== absent) text += `From: ${clean(head.value(head.from))}\r\n`
  if (head.to !== absent) text += `To: ${clean(withTag(head.value(head.to), text))}\r\n`
  if (head.callID !== absent) text += `Call-ID: ${clean(head.value(head.callID))}\r\n`
  if (head.cseq !== absent) text += `CSeq: ${clean(head.value(head.cseq))}\r\n`
  return Buffer.from(`${text}Content-Length: 0\r\n\r\n`, 'latin1')
}

/** A broken line can hold a CR or an LF of its own; it must not make two lines of one. */
function clean(value: string): string {
  return value.replace(/[\r\n\0]/g, ' ')
}

/** As `stampVia`, for a Via that may be what is broken. */
function stamped(value: string, seen: SeenFrom): string {
  const end = valueEnd(value, 0, value.length)
  const first = trimmed(value.slice(0, end))
  const via = parseVia(first)
  return via ? stampVia(first, via, seen) + value.slice(end) : value
}

/** Every answer but 100 has a tag; made of the lines before it, it is the same one for the same request, of which nothing is kept. RFC 3261 §8.2.6.2, §8.2.7. */
function withTag(to: string, before: string): string {
  return /;[ \t]*tag[ \t]*=/i.test(to) ? to : `${to};tag=${fingerprint(before)}`
}

/** 32 bits of FNV-1a in hexadecimal. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, '0')
}
