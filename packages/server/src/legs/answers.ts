/** SIP status codes for what the core says, and the other way round. */
import { type CallEnd, type CallState, type Reply, TServerError } from '@ringdown/signalling'
import type { Report } from './way.ts'

const retryAfter = (seconds: number) => [['Retry-After', String(seconds)] as const]

/** The answer to a request the core has refused. RFC 3261 §21. */
export function refusal(error: unknown): Reply {
  if (!(error instanceof TServerError)) return { status: 500 }
  switch (error.reason) {
    case 'TERR_DEST_INV_STATE':
      return { status: 486, headers: retryAfter(30) }
    case 'TERR_NOT_CONFIGURED':
      return { status: 404 }
    case 'TERR_SET_WRONG_STATE':
    case 'TERR_NOT_REGISTERED':
    case 'TERR_ACD_LOGOFF':
    case 'TERR_OUT_OF_SERVICE':
      return { status: 480, headers: retryAfter(60) }
    case 'TERR_UNSUP_OPER':
    case 'TERR_BAD_PARAM':
      return { status: 488 }
    case 'TERR_INVALID_ATTR':
      return { status: 513 }
    case 'TERR_INV_CONNID':
      return { status: 481 }
    case 'TERR_NO_SWITCH':
    case 'TERR_TIMEOUT':
    case 'TERR_RES_UNAVAIL':
      return { status: 503, headers: retryAfter(2) }
    case 'TERR_RESOURCE_SEIZED':
    case 'TERR_AGENT_ID_INV':
    case 'TERR_INTERNAL':
      return { status: 500 }
  }
}

/** The final answer to an INVITE whose call came to nothing. */
export function refusalOf(end: CallEnd, callState: CallState): Reply {
  if (end.why === 'rejected') return { status: 603 }
  switch (callState) {
    case 'Busy':
      return { status: 486 }
    case 'NoAnswer':
      return { status: 480, reason: 'No answer' }
    case 'SitInvalidnum':
      return { status: 404 }
    case 'SitVacant':
      return { status: 480 }
    case 'Ok':
    case 'GeneralError':
    case 'Abandoned':
    case 'Dropped':
      return { status: 480 }
  }
}

/** What becomes of a text that its call ended before: where that was refused, what the refusal said. */
export function undelivered({ sip }: CallEnd): Report {
  const { status, reason } = sip ?? {}
  if (status === undefined) return { outcome: 'failed', status: 487, reason: 'the session has ended' }
  return { outcome: 'failed', status, reason: reason ?? 'refused' }
}

/** What a Reason header says of the end of a call (RFC 3326). */
export const reasonOf = ({ why }: CallEnd): string => `SIP;cause=200;text="${why}"`
