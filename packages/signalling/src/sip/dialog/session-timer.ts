/** Session timers: who refreshes how often, and when a session counts as gone. RFC 4028. Seconds in headers, milliseconds for timers. */

import { optionTags, parseMinSE, parseSessionExpires } from '../message/header-values.ts'
import type { HeaderLine, SipRequest, SipResponse } from '../message/message.ts'
import type { DialogState } from '../ports.ts'

/** RFC 4028 §5: nobody may ask for less. */
export const leastInterval = 90

export interface SessionTimerOptions {
  /** What we ask for, seconds. RFC 4028 §4 recommends 1800. */
  readonly interval: number
  /** The shortest interval we let a peer ask for, seconds. */
  readonly minSE: number
}

export const defaultSessionTimer: SessionTimerOptions = { interval: 1800, minSE: leastInterval }

type Session = NonNullable<DialogState['session']>

interface SessionExpires {
  readonly seconds: number
  readonly refresher: 'uac' | 'uas' | undefined
}

/** Session-Expires with its refresher; undefined where it is absent or not readable. */
export function readSessionExpires(message: SipRequest | SipResponse): SessionExpires | undefined {
  return parseSessionExpires(message.header('session-expires') ?? '')
}

/** Min-SE; the least there is where it is absent. */
export function readMinSE(message: SipRequest | SipResponse): number {
  return Math.max(leastInterval, parseMinSE(message.header('min-se') ?? '') ?? leastInterval)
}

/** The headers of a request of ours that sets up or refreshes a session. RFC 4028 §7.1, §7.4. `refresher` is said in refreshes, so that the roles stay. */
export function requestHeaders(interval: number, minSE: number, refresher?: 'uac' | 'uas'): HeaderLine[] {
  const headers: HeaderLine[] = [['Session-Expires', `${interval}${refresher ? `;refresher=${refresher}` : ''}`]]
  if (minSE > leastInterval) headers.push(['Min-SE', String(minSE)])
  return headers
}

/** The interval to ask for after a 422; undefined where the peer's is none we could take. RFC 4028 §7.3. */
export function afterTooSmall(response: SipResponse, asked: number): number | undefined {
  const minSE = readMinSE(response)
  return response.header('min-se') === undefined || minSE <= asked ? undefined : minSE
}

/** What becomes of a peer's request: its interval is too small (422), or the session's timer and the headers of the 2xx. RFC 4028 §9. */
export function answerSession(
  request: SipRequest,
  options: SessionTimerOptions | undefined,
): { readonly tooSmall: HeaderLine[] } | { readonly session: Session | null; readonly headers: HeaderLine[] } {
  const asked = readSessionExpires(request)
  if (!options && !asked) return { session: null, headers: [] }
  const supports = optionTags(request, 'supported').has('timer')
  const minSE = options?.minSE ?? leastInterval
  if (asked && supports && asked.seconds < minSE) return { tooSmall: [['Min-SE', String(minSE)]] }

  // RFC 4028 §9: we may shorten what is asked for, down to the request's Min-SE, never lengthen it.
  const wanted = Math.max(options?.interval ?? leastInterval, readMinSE(request), minSE)
  const interval = asked ? Math.max(leastInterval, Math.min(asked.seconds, options ? wanted : asked.seconds)) : wanted
  // RFC 4028 table 2. Where the peer leaves it to us, we do it: then we know that it is done.
  const refresher = supports && asked?.refresher === 'uac' ? 'uac' : 'uas'
  const headers: HeaderLine[] = [['Session-Expires', `${interval};refresher=${refresher}`]]
  if (refresher === 'uac') headers.push(['Require', 'timer'])
  return { session: { interval, refresher: refresher === 'uas' ? 'local' : 'remote' }, headers }
}

/** What a 2xx to our request says; null: no session timer (RFC 4028 §7.2). */
export function answeredSession(response: SipResponse): Session | null {
  const said = readSessionExpires(response)
  if (!said) return null
  // RFC 4028 §7.2: a 2xx names the refresher. Where it does not, we refresh: once too often does no harm.
  return { interval: Math.max(leastInterval, said.seconds), refresher: said.refresher === 'uas' ? 'remote' : 'local' }
}

/** When the refresher refreshes after the last refresh, ms. RFC 4028 §10. */
export function refreshAfter(session: Session): number {
  return session.interval * 500
}

/** When either side gives the session up and sends BYE, ms after the last refresh. RFC 4028 §10. */
export function expireAfter(session: Session): number {
  return (session.interval - Math.min(32, session.interval / 3)) * 1000
}
