import type { SipRequest, Via } from '../message/message.ts'
import { magicCookie } from '../message/via.ts'

/** Whether the branch is unique, as RFC 3261 §8.1.1.7 asks for; else the sender is of RFC 2543. */
function isUnique(branch: string | undefined): branch is string {
  return branch !== undefined && branch.length > magicCookie.length && branch.startsWith(magicCookie)
}

/** `host:port` of a Via, or `host` where it has no port; IPv6 in brackets. Comparable with a flow's `sentBy` in lower case. */
export function sentByOf(via: Via): string {
  const host = via.host.includes(':') ? `[${via.host}]` : via.host
  return via.port === undefined ? host : `${host}:${via.port}`
}

/**
 * What repetitions of a request, and of no other, have in common: RFC 3261 §17.2.3. `method`: that of the transaction looked for, which is INVITE
 * for an ACK, and for a CANCEL in search of what it cancels. `toTag`: for senders of RFC 2543, the To tag of the request looked for.
 */
export function serverKey(request: SipRequest, method: string, toTag: string = request.to.tag ?? ''): string {
  const { via } = request
  if (isUnique(via.branch)) return `${via.branch} ${via.host}:${via.port} ${method}`
  const { from, callID, cseq, uri } = request
  return `${uri} ${toTag} ${from.tag ?? ''} ${callID} ${cseq.number} ${method} ${request.header('via')}`
}

/** Whether the sender of the request is of RFC 2543, so that an ACK is told by the To tag of our answer. */
export function isOldStyle(request: SipRequest): boolean {
  return !isUnique(request.via.branch)
}

/** What requests that came over several ways, and are one request, have in common: RFC 3261 §8.2.2.2. */
export function mergeKey(request: SipRequest): string {
  return `${request.callID} ${request.from.tag ?? ''} ${request.cseq.number} ${request.cseq.method}`
}

/** What a response to a request of ours is known by: RFC 3261 §17.1.3. */
export function clientKey(branch: string, method: string): string {
  return `${branch} ${method}`
}
