import type { SipRequest, Via } from '../message/message.ts'
import { magicCookie } from '../message/via.ts'

/** Whether the branch is unique, as RFC 3261 §8.1.1.7 asks for; else the sender is of RFC 2543. */
function isUnique(branch: string | undefined): branch is string {
  return branch !== undefined && branch.length > magicCookie.length && branch.startsWith(magicCookie)
}

/** Whether the sender of the request is of RFC 2543, so that an ACK is told by the To tag of our answer. */
export function isOldStyle(request: SipRequest): boolean {
  return !isUnique(request.via.branch)
}

/** `host:port` of a Via, or `host` where it has no port; IPv6 in brackets. Comparable with a flow's `sentBy` in lower case. */
export function sentByOf(via: Via): string {
  const host = via.host.includes(':') ? `[${via.host}]` : via.host
  return via.port === undefined ? host : `${host}:${via.port}`
}

/**
 * What all messages of one request have in common, whichever way they came: Call-ID, From tag and CSeq (RFC 3261 §8.2.2.2). ACK and CANCEL have
 * the key of their INVITE. Who knows all three was sent the request or sent it.
 */
export function requestKey(request: SipRequest): string {
  const { method } = request
  const of = method === 'ACK' || method === 'CANCEL' ? 'INVITE' : method
  // Joined, not added up: V8 adds strings by reference, and what is cut out of a message refers to it, so that a key would keep its message.
  return [request.callID, request.from.tag ?? '', request.cseq.number, of].join(' ')
}

/**
 * Tells the transactions of one key apart, by RFC 3261 §17.2.3: branch, sent-by and method; for senders of RFC 2543 Request-URI, To tag, Via and
 * method. `method`: that of the transaction looked for, INVITE for an ACK and in search of what a CANCEL cancels. A hash of 32 bits: by chance
 * two ways of one request look alike once in four thousand million times, and the second gets the answer of the first.
 */
export function transactionID(request: SipRequest, method: string, toTag: string = request.to.tag ?? ''): number {
  const { via } = request
  let hash = hashed(method, 0x811c9dc5)
  if (isUnique(via.branch)) return hashed(via.host, hashed(via.branch, hash ^ (via.port ?? 0)))
  hash = hashed(toTag, hashed(request.uri, hash))
  return hashed(request.header('via') ?? '', hash)
}

/** FNV-1a over a string and a separator. */
export function hashed(text: string, from: number): number {
  let hash = from
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return Math.imul(hash ^ 0x20, 0x01000193)
}

/**
 * What a response to a request of ours is looked up by: our branch, which only a CANCEL shares, with its INVITE. The method of its CSeq has to be
 * that of the request as well: RFC 3261 §17.1.3.
 */
export function clientKey(branch: string, method: string): string {
  return method === 'CANCEL' ? `${branch} ${method}` : branch
}
