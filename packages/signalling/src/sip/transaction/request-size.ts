import type { RequestParts } from '../message/message.ts'
import { magicCookie } from '../message/via.ts'

/** Characters behind the magic cookie in a branch of ours, at most: 80 bits in letters and digits. */
const branchLength = 24

/**
 * The bytes a request has at most when the layer sends it over UDP from `sentBy`: for the choice of a transport, RFC 3261 §18.1.1.
 */
export function requestSize(parts: RequestParts, sentBy: string): number {
  const body = parts.body?.length ?? 0
  let size = `${parts.method}  SIP/2.0\r\n`.length + Buffer.byteLength(parts.uri)
  size += `Via: SIP/2.0/UDP ;branch=${magicCookie};rport\r\n`.length + sentBy.length + branchLength
  size += `Max-Forwards: 70\r\nContent-Length: ${body}\r\n\r\n`.length + body
  for (const [name, value] of parts.headers) size += name.length + Buffer.byteLength(value) + ': \r\n'.length
  return size
}
