import type { CallEnd } from '@ringdown/signalling'
import { type CwaFailure, cwaFailure } from './error.ts'

type Sip = NonNullable<CwaFailure['sip']>

/** What SIP says, or would have said, of a session that did not come about. SPEC UC-25. */
export function sipOf({ sip, why }: CallEnd): Sip {
  const ours = answers[why]
  if (sip?.status === undefined) return ours
  return { code: sip.status, reason: sip.reason || (sip.status === ours.code ? ours.reason : 'Failed') }
}

const unavailable = { code: 480, reason: 'Temporarily Unavailable' }
const broken = { code: 500, reason: 'Server Internal Error' }
const answers = {
  busy: { code: 486, reason: 'Busy Here' },
  rejected: { code: 603, reason: 'Decline' },
  noAnswer: unavailable,
  unreachable: unavailable,
  loggedOut: unavailable,
  idle: unavailable,
  invalidNumber: { code: 404, reason: 'Not Found' },
  abandoned: { code: 487, reason: 'Request Terminated' },
  completed: broken,
  failed: broken,
} as const satisfies Record<CallEnd['why'], Sip>

/** The failure of the documentation's sample, uc-ajax-api §3.1. */
export function refused(sip: Sip): CwaFailure {
  return cwaFailure('OcsFailureResponse', 'The requested operation failed.', { sip })
}
