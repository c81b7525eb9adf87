/** CWA's internal error codes, uc-ajax-api §1.8. */
export const cwaCodes = {
  InvalidFormat: 18000,
  InvalidRequest: 18001,
  SessionNotFound: 18100,
  RequestThrottled: 18101,
  InvalidOperation: 18102,
  OcsFailureResponse: 18201,
  InvalidOcsMessage: 18202,
  OcsResponseTimeout: 18203,
  ConnectionFailed: 18301,
  TlsFailed: 18302,
  InternalFailure: 18400,
} as const
export type CwaCode = keyof typeof cwaCodes

/** What an `error` element says, uc-ajax-api §1.8. */
export interface CwaFailure {
  code: CwaCode
  /** In the words of the documentation, such as `Operation failed`. */
  reason: string
  /** A sentence for a person, with a full stop like those of the documentation. */
  detail: string
  /** What SIP said, or would have said. */
  sip?: { code: number; reason: string }
}

/** A request that is refused. The detail is for the client. */
export class CwaError extends Error {
  readonly failure: CwaFailure

  constructor(code: CwaCode, detail: string, more: { reason?: string; sip?: CwaFailure['sip'] } = {}) {
    super(detail)
    this.name = 'CwaError'
    this.failure = cwaFailure(code, detail, more)
  }
}

export function cwaFailure(
  code: CwaCode,
  detail: string,
  { reason = reasons[code], sip }: { reason?: string; sip?: CwaFailure['sip'] } = {},
): CwaFailure {
  return { code, reason, detail: detail.endsWith('.') ? detail : `${detail}.`, ...(sip && { sip }) }
}

/** Reasons in the documentation's words where a sample has one, else the code's name. */
const reasons = {
  InvalidFormat: 'Invalid Format',
  InvalidRequest: 'Invalid Request',
  SessionNotFound: 'Session Not Found',
  RequestThrottled: 'Request Throttled',
  InvalidOperation: 'Invalid Operation',
  OcsFailureResponse: 'Operation failed',
  InvalidOcsMessage: 'Invalid OCS Message',
  OcsResponseTimeout: 'OCS Response Timeout',
  ConnectionFailed: 'Connection Failed',
  TlsFailed: 'TLS Failed',
  InternalFailure: 'Internal Failure',
} as const satisfies Record<CwaCode, string>
